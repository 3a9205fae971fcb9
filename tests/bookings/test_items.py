# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest

from tests.concurrency.claims import in_tenant
from tests.factories.businesses import Answer, Salon
from tests.factories.visits import (
    API,
    add_person,
    add_service,
    at_desk,
    change_service,
    claimed,
    desk,
    free_starts,
    is_refused,
    minutes,
    ok,
    online,
    own,
    shown,
)
from tests.stack import Stack


@pytest.fixture
def visit(salon: Salon) -> dict[str, Any]:
    """A cut at the salon's own person, and a wash at another."""
    wash = add_service(salon, name="Wash", duration_min=20, price_cents=2000)
    other = add_person(salon)
    items = [
        {"service_id": str(salon.service_id), "team_member_id": own(salon).id},
        {"service_id": wash, "team_member_id": other.id},
    ]
    answer = online(salon, salon.slot(), items=items)
    assert answer.status_code == 201, answer.text
    return shown(salon, answer.json["booking_id"])


def take_out(salon: Salon, visit: dict[str, Any], place: int, **body: Any) -> Answer:
    path = f"{API}/bookings/{visit['id']}/items/{visit['items'][place]['id']}/cancel"
    return salon.as_owner("POST", path, key=str(uuid4()), json=body)


def test_an_item_that_is_taken_out_lowers_the_price_and_frees_its_time_alone(
    salon: Salon, visit: dict[str, Any], stack: Stack
) -> None:
    start = salon.slot()
    left = ok(take_out(salon, visit, 0))
    assert [one["status"] for one in left["items"]] == ["canceled", "booked"]
    assert (left["status"], left["amount_cents"], left["due_cents"]) == ("confirmed", 2000, 2000)
    assert (left["start_time"], left["end_time"]) == (
        (start + minutes(30)).isoformat(),
        (start + minutes(50)).isoformat(),
    )
    assert [(one[2], one[3]) for one in claimed(salon, stack)] == [(start + minutes(30), start + minutes(50))]
    assert start in free_starts(salon, start.date(), member_id=own(salon).id)
    assert ok(salon.press("complete", visit["id"]))["captured_cents"] == 2000
    local = in_tenant(stack.dsn("tithi_app"), salon.tenant_id, "SELECT local_start, starts_at, timezone FROM bookings")
    assert local[0][0].minute == 30


def test_taking_it_out_again_changes_nothing(salon: Salon, visit: dict[str, Any]) -> None:
    first = ok(take_out(salon, visit, 1))
    assert ok(take_out(salon, visit, 1)) == first


def test_the_last_item_is_refused(salon: Salon, visit: dict[str, Any], stack: Stack) -> None:
    left = ok(take_out(salon, visit, 0))
    before = claimed(salon, stack)
    assert is_refused(take_out(salon, visit, 1), "TITHI_LAST_ITEM")
    assert shown(salon, visit["id"]) == left
    assert claimed(salon, stack) == before
    single = at_desk(salon, salon.slot(days=4))
    assert is_refused(take_out(salon, single, 0), "TITHI_LAST_ITEM")


def test_an_item_of_another_visit_is_not_found(salon: Salon, visit: dict[str, Any]) -> None:
    other = at_desk(salon, salon.slot(days=4))
    path = f"{API}/bookings/{visit['id']}/items/{other['items'][0]['id']}/cancel"
    answer = salon.as_owner("POST", path, key=str(uuid4()), json={})
    assert is_refused(answer, "TITHI_BOOKING_ITEM_NOT_FOUND", 404)
    assert shown(salon, visit["id"]) == visit


def test_an_item_of_a_visit_that_is_over_or_called_off_is_refused(salon: Salon, visit: dict[str, Any]) -> None:
    ok(salon.press("cancel", visit["id"], canceled_by="business"))
    before = shown(salon, visit["id"])
    assert is_refused(take_out(salon, visit, 0), "TITHI_BOOKING_STATE_CONFLICT")
    assert shown(salon, visit["id"]) == before


def test_a_customer_who_is_late_cannot_shrink_the_visit_but_the_business_can(salon: Salon) -> None:
    start = salon.slot(days=1, hour=0)
    items = [{"service_id": str(salon.service_id)}] * 2
    visit = at_desk(salon, start, items=items)
    assert is_refused(take_out(salon, visit, 0, canceled_by="customer"), "TITHI_BOOKING_STATE_CONFLICT")
    assert shown(salon, visit["id"]) == visit
    assert ok(take_out(salon, visit, 0, canceled_by="business"))["amount_cents"] == 5000


def test_the_late_fee_follows_what_is_left(salon: Salon) -> None:
    start = salon.slot(days=1, hour=0)
    answer = online(salon, start, items=[{"service_id": str(salon.service_id)}] * 2)
    visit = shown(salon, answer.json["booking_id"])
    ok(take_out(salon, visit, 1, canceled_by="business"))
    assert ok(salon.press("cancel", visit["id"]))["captured_cents"] == 2500


def test_what_was_taken_out_is_told_and_stands_on_no_receipt(
    salon: Salon, visit: dict[str, Any], drain: Callable[[], None]
) -> None:
    drain()
    ok(take_out(salon, visit, 1))
    ok(salon.press("complete", visit["id"]))
    drain()
    told = _texts(salon, visit["id"])
    assert "taken out of your booking: Wash." in told["booking_item_canceled", "customer"]
    assert "Price: $50.00" in told["booking_item_canceled", "customer"]
    assert "its time is free again: Wash" in told["booking_item_canceled", "business"]
    assert "Cut: $50.00" in told["payment_receipt", "customer"]
    assert "Wash" not in told["payment_receipt", "customer"]


def test_what_is_left_after_a_middle_item_can_be_moved(salon: Salon) -> None:
    change_service(salon, salon.service_id, duration_min=60)
    start = salon.slot()
    visit = at_desk(salon, start, items=[{"service_id": str(salon.service_id)}] * 3)
    ok(take_out(salon, visit, 1))
    moved = salon.as_owner(
        "POST",
        f"{API}/bookings/{visit['id']}/reschedule",
        key=str(uuid4()),
        json={"start_time": (start + minutes(300)).isoformat()},
    )
    assert moved.status_code == 200, moved.text
    booked = [one for one in moved.json["items"] if one["status"] == "booked"]
    assert [one["id"] for one in booked] == [visit["items"][0]["id"], visit["items"][2]["id"]]
    assert desk(salon, start).status_code == 201


def _texts(salon: Salon, booking_id: str) -> dict[tuple[str, str], str]:
    found = ok(salon.as_owner("GET", f"{API}/notifications?booking_id={booking_id}"))["notifications"]
    return {
        (one["template"], one["recipient"]): ok(salon.as_owner("GET", f"{API}/notifications/{one['id']}"))["text"]
        for one in found
    }
