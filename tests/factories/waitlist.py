# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""People who wait for a time, and how they answer what they are offered."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

from tests.factories.businesses import Answer, Salon
from tithi.platform import clock

API = "/api/v1"
AHEAD = 4


@dataclass(slots=True)
class Watch:
    """What a steered clock shows."""

    at: datetime

    def forward(self, **by: float) -> None:
        self.at += timedelta(**by)


@dataclass(frozen=True, slots=True)
class Guest:
    """Somebody on the waitlist of a salon, with their own link."""

    salon: Salon
    id: str
    token: str

    def wish(self) -> dict[str, Any]:
        answer = self.salon.request("GET", f"{API}/waitlist/own/{self.token}", None)
        assert answer.status_code == 200, answer.text
        return dict(answer.json)

    def offer(self) -> dict[str, Any] | None:
        found: dict[str, Any] | None = self.wish()["offer"]
        return found

    def offered(self) -> dict[str, Any]:
        """The open offer, which is expected to be there."""
        found = self.offer()
        assert found is not None
        return found

    def accept(self, **body: Any) -> Answer:
        card = {"payment_method": {"type": "card", "stripe_payment_method_id": "pm_card_visa"}}
        return self.salon.request(
            "POST", f"{API}/waitlist/own/{self.token}/accept", None, key=str(uuid4()), json={**card, **body}
        )

    def decline(self) -> Answer:
        return self.salon.request("POST", f"{API}/waitlist/own/{self.token}/decline", None)

    def leave(self) -> Answer:
        return self.salon.request("POST", f"{API}/waitlist/own/{self.token}/leave", None)


def wish_body(salon: Salon, day: date, **changes: Any) -> dict[str, Any]:
    return {
        "service_id": str(salon.service_id),
        "first_date": day.isoformat(),
        "last_date": day.isoformat(),
        "customer_info": {"name": "Robin", "email": f"{uuid4().hex}@example.com"},
        **changes,
    }


def join(salon: Salon, day: date, **changes: Any) -> Answer:
    return salon.request("POST", f"{API}/public/{salon.slug}/waitlist", None, json=wish_body(salon, day, **changes))


def waiting(salon: Salon, day: date, **changes: Any) -> Guest:
    """Join the waitlist for a day, as a customer."""
    answer = join(salon, day, **changes)
    assert answer.status_code == 201, answer.text
    return Guest(salon, answer.json["id"], answer.json["token"])


def local_day(salon: Salon, instant: datetime) -> date:
    return instant.astimezone(ZoneInfo(salon.zone)).date()


def at_local(salon: Salon, hour: int, *, days: int = 0, minute: int = 0) -> datetime:
    """An instant by the salon's wall clock, some days from now."""
    now = clock.now().astimezone(ZoneInfo(salon.zone))
    day = date.fromordinal(now.date().toordinal() + days)
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=ZoneInfo(salon.zone))


def open_between(salon: Salon, start: str, end: str) -> None:
    """Open every day between two times of day, and at no other."""
    hours = [{"day_of_week": day, "start_time": start, "end_time": end} for day in range(1, 8)]
    answer = salon.as_owner("POST", f"{API}/team/{salon.member_id}/availability", json={"availability": hours})
    assert answer.status_code < 300, answer.text


def set_waitlist(salon: Salon, **settings: Any) -> None:
    answer = salon.as_owner("PUT", f"{API}/tenants/{salon.tenant_id}/scheduling", json={"waitlist": settings})
    assert answer.status_code == 200, answer.text


@dataclass(frozen=True, slots=True)
class OneSlot:
    """A salon that has one free time a day, at ten, and that of one day is booked; `drain` does the worker's work."""

    salon: Salon
    start: datetime
    booking_id: str
    drain: Callable[[], None]

    @property
    def day(self) -> date:
        return local_day(self.salon, self.start)

    def waiting(self, **changes: Any) -> Guest:
        return waiting(self.salon, self.day, **changes)

    def free(self) -> None:
        """The visit is canceled, and whoever waits hears of it."""
        assert self.salon.press("cancel", self.booking_id).status_code == 200
        self.drain()


def start_of(offer: dict[str, Any] | None) -> datetime | None:
    """When the offered time begins; None where nothing is offered."""
    return datetime.fromisoformat(offer["start_time"]) if offer else None
