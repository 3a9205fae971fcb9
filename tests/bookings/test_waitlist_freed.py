# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""Whatever frees time, those who wait hear of it."""

from collections.abc import Callable
from datetime import timedelta
from uuid import uuid4

from tests.factories.businesses import Salon
from tests.factories.classes import scheduled, take_seats
from tests.factories.waitlist import AHEAD, API, OneSlot, Watch, at_local, local_day, open_between, start_of, waiting

Drain = Callable[[], None]


def test_the_time_that_a_moved_visit_had_is_offered(one_slot: OneSlot) -> None:
    guest = one_slot.waiting()
    later = at_local(one_slot.salon, 10, days=AHEAD + 2)
    moved = one_slot.salon.as_owner(
        "POST",
        f"{API}/bookings/{one_slot.booking_id}/reschedule",
        key=str(uuid4()),
        json={"start_time": later.isoformat()},
    )
    assert moved.status_code == 200, moved.text
    one_slot.drain()
    assert start_of(guest.offer()) == one_slot.start


def test_the_time_of_a_class_called_off_is_offered(salon: Salon, watch: Watch, drain: Drain) -> None:
    open_between(salon, "10:00", "11:00")
    start = at_local(salon, 10, days=AHEAD)
    session = scheduled(salon, start=start)
    guest = waiting(salon, local_day(salon, start))
    salon.as_owner("POST", f"{API}/class-sessions/{session['id']}/cancel", key=str(uuid4()), json={})
    drain()
    assert start_of(guest.offer()) == start
    assert watch.at < start


def test_a_block_under_a_freed_time_gets_it_before_those_who_wait(one_slot: OneSlot) -> None:
    salon, start = one_slot.salon, one_slot.start
    body = {
        "resource_id": str(salon.resource_id),
        "start_time": start.isoformat(),
        "end_time": (start + timedelta(hours=1)).isoformat(),
    }
    assert salon.as_owner("POST", f"{API}/availability/blocks", key=str(uuid4()), json=body).status_code == 201
    guest = one_slot.waiting()
    one_slot.free()
    assert guest.offer() is None
    assert salon.book(start=start).status_code == 409


def test_seats_of_a_class_given_back_are_not_offered(one_slot: OneSlot) -> None:
    salon = one_slot.salon
    session = scheduled(salon, start=at_local(salon, 15, days=AHEAD))
    booking_id = take_seats(salon, session["id"]).json["booking_id"]
    guest = one_slot.waiting()
    salon.press("cancel", booking_id)
    one_slot.drain()
    assert guest.offer() is None
