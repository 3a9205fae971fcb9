# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""One record of every kind for a business, made the way its people and customers make them."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

from tests.factories.books import kept_books
from tests.factories.businesses import BASE_URL, Answer, Salon
from tests.factories.classes import make_room, scheduled
from tests.factories.promotions import make_promotions
from tests.factories.waitlist import waiting

Records = dict[str, str]


def make_records(salon: Salon, drain: Callable[[], object], *, day: int = 9) -> Records:
    """The id of one record of each kind, by the name that paths and bodies give it; the visit is in `day` days."""
    visit = salon.booked(start=salon.slot(days=day))
    booking_id = visit["booking_id"]
    _ok(salon.press("complete", booking_id))
    books = kept_books(salon, _charge_of(salon, booking_id))
    _ok(
        salon.as_owner(
            "POST", f"/api/v1/admin/bookings/{booking_id}/refund", key=str(uuid4()), json={"refund_type": "full"}
        )
    )
    shown = _ok(salon.as_owner("GET", f"/api/v1/bookings/{booking_id}"))
    _owe(salon, day)
    _ok(salon.as_owner("POST", "/api/v1/admin/subscription/card", key=str(uuid4()), json={}))
    drain()
    receipts = _ok(salon.as_owner("GET", "/api/v1/receipts"))["receipts"]
    return {
        "receipt_id": receipts[-1]["id"],
        "tenant_id": str(salon.tenant_id),
        "slug": salon.slug,
        "user_id": str(salon.owner.user_id),
        "member_id": str(salon.member_id),
        "resource_id": str(salon.resource_id),
        "booking_id": booking_id,
        "customer_id": shown["customer"]["id"],
        "payment_id": shown["payment_id"],
        **books,
        "card_id": _first(salon, "/api/v1/payments/methods", "methods"),
        "token": visit["manage_token"],
        "location_id": _first(salon, f"/api/v1/tenants/{salon.tenant_id}/locations", "locations"),
        "notification_id": _first(salon, "/api/v1/notifications", "notifications"),
        "rule_id": _first(salon, "/api/v1/availability/rules", "rules"),
        "exception_id": _exception(salon),
        "item_id": shown["items"][0]["id"],
        "series_id": _series(salon, day + 3),
        "hold_id": hold_time(salon, day + 1),
        **_class_in_room(salon, day + 2),
        "block_id": _block(salon),
        "add_on_id": _service_of_parts(salon),
        **_offered_from_waitlist(salon, day + 3),
        **_service_in_category(salon),
        **make_promotions(salon, day + 4),
    }


def _owe(salon: Salon, day: int) -> None:
    """A visit that took place and whose card was declined."""
    card = {"type": "card", "stripe_payment_method_id": "pm_card_chargeCustomerFail"}
    visit = salon.booked(start=salon.slot(days=day, hour=15), payment_method=card)
    _ok(salon.press("complete", visit["booking_id"]))


def _charge_of(salon: Salon, booking_id: str) -> str:
    payment_id = _ok(salon.as_owner("GET", f"/api/v1/bookings/{booking_id}"))["payment_id"]
    found: str = _ok(salon.as_owner("GET", f"/api/v1/payments/{payment_id}"))["provider_charge_id"]
    return found


def _service_in_category(salon: Salon) -> Records:
    category = _ok(salon.as_owner("POST", "/api/v1/service-categories", json={"name": "Hair"}))
    service = _ok(
        salon.as_owner(
            "POST",
            "/api/v1/services",
            json={
                "name": "Color",
                "duration_min": 60,
                "price_cents": 9000,
                "category_id": category["id"],
                "team_member_ids": [str(salon.member_id)],
            },
        )
    )
    return {"category_id": category["id"], "service_id": service["id"]}


def _class_in_room(salon: Salon, day: int) -> Records:
    room_id = make_room(salon)
    session = scheduled(salon, start=salon.slot(days=day), room_id=room_id)
    return {"room_id": room_id, "class_session_id": session["id"]}


