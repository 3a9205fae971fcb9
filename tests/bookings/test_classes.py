# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest

from tests.concurrency.claims import in_tenant
from tests.factories.businesses import Answer, Salon
from tests.factories.classes import (
    API,
    class_service,
    make_room,
    schedule,
    scheduled,
    show_class,
    take_seats,
    take_seats_online,
)
from tests.stack import Stack
from tithi.platform import clock

Drain = Callable[[], None]
BERLIN = ZoneInfo("Europe/Berlin")


def _claimed(salon: Salon, stack: Stack) -> int:
    found = in_tenant(stack.dsn("tithi_app"), salon.tenant_id, "SELECT count(*) FROM claims WHERE active")
    return int(found[0][0])


def _change(salon: Salon, session_id: str, **body: object) -> Answer:
    return salon.as_owner("PUT", f"{API}/class-sessions/{session_id}", json=body)


def _seats(salon: Salon, session_id: str) -> tuple[int, int]:
    shown = show_class(salon, session_id)
    return shown["booked_seats"], shown["online_seats"]


def _call_off(salon: Salon, session_id: str) -> Answer:
    return salon.as_owner(
        "POST", f"{API}/class-sessions/{session_id}/cancel", key=str(uuid4()), json={"reason": "Teacher is ill"}
    )


def test_a_class_takes_its_teacher_and_its_room_once(salon: Salon, stack: Stack) -> None:
    room_id = make_room(salon)
    start = salon.slot(days=5, hour=17)
    session = scheduled(salon, start=start, room_id=room_id)
    assert (session["capacity"], session["online_capacity"], session["remaining_online_seats"]) == (5, 5, 5)
    assert session["price_cents"] == 1500
    assert _claimed(salon, stack) == 2

    assert salon.book(start=start + timedelta(minutes=30)).status_code == 409
    assert salon.book(start=start + timedelta(minutes=60)).status_code == 409, "the buffer is taken too"
    assert salon.book(start=start + timedelta(minutes=75)).status_code == 201


def test_a_class_at_a_taken_time_is_refused_and_takes_nothing(salon: Salon, stack: Stack) -> None:
    start = salon.slot(days=5, hour=17)
    salon.booked(start=start)
    room_id = make_room(salon)
    answer = schedule(salon, class_service(salon), start, room_id=room_id)
    assert (answer.status_code, answer.json["code"]) == (409, "TITHI_SLOT_UNAVAILABLE")
    assert _claimed(salon, stack) == 1
    assert salon.as_owner("GET", f"{API}/class-sessions").json["class_sessions"] == []


def test_a_weekly_row_keeps_its_wall_clock_time_when_the_clocks_change(salon: Salon) -> None:
    first = datetime(2031, 10, 15, 18, tzinfo=BERLIN)
    answer = schedule(salon, class_service(salon), first, repeat={"frequency": "weekly", "count": 3})
    assert answer.status_code == 201, answer.text
    starts = [datetime.fromisoformat(one["start_time"]) for one in answer.json["class_sessions"]]
    assert [start.astimezone(BERLIN).hour for start in starts] == [18, 18, 18]
    assert [start.astimezone(UTC).hour for start in starts] == [16, 16, 17]


def test_a_row_with_conflicts_is_refused_as_a_whole_and_names_them(salon: Salon, stack: Stack) -> None:
    first = salon.slot(days=5, hour=17)
    second = first.astimezone(BERLIN).replace(tzinfo=None) + timedelta(weeks=1)
    taken = second.replace(tzinfo=BERLIN).astimezone(UTC)
    salon.booked(start=taken)
    answer = schedule(salon, class_service(salon), first, repeat={"frequency": "weekly", "count": 4})
    assert (answer.status_code, answer.json["code"]) == (409, "TITHI_SLOT_UNAVAILABLE")
    conflicts = [datetime.fromisoformat(one["start_time"]) for one in answer.json["details"]["conflicts"]]
    assert conflicts == [taken]
    assert salon.as_owner("GET", f"{API}/class-sessions").json["class_sessions"] == []
    assert _claimed(salon, stack) == 1


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"start_time": "2020-01-06T10:00:00+00:00"}, "start_time"),
        ({"start_time": "2030-01-07T10:00:30+00:00"}, "start_time"),
        ({"capacity": 3, "online_capacity": 4}, "online_capacity"),
        ({"repeat": {"frequency": "weekly", "count": 53}}, "repeat"),
        ({"repeat": {"frequency": "daily", "count": 2}}, "repeat"),
    ],
)
def test_a_class_that_cannot_be_is_refused(salon: Salon, changes: dict[str, object], field: str) -> None:
    answer = schedule(salon, class_service(salon), salon.slot(days=5), **changes)
    assert answer.status_code == 400, answer.text
    assert field in answer.json["errors"]
    assert salon.as_owner("GET", f"{API}/class-sessions").json["class_sessions"] == []


