# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""Many who wait, many who cancel, and whatever they answer: what must hold at every moment of it."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from flask import Flask

from tests.concurrency.claims import in_tenant
from tests.factories.businesses import Salon, open_salon
from tests.factories.chance import seeded
from tests.factories.waitlist import API, Guest, at_local, local_day, open_between, set_waitlist, waiting
from tests.stack import Stack
from tithi.platform import clock

GUESTS = 50
CANCELS = 20
STEPS = 60
FIRST_DAY = 3
DAYS = 3
MOST_A_DAY = 3
WINDOW = timedelta(hours=24)
QUIET_FROM, QUIET_UNTIL = time(21), time(8)

_OFFERS = """
    SELECT o.entry_id, o.team_member_id, o.status, o.starts_at, o.expires_at, o.created_at, e.customer_id,
        e.accepts_late, e.status,
        EXISTS (SELECT FROM claims c WHERE c.tenant_id = o.tenant_id AND c.owner_id = o.hold_id AND c.kind = 'hold'
            AND c.active AND c.expires_at = o.expires_at AND c.starts_at <= o.starts_at AND c.ends_at >= o.ends_at)
    FROM waitlist_offers o JOIN waitlist_entries e ON e.tenant_id = o.tenant_id AND e.id = o.entry_id
"""
_DOUBLY_TAKEN = """
    SELECT count(*) FROM claims a JOIN claims b ON a.tenant_id = b.tenant_id AND a.resource_id = b.resource_id
        AND a.lane = b.lane AND a.id < b.id AND a.during && b.during
    WHERE (a.expires_at IS NULL OR a.expires_at > %(now)s) AND (b.expires_at IS NULL OR b.expires_at > %(now)s)
"""
_SHARED_BOOKINGS = """
    SELECT count(*) FROM booking_items i JOIN bookings b ON b.tenant_id = i.tenant_id AND b.id = i.booking_id
        JOIN booking_items j ON j.tenant_id = i.tenant_id AND j.resource_id = i.resource_id AND j.id > i.id
        JOIN bookings d ON d.tenant_id = j.tenant_id AND d.id = j.booking_id
    WHERE b.status NOT IN ('canceled', 'failed') AND d.status NOT IN ('canceled', 'failed')
    AND i.starts_at < j.ends_at AND j.starts_at < i.ends_at
"""


@dataclass(frozen=True, slots=True)
class Offered:
    entry_id: str
    member_id: str
    status: str
    starts_at: datetime
    expires_at: datetime
    created_at: datetime
    customer_id: str
    accepts_late: bool
    entry_status: str
    is_held: bool


