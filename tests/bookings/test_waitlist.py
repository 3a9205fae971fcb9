# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from tests.concurrency.claims import in_tenant
from tests.concurrency.parallel import repeated
from tests.factories.businesses import Answer, Salon
from tests.factories.waitlist import (
    AHEAD,
    API,
    Guest,
    OneSlot,
    Watch,
    at_local,
    local_day,
    open_between,
    set_waitlist,
    start_of,
    waiting,
    wish_body,
)
from tests.stack import Stack

Drain = Callable[[], None]


def _staff_offer(guest: Guest, start: datetime, **changes: Any) -> Answer:
    body = {"start_time": start.isoformat(), "team_member_id": str(guest.salon.member_id), **changes}
    return guest.salon.as_owner("POST", f"{API}/waitlist/{guest.id}/offer", key=str(uuid4()), json=body)


def _entry(guest: Guest) -> dict[str, Any]:
    return dict(guest.salon.as_owner("GET", f"{API}/waitlist/{guest.id}").json)


def _told(salon: Salon) -> list[dict[str, Any]]:
    listed = salon.as_owner("GET", f"{API}/notifications?limit=100").json["notifications"]
    return [one for one in listed if one["template"] == "waitlist_offered"]


def test_a_freed_time_is_kept_for_whoever_waits_longest_and_they_are_told(one_slot: OneSlot, watch: Watch) -> None:
    first, second = one_slot.waiting(), one_slot.waiting()
    one_slot.free()

    offer = first.offered()
    assert start_of(offer) == one_slot.start
    assert datetime.fromisoformat(offer["expires_at"]) == watch.at + timedelta(minutes=60)
    assert (first.wish()["status"], second.wish()["status"]) == ("offered", "waiting")
    assert one_slot.salon.book(start=one_slot.start).status_code == 409, "it is held"
    mails = {one["recipient"]: one for one in _told(one_slot.salon)}
    assert set(mails) == {"customer", "business"}
    text = one_slot.salon.as_owner("GET", f"{API}/notifications/{mails['customer']['id']}").json["text"]
    assert f"/api/v1/waitlist/own/{first.token}" in text
    assert "1:00 PM" in text


def test_accepting_books_the_kept_time(one_slot: OneSlot) -> None:
    guest, other = one_slot.waiting(), one_slot.waiting()
    one_slot.free()
    answer = guest.accept()
    assert answer.status_code == 201, answer.text
    assert (answer.json["status"], answer.json["card_status"]) == ("confirmed", "card_on_file")
    assert datetime.fromisoformat(answer.json["start_time"]) == one_slot.start
    entry = _entry(guest)
    assert entry["status"] == "booked"
    (offer,) = entry["offers"]
    assert (offer["status"], offer["booking_id"]) == ("accepted", answer.json["booking_id"])
    one_slot.drain()
    assert other.offer() is None


def test_accepting_twice_or_too_late_is_refused(one_slot: OneSlot, watch: Watch) -> None:
    guest = one_slot.waiting()
    one_slot.free()
    watch.forward(minutes=61)
    late = guest.accept()
    assert (late.status_code, late.json["code"]) == (409, "TITHI_OFFER_CLOSED")
    assert guest.wish()["status"] == "waiting"
    assert len(one_slot.salon.as_owner("GET", f"{API}/bookings?status=confirmed").json["bookings"]) == 0


def test_of_many_who_press_accept_at_once_one_books(one_slot: OneSlot) -> None:
    guest = one_slot.waiting()
    one_slot.free()
    answers = repeated(guest.accept, 8)
    assert sorted(answer.status_code for answer in answers) == [201] + [409] * 7
    assert _entry(guest)["status"] == "booked"
    assert guest.accept().json["code"] == "TITHI_OFFER_CLOSED"


