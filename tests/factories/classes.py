# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""Group classes: a service of that kind, a room, sessions and seats."""

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from tests.factories.businesses import Answer, Salon

API = "/api/v1"


def class_service(salon: Salon, *, capacity: int = 5, online: int | None = None, **details: Any) -> str:
    """A service of kind class; gives its id."""
    body = {"name": "Yoga", "duration_min": 60, "price_cents": 1500, "buffer_after_min": 15, **details}
    seats = {"kind": "class", "capacity": capacity, "online_capacity": online}
    answer = salon.as_owner("POST", f"{API}/services", json={**body, **seats})
    assert answer.status_code == 201, answer.text
    return str(answer.json["id"])


def make_room(salon: Salon, name: str = "Studio") -> str:
    answer = salon.as_owner("POST", f"{API}/resources", json={"kind": "room", "name": name})
    assert answer.status_code == 201, answer.text
    return str(answer.json["id"])


def schedule(salon: Salon, service_id: str, start: datetime, **changes: Any) -> Answer:
    body = {"service_id": service_id, "team_member_id": str(salon.member_id), "start_time": start.isoformat()}
    return salon.as_owner("POST", f"{API}/class-sessions", key=str(uuid4()), json={**body, **changes})


def scheduled(salon: Salon, *, start: datetime | None = None, **changes: Any) -> dict[str, Any]:
    """Schedule one session, expect it to succeed, and give it."""
    service_id = changes.pop("service_id", None) or class_service(salon)
    answer = schedule(salon, service_id, start or salon.slot(days=5, hour=17), **changes)
    assert answer.status_code == 201, answer.text
    (found,) = answer.json["class_sessions"]
    return dict(found)


def take_seats(salon: Salon, session_id: str | UUID, seats: int = 1, **changes: Any) -> Answer:
    """Book seats at the desk, for somebody new."""
    customer = {"name": "Kim", "email": f"{uuid4().hex}@example.com"}
    body = {"seats": seats, "customer_info": customer, **changes}
    return salon.as_owner("POST", f"{API}/class-sessions/{session_id}/bookings", key=str(uuid4()), json=body)


def take_seats_online(salon: Salon, session_id: str | UUID, seats: int = 1, **changes: Any) -> Answer:
    """Book seats as a customer with a card."""
    body = {
        "seats": seats,
        "customer_info": {"name": "Kim", "email": f"{uuid4().hex}@example.com"},
        "payment_method": {"type": "card", "stripe_payment_method_id": "pm_card_visa"},
        **changes,
    }
    path = f"{API}/public/{salon.slug}/class-sessions/{session_id}/bookings"
    return salon.request("POST", path, None, key=str(uuid4()), json=body)


def show_class(salon: Salon, session_id: str) -> dict[str, Any]:
    answer = salon.as_owner("GET", f"{API}/class-sessions/{session_id}")
    assert answer.status_code == 200, answer.text
    return dict(answer.json)
