# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

from tests.concurrency.claims import in_tenant
from tests.factories.businesses import Salon
from tests.factories.visits import (
    add_person,
    add_resource,
    add_service,
    at_desk,
    claimed,
    count_bookings,
    desk,
    free_starts,
    is_refused,
    minutes,
    move,
    needs,
    ok,
    online,
    own,
)
from tests.stack import Stack

REASON = {"reason": "Bride, agreed with Ana"}


def test_staff_book_beside_a_visit_with_a_reason_that_is_kept(salon: Salon, stack: Stack) -> None:
    start = salon.slot()
    first = at_desk(salon, start)
    assert is_refused(desk(salon, start + minutes(15)))
    second = at_desk(salon, start + minutes(15), override=REASON)
    rows = in_tenant(
        stack.dsn("tithi_app"),
        salon.tenant_id,
        "SELECT owner_id, override, override_reason, override_by FROM claims ORDER BY starts_at",
    )
    assert [tuple(map(str, row)) for row in rows] == [
        (first["id"], "False", "None", "None"),
        (second["id"], "True", REASON["reason"], str(salon.owner.user_id)),
    ]
    assert count_bookings(salon) == 2


def test_both_are_taken_for_the_search_and_for_everybody_else(salon: Salon, stack: Stack) -> None:
    start = salon.slot()
    at_desk(salon, start)
    at_desk(salon, start + minutes(15), override=REASON)
    offered, before = free_starts(salon, start.date()), claimed(salon, stack)
    for shift in (-15, 0, 15, 30):
        at = start + minutes(shift)
        assert at not in offered
        assert is_refused(online(salon, at)), shift
        assert is_refused(desk(salon, at)), shift
    assert claimed(salon, stack) == before
    assert start + minutes(45) in offered
    assert online(salon, start + minutes(45)).status_code == 201


def test_an_override_of_a_free_time_keeps_it_all_the_same(salon: Salon) -> None:
    start = salon.slot()
    at_desk(salon, start, override=REASON)
    assert is_refused(online(salon, start))
    assert is_refused(desk(salon, start))
    assert count_bookings(salon) == 1


def test_an_override_goes_past_working_hours_and_rooms(salon: Salon) -> None:
    late = add_person(salon, start="09:00", end="10:00")
    room = add_resource(salon)
    service = add_service(salon, needs=needs(room))
    start = salon.slot(hour=16)
    at_desk(salon, start, service_id=service, team_member_id=own(salon).id)
    assert is_refused(desk(salon, start, service_id=service, team_member_id=late.id))
    visit = at_desk(salon, start, service_id=service, team_member_id=late.id, override=REASON)
    assert visit["items"][0]["room_id"] == room


def test_customers_have_no_override(salon: Salon) -> None:
    start = salon.slot()
    at_desk(salon, start)
    answer = online(salon, start, override=REASON)
    assert answer.status_code in {400, 409}, answer.text
    assert count_bookings(salon) == 1


def test_an_override_needs_a_reason(salon: Salon) -> None:
    assert desk(salon, salon.slot(), override={}).status_code == 400
    assert desk(salon, salon.slot(), override={"reason": ""}).status_code == 400
    assert count_bookings(salon) == 0


def test_when_one_of_the_two_goes_the_other_keeps_its_time(salon: Salon) -> None:
    start = salon.slot()
    first = at_desk(salon, start)
    at_desk(salon, start, override=REASON)
    ok(salon.press("cancel", first["id"], canceled_by="business"))
    assert start not in free_starts(salon, start.date())
    assert is_refused(online(salon, start))


def test_a_visit_is_moved_onto_another_with_a_reason(salon: Salon, stack: Stack) -> None:
    start = salon.slot()
    at_desk(salon, start)
    visit = at_desk(salon, start + minutes(60))
    assert is_refused(move(salon, visit["id"], start))
    moved = move(salon, visit["id"], start, override=REASON)
    assert (moved.status_code, moved.json["start_time"]) == (200, start.isoformat()), moved.text
    assert [one[2] for one in claimed(salon, stack)] == [start, start]


def test_a_double_booked_visit_that_is_moved_away_is_an_ordinary_one(salon: Salon, stack: Stack) -> None:
    start = salon.slot()
    at_desk(salon, start)
    visit = at_desk(salon, start, override=REASON)
    assert move(salon, visit["id"], start + minutes(60)).status_code == 200
    rows = in_tenant(stack.dsn("tithi_app"), salon.tenant_id, "SELECT override FROM claims")
    assert rows == [(False,), (False,)]