def test_an_acceptance_that_was_cut_short_after_its_booking_still_counts(
    one_slot: OneSlot, watch: Watch, stack: Stack
) -> None:
    somebody = {"name": "Robin", "email": f"{uuid4().hex}@example.com"}
    guest, other = one_slot.waiting(customer_info=somebody), one_slot.waiting()
    one_slot.free()
    ((hold_id,),) = in_tenant(stack.dsn("tithi_app"), one_slot.salon.tenant_id, "SELECT hold_id FROM waitlist_offers")
    booking = one_slot.salon.booked(start=one_slot.start, hold_id=str(hold_id), customer_info=somebody)
    refused = guest.decline()
    assert (refused.status_code, refused.json["code"]) == (409, "TITHI_OFFER_CLOSED")
    watch.forward(minutes=61)
    one_slot.drain()
    entry = _entry(guest)
    assert (entry["status"], entry["offers"][0]["booking_id"]) == ("booked", booking["booking_id"])
    assert other.offer() is None


def test_a_declined_time_goes_to_the_next_and_never_comes_back(one_slot: OneSlot, stack: Stack) -> None:
    first, second = one_slot.waiting(), one_slot.waiting()
    one_slot.free()
    declined = first.decline()
    assert (declined.status_code, declined.json["status"], declined.json["offer"]) == (200, "waiting", None)
    one_slot.drain()
    assert start_of(second.offer()) == one_slot.start
    second.decline()
    one_slot.drain()
    assert (first.offer(), second.offer()) == (None, None)
    assert in_tenant(stack.dsn("tithi_app"), one_slot.salon.tenant_id, "SELECT id FROM claims") == []
    assert first.decline().json["code"] == "TITHI_OFFER_CLOSED"
    assert one_slot.salon.booked(start=one_slot.start)["status"] == "confirmed"


def test_an_offer_that_nobody_answers_lapses_and_goes_on(one_slot: OneSlot, watch: Watch) -> None:
    first, second = one_slot.waiting(), one_slot.waiting()
    one_slot.free()
    watch.forward(minutes=61)
    assert first.offer() is None, "decided when it is read"
    assert _entry(first)["offers"][0]["status"] == "lapsed"
    one_slot.drain()
    assert start_of(second.offer()) == one_slot.start
    assert first.wish()["status"] == "waiting"


def test_leaving_gives_the_kept_time_to_the_next(one_slot: OneSlot) -> None:
    first, second = one_slot.waiting(), one_slot.waiting()
    one_slot.free()
    assert first.leave().json["status"] == "left"
    assert first.leave().status_code == 200
    one_slot.drain()
    assert start_of(second.offer()) == one_slot.start
    removed = one_slot.salon.as_owner("DELETE", f"{API}/waitlist/{second.id}")
    assert removed.status_code == 204
    entry = _entry(second)
    assert (entry["status"], entry["offers"][0]["status"]) == ("left", "withdrawn")


def test_whoever_got_a_visit_cannot_leave_the_waitlist_any_more(one_slot: OneSlot) -> None:
    guest = one_slot.waiting()
    one_slot.free()
    guest.accept()
    answer = guest.leave()
    assert (answer.status_code, answer.json["code"]) == (409, "TITHI_WAITLIST_STATE_CONFLICT")
    assert _entry(guest)["status"] == "booked"


def test_a_card_that_never_comes_puts_the_guest_back_and_the_time_goes_on(one_slot: OneSlot, watch: Watch) -> None:
    first, second = one_slot.waiting(), one_slot.waiting()
    one_slot.free()
    answer = first.accept(payment_method={"type": "card"})
    assert (answer.status_code, answer.json["status"]) == (201, "pending")
    one_slot.drain()
    assert second.offer() is None
    watch.forward(minutes=16)
    one_slot.drain()
    assert first.wish()["status"] == "waiting"
    assert first.offer() is None
    assert start_of(second.offer()) == one_slot.start


