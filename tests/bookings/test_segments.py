# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

from functools import partial

import pytest

from tests.bookings.buffers import meetings, race_without_lock
from tests.concurrency.parallel import at_once
from tests.factories.businesses import Salon
from tests.factories.visits import (
    API,
    COLOUR,
    add_person,
    add_resource,
    add_service,
    at_desk,
    claimed,
    count_bookings,
    desk,
    free_slots,
    free_starts,
    is_refused,
    minutes,
    needs,
    ok,
    online,
    own,
    set_scheduling,
)
from tests.stack import Stack


def test_a_cut_is_offered_and_booked_inside_the_processing_of_a_colour(salon: Salon, stack: Stack) -> None:
    colour = add_service(salon, name="Colour", segments=COLOUR)
    start = salon.slot()
    visit = at_desk(salon, start, service_id=colour)
    member, inside = own(salon), start + minutes(45)
    assert claimed(salon, stack, visit["id"]) == [
        (member.resource_id, 0, start, inside),
        (member.resource_id, 0, start + minutes(75), start + minutes(90)),
    ]
    offered = free_starts(salon, start.date(), member_id=member.id)
    assert inside in offered
    assert not {start, start + minutes(15), start + minutes(60), start + minutes(75)} & offered
    for later in (0, 30, 46, 60, 75):
        before = claimed(salon, stack)
        assert is_refused(online(salon, start + minutes(later)))
        assert claimed(salon, stack) == before
    assert online(salon, inside).status_code == 201
    assert inside not in free_starts(salon, start.date(), member_id=member.id)
    assert is_refused(online(salon, inside))


def test_processing_that_is_not_opened_keeps_the_colourist(salon: Salon, stack: Stack) -> None:
    colour = add_service(salon, name="Colour", segments=COLOUR, opens_processing=False)
    start = salon.slot()
    visit = at_desk(salon, start, service_id=colour)
    assert claimed(salon, stack, visit["id"]) == [(str(salon.resource_id), 0, start, start + minutes(90))]
    assert start + minutes(45) not in free_starts(salon, start.date())
    assert is_refused(online(salon, start + minutes(45)))
    assert count_bookings(salon) == 1


def test_a_colour_keeps_its_room_while_it_processes(salon: Salon, stack: Stack) -> None:
    room = add_resource(salon)
    colour = add_service(salon, name="Colour", segments=COLOUR, needs=needs(room))
    second = add_person(salon)
    start = salon.slot()
    visit = at_desk(salon, start, service_id=colour, team_member_id=str(salon.member_id))
    assert [one for one in claimed(salon, stack, visit["id"]) if one[0] == room] == [
        (room, 0, start, start + minutes(90))
    ]
    wash = add_service(salon, needs=needs(room))
    assert is_refused(desk(salon, start + minutes(45), service_id=wash, team_member_id=second.id))
    assert desk(salon, start + minutes(90), service_id=wash, team_member_id=second.id).status_code == 201


def test_everybody_has_their_own_length_and_price(salon: Salon, stack: Stack) -> None:
    quick = add_person(salon)
    service = add_service(
        salon,
        duration_min=60,
        price_cents=8000,
        staff=[
            {"team_member_id": str(salon.member_id)},
            {"team_member_id": quick.id, "duration_min": 45, "price_cents": 9500},
        ],
    )
    start = salon.slot()
    slow = at_desk(salon, start, service_id=service, team_member_id=str(salon.member_id))
    fast = at_desk(salon, start, service_id=service, team_member_id=quick.id)
    assert (slow["amount_cents"], slow["items"][0]["end_time"]) == (8000, _text(start + minutes(60)))
    assert (fast["amount_cents"], fast["items"][0]["end_time"]) == (9500, _text(start + minutes(45)))
    assert claimed(salon, stack, fast["id"]) == [(quick.resource_id, 0, start, start + minutes(45))]
    ends = {one["team_member_id"]: one["end_time"] for one in free_slots(salon, start.date(), service)}
    assert len(ends) == 2


def test_add_ons_make_a_visit_longer_and_dearer(salon: Salon, stack: Stack) -> None:
    mask = ok(salon.as_owner("POST", f"{API}/add-ons", json={"name": "Mask", "price_cents": 1500, "duration_min": 20}))
    service = add_service(salon, add_on_ids=[mask["id"]])
    start = salon.slot()
    visit = at_desk(salon, start, service_id=service, add_on_ids=[mask["id"]])
    assert (visit["amount_cents"], visit["end_time"]) == (6500, _text(start + minutes(50)))
    assert [one["name"] for one in visit["items"][0]["add_ons"]] == ["Mask"]
    assert claimed(salon, stack, visit["id"]) == [(str(salon.resource_id), 0, start, start + minutes(50))]
    assert is_refused(online(salon, start + minutes(35)))
    assert at_desk(salon, start + minutes(50), service_id=service)["amount_cents"] == 5000