def test_an_appointment_cannot_be_scheduled_as_a_class(salon: Salon) -> None:
    answer = schedule(salon, str(salon.service_id), salon.slot(days=5))
    assert (answer.status_code, list(answer.json["errors"])) == (400, ["service_id"])


def test_a_room_that_is_no_room_is_unknown(salon: Salon, stack: Stack) -> None:
    answer = schedule(salon, class_service(salon), salon.slot(days=5), room_id=str(salon.resource_id))
    assert (answer.status_code, answer.json["code"]) == (404, "TITHI_RESOURCE_NOT_FOUND")
    assert _claimed(salon, stack) == 0


def test_seats_are_an_ordinary_booking_priced_by_the_seat(salon: Salon, stack: Stack) -> None:
    session = scheduled(salon)
    answer = take_seats_online(salon, session["id"], 2)
    assert answer.status_code == 201, answer.text
    assert (answer.json["status"], answer.json["card_status"]) == ("confirmed", "card_on_file")
    assert (answer.json["amount_cents"], answer.json["due_cents"]) == (3000, 3000)
    assert answer.json["start_time"] == session["start_time"]
    shown = show_class(salon, session["id"])
    assert (shown["booked_seats"], shown["online_seats"], shown["remaining_seats"]) == (2, 2, 3)
    (attendee,) = shown["attendees"]
    assert (attendee["booking_id"], attendee["seats"]) == (answer.json["booking_id"], 2)
    assert _claimed(salon, stack) == 1, "the class alone"
    completed = salon.press("complete", answer.json["booking_id"]).json
    assert (completed["status"], completed["captured_cents"], completed["attendee_count"]) == ("completed", 3000, 2)


def test_a_full_class_refuses_and_says_how_many_seats_are_left(salon: Salon) -> None:
    session = scheduled(salon)
    assert take_seats(salon, session["id"], 3).status_code == 201
    answer = take_seats(salon, session["id"], 3)
    assert (answer.status_code, answer.json["code"]) == (409, "TITHI_CLASS_FULL")
    assert answer.json["details"] == {"remaining_seats": 2}
    assert _seats(salon, session["id"]) == (3, 0)
    assert len(salon.as_owner("GET", f"{API}/bookings").json["bookings"]) == 1
    assert take_seats(salon, session["id"], 2).status_code == 201


def test_customers_get_the_online_seats_and_staff_the_rest(salon: Salon) -> None:
    session = scheduled(salon, online_capacity=2)
    assert take_seats_online(salon, session["id"], 2).status_code == 201
    answer = take_seats_online(salon, session["id"])
    assert (answer.status_code, answer.json["details"]) == (409, {"remaining_seats": 0})
    assert take_seats(salon, session["id"], 3).status_code == 201
    assert _seats(salon, session["id"]) == (5, 2)


def test_the_public_list_shows_what_is_to_come_with_its_online_seats(salon: Salon) -> None:
    session = scheduled(salon, online_capacity=4)
    called_off = scheduled(salon, start=salon.slot(days=6))
    _call_off(salon, called_off["id"])
    take_seats(salon, session["id"], 3)
    answer = salon.request("GET", f"{API}/public/{salon.slug}/class-sessions", None)
    assert answer.status_code == 200, answer.text
    (shown,) = answer.json["class_sessions"]
    assert (shown["id"], shown["remaining_online_seats"]) == (session["id"], 2)
    assert "booked_seats" not in shown
    later = (salon.slot(days=7)).isoformat().replace("+", "%2B")
    listed = salon.request("GET", f"{API}/public/{salon.slug}/class-sessions?since={later}", None)
    assert listed.json["class_sessions"] == []