class Simulation:
    """A salon with full days, people who wait, and a clock that each step moves on."""

    def __init__(self, salon: Salon, stack: Stack, drain: Callable[[], None], chance: Random) -> None:
        self.salon, self.drain, self.chance = salon, drain, chance
        self.dsn = stack.dsn("tithi_app")
        self.now = at_local(salon, 12, days=1)
        self.booked: list[str] = []
        self.guests: dict[str, Guest] = {}
        self.answers: Counter[str] = Counter()

    def fill(self) -> None:
        """Book every time of the days, and let the guests wait for one day or several, at some time or any."""
        open_between(self.salon, "09:00", "13:00")
        starts = [
            at_local(self.salon, 9, days=FIRST_DAY + day) + timedelta(minutes=30 * slot)
            for day in range(DAYS)
            for slot in range(8)
        ]
        self.booked = [self.salon.booked(start=start)["booking_id"] for start in starts]
        first, last = local_day(self.salon, starts[0]), local_day(self.salon, starts[-1])
        for _ in range(GUESTS):
            self.now += timedelta(seconds=self.chance.randrange(1, 30))
            wish = {"last_date": last.isoformat()} if self.chance.random() < 0.6 else {}
            if self.chance.random() < 0.3:
                wish["from_time"] = self.chance.choice(["09:00", "10:30", "12:00"])
            late = self.chance.random() < 0.3
            day = first + timedelta(days=self.chance.randrange(DAYS) if not wish.get("last_date") else 0)
            changes = {"last_date": day.isoformat(), **wish}
            guest = waiting(self.salon, day, accepts_late=late, **changes)
            self.guests[guest.id] = guest

    def step(self, number: int) -> None:
        if self.booked and number % 4 == 0 and self.answers["cancel"] < CANCELS:
            self._cancel()
        listed = self.salon.as_owner("GET", f"{API}/waitlist?status=offered&limit=100").json["waitlist"]
        for entry in listed:
            if self.chance.random() < 0.4:
                self._answer(self.guests[entry["id"]])
        if self.chance.random() < 0.15:
            self._leave(self.chance.choice(list(self.guests.values())))
        self.now += timedelta(minutes=self.chance.choice([3, 10, 20, 45, 70, 120]))
        if self.chance.random() < 0.8:
            self.drain()

    def _cancel(self) -> None:
        booking_id = self.booked.pop(self.chance.randrange(len(self.booked)))
        if self.salon.press("cancel", booking_id).status_code == 200:
            self.answers["cancel"] += 1

    def _answer(self, guest: Guest) -> None:
        word = self.chance.choice(["accept", "accept", "decline", "ignore"])
        if word == "ignore":
            return
        answer = guest.accept() if word == "accept" else guest.decline()
        assert answer.status_code in {200, 201, 409}, answer.text
        self.answers[word if answer.status_code != 409 else "refused"] += 1

    def _leave(self, guest: Guest) -> None:
        assert guest.leave().status_code in {200, 409}

    def offers(self) -> list[Offered]:
        return [Offered(*row) for row in in_tenant(self.dsn, self.salon.tenant_id, _OFFERS)]

    def count(self, statement: str) -> int:
        found = in_tenant(self.dsn, self.salon.tenant_id, statement.replace("%(now)s", f"'{self.now.isoformat()}'"))
        return int(found[0][0])

    def broken(self) -> list[Any]:
        """What should not be, now."""
        offers = self.offers()
        wrong: list[Any] = [("two on one time", 1)] if self.count(_DOUBLY_TAKEN) else []
        wrong += [("two visits at one time", 1)] if self.count(_SHARED_BOOKINGS) else []
        live = [one for one in offers if one.status == "open" and one.expires_at > self.now]
        wrong += [("open without a hold", one) for one in live if not one.is_held]
        wrong += [("in quiet hours", one) for one in offers if self._is_quiet(one.created_at)]
        wrong += [("after the start", one) for one in offers if max(one.created_at, one.expires_at) > one.starts_at]
        wrong += [("late", one) for one in offers if not one.accepts_late and one.expires_at > one.starts_at - WINDOW]
        wrong += _repeated("twice the same", [(one.entry_id, one.starts_at, one.member_id) for one in offers])
        wrong += _repeated("two offers of one slot", [(one.starts_at, one.member_id) for one in live])
        days = Counter((one.customer_id, local_day(self.salon, one.created_at)) for one in offers)
        wrong += [("too many a day", one) for one, count in days.items() if count > MOST_A_DAY]
        return wrong

    def _is_quiet(self, instant: datetime) -> bool:
        wall = instant.astimezone(ZoneInfo(self.salon.zone)).time()
        return wall >= QUIET_FROM or wall < QUIET_UNTIL


def _repeated(name: str, keys: list[Any]) -> list[Any]:
    return [(name, key) for key, count in Counter(keys).items() if count > 1]


@pytest.mark.parametrize("order", ["queue", "all"])
def test_whatever_fifty_guests_and_twenty_cancellations_do_the_waitlist_keeps_its_word(
    app: Flask, stack: Stack, drain: Callable[[], None], order: str
) -> None:
    salon = open_salon(app, card_required=False)
    set_waitlist(salon, order=order)
    simulation = Simulation(salon, stack, drain, seeded())
    with clock.steered(lambda: simulation.now):
        simulation.fill()
        for number in range(STEPS):
            simulation.step(number)
            assert simulation.broken() == [], f"step {number}"

    offers = simulation.offers()
    statuses = Counter(one.status for one in offers)
    assert len(offers) >= simulation.answers["cancel"] // 2 > 0, (simulation.answers, statuses)
    assert statuses["accepted"] == simulation.answers["accept"]