def test_an_add_on_of_another_service_is_refused(salon: Salon, stack: Stack) -> None:
    mask = ok(salon.as_owner("POST", f"{API}/add-ons", json={"name": "Mask", "price_cents": 1500}))
    answer = desk(salon, salon.slot(), add_on_ids=[mask["id"]])
    assert is_refused(answer, "TITHI_ADD_ON_NOT_FOUND", 404)
    assert claimed(salon, stack) == []


def test_buffers_keep_time_before_and_after(salon: Salon, stack: Stack) -> None:
    service = add_service(salon, buffer_before_min=10, buffer_after_min=20)
    start = salon.slot()
    visit = at_desk(salon, start, service_id=service)
    assert (visit["start_time"], visit["end_time"]) == (_text(start), _text(start + minutes(30)))
    assert claimed(salon, stack, visit["id"]) == [(str(salon.resource_id), 0, start - minutes(10), start + minutes(50))]
    for shift in (-39, -25, 30, 45):
        assert is_refused(online(salon, start + minutes(shift)))
    assert is_refused(online(salon, start + minutes(59), service_id=service))
    assert online(salon, start - minutes(40)).status_code == 201
    assert online(salon, start + minutes(50)).status_code == 201


@pytest.mark.parametrize("shares", [True, False])
def test_two_buffers_meet_where_the_business_lets_them(salon: Salon, *, shares: bool) -> None:
    set_scheduling(salon, overlapping_buffers=shares)
    service = add_service(salon, buffer_before_min=15, buffer_after_min=15)
    start = salon.slot()
    at_desk(salon, start, service_id=service)
    meeting = start + minutes(45)
    assert (meeting in free_starts(salon, start.date(), service)) is shares
    assert (desk(salon, meeting, service_id=service).status_code == 201) is shares


def test_a_shared_buffer_never_meets_work(salon: Salon, stack: Stack) -> None:
    set_scheduling(salon, overlapping_buffers=True)
    service = add_service(salon, buffer_before_min=15, buffer_after_min=15)
    start = salon.slot()
    at_desk(salon, start, service_id=service)
    before = claimed(salon, stack)
    for shift, wanted in (
        (30, service),
        (40, service),
        (-40, service),
        (30, str(salon.service_id)),
        (-30, str(salon.service_id)),
    ):
        at = start + minutes(shift)
        assert at not in free_starts(salon, start.date(), wanted)
        assert is_refused(online(salon, at, service_id=wanted)), shift
        assert claimed(salon, stack) == before
    assert online(salon, start + minutes(45)).status_code == 201


def test_a_buffer_stays_kept_from_work_when_the_business_no_longer_shares_them(salon: Salon) -> None:
    set_scheduling(salon, overlapping_buffers=True)
    service = add_service(salon, buffer_after_min=15)
    start = salon.slot()
    at_desk(salon, start, service_id=service)
    set_scheduling(salon, overlapping_buffers=False)
    assert is_refused(online(salon, start + minutes(30)))
    assert online(salon, start + minutes(45)).status_code == 201


def test_rivals_for_work_in_each_others_buffers_never_both_win(salon: Salon, stack: Stack) -> None:
    set_scheduling(salon, overlapping_buffers=True)
    buffered = add_service(salon, buffer_before_min=15, buffer_after_min=15)
    for hour in range(8, 14):
        start = salon.slot(days=6, hour=hour)
        rivals = [
            partial(desk, salon, start, service_id=buffered),
            partial(desk, salon, start + minutes(30)),
            partial(desk, salon, start - minutes(30)),
            partial(desk, salon, start + minutes(35), service_id=buffered),
        ]
        answers = at_once(rivals)
        assert {answer.status_code for answer in answers} <= {201, 409}
        assert 201 in {answer.status_code for answer in answers}
    assert meetings(stack.dsn("tithi_app"), salon) == 0


def test_without_the_lock_a_buffer_and_work_both_win(salon: Salon, stack: Stack) -> None:
    dsn = stack.dsn("tithi_app")
    race_without_lock(dsn, salon.tenant_id, salon.resource_id, salon.slot())
    assert meetings(dsn, salon) == 1


def _text(instant: object) -> str:
    return str(instant).replace(" ", "T")