def test_the_order_by_value_asks_the_dearest_first(one_slot: OneSlot) -> None:
    set_waitlist(one_slot.salon, order="value")
    early = one_slot.waiting()
    body = wish_body(one_slot.salon, one_slot.day, value_cents=99_000)
    dear = one_slot.salon.as_owner("POST", f"{API}/waitlist", json=body)
    assert (dear.status_code, dear.json["value_cents"]) == (201, 99_000)
    assert _entry(early)["value_cents"] == 5000
    one_slot.free()
    assert early.offer() is None
    assert one_slot.salon.as_owner("GET", f"{API}/waitlist/{dear.json['id']}").json["status"] == "offered"


def test_the_order_of_all_offers_different_times_to_several(salon: Salon, watch: Watch, drain: Drain) -> None:
    set_waitlist(salon, order="all")
    open_between(salon, "10:00", "12:00")
    start = at_local(salon, 10, days=AHEAD)
    booking_id = salon.booked(start=start)["booking_id"]
    guests = [waiting(salon, local_day(salon, start)) for _ in range(7)]
    salon.press("cancel", booking_id)
    drain()
    offers = [guest.offer() for guest in guests]
    assert [offer is not None for offer in offers] == [True] * 4 + [False] * 3, "there are four times"
    assert len({start_of(offer) for offer in offers if offer}) == 4
    assert watch.at < start


def test_the_queue_keeps_to_the_time_that_was_freed(salon: Salon, watch: Watch, drain: Drain) -> None:
    open_between(salon, "10:00", "12:00")
    start = at_local(salon, 10, days=AHEAD)
    booking_id = salon.booked(start=start)["booking_id"]
    first, second = (waiting(salon, local_day(salon, start)) for _ in range(2))
    salon.press("cancel", booking_id)
    drain()
    assert start_of(first.offer()) == start
    assert second.offer() is None
    assert watch.at < start


@pytest.mark.parametrize(
    "changes",
    [
        {"from_time": "10:15"},
        {"until_time": "10:15"},
        {"first_date": "2031-01-06", "last_date": "2031-01-07"},
    ],
)
def test_a_time_that_was_not_asked_for_is_not_offered(one_slot: OneSlot, changes: dict[str, str]) -> None:
    guest = one_slot.waiting(**changes)
    one_slot.free()
    assert guest.offer() is None
    assert one_slot.salon.booked(start=one_slot.start)["status"] == "confirmed"


def test_in_quiet_hours_nothing_is_offered_until_they_end(one_slot: OneSlot, watch: Watch) -> None:
    guest = one_slot.waiting()
    watch.at = at_local(one_slot.salon, 22)
    one_slot.free()
    assert guest.offer() is None
    watch.at = at_local(one_slot.salon, 7, days=1, minute=59)
    one_slot.drain()
    assert guest.offer() is None
    watch.forward(minutes=1)
    one_slot.drain()
    assert start_of(guest.offer()) == one_slot.start


def test_a_customer_gets_no_more_offers_a_day_than_the_business_says(one_slot: OneSlot, watch: Watch) -> None:
    set_waitlist(one_slot.salon, max_offers_per_day=1)
    somebody = {"name": "Robin", "email": f"{uuid4().hex}@example.com"}
    other_day = at_local(one_slot.salon, 10, days=AHEAD + 1)
    other_booking = one_slot.salon.booked(start=other_day)["booking_id"]
    first = one_slot.waiting(customer_info=somebody)
    second = waiting(one_slot.salon, local_day(one_slot.salon, other_day), customer_info=somebody)
    one_slot.free()
    assert first.offer() is not None
    one_slot.salon.press("cancel", other_booking)
    one_slot.drain()
    assert second.offer() is None
    watch.at = at_local(one_slot.salon, 8, days=1)
    one_slot.drain()
    one_slot.drain()
    assert start_of(second.offer()) == other_day


