# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from tests.factories.businesses import Answer, Salon
from tests.factories.classes import scheduled, take_seats_online
from tests.factories.visits import (
    API,
    add_person,
    add_resource,
    add_service,
    at_desk,
    change_service,
    claimed,
    desk,
    free_starts,
    guest,
    is_refused,
    minutes,
    move,
    needs,
    ok,
    online,
    own,
    set_policy,
    shown,
)
from tests.stack import Stack
from tithi.platform import clock

STATE = "TITHI_BOOKING_STATE_CONFLICT"
TOO_LATE = "TITHI_TOO_LATE"


def booked(salon: Salon, start: datetime, **changes: Any) -> dict[str, Any]:
    """A visit as its customer sees it."""
    answer = online(salon, start, **changes)
    assert answer.status_code == 201, answer.text
    return dict(answer.json)


def move_own(salon: Salon, visit: dict[str, Any], start: datetime, **changes: Any) -> Answer:
    path = f"{API}/manage/{visit['manage_token']}/reschedule"
    return salon.request("POST", path, None, json={"start_time": start.isoformat(), **changes})


def seen(salon: Salon, visit: dict[str, Any]) -> dict[str, Any]:
    return dict(ok(salon.request("GET", f"{API}/manage/{visit['manage_token']}", None)))


def choices(salon: Salon, visit: dict[str, Any]) -> tuple[bool, bool, int]:
    found = seen(salon, visit)
    return found["may_cancel"], found["may_move"], found["cancel_fee_cents"]


def cancel_own(salon: Salon, visit: dict[str, Any]) -> Answer:
    return salon.request("POST", f"{API}/manage/{visit['manage_token']}/cancel", None, json={})


def moves(salon: Salon, booking_id: str) -> list[dict[str, Any]]:
    return list(ok(salon.as_owner("GET", f"{API}/bookings/{booking_id}/moves"))["moves"])


def test_a_visit_goes_to_another_time_and_gives_its_old_one_back(salon: Salon, stack: Stack) -> None:
    start = salon.slot()
    visit, later = at_desk(salon, start), start + timedelta(days=1)
    moved = ok(move(salon, visit["id"], later, reason="Train was late"))
    assert (moved["start_time"], moved["moved_count"], moved["status"]) == (later.isoformat(), 1, "confirmed")
    assert moved["version"] > visit["version"]
    assert claimed(salon, stack) == [(str(salon.resource_id), 0, later, later + minutes(30))]
    assert start in free_starts(salon, start.date())
    (kept,) = moves(salon, visit["id"])
    assert (kept["moved_by"], kept["reason"]) == ("business", "Train was late")
    assert (kept["from_start_time"], kept["to_start_time"]) == (start.isoformat(), later.isoformat())


def test_a_visit_moves_over_its_own_old_time(salon: Salon, stack: Stack) -> None:
    start = salon.slot()
    visit = at_desk(salon, start)
    assert move(salon, visit["id"], start + minutes(15)).status_code == 200
    assert claimed(salon, stack) == [(str(salon.resource_id), 0, start + minutes(15), start + minutes(45))]


def test_a_move_to_a_taken_time_is_refused_and_the_visit_stays(salon: Salon, stack: Stack) -> None:
    start = salon.slot()
    visit, _ = at_desk(salon, start), at_desk(salon, start + minutes(60))
    before = claimed(salon, stack)
    answer = move(salon, visit["id"], start + minutes(45))
    assert is_refused(answer)
    assert len(answer.json["alternatives"]) == 5
    assert claimed(salon, stack) == before
    assert shown(salon, visit["id"]) == visit
    assert moves(salon, visit["id"]) == []


def test_a_visit_goes_to_another_person_or_to_anybody(salon: Salon) -> None:
    other, start = add_person(salon), salon.slot()
    visit = at_desk(salon, start, team_member_id=own(salon).id)
    moved = ok(move(salon, visit["id"], start, team_member_id=other.id))
    assert moved["items"][0]["team_member_id"] == other.id
    at_desk(salon, start + minutes(60), team_member_id=other.id)
    assert is_refused(move(salon, visit["id"], start + minutes(60)))
    anybody = ok(move(salon, visit["id"], start + minutes(60), to_anybody=True))
    assert anybody["items"][0]["team_member_id"] == own(salon).id


def test_what_was_agreed_stays_when_the_service_changes(salon: Salon, stack: Stack) -> None:
    start = salon.slot()
    visit = booked(salon, start)
    room = add_resource(salon)
    change_service(
        salon,
        salon.service_id,
        name="Dear cut",
        price_cents=9900,
        duration_min=90,
        buffer_after_min=30,
        needs=needs(room),
    )
    later = start + minutes(120)
    moved = ok(move(salon, visit["booking_id"], later))
    (item,) = moved["items"]
    assert (item["service_name"], item["price_cents"], moved["amount_cents"]) == ("Cut", 5000, 5000)
    assert item["room_id"] is None
    assert claimed(salon, stack) == [(str(salon.resource_id), 0, later, later + minutes(30))]
    assert ok(salon.press("complete", visit["booking_id"]))["captured_cents"] == 5000