def test_the_list_is_filtered_and_paged_by_start(salon: Salon) -> None:
    service_id = class_service(salon)
    first, second = (scheduled(salon, service_id=service_id, start=salon.slot(days=day)) for day in (5, 6))
    scheduled(salon, start=salon.slot(days=7))
    page = salon.as_owner("GET", f"{API}/class-sessions?service_id={service_id}&limit=1").json
    assert [one["id"] for one in page["class_sessions"]] == [first["id"]]
    rest = salon.as_owner("GET", f"{API}/class-sessions?service_id={service_id}&cursor={page['next_cursor']}").json
    assert ([one["id"] for one in rest["class_sessions"]], rest["next_cursor"]) == ([second["id"]], None)


@pytest.mark.parametrize("word", ["cancel", "no-show"])
def test_a_canceled_booking_gives_its_seats_back_once_and_a_missed_one_keeps_them(salon: Salon, word: str) -> None:
    session = scheduled(salon)
    kept = take_seats_online(salon, session["id"], 1).json["booking_id"]
    left = take_seats_online(salon, session["id"], 2).json["booking_id"]
    assert salon.press(word, left).status_code == 200
    expected = {"cancel": (1, 1), "no-show": (3, 3)}[word]
    assert _seats(salon, session["id"]) == expected
    assert salon.press(word, left).status_code == 200
    assert _seats(salon, session["id"]) == expected
    assert salon.as_owner("GET", f"{API}/bookings/{kept}").json["status"] == "confirmed"


def test_a_customer_gives_seats_back_by_their_own_link(salon: Salon) -> None:
    session = scheduled(salon)
    booking = take_seats_online(salon, session["id"], 2).json
    answer = salon.request("POST", f"{API}/manage/{booking['manage_token']}/cancel", None, json={})
    assert (answer.status_code, answer.json["status"]) == (200, "canceled")
    assert _seats(salon, session["id"]) == (0, 0)


def test_seats_whose_card_never_came_go_back_and_the_booking_fails(salon: Salon, drain: Drain) -> None:
    session = scheduled(salon)
    booking = take_seats_online(salon, session["id"], 2, payment_method={"type": "card"}).json
    assert booking["status"] == "pending"
    drain()
    assert _seats(salon, session["id"]) == (2, 2)
    later = clock.now() + timedelta(minutes=16)
    with clock.steered(lambda: later):
        drain()
        assert _seats(salon, session["id"]) == (0, 0)
        assert salon.as_owner("GET", f"{API}/bookings/{booking['booking_id']}").json["status"] == "failed"
        drain()
    assert _seats(salon, session["id"]) == (0, 0)


def test_pending_seats_are_confirmed_by_their_card_or_by_staff(salon: Salon) -> None:
    session = scheduled(salon)
    first, second = (take_seats_online(salon, session["id"], payment_method={"type": "card"}).json for _ in range(2))
    card = {"payment_method": {"stripe_payment_method_id": "pm_card_visa"}}
    given = salon.request("POST", f"{API}/manage/{first['manage_token']}/card", None, json=card)
    assert (given.status_code, given.json["status"]) == (200, "confirmed")
    pressed = salon.press("confirm", second["booking_id"])
    assert (pressed.status_code, pressed.json["status"]) == (200, "confirmed")
    assert _seats(salon, session["id"]) == (2, 2)


def test_a_class_called_off_cancels_everybodys_visit_for_nothing_and_tells_them(
    salon: Salon, stack: Stack, drain: Drain
) -> None:
    session = scheduled(salon, start=salon.slot(days=1, hour=2))
    bookings = [take_seats_online(salon, session["id"]).json["booking_id"] for _ in range(2)]
    answer = _call_off(salon, session["id"])
    assert answer.status_code == 200, answer.text
    assert (answer.json["status"], answer.json["booked_seats"]) == ("canceled", 0)
    assert _claimed(salon, stack) == 0
    drain()
    for booking_id in bookings:
        shown = salon.as_owner("GET", f"{API}/bookings/{booking_id}").json
        assert (shown["status"], shown["canceled_by"], shown["payment_status"]) == ("canceled", "business", "canceled")
        told = salon.as_owner("GET", f"{API}/notifications?booking_id={booking_id}").json["notifications"]
        assert ("booking_canceled", "customer") in {(one["template"], one["recipient"]) for one in told}
    assert _call_off(salon, session["id"]).json["version"] == answer.json["version"]


