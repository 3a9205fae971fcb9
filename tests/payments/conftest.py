# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

from collections.abc import Iterator

import pytest
from flask import Flask

from tests.factories.businesses import Salon
from tests.payments.books import expect_books_to_tie
from tests.payments.till import Till
from tests.stack import Stack


@pytest.fixture
def broken_till(salon: Salon, stack: Stack, worker_app: Flask) -> Iterator[Till]:
    """One whose books are made wrong on purpose."""
    yield Till(salon, stack, worker_app)
    stack.stripe.state.clear_faults()


@pytest.fixture
def till(salon: Salon, stack: Stack, worker_app: Flask) -> Iterator[Till]:
    """At the end, what was posted is what the sandbox made of the business's balance."""
    opened = Till(salon, stack, worker_app)
    yield opened
    stack.stripe.state.clear_faults()
    expect_books_to_tie(opened)