def _service_of_parts(salon: Salon) -> str:
    """A service with every part that a service can have; gives the id of its add-on."""
    add_on = _ok(salon.as_owner("POST", "/api/v1/add-ons", json={"name": "Mask", "price_cents": 1500}))
    room = _ok(salon.as_owner("POST", "/api/v1/resources", json={"kind": "room", "name": "Cabin"}))
    body = {
        "name": "Highlights",
        "price_cents": 15000,
        "segments": [{"kind": "work", "duration_min": 45}, {"kind": "processing", "duration_min": 30}],
        "needs": [{"resource_ids": [room["id"]]}],
        "staff": [{"team_member_id": str(salon.member_id), "price_cents": 16000}],
        "prerequisites": [{"service_id": str(salon.service_id), "within_days": 365}],
        "add_on_ids": [add_on["id"]],
    }
    _ok(salon.as_owner("POST", "/api/v1/services", json=body))
    found: str = add_on["id"]
    return found


def _block(salon: Salon) -> str:
    body = {
        "resource_id": str(salon.resource_id),
        "start_time": salon.slot(days=40).isoformat(),
        "end_time": salon.slot(days=40, hour=12).isoformat(),
    }
    found: str = _ok(salon.as_owner("POST", "/api/v1/availability/blocks", key=str(uuid4()), json=body))["id"]
    return found


def _series(salon: Salon, day: int) -> str:
    """Two visits a week apart, the first of which was moved."""
    series = _ok(
        salon.as_owner(
            "POST",
            "/api/v1/series",
            key=str(uuid4()),
            json={
                "service_id": str(salon.service_id),
                "start_time": salon.slot(days=day).isoformat(),
                "customer_info": {"name": "Jo", "email": "jo@example.com"},
                "rule": {"frequency": "weekly", "count": 2},
            },
        )
    )
    _ok(
        salon.as_owner(
            "POST",
            f"/api/v1/bookings/{series['bookings'][0]['id']}/reschedule",
            key=str(uuid4()),
            json={"start_time": salon.slot(days=day, hour=12).isoformat()},
        )
    )
    found: str = series["id"]
    return found


def _offered_from_waitlist(salon: Salon, day: int) -> Records:
    guest = waiting(salon, salon.slot(days=day).date())
    slot = {"start_time": salon.slot(days=day).isoformat(), "team_member_id": str(salon.member_id)}
    _ok(salon.as_owner("POST", f"/api/v1/waitlist/{guest.id}/offer", key=str(uuid4()), json=slot))
    return {"entry_id": guest.id, "waitlist_token": guest.token}


def _exception(salon: Salon) -> str:
    local = salon.slot(days=20).replace(tzinfo=None)
    found: str = _ok(
        salon.as_owner(
            "POST",
            "/api/v1/availability/exceptions",
            json={
                "kind": "closed",
                "starts_local": local.isoformat(),
                "ends_local": local.replace(hour=12).isoformat(),
                "resource_id": str(salon.resource_id),
            },
        )
    )["id"]
    return found


def hold_time(salon: Salon, day: int) -> str:
    found: str = _ok(
        salon.as_owner(
            "POST",
            "/api/v1/holds",
            key=str(uuid4()),
            json={"service_id": str(salon.service_id), "start_time": salon.slot(days=day).isoformat()},
        )
    )["id"]
    return found


def register(salon: Salon) -> str:
    """Somebody who signed up with a password; gives their user id."""
    answer = salon.client.post(
        "/api/v1/auth/register",
        base_url=BASE_URL,
        json={
            "email": f"{uuid4().hex}@example.com",
            "password": uuid4().hex,
            "first_name": "Sam",
            "last_name": "Stone",
        },
    )
    assert answer.status_code == 201, answer.text
    user_id: str = answer.get_json()["session"]["user_id"]
    return user_id


def _first(salon: Salon, path: str, name: str) -> str:
    found: str = _ok(salon.as_owner("GET", path))[name][0]["id"]
    return found


def _ok(answer: Answer) -> Any:  # noqa: ANN401 - each answer has its own shape
    assert answer.status_code < 300, answer.text
    return answer.json