def test_a_visit_moves_though_its_service_now_needs_a_room_that_is_not_there(salon: Salon) -> None:
    start = salon.slot()
    visit = at_desk(salon, start)
    room = add_resource(salon)
    change_service(salon, salon.service_id, needs=needs(room))
    ok(salon.as_owner("PUT", f"{API}/resources/{room}", json={"is_active": False}))
    assert is_refused(desk(salon, start + minutes(60)))
    assert move(salon, visit["id"], start + minutes(60)).status_code == 200


def test_a_visit_of_an_archived_service_moves_and_is_refused_like_any_other(salon: Salon) -> None:
    start = salon.slot()
    visit, other = at_desk(salon, start), add_service(salon)
    at_desk(salon, start + minutes(60), service_id=other)
    assert salon.as_owner("DELETE", f"{API}/services/{salon.service_id}").status_code == 204
    assert desk(salon, start + minutes(120)).status_code == 404
    refused = move(salon, visit["id"], start + minutes(60))
    assert is_refused(refused), refused.text
    assert refused.json["alternatives"]
    assert move(salon, visit["id"], start + minutes(120)).status_code == 200


def test_a_visit_of_several_services_moves_as_a_whole_or_not_at_all(salon: Salon, stack: Stack) -> None:
    other, start = add_person(salon), salon.slot()
    items = [{"service_id": str(salon.service_id), "team_member_id": person.id} for person in (own(salon), other)]
    visit = at_desk(salon, start, items=items)
    at_desk(salon, start + timedelta(days=1, minutes=30), team_member_id=other.id)
    at_desk(salon, start + timedelta(days=1, minutes=60), team_member_id=other.id)
    before = claimed(salon, stack)
    assert is_refused(move(salon, visit["id"], start + timedelta(days=1)))
    assert claimed(salon, stack) == before
    moved = ok(move(salon, visit["id"], start + timedelta(days=2)))
    assert [one["id"] for one in moved["items"]] == [one["id"] for one in visit["items"]]
    assert len(claimed(salon, stack, visit["id"])) == 2


def test_a_visit_moves_by_the_customers_own_link(salon: Salon, stack: Stack) -> None:
    start = salon.slot()
    visit, later = booked(salon, start), start + minutes(60)
    moved = ok(move_own(salon, visit, later, reason="Meeting"))
    assert (moved["start_time"], moved["manage_token"]) == (later.isoformat(), visit["manage_token"])
    assert [one["moved_by"] for one in moves(salon, visit["booking_id"])] == ["customer"]
    at_desk(salon, start)
    before = claimed(salon, stack)
    assert is_refused(move_own(salon, visit, start))
    assert claimed(salon, stack) == before


def test_a_link_that_is_not_the_customers_moves_nothing(salon: Salon, stack: Stack) -> None:
    visit = booked(salon, salon.slot())
    before = claimed(salon, stack)
    forged = {**visit, "manage_token": visit["manage_token"][:-2] + "AA"}
    assert move_own(salon, forged, salon.slot(days=4)).status_code == 404
    assert claimed(salon, stack) == before


def test_a_customer_cannot_move_into_the_notice_or_the_far_future(salon: Salon, stack: Stack) -> None:
    set_policy(salon, min_notice_minutes=60 * 24 * 2, max_advance_days=20)
    visit = booked(salon, salon.slot(days=5))
    before = claimed(salon, stack)
    for days in (1, 30):
        assert is_refused(move_own(salon, visit, salon.slot(days=days)))
    assert claimed(salon, stack) == before
    soon = ok(move(salon, visit["booking_id"], salon.slot(days=1, hour=0)))
    assert soon["bypassed"] == ["min_notice"]


def test_a_move_inside_the_window_leaves_the_visit_late_for_good(salon: Salon) -> None:
    start = salon.slot(days=5)
    visit = booked(salon, start)
    assert choices(salon, visit) == (True, True, 0)
    soon, far = start - timedelta(hours=2), start + timedelta(days=10)
    with clock.steered(lambda: soon):
        assert choices(salon, visit) == (True, True, 2500)
        ok(move_own(salon, visit, far))
        assert choices(salon, visit) == (True, True, 2500)
        ok(move(salon, visit["booking_id"], far + minutes(60)))
        assert choices(salon, visit) == (True, True, 2500), "no later move undoes it"
        canceled = ok(cancel_own(salon, visit))
    assert (canceled["status"], canceled["due_cents"]) == ("canceled", 2500)


