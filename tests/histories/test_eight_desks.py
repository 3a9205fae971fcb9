# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""Eight people at the desk at once, at random: what stands at the end holds together."""

from collections import Counter
from functools import partial
from random import Random
from typing import TYPE_CHECKING, Any

import pytest
from flask import Flask
from sqlalchemy import text

from tests.concurrency.parallel import at_once
from tests.factories.businesses import Answer
from tests.factories.chance import seeded
from tests.factories.classes import scheduled, take_seats, take_seats_online
from tests.histories.books import Books, Taken
from tests.histories.desk import REASON, Desk, open_desk
from tithi.platform.db import session, transaction
from tithi.platform.tenancy import tenant_scope

if TYPE_CHECKING:
    from collections.abc import Callable

EXPECTED = {200, 201, 204, 404, 409}
PEOPLE = 8

OVERLAPS = text(
    "SELECT count(*) FROM claims a JOIN claims b ON a.tenant_id = b.tenant_id AND a.resource_id = b.resource_id"
    " AND a.lane = b.lane AND a.id < b.id AND a.during && b.during"
    " WHERE a.active AND b.active AND NOT a.override AND NOT b.override AND NOT a.soft AND NOT b.soft"
)
SEATS = text(
    "SELECT s.id::text, s.capacity, s.booked_seats, s.online_capacity, s.online_seats,"
    " coalesce(sum(b.attendee_count) FILTER (WHERE b.status NOT IN ('canceled', 'failed')), 0) AS booked"
    " FROM class_sessions s LEFT JOIN bookings b ON b.tenant_id = s.tenant_id AND b.class_session_id = s.id"
    " GROUP BY s.tenant_id, s.id"
)


class Clerk:
    """One of those at the desk; knows the visits and holds that they made themselves, and tries the others' too."""

    def __init__(self, desk: Desk, chance: Random, shared: dict[str, list[str]]) -> None:
        self.desk = desk
        self.chance = chance
        self.shared = shared
        self.statuses: Counter[int] = Counter()

    def work(self, steps: int) -> Counter[int]:
        acts: list[Callable[[], Answer | None]] = [
            self.book,
            self.book,
            self.book_two,
            self.book_on_purpose,
            self.hold,
            self.redeem,
            self.move,
            self.move,
            self.cancel,
            self.cancel_item,
            self.book_series,
            self.take_seats,
            self.give_seats_back,
        ]
        for _ in range(steps):
            answer = self.chance.choice(acts)()
            if answer is not None:
                self.statuses[answer.status_code] += 1
        return self.statuses

    def book(self) -> Answer:
        return self._made("visits", self.desk.send("POST", "/bookings", self._visit([self._pick()])))

    def book_two(self) -> Answer:
        body = self._visit([(0, self._person()), (2, self._person())], ordered=False)
        return self._made("visits", self.desk.send("POST", "/bookings", body))

    def book_on_purpose(self) -> Answer:
        return self._made("visits", self.desk.send("POST", "/bookings", self._visit([self._pick()], override=REASON)))

    def hold(self) -> Answer:
        start, pick = self._slot(), self._pick()
        answer = self.desk.hold(start, [pick])
        if answer.status_code == 201:
            self.shared["holds"].append(answer.json["id"])
            self.held = (answer.json["id"], start, pick)
        return answer

    def redeem(self) -> Answer | None:
        held = getattr(self, "held", None)
        if held is None:
            return None
        hold_id, start, pick = held
        return self._made(
            "visits", self.desk.send("POST", "/bookings", self.desk.visit(start, [pick], hold_id=hold_id))
        )

    def move(self) -> Answer | None:
        body = {"start_time": self._slot().isoformat(), "to_anybody": self.chance.random() < 1 / 3}
        return self._about("visits", "POST", "/bookings/{}/reschedule", body)

    def cancel(self) -> Answer | None:
        return self._about("visits", "POST", "/bookings/{}/cancel", {"canceled_by": "business"})

    def cancel_item(self) -> Answer | None:
        booking_id = self._any("visits")
        if booking_id is None:
            return None
        items = self.desk.send("GET", f"/bookings/{booking_id}").json["items"]
        path = f"/bookings/{booking_id}/items/{self.chance.choice(items)['id']}/cancel"
        return self.desk.send("POST", path, {"canceled_by": "business"})

    def book_series(self) -> Answer:
        body = self._visit([(0, self._person())], rule={"frequency": "daily", "count": 3}, book_rest=True)
        return self.desk.send("POST", "/series", body)

    def take_seats(self) -> Answer:
        session_id = self.chance.choice(self.shared["sessions"])
        take = self.chance.choice((take_seats, take_seats_online))
        return self._made("seats", take(self.desk.salon, session_id, self.chance.randrange(1, 4)))

    def give_seats_back(self) -> Answer | None:
        return self._about("seats", "POST", "/bookings/{}/cancel", {"canceled_by": "business"})

    def _made(self, name: str, answer: Answer) -> Answer:
        if answer.status_code == 201:
            self.shared[name].append(answer.json["booking_id"])
        return answer

    def _about(self, name: str, method: str, path: str, body: dict[str, Any]) -> Answer | None:
        chosen = self._any(name)
        return None if chosen is None else self.desk.send(method, path.format(chosen), body)

    def _any(self, name: str) -> str | None:
        known = self.shared[name]
        return self.chance.choice(known) if known else None

    def _visit(self, picks: list[tuple[int, int]], **changes: Any) -> dict[str, Any]:
        return self.desk.visit(self._slot(), picks, **changes)

    def _slot(self) -> Any:  # noqa: ANN401 - an instant
        return self.desk.at(self.chance.randrange(48))

    def _pick(self) -> tuple[int, int]:
        return self.chance.randrange(3), self._person()

    def _person(self) -> int:
        return self.chance.randrange(3)


