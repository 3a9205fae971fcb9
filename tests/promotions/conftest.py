# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

from collections.abc import Iterator

import pytest
from flask import Flask

from tests.factories.businesses import Salon
from tests.payments.till import Till
from tests.stack import Stack


@pytest.fixture
def till(salon: Salon, stack: Stack, worker_app: Flask) -> Iterator[Till]:
    yield Till(salon, stack, worker_app)
    stack.stripe.state.clear_faults()
