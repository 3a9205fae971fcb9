# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""Worker processes that are killed at any moment: nothing is lost, and nothing is done twice."""

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import text

from tests.factories.businesses import Salon
from tests.factories.processes import ROOT, environment, python
from tests.factories.worker import work
from tests.payments.till import later
from tests.stack import Stack
from tithi.bookings.events import BookingCompleted
from tithi.delivery.service import OutgoingEmail, queue_email
from tithi.platform import clock
from tithi.platform.db import transaction
from tithi.platform.events import publish
from tithi.platform.tenancy import tenant_scope

START_SECONDS = 60.0
POLL_SECONDS = 0.02


@contextmanager
def _worker(stack: Stack, directory: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A real worker with its beat, in a process group of its own; ended without a chance to tidy up."""
    command = python(
        "-m", "celery", "-q", "-A", "tithi.worker", "worker", "--beat", "--concurrency=2", "--loglevel=ERROR",
        "--without-gossip", "--without-mingle", "--schedule", str(directory / "beat"),
    )  # fmt: skip
    variables = {**environment(stack.settings), "TITHI_DATABASE_POOL_SIZE": "6"}
    with (directory / "worker.log").open("ab") as output:
        process = subprocess.Popen(  # noqa: S603 - our own worker
            command, env=variables, cwd=ROOT, stdout=output, stderr=output, start_new_session=True
        )
    try:
        yield process
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


@pytest.mark.parametrize(
    ("visits", "told", "mails", "kills"),
    [(4, 10, 60, 2), pytest.param(20, 25, 500, 8, marks=pytest.mark.long)],
)
def test_effects_happen_once_though_workers_are_killed(
    stack: Stack,
    worker_app: Flask,
    salon: Salon,
    tmp_path: Path,
    visits: int,
    told: int,
    mails: int,
    kills: int,
) -> None:
    bookings = [salon.booked(start=salon.slot(days=2 + number)) for number in range(visits)]
    work(worker_app)
    shown = [salon.as_owner("GET", f"/api/v1/bookings/{one['booking_id']}").json for one in bookings]
    addresses = [f"{salon.slug}-{number}@example.com" for number in range(mails)]
    with worker_app.app_context(), tenant_scope(salon.tenant_id):
        for one in shown:
            fact = BookingCompleted(
                booking_id=UUID(one["id"]), customer_id=UUID(one["customer"]["id"]), starts_at=clock.now()
            )
            with transaction():
                publish(*[fact] * told)
        for address in addresses:
            with transaction():
                queue_email(_mail(salon, address))
    open_at_first = _open(worker_app, salon)
    random = Random(salon.slug)  # noqa: S311 - the moments of death
    for kill in range(1, kills + 1):
        with _worker(stack, tmp_path) as process:
            _wait_until_below(worker_app, salon, process, open_at_first * (2 * kills - kill) // (2 * kills))
            time.sleep(random.uniform(0, 0.1))
    with later(minutes=10):
        work(worker_app)

    assert _open(worker_app, salon) == 0
    for one in shown:
        assert _visits(worker_app, salon, one["customer"]["id"]) == told
    for address in addresses:
        (accepted,) = stack.messages.store.find(kind="email", recipient=address, dedupe_key=None, limit=10)
        assert accepted.attempts == 1
    assert _statuses(worker_app, salon) == {"sent"}


def _mail(salon: Salon, address: str) -> OutgoingEmail:
    return OutgoingEmail(
        recipient="customer",
        template="booking_confirmed",
        subject_id=None,
        to_address=address,
        from_name="Salon",
        reply_to=None,
        subject="Hello",
        text="Hello",
        html="<p>Hello</p>",
        dedupe_key=f"{salon.tenant_id}:{address}",
    )


def _wait_until_below(worker_app: Flask, salon: Salon, process: subprocess.Popen[bytes], number: int) -> None:
    deadline = time.monotonic() + START_SECONDS
    while _open(worker_app, salon) > number and time.monotonic() < deadline and process.poll() is None:
        time.sleep(POLL_SECONDS)
    assert process.poll() is None, "the worker ended by itself"
    assert time.monotonic() < deadline, "the worker did nothing"


def _open(worker_app: Flask, salon: Salon) -> int:
    return _scalar(
        worker_app, salon, "SELECT count(*) FROM deliveries WHERE state IN ('available', 'running', 'retryable')"
    )


def _visits(worker_app: Flask, salon: Salon, customer_id: str) -> int:
    return _scalar(worker_app, salon, "SELECT visit_count FROM customer_stats WHERE id = :id", id=customer_id)


def _scalar(worker_app: Flask, salon: Salon, statement: str, **values: object) -> int:
    with worker_app.app_context(), tenant_scope(salon.tenant_id), transaction() as current:
        return int(current.execute(text(statement), values).scalar_one())


def _statuses(worker_app: Flask, salon: Salon) -> set[str]:
    with worker_app.app_context(), tenant_scope(salon.tenant_id), transaction() as current:
        return set(current.execute(text("SELECT DISTINCT status FROM messages")).scalars())
