# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.factories.businesses import Salon, open_salon
from tests.stack import Stack, running_stack
from tithi.app import create_app
from tithi.platform import ingest, jobs, outbox


@pytest.fixture(scope="session")
def stack() -> Iterator[Stack]:
    with running_stack() as running:
        yield running


@pytest.fixture(scope="session")
def app(stack: Stack) -> Flask:
    return create_app(stack.settings)


@pytest.fixture(scope="session")
def worker_app(stack: Stack, app: Flask) -> Flask:  # noqa: ARG001 - the web application is assembled first
    return create_app(stack.settings, role="worker")


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def salon(app: Flask) -> Salon:
    """A business that is open every day around the clock's zone, takes cards, and has one service and one person."""
    return open_salon(app)


@pytest.fixture
def other_salon(app: Flask) -> Salon:
    return open_salon(app)


@pytest.fixture
def drain(worker_app: Flask) -> Callable[[], None]:
    """Do all that the worker would do now."""

    def run() -> None:
        with worker_app.app_context():
            for _ in range(5):
                if not (ingest.consume_due() + jobs.fire_due() + outbox.drain()):
                    return

    return run
