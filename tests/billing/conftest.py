# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

from collections.abc import Iterator

import pytest
from flask import Flask

from tests.billing.subscriber import Subscriber, subscribing
from tests.stack import Stack


@pytest.fixture
def newcomer(app: Flask, worker_app: Flask, stack: Stack, monkeypatch: pytest.MonkeyPatch) -> Iterator[Subscriber]:
    """A business that was opened this moment; the worker has not run yet."""
    with subscribing(app, worker_app, stack, monkeypatch) as opened:
        yield opened


@pytest.fixture
def subscriber(newcomer: Subscriber) -> Subscriber:
    """A business in its trial."""
    newcomer.work()
    newcomer.hear()
    return newcomer


@pytest.fixture
def payer(subscriber: Subscriber) -> Subscriber:
    """A business that pays, since this moment."""
    subscriber.has_card()
    subscriber.pressed("activate")
    subscriber.hear()
    return subscriber
