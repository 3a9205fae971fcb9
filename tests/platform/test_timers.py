# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from threading import Thread
from uuid import UUID, uuid4

import pytest
from flask import Flask
from sqlalchemy import text

from tests.concurrency.parallel import repeated
from tests.factories.businesses import Salon
from tests.payments.till import later
from tithi.platform import clock, ingest, jobs
from tithi.platform.db import session, transaction
from tithi.platform.ids import new_id
from tithi.platform.ingest import Received
from tithi.platform.jobs import TimerKind
from tithi.platform.tenancy import current_tenant_id, scope_without_tenant, tenant_scope

INSIDE, OUTSIDE = "tests.keep", "tests.call"
ENDPOINT = "tests.events"


class ToldToFailError(Exception):
    """Raised by what was told to fail."""


class Bell:
    """Two kinds of timers that count how often they rang, one in a transaction and one outside."""

    def __init__(self, app: Flask, tenant_id: UUID) -> None:
        self.app, self.tenant_id = app, tenant_id
        self.rung: Counter[UUID] = Counter()
        self.failing: Counter[UUID] = Counter()

    def keep(self, owner_id: UUID) -> None:
        session().execute(
            text(
                "INSERT INTO resources (tenant_id, id, kind, name, created_at)"
                " VALUES (:tenant_id, :id, 'room', :name, now())"
            ),
            {"tenant_id": current_tenant_id(), "id": new_id(), "name": str(owner_id)},
        )
        self.call(owner_id)

    def call(self, owner_id: UUID) -> None:
        self.rung[owner_id] += 1
        if self.failing[owner_id] > 0:
            self.failing[owner_id] -= 1
            raise ToldToFailError

    def set(self, kind: str, owner_id: UUID, *, seconds: float = 0) -> None:
        with self.app.app_context(), tenant_scope(self.tenant_id), transaction():
            jobs.schedule(kind, owner_id, clock.now() + timedelta(seconds=seconds))

    def cancel(self, kind: str, owner_id: UUID) -> None:
        with self.app.app_context(), tenant_scope(self.tenant_id), transaction():
            jobs.cancel(kind, owner_id)

    def fire(self) -> int:
        with self.app.app_context():
            return jobs.fire_due()

    def kept(self, owner_id: UUID) -> int:
        statement = text("SELECT count(*) FROM resources WHERE name = :name")
        with self.app.app_context(), tenant_scope(self.tenant_id), transaction() as current:
            return int(current.execute(statement, {"name": str(owner_id)}).scalar_one())


@pytest.fixture
def bell(worker_app: Flask, salon: Salon, monkeypatch: pytest.MonkeyPatch) -> Bell:
    made = Bell(worker_app, salon.tenant_id)
    kinds = jobs._kinds  # noqa: SLF001 - registered for good otherwise
    monkeypatch.setitem(kinds, INSIDE, TimerKind(INSIDE, made.keep, network=False))
    monkeypatch.setitem(kinds, OUTSIDE, TimerKind(OUTSIDE, made.call, network=True))
    return made


@pytest.mark.parametrize("kind", [INSIDE, OUTSIDE])
def test_a_timer_rings_when_it_is_due_and_once(bell: Bell, kind: str) -> None:
    owner_id = uuid4()
    bell.set(kind, owner_id, seconds=60)
    bell.fire()
    assert bell.rung[owner_id] == 0
    for minutes in (2, 3, 60):
        with later(minutes=minutes):
            bell.fire()
    assert bell.rung[owner_id] == 1


@pytest.mark.parametrize("kind", [INSIDE, OUTSIDE])
def test_many_schedulers_ring_a_timer_once(bell: Bell, kind: str) -> None:
    owners = [uuid4() for _ in range(20)]
    for owner_id in owners:
        bell.set(kind, owner_id)
    repeated(bell.fire, 4)
    assert [bell.rung[owner_id] for owner_id in owners] == [1] * 20


def test_a_timer_that_is_moved_or_canceled_does_not_ring_at_its_old_time(bell: Bell) -> None:
    moved, canceled = uuid4(), uuid4()
    for owner_id in (moved, canceled):
        bell.set(INSIDE, owner_id, seconds=10)
    bell.set(INSIDE, moved, seconds=3600)
    bell.cancel(INSIDE, canceled)
    with later(minutes=5):
        bell.fire()
    assert (bell.rung[moved], bell.rung[canceled]) == (0, 0)
    with later(hours=2):
        bell.fire()
    assert (bell.rung[moved], bell.rung[canceled]) == (1, 0)


@pytest.mark.parametrize("kind", [INSIDE, OUTSIDE])
def test_a_timer_that_fails_is_undone_and_rings_again_later(bell: Bell, kind: str) -> None:
    failing, fine = uuid4(), uuid4()
    bell.failing[failing] = 2
    bell.set(kind, failing)
    bell.set(kind, fine)
    bell.fire()
    bell.fire()
    assert (bell.rung[failing], bell.rung[fine]) == (1, 1)
    assert bell.kept(failing) == 0
    for hours in (1, 2, 3):
        with later(hours=hours):
            bell.fire()
    assert bell.rung[failing] == 3
    assert bell.kept(failing) == (1 if kind == INSIDE else 0)


def test_a_timer_set_again_while_it_rings_is_not_lost(bell: Bell, monkeypatch: pytest.MonkeyPatch) -> None:
    owner_id = uuid4()

    def ring_and_set_again(found: UUID) -> None:
        bell.call(found)
        if bell.rung[found] == 1:
            other = Thread(target=lambda: bell.set(OUTSIDE, found, seconds=600))
            other.start()
            other.join()

    monkeypatch.setitem(jobs._kinds, OUTSIDE, TimerKind(OUTSIDE, ring_and_set_again, network=True))  # noqa: SLF001 - as above
    bell.set(OUTSIDE, owner_id)
    bell.fire()
    with later(hours=1):
        bell.fire()
    assert bell.rung[owner_id] == 2


@pytest.fixture
def received(worker_app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[Counter[str]]:
    """How often each event was handled; those whose id begins with "bad" fail."""
    handled: Counter[str] = Counter()

    def handle(event: Received) -> None:
        handled[event.event_id] += 1
        if event.event_id.startswith("bad"):
            raise ToldToFailError

    monkeypatch.setitem(ingest._consumers, ENDPOINT, handle)  # noqa: SLF001 - registered for good otherwise
    with worker_app.app_context():
        yield handled


def _receive(app: Flask, *event_ids: str) -> list[bool]:
    with app.app_context(), scope_without_tenant(), transaction():
        return [
            ingest.store(endpoint=ENDPOINT, event_id=event_id, body=b"{}", headers={}, summary={})
            for event_id in event_ids
        ]


def test_an_event_is_stored_once_and_a_bad_one_holds_up_no_other(app: Flask, received: Counter[str]) -> None:
    bad, first, second = f"bad{uuid4().hex}", uuid4().hex, uuid4().hex
    assert _receive(app, bad, first, second) == [True, True, True]
    assert _receive(app, first, first) == [False, False]
    ingest.consume_due()
    assert (received[bad], received[first], received[second]) == (1, 1, 1)
    with later(minutes=5):
        ingest.consume_due()
    assert (received[bad], received[first], received[second]) == (2, 1, 1)


def test_workers_at_the_same_time_handle_an_event_once(app: Flask, worker_app: Flask, received: Counter[str]) -> None:
    events = [uuid4().hex for _ in range(20)]
    _receive(app, *events)

    def consume() -> int:
        with worker_app.app_context():
            return ingest.consume_due()

    repeated(consume, 4)
    assert [received[event] for event in events] == [1] * 20