@pytest.mark.parametrize(("moved_by", "fee"), [("business", 0), ("customer", 2500)])
def test_whose_wish_it_was_decides_whether_the_visit_is_late(salon: Salon, moved_by: str, fee: int) -> None:
    start = salon.slot(days=5)
    visit = booked(salon, start)
    soon = start - timedelta(hours=2)
    with clock.steered(lambda: soon):
        ok(move(salon, visit["booking_id"], start + timedelta(days=10), moved_by=moved_by))
        assert choices(salon, visit) == (True, True, fee)


def test_a_move_in_time_leaves_canceling_free(salon: Salon) -> None:
    visit = booked(salon, salon.slot(days=5))
    ok(move_own(salon, visit, salon.slot(days=6)))
    assert choices(salon, visit) == (True, True, 0)
    assert ok(cancel_own(salon, visit))["payment_status"] == "canceled"
    assert choices(salon, visit)[:2] == (False, False)


def test_customers_keep_the_notice_for_moving_and_for_canceling(salon: Salon, stack: Stack) -> None:
    set_policy(salon, move_notice_minutes=180, cancel_notice_minutes=60)
    start = salon.slot(days=5)
    visit = booked(salon, start)
    set_policy(salon, move_notice_minutes=0, cancel_notice_minutes=0)
    before = claimed(salon, stack)
    with clock.steered(lambda: start - minutes(120)):
        assert choices(salon, visit) == (True, False, 2500)
        assert is_refused(move_own(salon, visit, start + timedelta(days=1)), TOO_LATE)
        by_desk = move(salon, visit["booking_id"], start + timedelta(days=1), moved_by="customer")
        assert is_refused(by_desk, TOO_LATE)
    with clock.steered(lambda: start - minutes(30)):
        assert choices(salon, visit)[:2] == (False, False)
        assert is_refused(cancel_own(salon, visit), TOO_LATE)
        assert seen(salon, visit)["status"] == "confirmed"
        assert claimed(salon, stack) == before
        assert move(salon, visit["booking_id"], start + minutes(60)).status_code == 200


def test_a_visit_that_began_or_was_called_off_stays(salon: Salon) -> None:
    start = salon.slot(days=5)
    visit, other = booked(salon, start), booked(salon, start + minutes(60))
    with clock.steered(lambda: start + minutes(5)):
        assert is_refused(move_own(salon, visit, start + timedelta(days=1)), STATE)
        assert is_refused(move(salon, visit["booking_id"], start + timedelta(days=1)), STATE)
        assert choices(salon, visit)[:2] == (False, False)
    ok(salon.press("cancel", other["booking_id"], canceled_by="business"))
    assert is_refused(move(salon, other["booking_id"], start + timedelta(days=1)), STATE)
    assert moves(salon, visit["booking_id"]) == moves(salon, other["booking_id"]) == []


def test_a_pending_visit_keeps_its_deadline_when_it_moves(
    salon: Salon, stack: Stack, drain: Callable[[], None]
) -> None:
    visit = booked(salon, salon.slot(), payment_method={})
    assert visit["status"] == "pending"
    later = clock.now() + minutes(10)
    with clock.steered(lambda: later):
        assert ok(move_own(salon, visit, salon.slot(days=6)))["status"] == "pending"
    over = clock.now() + minutes(16)
    with clock.steered(lambda: over):
        assert is_refused(move_own(salon, visit, salon.slot(days=7)), STATE)
        drain()
        assert shown(salon, visit["booking_id"])["status"] == "failed"
    assert claimed(salon, stack) == []


def test_a_pending_request_with_a_card_to_come_keeps_the_cards_deadline(
    salon: Salon, drain: Callable[[], None]
) -> None:
    change_service(salon, salon.service_id, requires_approval=True)
    visit = booked(salon, salon.slot(), payment_method={})
    ok(move(salon, visit["booking_id"], salon.slot(days=6)))
    over = clock.now() + minutes(16)
    with clock.steered(lambda: over):
        drain()
        assert shown(salon, visit["booking_id"])["status"] == "failed"


def test_a_seat_in_a_class_is_not_moved(salon: Salon, stack: Stack) -> None:
    session = scheduled(salon)
    seat = ok(take_seats_online(salon, session["id"]))
    before = claimed(salon, stack)
    for answer in (move(salon, seat["booking_id"], salon.slot()), move_own(salon, seat, salon.slot())):
        assert is_refused(answer, "TITHI_SERVICE_NOT_BOOKABLE", 400)
    assert choices(salon, seat)[1] is False
    assert claimed(salon, stack) == before


def test_a_move_repeated_with_its_key_is_one_move(salon: Salon) -> None:
    start = salon.slot()
    visit, key = at_desk(salon, start, customer_info=guest()), str(uuid4())
    path = f"{API}/bookings/{visit['id']}/reschedule"
    body = {"start_time": (start + minutes(60)).isoformat()}
    answers = [salon.as_owner("POST", path, key=key, json=body) for _ in range(2)]
    assert answers[0].json == answers[1].json
    assert len(moves(salon, visit["id"])) == 1