def test_a_class_that_is_called_off_or_begun_takes_no_seats(salon: Salon) -> None:
    session = scheduled(salon)
    start = datetime.fromisoformat(session["start_time"])
    with clock.steered(lambda: start + timedelta(minutes=1)):
        refused = take_seats_online(salon, session["id"])
        assert (refused.status_code, refused.json["code"]) == (409, "TITHI_CLASS_CLOSED")
        assert take_seats(salon, session["id"]).status_code == 201
    _call_off(salon, session["id"])
    assert take_seats(salon, session["id"]).json["code"] == "TITHI_CLASS_CLOSED"
    assert _seats(salon, session["id"])[0] == 0


def test_capacity_never_goes_below_the_seats_booked(salon: Salon) -> None:
    session = scheduled(salon)
    take_seats(salon, session["id"], 3)
    answer = _change(salon, session["id"], capacity=2)
    assert (answer.status_code, answer.json["code"]) == (409, "TITHI_SEATS_BOOKED")
    assert show_class(salon, session["id"])["capacity"] == 5
    changed = _change(salon, session["id"], capacity=3)
    assert (changed.status_code, changed.json["capacity"], changed.json["online_capacity"]) == (200, 3, 3)


def test_a_class_that_moves_takes_its_new_time_and_its_visits_along(salon: Salon, stack: Stack) -> None:
    session = scheduled(salon)
    booking_id = take_seats(salon, session["id"]).json["booking_id"]
    old = datetime.fromisoformat(session["start_time"])
    new = old + timedelta(days=1)
    answer = _change(salon, session["id"], start_time=new.isoformat())
    assert answer.status_code == 200, answer.text
    shown = salon.as_owner("GET", f"{API}/bookings/{booking_id}").json
    assert datetime.fromisoformat(shown["start_time"]) == new
    assert datetime.fromisoformat(shown["items"][0]["end_time"]) == new + timedelta(minutes=60)
    assert shown["moved_count"] == 1
    assert _claimed(salon, stack) == 1
    told = in_tenant(
        stack.dsn("tithi_app"),
        salon.tenant_id,
        "SELECT payload ->> 'booking_id', payload ->> 'moved_by' FROM event_outbox WHERE code = 'booking.rescheduled'",
    )
    assert told == [(booking_id, "business")]
    assert salon.book(start=old).status_code == 201
    assert salon.book(start=new).status_code == 409


def test_a_class_cannot_move_onto_a_taken_time_and_stays(salon: Salon, stack: Stack) -> None:
    session = scheduled(salon)
    start = datetime.fromisoformat(session["start_time"])
    salon.booked(start=start + timedelta(days=1))
    answer = _change(salon, session["id"], start_time=(start + timedelta(days=1)).isoformat())
    assert (answer.status_code, answer.json["code"]) == (409, "TITHI_SLOT_UNAVAILABLE")
    assert show_class(salon, session["id"])["start_time"] == session["start_time"]
    assert _claimed(salon, stack) == 2
    assert salon.book(start=start).status_code == 409


def test_a_stale_change_of_a_class_is_refused(salon: Salon) -> None:
    session = scheduled(salon)
    path = f"{API}/class-sessions/{session['id']}"
    stale = {"If-Match": '"7"'}
    assert salon.as_owner("PUT", path, json={"capacity": 6}, headers=stale).status_code == 412
    assert show_class(salon, session["id"])["capacity"] == 5


def test_the_number_of_seats_is_not_changed_beside_the_count(salon: Salon) -> None:
    session = scheduled(salon)
    booking_id = take_seats(salon, session["id"], 2).json["booking_id"]
    answer = salon.as_owner("PUT", f"{API}/bookings/{booking_id}", json={"attendee_count": 50})
    assert answer.status_code == 400, answer.text
    assert _seats(salon, session["id"]) == (2, 0)
    assert salon.as_owner("GET", f"{API}/bookings/{booking_id}").json["attendee_count"] == 2
