# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from threading import Thread
from uuid import UUID

import pytest
from flask import Flask

from tests.factories.businesses import Salon
from tests.payments.till import later
from tests.platform.facts import DATABASE, OUTSIDE, Happened, Hearers, ToldToFailError, registries
from tithi.platform import clock, outbox
from tithi.platform.db import transaction
from tithi.platform.events import publish
from tithi.platform.ids import new_id
from tithi.platform.tenancy import scope_without_tenant, tenant_scope

BOTH = (DATABASE, OUTSIDE)
ALWAYS = 10_000
TEN_MINUTES = 600


@pytest.fixture
def hearers(worker_app: Flask, salon: Salon, monkeypatch: pytest.MonkeyPatch) -> Hearers:
    made = Hearers(worker_app, salon.tenant_id)
    known_events, known_handlers, heard = registries()
    monkeypatch.setitem(known_events, Happened.code, Happened)
    for name, handler in made.handlers().items():
        monkeypatch.setitem(known_handlers, name, handler)
    monkeypatch.setitem(heard, Happened.code, list(made.handlers().values()))
    return made


@pytest.fixture
def things() -> list[UUID]:
    return [new_id() for _ in range(3)]


def test_a_fact_that_was_undone_is_not_told(hearers: Hearers, things: list[UUID]) -> None:
    with (
        hearers.app.app_context(),
        tenant_scope(hearers.tenant_id),
        suppress(ToldToFailError),
        transaction(),
    ):
        publish(Happened(thing_id=things[0], number=1))
        raise ToldToFailError
    hearers.drain()
    assert hearers.rows("SELECT * FROM event_outbox WHERE code = 'tests.happened'") == []
    assert (hearers.kept(things[0]), hearers.sent) == ([], [])


def test_each_handler_hears_the_facts_of_one_thing_in_their_order(hearers: Hearers, things: list[UUID]) -> None:
    for number in range(8):
        for thing in things:
            hearers.tell(thing, number)
    hearers.drain()
    for thing in things:
        assert hearers.kept(thing) == list(range(8))
        assert hearers.sent_of(thing) == list(range(8))
    assert set(hearers.states(DATABASE) + hearers.states(OUTSIDE)) == {"done"}


@pytest.mark.parametrize("handler", BOTH)
def test_a_failure_holds_up_what_follows_on_the_same_thing_and_nothing_else(
    hearers: Hearers, things: list[UUID], handler: str
) -> None:
    hearers.failing[handler, 1] = ALWAYS
    first, second, _ = things
    hearers.tell(first, 0, 1, 2, 3)
    hearers.tell(second, 4, 5)
    hearers.drain()
    heard = hearers.kept if handler == DATABASE else hearers.sent_of
    assert heard(second) == [4, 5]
    assert set(heard(first)) == ({0} if handler == DATABASE else {0, 1})
    assert sorted(hearers.states(handler)) == ["available", "available", "done", "done", "done", "retryable"]
    other = hearers.sent_of if handler == DATABASE else hearers.kept
    assert other(first) == [0, 1, 2, 3]

    hearers.failing.clear()
    with later(hours=2):
        hearers.drain()
    assert heard(first) == ([0, 1, 2, 3] if handler == DATABASE else [0, 1, 1, 2, 3])
    assert set(hearers.states(handler)) == {"done"}


def test_one_failure_in_a_batch_undoes_its_own_effect_alone(hearers: Hearers) -> None:
    things = [new_id() for _ in range(6)]
    hearers.failing[DATABASE, 3] = ALWAYS
    for number, thing in enumerate(things):
        hearers.tell(thing, number)
    hearers.drain()
    assert [hearers.kept(thing) for thing in things] == [[0], [1], [2], [], [4], [5]]
    failed = [row for row in hearers.deliveries(DATABASE) if row["state"] != "done"]
    assert [(row["state"], row["last_error"], row["attempts"]) for row in failed] == [
        ("retryable", "ToldToFailError", 1)
    ]


def test_the_outside_key_of_a_fact_is_the_same_at_every_try(hearers: Hearers, things: list[UUID]) -> None:
    hearers.failing[OUTSIDE, 7] = 2
    hearers.tell(things[0], 7)
    for hours in (0, 1, 2):
        with later(hours=hours):
            hearers.drain()
    assert len(hearers.sent) == 3
    assert len({key for *_, key in hearers.sent}) == 1


def test_a_failing_handler_waits_longer_each_time_and_is_given_up_after_a_day(
    hearers: Hearers, things: list[UUID]
) -> None:
    hearers.failing[DATABASE, 1] = ALWAYS
    hearers.tell(things[0], 1)
    began, moment = clock.now(), clock.now()
    with clock.steered(lambda: moment):
        hearers.drain()
        while hearers.states(DATABASE) == ["retryable"]:
            (row,) = hearers.deliveries(DATABASE)
            assert 0 <= hearers.seconds_until_due(DATABASE) <= min(3600, 2 * 2 ** row["attempts"])
            moment = row["available_at"] - timedelta(microseconds=1)
            attempts = row["attempts"]
            hearers.drain()
            assert hearers.deliveries(DATABASE)[0]["attempts"] == attempts
            moment = row["available_at"]
            hearers.drain()
            assert hearers.deliveries(DATABASE)[0]["attempts"] == attempts + 1
    assert hearers.states(DATABASE) == ["discarded"]
    assert timedelta(hours=24) <= moment - began <= timedelta(hours=25)
    assert hearers.kept(things[0]) == []


