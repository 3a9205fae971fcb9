# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""Random histories of one desk: after every step the books and the database say the same."""

from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from tests.factories.classes import schedule, take_seats, take_seats_online
from tests.histories.books import Books, Owner
from tests.histories.desk import REASON, Desk, open_desk
from tithi.platform import clock

KINDS = st.integers(0, 2)
PEOPLE = st.integers(0, 2)
SLOT = st.integers(0, 47)
PICK = st.integers(0, 10_000)
OK, CREATED, GONE, TAKEN = 200, 201, 404, 409


class History(RuleBasedStateMachine):
    """The desk's day; each rule knows from the books what the answer has to be."""

    app: Flask

    def __init__(self) -> None:
        super().__init__()
        self.now = datetime.now(UTC).replace(hour=8, minute=0, second=0, microsecond=0) + timedelta(days=1)
        self.clocks = ExitStack()
        self.clocks.enter_context(clock.steered(lambda: self.now))
        self.desk: Desk = open_desk(self.app)
        self.books = Books(self.desk)
        self.visits: dict[str, dict[str, Any]] = {}
        self.holds: dict[str, dict[str, Any]] = {}
        self.seat_bookings: dict[str, tuple[str, int]] = {}
        self.steps = 0

    def teardown(self) -> None:
        self.clocks.close()

    @invariant()
    def books_and_database_agree(self) -> None:
        self.steps += 1
        self.books.check()

    @rule(kind=KINDS, person=PEOPLE, slot=SLOT)
    def book(self, kind: int, person: int, slot: int) -> None:
        start = self.desk.at(slot)
        wanted = self.books.wants(kind, person, start)
        answer = self.desk.send("POST", "/bookings", self.desk.visit(start, [(kind, person)]))
        self._booked(answer, is_free=self.books.is_free(wanted))

    @rule(person=PEOPLE, other=PEOPLE, slot=SLOT)
    def book_two(self, person: int, other: int, slot: int) -> None:
        start = self.desk.at(slot)
        body = self.desk.visit(start, [(0, person), (2, other)], max_idle_minutes=0)
        follows = start + timedelta(minutes=self.desk.kinds[0].minutes)
        wanted = [*self.books.wants(0, person, start), *self.books.wants(2, other, follows)]
        is_free = self.books.is_free(wanted) and person != other
        self._booked(self.desk.send("POST", "/bookings", body), is_free=is_free)

    @rule(kind=KINDS, person=PEOPLE, slot=SLOT)
    def book_on_purpose(self, kind: int, person: int, slot: int) -> None:
        body = self.desk.visit(self.desk.at(slot), [(kind, person)], override=REASON)
        answer = self.desk.send("POST", "/bookings", body)
        self._booked(answer, is_free=True)
        self.books.owners[answer.json["booking_id"]].overrides = True

    @rule(kind=KINDS, person=PEOPLE, slot=SLOT)
    def hold(self, kind: int, person: int, slot: int) -> None:
        start = self.desk.at(slot)
        wanted = self.books.wants(kind, person, start)
        is_free = self.books.is_free(wanted)
        answer = self.desk.hold(start, [(kind, person)])
        assert answer.status_code == (CREATED if is_free else TAKEN), answer.text
        if is_free:
            self.holds[answer.json["id"]] = {"start": start, "picks": [(kind, person)]}
            expires_at = datetime.fromisoformat(answer.json["expires_at"])
            self.books.owners[answer.json["id"]] = Owner({"": wanted}, expires_at=expires_at)

    @precondition(lambda self: self.holds)
    @rule(pick=PICK)
    def redeem(self, pick: int) -> None:
        hold_id, held = self._one(self.holds, pick)
        lasts = hold_id in self.books.live()
        body = self.desk.visit(held["start"], held["picks"], hold_id=hold_id)
        answer = self.desk.send("POST", "/bookings", body)
        self._booked(answer, is_free=lasts)
        if lasts:
            self._forget_hold(hold_id)

    @precondition(lambda self: self.holds)
    @rule(pick=PICK, minutes=st.integers(1, 120))
    def extend(self, pick: int, minutes: int) -> None:
        hold_id, _ = self._one(self.holds, pick)
        lasts = hold_id in self.books.live()
        answer = self.desk.send("POST", f"/holds/{hold_id}/extend", {"minutes": minutes})
        assert (answer.status_code == OK) == lasts, answer.text
        if lasts:
            self.books.owners[hold_id].expires_at = datetime.fromisoformat(answer.json["expires_at"])

    @precondition(lambda self: self.holds)
    @rule(pick=PICK)
    def release(self, pick: int) -> None:
        hold_id, _ = self._one(self.holds, pick)
        answer = self.desk.send("DELETE", f"/holds/{hold_id}")
        assert answer.status_code in {204, GONE}, answer.text
        self._forget_hold(hold_id)

    @precondition(lambda self: self.visits)
    @rule(pick=PICK, slot=SLOT)
    def move(self, pick: int, slot: int) -> None:
        booking_id, visit = self._one(self.visits, pick)
        if len(visit["items"]) > 1:
            return
        (item,) = visit["items"]
        start = self.desk.at(slot)
        parts = self.books.of_items([{**item, "start_time": start.isoformat()}])
        is_free = self.books.is_free(parts[item["id"]], without=booking_id)
        answer = self.desk.send("POST", f"/bookings/{booking_id}/reschedule", {"start_time": start.isoformat()})
        assert answer.status_code == (OK if is_free else TAKEN), answer.text
        if is_free:
            self.visits[booking_id] = answer.json
            self.books.owners[booking_id] = Owner(self.books.of_items(answer.json["items"]))

    @precondition(lambda self: self.visits)
    @rule(pick=PICK)
    def cancel(self, pick: int) -> None:
        booking_id, _ = self._one(self.visits, pick)
        answer = self.desk.send("POST", f"/bookings/{booking_id}/cancel", {"canceled_by": "business"})
        assert answer.status_code == OK, answer.text
        del self.visits[booking_id], self.books.owners[booking_id]

    @precondition(lambda self: self.visits)
    @rule(pick=PICK)
    def cancel_item(self, pick: int) -> None:
        booking_id, visit = self._one(self.visits, pick)
        item_id = visit["items"][0]["id"]
        answer = self.desk.send("POST", f"/bookings/{booking_id}/items/{item_id}/cancel", {"canceled_by": "business"})
        left = [one for one in visit["items"] if one["status"] == "booked" and one["id"] != item_id]
        is_last = not left and visit["items"][0]["status"] == "booked"
        assert answer.status_code == (TAKEN if is_last else OK), answer.text
        if not is_last:
            self.visits[booking_id] = answer.json
            overrides = self.books.owners[booking_id].overrides
            self.books.owners[booking_id] = Owner(self.books.of_items(answer.json["items"]), overrides)

    @rule(person=PEOPLE, slot=SLOT, count=st.integers(2, 4))
    def book_series(self, person: int, slot: int, count: int) -> None:
        start = self.desk.at(slot)
        body = self.desk.visit(start, [(0, person)], rule={"frequency": "daily", "count": count})
        answer = self.desk.send("POST", "/series", body)
        days = [start + timedelta(days=day) for day in range(count)]
        is_free = all(self.books.is_free(self.books.wants(0, person, day)) for day in days)
        if answer.status_code == TAKEN:
            assert not is_free, answer.text
            return
        assert answer.status_code == CREATED, answer.text
        assert is_free
        for one in answer.json["bookings"]:
            shown = self.desk.send("GET", f"/bookings/{one['id']}").json
            self._keep(one["id"], shown)

    @rule(person=PEOPLE, slot=SLOT)
    def schedule_class(self, person: int, slot: int) -> None:
        start = self.desk.at(slot)
        staff = self.desk.people[person]
        wanted = [(staff[1], start, start + timedelta(minutes=60))]
        answer = schedule(self.desk.salon, self.desk.yoga_id, start, team_member_id=staff[0])
        is_free = self.books.is_free(wanted)
        assert answer.status_code == (CREATED if is_free else TAKEN), answer.text
        if is_free:
            session_id = answer.json["class_sessions"][0]["id"]
            self.books.owners[session_id] = Owner({"": wanted})
            self.books.seats[session_id] = 0

    @precondition(lambda self: self.books.seats)
    @rule(pick=PICK, seats=st.integers(1, 3), online=st.booleans())
    def take_seats(self, pick: int, seats: int, online: bool) -> None:  # noqa: FBT001 - drawn by the machine
        session_id, booked = self._one(self.books.seats, pick)
        answer = (take_seats_online if online else take_seats)(self.desk.salon, session_id, seats)
        assert answer.status_code in {CREATED, TAKEN}, answer.text
        if answer.status_code == CREATED:
            assert booked + seats <= 4
            self.books.seats[session_id] += seats
            self.seat_bookings[answer.json["booking_id"]] = (session_id, seats)
        else:
            assert online or booked + seats > 4

    @precondition(lambda self: self.seat_bookings)
    @rule(pick=PICK)
    def give_seats_back(self, pick: int) -> None:
        booking_id, (session_id, seats) = self._one(self.seat_bookings, pick)
        answer = self.desk.send("POST", f"/bookings/{booking_id}/cancel", {"canceled_by": "business"})
        assert answer.status_code == OK, answer.text
        self.books.seats[session_id] -= seats
        del self.seat_bookings[booking_id]

    @rule(kind=KINDS, person=PEOPLE, slot=SLOT)
    def offer_to_somebody_waiting(self, kind: int, person: int, slot: int) -> None:
        start = self.desk.at(slot)
        entry_id = self.desk.wait(kind)
        body = {"start_time": start.isoformat(), "team_member_id": self.desk.people[person][0]}
        answer = self.desk.send("POST", f"/waitlist/{entry_id}/offer", body)
        wanted = self.books.wants(kind, person, start)
        is_free = self.books.is_free(wanted)
        assert answer.status_code == (CREATED if is_free else TAKEN), answer.text
        if is_free:
            (hold_id,) = {owner for owner, *_ in self.books.claims()} - set(self.books.live())
            expires_at = datetime.fromisoformat(answer.json["offer"]["expires_at"])
            self.books.owners[hold_id] = Owner({"": wanted}, expires_at=expires_at)

    @rule(minutes=st.integers(1, 20))
    def let_time_pass(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)
        for hold_id in [one for one in self.holds if one not in self.books.live()]:
            self._forget_hold(hold_id)

    def _booked(self, answer: Any, *, is_free: bool) -> None:  # noqa: ANN401 - an answer of any shape
        assert answer.status_code == (CREATED if is_free else TAKEN), answer.text
        if is_free:
            shown = self.desk.send("GET", f"/bookings/{answer.json['booking_id']}").json
            self._keep(answer.json["booking_id"], shown)

    def _keep(self, booking_id: str, shown: dict[str, Any]) -> None:
        self.visits[booking_id] = shown
        self.books.owners[booking_id] = Owner(self.books.of_items(shown["items"]))

    def _forget_hold(self, hold_id: str) -> None:
        self.holds.pop(hold_id, None)
        self.books.owners.pop(hold_id, None)

    def _one(self, some: dict[str, Any], pick: int) -> tuple[str, Any]:
        key = list(some)[pick % len(some)]
        return key, some[key]


@pytest.mark.timeout(1800)
@pytest.mark.parametrize(("days", "steps"), [(4, 50), pytest.param(50, 250, marks=pytest.mark.long)])
def test_books_and_database_agree_after_every_step(app: Flask, days: int, steps: int) -> None:
    total: list[int] = []

    class Told(History):
        def teardown(self) -> None:
            total.append(self.steps)
            super().teardown()

    Told.app = app
    run_state_machine_as_test(
        Told,
        settings=settings(
            max_examples=days,
            stateful_step_count=steps,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            print_blob=True,
        ),
    )
    assert sum(total) > days * steps // 2