@pytest.mark.timeout(1800)
@pytest.mark.parametrize("steps", [20, pytest.param(400, marks=pytest.mark.long)])
def test_what_eight_people_did_at_once_holds_together(app: Flask, steps: int) -> None:
    chance = seeded()
    desk = open_desk(app)
    sessions = [
        scheduled(desk.salon, service_id=desk.yoga_id, start=desk.at(hour * 8).replace(hour=22))["id"] for hour in (0,)
    ]
    shared: dict[str, list[str]] = {"visits": [], "holds": [], "seats": [], "sessions": sessions}
    clerks = [Clerk(desk, Random(chance.random()), shared) for _ in range(PEOPLE)]  # noqa: S311 - test data

    statuses = at_once([partial(clerk.work, steps) for clerk in clerks])

    seen: Counter[int] = sum(statuses, Counter())
    assert set(seen) <= EXPECTED, seen
    assert {201, 409} <= set(seen)
    assert _claims_held(desk) == _claims_told(desk)
    with app.app_context(), tenant_scope(desk.salon.tenant_id), transaction():
        assert session().execute(OVERLAPS).scalar_one() == 0
        for row in session().execute(SEATS):
            assert row.booked == row.booked_seats <= row.capacity
            assert row.online_seats <= row.online_capacity


def _claims_held(desk: Desk) -> set[tuple[str, Taken]]:
    visits = set(_visits(desk))
    return {(owner, (resource, start, end)) for owner, resource, start, end in Books(desk).claims() if owner in visits}


def _claims_told(desk: Desk) -> set[tuple[str, Taken]]:
    """What the visits that stand should hold, from how they are shown."""
    books = Books(desk)
    return {
        (booking_id, one)
        for booking_id, shown in _visits(desk).items()
        if shown["status"] != "canceled"
        for part in books.of_items(shown["items"]).values()
        for one in part
    }


def _visits(desk: Desk) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    cursor = ""
    while True:
        page = desk.salon.as_owner("GET", f"/api/v1/bookings?limit=100&sort=starts_at{cursor}").json
        found |= {one["id"]: one for one in page["bookings"] if one["class_session_id"] is None}
        if page["next_cursor"] is None:
            return found
        cursor = f"&cursor={page['next_cursor']}"
