# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""Salons with several people, rooms and services of parts, and visits booked in them."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from tests.concurrency.claims import in_tenant
from tests.factories.businesses import Answer, Salon
from tests.stack import Stack

API = "/api/v1"
COLOUR = (
    {"kind": "work", "duration_min": 45},
    {"kind": "processing", "duration_min": 30},
    {"kind": "finish", "duration_min": 15},
)


@dataclass(frozen=True, slots=True)
class Person:
    id: str
    resource_id: str


def ok(answer: Answer) -> Any:  # noqa: ANN401 - each answer has its own shape
    assert answer.status_code < 300, answer.text
    return answer.json


def own(salon: Salon) -> Person:
    """The person that the salon begins with."""
    return Person(str(salon.member_id), str(salon.resource_id))


def add_person(salon: Salon, name: str = "Bo", *, start: str = "00:00", end: str = "24:00", **details: Any) -> Person:
    """Somebody who works every day between two times of day."""
    body = {"first_name": name, "last_name": "Lee", **details}
    member = ok(salon.as_owner("POST", f"{API}/team/members", json=body))
    set_hours(salon, member["id"], [{"start_time": start, "end_time": end}])
    return Person(member["id"], member["resource_id"])


def set_hours(salon: Salon, member_id: str | UUID, hours: list[dict[str, Any]]) -> None:
    """The same hours on every day of the week."""
    rules = [{**one, "day_of_week": day} for one in hours for day in range(1, 8)]
    ok(salon.as_owner("POST", f"{API}/team/{member_id}/availability", json={"availability": rules}))


def add_service(salon: Salon, **details: Any) -> str:
    """Half an hour at 50, unless said otherwise; gives its id."""
    body = {"name": "Wash", "price_cents": 5000, **details}
    if "segments" not in details:
        body.setdefault("duration_min", 30)
    return str(ok(salon.as_owner("POST", f"{API}/services", json=body))["id"])


def change_service(salon: Salon, service_id: str | UUID, **details: Any) -> None:
    ok(salon.as_owner("PUT", f"{API}/services/{service_id}", json=details))


def add_resource(salon: Salon, name: str = "Cabin", *, kind: str = "room", **details: Any) -> str:
    return str(ok(salon.as_owner("POST", f"{API}/resources", json={"kind": kind, "name": name, **details}))["id"])


def add_location(salon: Salon, zone: str = "Europe/Berlin") -> str:
    path = f"{API}/tenants/{salon.tenant_id}/locations"
    return str(ok(salon.as_owner("POST", path, json={"name": "Second", "timezone": zone}))["id"])


def needs(*rooms: str) -> list[dict[str, Any]]:
    """One of these."""
    return [{"resource_ids": list(rooms)}]


def set_policy(salon: Salon, **changes: Any) -> None:
    ok(salon.as_owner("PUT", f"{API}/tenants/{salon.tenant_id}/policies", json=changes))


def set_scheduling(salon: Salon, **changes: Any) -> None:
    ok(salon.as_owner("PUT", f"{API}/tenants/{salon.tenant_id}/scheduling", json=changes))


def guest(email: str | None = None) -> dict[str, Any]:
    return {"name": "Kim", "email": email or f"{uuid4().hex}@example.com"}


def desk(salon: Salon, start: datetime, **changes: Any) -> Answer:
    """Book at the desk: the salon's own service at its own person, unless said otherwise."""
    body: dict[str, Any] = {"start_time": start.isoformat(), **changes}
    if "items" not in body:
        body = {"service_id": str(salon.service_id), **body}
    if "customer_id" not in body:
        body = {"customer_info": guest(), **body}
    return salon.as_owner("POST", f"{API}/bookings", key=str(uuid4()), json=body)


def at_desk(salon: Salon, start: datetime, **changes: Any) -> dict[str, Any]:
    """Book at the desk, expect it to succeed, and give the booking as the dashboard shows it."""
    answer = desk(salon, start, **changes)
    assert answer.status_code == 201, answer.text
    return shown(salon, answer.json["booking_id"])


def online(salon: Salon, start: datetime, **changes: Any) -> Answer:
    """Book as a customer with a card."""
    body: dict[str, Any] = {
        "start_time": start.isoformat(),
        "customer_info": guest(),
        "payment_method": {"type": "card", "stripe_payment_method_id": "pm_card_visa"},
        **changes,
    }
    if "items" not in body:
        body = {"service_id": str(salon.service_id), **body}
    return salon.request("POST", f"{API}/public/{salon.slug}/bookings", None, key=str(uuid4()), json=body)


def is_refused(answer: Answer, code: str = "TITHI_SLOT_UNAVAILABLE", status: int = 409) -> bool:
    return (answer.status_code, answer.json.get("code")) == (status, code)


def shown(salon: Salon, booking_id: str) -> dict[str, Any]:
    return dict(ok(salon.as_owner("GET", f"{API}/bookings/{booking_id}")))


def move(salon: Salon, booking_id: str, start: datetime, **changes: Any) -> Answer:
    path = f"{API}/bookings/{booking_id}/reschedule"
    return salon.as_owner("POST", path, key=str(uuid4()), json={"start_time": start.isoformat(), **changes})


def count_bookings(salon: Salon) -> int:
    return len(ok(salon.as_owner("GET", f"{API}/bookings?limit=100"))["bookings"])


def free_starts(
    salon: Salon, day: date, service_id: str | UUID | None = None, member_id: str | None = None
) -> set[datetime]:
    """When the public can book a service on a day."""
    return {datetime.fromisoformat(one["start_time"]) for one in free_slots(salon, day, service_id, member_id)}


def free_slots(
    salon: Salon, day: date, service_id: str | UUID | None = None, member_id: str | None = None
) -> list[dict[str, Any]]:
    body = {
        "service_id": str(service_id or salon.service_id),
        "team_member_id": member_id,
        "start_date": day.isoformat(),
        "end_date": day.isoformat(),
    }
    return list(ok(salon.request("POST", f"{API}/public/{salon.slug}/availability", None, json=body))["slots"])


def free_visits(salon: Salon, day: date, items: list[dict[str, Any]], **changes: Any) -> list[dict[str, Any]]:
    """When the public can book a visit of several services on a day."""
    body = {"items": items, "start_date": day.isoformat(), "end_date": day.isoformat(), **changes}
    return list(ok(salon.request("POST", f"{API}/public/{salon.slug}/availability/visits", None, json=body))["slots"])


Claimed = tuple[str, int, datetime, datetime]


def claimed(salon: Salon, stack: Stack, owner_id: str | None = None) -> list[Claimed]:
    """What is taken, of all or of one owner: resource, lane, from when, until when."""
    rows = in_tenant(
        stack.dsn("tithi_app"),
        salon.tenant_id,
        "SELECT resource_id, lane, starts_at, ends_at FROM claims WHERE active"
        " AND (owner_id = %s OR %s IS NULL) ORDER BY resource_id, lane, starts_at",
        (owner_id, owner_id),
    )
    return [(str(resource), lane, starts, ends) for resource, lane, starts, ends in rows]


def minutes(count: int) -> timedelta:
    return timedelta(minutes=count)