def test_a_dead_letter_is_listed_lets_its_successors_pass_and_can_be_replayed(
    hearers: Hearers, things: list[UUID]
) -> None:
    hearers.failing[DATABASE, 1] = ALWAYS
    hearers.tell(things[0], 1, 2)
    hearers.drain()
    with later(hours=25):
        hearers.drain()
    hearers.failing.clear()
    assert hearers.states(DATABASE) == ["discarded", "done"]
    assert hearers.kept(things[0]) == [2]

    dead = next(row for row in hearers.deliveries(DATABASE) if row["state"] == "discarded")
    with hearers.app.app_context():
        listed = {letter["id"]: letter for letter in outbox.dead_letters(limit=1000)}
        assert listed[dead["id"]]["code"] == "tests.happened"
        assert listed[dead["id"]]["last_error"] == "ToldToFailError"
        assert outbox.replay(dead["id"]) == 1
        assert outbox.replay(dead["id"]) == 0
    hearers.drain()
    assert hearers.states(DATABASE) == ["done", "done"]
    assert hearers.kept(things[0]) == [2, 1]


def test_a_delivery_whose_handler_is_gone_is_a_dead_letter(
    hearers: Hearers, things: list[UUID], monkeypatch: pytest.MonkeyPatch
) -> None:
    hearers.tell(things[0], 1)
    monkeypatch.delitem(registries()[1], DATABASE)
    hearers.drain()
    (row,) = hearers.deliveries(DATABASE)
    assert (row["state"], row["last_error"]) == ("discarded", "no such handler")
    assert hearers.states(OUTSIDE) == ["done"]


def test_a_worker_that_wakes_after_its_lease_has_its_result_refused(hearers: Hearers, things: list[UUID]) -> None:
    _sleep_at(hearers, OUTSIDE)
    hearers.tell(things[0], 1)
    hearers.drain()
    (row,) = hearers.deliveries(OUTSIDE)
    assert (row["state"], row["attempts"], row["fence"]) == ("done", 2, 2)
    assert len({key for *_, key in hearers.sent}) == 1
    assert hearers.kept(things[0]) == [1]


def test_a_late_failure_does_not_undo_what_another_worker_finished(hearers: Hearers, things: list[UUID]) -> None:
    slept = _sleep_at(hearers, OUTSIDE)
    hearers.tell(things[0], 1)
    woken = hearers.before_end

    def wake_and_fail(name: str) -> None:
        is_first = name == OUTSIDE and not slept
        if woken is not None:
            woken(name)
        if is_first:
            raise ToldToFailError

    hearers.before_end = wake_and_fail
    hearers.drain()
    assert slept == [OUTSIDE]
    assert hearers.states(OUTSIDE) == ["done"]


def test_what_a_worker_is_keeping_is_not_taken_over_however_long_it_takes(hearers: Hearers, things: list[UUID]) -> None:
    slept = _sleep_at(hearers, DATABASE)
    hearers.tell(things[0], 1, 2)
    hearers.drain()
    assert slept == [DATABASE]
    assert hearers.kept(things[0]) == [1, 2]
    assert [(row["state"], row["attempts"]) for row in hearers.deliveries(DATABASE)] == [("done", 1), ("done", 1)]


def _sleep_at(hearers: Hearers, handler: str) -> list[str]:
    """Let the first worker at `handler` sleep for longer than any lease, while another does all that is due."""
    slept: list[str] = []

    def sleep(name: str) -> None:
        if name == handler and not slept:
            slept.append(name)
            with later(minutes=5):
                _in_another_worker(hearers.drain)

    hearers.before_end = sleep
    return slept


def _in_another_worker(work: Callable[[], object]) -> None:
    rival = Thread(target=work)
    rival.start()
    rival.join()


def test_facts_committed_after_later_ones_are_told_too(hearers: Hearers, things: list[UUID]) -> None:
    with hearers.app.app_context(), tenant_scope(hearers.tenant_id), transaction() as current:
        publish(Happened(thing_id=things[0], number=1))
        current.flush()
        _in_another_worker(lambda: hearers.tell(things[1], 2))
        _in_another_worker(hearers.drain)
    assert (hearers.kept(things[0]), hearers.kept(things[1])) == ([], [2])
    hearers.drain()
    assert hearers.kept(things[0]) == [1]


def test_the_age_of_the_oldest_open_fact_is_told(hearers: Hearers, things: list[UUID]) -> None:
    hearers.drain()
    hearers.failing[DATABASE, 1] = ALWAYS
    hearers.tell(things[0], 1)
    hearers.drain()
    with later(minutes=10), hearers.app.app_context():
        assert outbox.oldest_open_age() >= TEN_MINUTES


def test_what_was_told_long_ago_is_cleared_away_and_what_is_open_is_kept(hearers: Hearers, things: list[UUID]) -> None:
    hearers.failing[DATABASE, 2] = ALWAYS
    hearers.tell(things[0], 1)
    hearers.tell(things[1], 2)
    hearers.drain()
    with later(days=31), hearers.app.app_context():
        outbox.prune(older_than=timedelta(days=30))
    assert (hearers.states(DATABASE), hearers.states(OUTSIDE)) == (["retryable"], [])
    facts = hearers.rows("SELECT payload FROM event_outbox WHERE code = 'tests.happened'")
    assert [fact["payload"]["number"] for fact in facts] == [2]


def test_the_worker_sees_queues_across_tenants_and_nothing_else(hearers: Hearers, things: list[UUID]) -> None:
    hearers.tell(things[0], 1)
    with hearers.app.app_context(), scope_without_tenant(), transaction() as current:
        seen = {
            table: current.connection().exec_driver_sql(f"SELECT count(*) FROM {table}").scalar()  # noqa: S608 - ours
            for table in ("deliveries", "event_outbox", "customers", "resources", "tenants", "team_members")
        }
    assert seen.pop("deliveries")
    assert seen.pop("event_outbox")
    assert set(seen.values()) == {0}
    hearers.drain()