def test_whoever_may_have_no_more_visits_is_passed_over(one_slot: OneSlot) -> None:
    salon = one_slot.salon
    somebody = {"name": "Robin", "email": f"{uuid4().hex}@example.com"}
    salon.booked(start=at_local(salon, 10, days=AHEAD + 1), customer_info=somebody)
    salon.as_owner("PUT", f"{API}/tenants/{salon.tenant_id}/policies", json={"customer_max_upcoming": 1})
    first, second = one_slot.waiting(customer_info=somebody), one_slot.waiting()
    one_slot.free()
    assert first.offer() is None
    assert start_of(second.offer()) == one_slot.start


@pytest.mark.parametrize(("accepts_late", "is_offered"), [(False, False), (True, True)])
def test_what_begins_inside_the_cancellation_window_is_offered_only_to_those_who_said_so(
    one_slot: OneSlot, watch: Watch, *, accepts_late: bool, is_offered: bool
) -> None:
    guest = one_slot.waiting(accepts_late=accepts_late)
    watch.at = one_slot.start - timedelta(hours=1)
    one_slot.free()
    offer = guest.offer()
    assert (offer is not None) is is_offered
    if offer:
        assert datetime.fromisoformat(offer["expires_at"]) == one_slot.start


def test_an_offer_ends_before_canceling_would_cost_a_fee(one_slot: OneSlot, watch: Watch) -> None:
    guest = one_slot.waiting()
    watch.at = one_slot.start - timedelta(hours=24, minutes=20)
    one_slot.free()
    assert datetime.fromisoformat(guest.offered()["expires_at"]) == one_slot.start - timedelta(hours=24)


def test_what_lies_before_the_notice_is_not_offered(one_slot: OneSlot, watch: Watch) -> None:
    salon = one_slot.salon
    salon.as_owner("PUT", f"{API}/tenants/{salon.tenant_id}/policies", json={"min_notice_minutes": 180})
    guest = one_slot.waiting(accepts_late=True)
    watch.at = one_slot.start - timedelta(hours=2)
    one_slot.free()
    assert guest.offer() is None


def test_staff_offer_whom_they_like_also_at_night(one_slot: OneSlot, watch: Watch) -> None:
    first, second = one_slot.waiting(), one_slot.waiting()
    watch.at = at_local(one_slot.salon, 22)
    one_slot.salon.press("cancel", one_slot.booking_id)
    answer = _staff_offer(second, one_slot.start)
    assert answer.status_code == 201, answer.text
    assert (answer.json["status"], answer.json["offer"]["origin"]) == ("offered", "staff")
    assert _staff_offer(second, one_slot.start).json["code"] == "TITHI_WAITLIST_STATE_CONFLICT"
    refused = _staff_offer(first, one_slot.start)
    assert (refused.status_code, refused.json["code"]) == (409, "TITHI_SLOT_UNAVAILABLE")
    assert first.wish()["status"] == "waiting"
    assert second.accept().status_code == 201


def test_staff_cannot_offer_what_begins_too_soon_or_was_declined(one_slot: OneSlot, watch: Watch) -> None:
    guest = one_slot.waiting()
    one_slot.free()
    guest.decline()
    assert _staff_offer(guest, one_slot.start).json["details"] == {"status": "offered_before"}
    watch.at = one_slot.start - timedelta(hours=3)
    other = one_slot.waiting()
    answer = _staff_offer(other, one_slot.start)
    assert (answer.status_code, answer.json["code"]) == (409, "TITHI_OFFER_TOO_LATE")
    assert _entry(other)["offers"] == []


def test_an_entry_whose_days_are_over_expires(one_slot: OneSlot, watch: Watch) -> None:
    guest = one_slot.waiting()
    watch.at = at_local(one_slot.salon, 0, days=AHEAD + 1)
    one_slot.drain()
    assert guest.wish()["status"] == "expired"
    one_slot.salon.press("cancel", one_slot.booking_id)
    one_slot.drain()
    assert guest.offer() is None
