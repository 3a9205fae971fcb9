# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import pytest
from flask import Flask

from tests.concurrency.parallel import at_once
from tests.factories.businesses import Salon, open_salon
from tests.factories.visits import (
    API,
    Person,
    add_location,
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
    needs,
    ok,
    online,
    own,
    set_hours,
    shown,
)
from tests.stack import Stack


@dataclass(frozen=True, slots=True)
class Spa:
    """Two therapists, and a massage of an hour in a cabin."""

    salon: Salon
    first: Person
    second: Person
    cabin: str
    massage: str


@pytest.fixture
def spa(app: Flask) -> Spa:
    return _spa(open_salon(app))


def _spa(salon: Salon, **details: Any) -> Spa:
    cabin = add_resource(salon, **details)
    massage = add_service(salon, name="Massage", duration_min=60, needs=needs(cabin))
    return Spa(salon, own(salon), add_person(salon), cabin, massage)


def test_of_two_therapists_with_one_room_the_second_is_refused(spa: Spa, stack: Stack) -> None:
    start = spa.salon.slot()
    visit = at_desk(spa.salon, start, service_id=spa.massage, team_member_id=spa.first.id)
    assert visit["items"][0]["room_id"] == spa.cabin
    before = claimed(spa.salon, stack)
    assert (spa.cabin, 0, start, start + minutes(60)) in before
    for shift in (-45, 0, 45):
        at = start + minutes(shift)
        assert at not in free_starts(spa.salon, start.date(), spa.massage)
        assert is_refused(online(spa.salon, at, service_id=spa.massage, team_member_id=spa.second.id))
    assert claimed(spa.salon, stack) == before
    assert online(spa.salon, start, team_member_id=spa.second.id).status_code == 201, "a cut needs no room"
    assert online(spa.salon, start + minutes(60), service_id=spa.massage).status_code == 201


def test_a_room_for_two_serves_two_at_once_and_not_three(app: Flask, stack: Stack) -> None:
    spa = _spa(open_salon(app), capacity=2)
    third = add_person(spa.salon, "Cy")
    start = spa.salon.slot()
    for member in (spa.first, spa.second):
        at_desk(spa.salon, start, service_id=spa.massage, team_member_id=member.id)
    assert {lane for room, lane, *_ in claimed(spa.salon, stack) if room == spa.cabin} == {0, 1}
    assert start not in free_starts(spa.salon, start.date(), spa.massage)
    assert is_refused(online(spa.salon, start, service_id=spa.massage, team_member_id=third.id))
    assert count_bookings(spa.salon) == 2


def test_rivals_for_one_room_with_different_people_get_it_once(spa: Spa, stack: Stack) -> None:
    start = spa.salon.slot(days=5)
    people = [spa.first.id, spa.second.id, None]
    answers = at_once(
        [partial(desk, spa.salon, start, service_id=spa.massage, team_member_id=people[n % 3]) for n in range(9)]
    )
    assert sorted(answer.status_code for answer in answers) == [201, *[409] * 8]
    assert [one[0] for one in claimed(spa.salon, stack)].count(spa.cabin) == 1


def test_a_room_is_used_in_its_own_hours_alone(spa: Spa) -> None:
    day = spa.salon.slot().date()
    for weekday in range(1, 8):
        rule = {"resource_id": spa.cabin, "day_of_week": weekday, "start_time": "10:00", "end_time": "14:00"}
        ok(spa.salon.as_owner("POST", f"{API}/availability/rules", json=rule))
    offered = {start.strftime("%H:%M") for start in free_starts(spa.salon, day, spa.massage)}
    assert (min(offered), max(offered)) == ("10:00", "13:00")
    early = min(free_starts(spa.salon, day, spa.massage)) - minutes(15)
    assert is_refused(online(spa.salon, early, service_id=spa.massage))
    assert online(spa.salon, early + minutes(15), service_id=spa.massage).status_code == 201


def test_a_closed_room_is_not_used(spa: Spa) -> None:
    start = spa.salon.slot()
    closure = {
        "resource_id": spa.cabin,
        "kind": "closed",
        "starts_local": f"{start.date()}T00:00:00",
        "ends_local": f"{start.date()}T23:59:00",
    }
    ok(spa.salon.as_owner("POST", f"{API}/availability/exceptions", json=closure))
    assert free_starts(spa.salon, start.date(), spa.massage) == set()
    assert is_refused(online(spa.salon, start, service_id=spa.massage))
    assert online(spa.salon, start).status_code == 201


def test_equipment_is_a_second_need(spa: Spa, stack: Stack) -> None:
    salon = spa.salon
    other = add_resource(salon, "Cabin 2")
    laser = add_resource(salon, "Laser", kind="equipment")
    service = add_service(salon, needs=[*needs(spa.cabin, other), *needs(laser)])
    start = salon.slot()
    visit = at_desk(salon, start, service_id=service, team_member_id=spa.first.id)
    assert visit["items"][0]["room_id"] == spa.cabin
    assert {one[0] for one in claimed(salon, stack)} == {spa.first.resource_id, spa.cabin, laser}
    assert is_refused(desk(salon, start, service_id=service, team_member_id=spa.second.id)), "there is one laser"
    assert count_bookings(salon) == 1


def test_one_room_does_not_serve_two_needs_of_a_visit(salon: Salon, stack: Stack) -> None:
    room, other = add_resource(salon), add_resource(salon, "Bath")
    both = add_service(salon, needs=[*needs(room), *needs(room, other)])
    twice = add_service(salon, needs=[*needs(room), *needs(room)])
    start = salon.slot()
    assert is_refused(desk(salon, start, service_id=twice))
    visit = at_desk(salon, start, service_id=both)
    assert {one[0] for one in claimed(salon, stack, visit["id"])} == {str(salon.resource_id), room, other}


def test_rooms_of_another_location_are_not_used(spa: Spa, stack: Stack) -> None:
    elsewhere = add_resource(spa.salon, "Far", location_id=add_location(spa.salon))
    massage = add_service(spa.salon, needs=needs(elsewhere))
    start = spa.salon.slot()
    assert free_starts(spa.salon, start.date(), massage) == set()
    assert is_refused(desk(spa.salon, start, service_id=massage))
    assert claimed(spa.salon, stack) == []


def test_somebody_of_two_places_is_booked_where_they_are_then(salon: Salon) -> None:
    far = add_location(salon)
    room = add_resource(salon, "Far", location_id=far)
    service = add_service(salon, needs=needs(room))
    morning = {"start_time": "08:00", "end_time": "12:00"}
    set_hours(salon, salon.member_id, [morning, {"start_time": "13:00", "end_time": "18:00", "location_id": far}])
    here = at_desk(salon, salon.slot(hour=8))
    there = at_desk(salon, salon.slot(hour=14), service_id=service)
    assert (there["location_id"], there["items"][0]["room_id"]) == (far, room)
    assert here["location_id"] != far
    assert is_refused(desk(salon, salon.slot(hour=9), service_id=service)), "in the morning they are not there"
    assert count_bookings(salon) == 2


@dataclass(frozen=True, slots=True)
class TwoRooms:
    """A visit that can be in either room stands in the first, which is the only one for a bath."""

    salon: Salon
    first: Person
    second: Person
    tub: str
    cabin: str
    massage: str
    bath: str


@pytest.fixture
def two_rooms(salon: Salon) -> TwoRooms:
    tub, cabin = add_resource(salon, "Tub"), add_resource(salon, "Cabin")
    massage = add_service(salon, name="Massage", duration_min=60, needs=needs(tub, cabin))
    bath = add_service(salon, name="Bath", duration_min=60, needs=needs(tub))
    return TwoRooms(salon, own(salon), add_person(salon), tub, cabin, massage, bath)


def test_a_visit_makes_way_in_silence_for_one_that_can_use_its_room_alone(
    two_rooms: TwoRooms, stack: Stack, drain: Callable[[], None]
) -> None:
    salon, start = two_rooms.salon, two_rooms.salon.slot()
    old = at_desk(salon, start, service_id=two_rooms.massage, team_member_id=two_rooms.first.id)
    assert old["items"][0]["room_id"] == two_rooms.tub
    drain()
    mails = ok(salon.as_owner("GET", f"{API}/notifications?booking_id={old['id']}"))["notifications"]
    for shift in (-30, 0, 30):
        assert start + minutes(shift) in free_starts(salon, start.date(), two_rooms.bath, two_rooms.second.id)

    new = at_desk(salon, start + minutes(30), service_id=two_rooms.bath, team_member_id=two_rooms.second.id)

    moved = shown(salon, old["id"])
    assert (new["items"][0]["room_id"], moved["items"][0]["room_id"]) == (two_rooms.tub, two_rooms.cabin)
    unmoved = {"room_id": None}
    assert {**moved["items"][0], **unmoved} == {**old["items"][0], **unmoved}
    assert (moved["start_time"], moved["moved_count"]) == (old["start_time"], 0)
    assert claimed(salon, stack, old["id"]) == sorted(
        [
            (two_rooms.first.resource_id, 0, start, start + minutes(60)),
            (two_rooms.cabin, 0, start, start + minutes(60)),
        ]
    )
    drain()
    assert ok(salon.as_owner("GET", f"{API}/notifications?booking_id={old['id']}"))["notifications"] == mails


def test_nobody_makes_way_when_one_of_those_in_the_way_cannot(two_rooms: TwoRooms, stack: Stack) -> None:
    salon, start = two_rooms.salon, two_rooms.salon.slot()
    at_desk(salon, start, service_id=two_rooms.massage, team_member_id=two_rooms.first.id)
    at_desk(salon, start + minutes(60), service_id=two_rooms.bath, team_member_id=two_rooms.first.id)
    before = claimed(salon, stack)
    between = start + minutes(30)
    assert between not in free_starts(salon, start.date(), two_rooms.bath, two_rooms.second.id)
    assert is_refused(online(salon, between, service_id=two_rooms.bath, team_member_id=two_rooms.second.id))
    assert claimed(salon, stack) == before


def test_two_visits_in_the_way_go_both(two_rooms: TwoRooms, stack: Stack) -> None:
    salon, start = two_rooms.salon, two_rooms.salon.slot()
    old = [
        at_desk(salon, start + minutes(shift), service_id=two_rooms.massage, team_member_id=two_rooms.first.id)["id"]
        for shift in (0, 60)
    ]
    between = start + minutes(30)
    assert between in free_starts(salon, start.date(), two_rooms.bath, two_rooms.second.id)
    at_desk(salon, between, service_id=two_rooms.bath, team_member_id=two_rooms.second.id)
    assert [shown(salon, one)["items"][0]["room_id"] for one in old] == [two_rooms.cabin] * 2
    assert [one[0] for one in claimed(salon, stack)].count(two_rooms.cabin) == 2


def test_no_room_is_changed_when_the_other_is_taken_or_closed(two_rooms: TwoRooms, stack: Stack) -> None:
    salon, start = two_rooms.salon, two_rooms.salon.slot()
    at_desk(salon, start, service_id=two_rooms.massage, team_member_id=two_rooms.first.id)
    closure = {
        "resource_id": two_rooms.cabin,
        "kind": "closed",
        "starts_local": f"{start.date()}T00:00:00",
        "ends_local": f"{start.date()}T23:59:00",
    }
    ok(salon.as_owner("POST", f"{API}/availability/exceptions", json=closure))
    before = claimed(salon, stack)
    assert start not in free_starts(salon, start.date(), two_rooms.bath, two_rooms.second.id)
    assert is_refused(online(salon, start, service_id=two_rooms.bath, team_member_id=two_rooms.second.id))
    assert claimed(salon, stack) == before


def test_nobody_makes_way_when_the_person_is_taken(two_rooms: TwoRooms, stack: Stack) -> None:
    salon, start = two_rooms.salon, two_rooms.salon.slot()
    at_desk(salon, start, service_id=two_rooms.massage, team_member_id=two_rooms.first.id)
    before = claimed(salon, stack)
    assert is_refused(desk(salon, start, service_id=two_rooms.bath, team_member_id=two_rooms.first.id))
    assert claimed(salon, stack) == before


def test_a_visit_that_waits_with_the_customer_there_keeps_its_room(two_rooms: TwoRooms) -> None:
    salon, start = two_rooms.salon, two_rooms.salon.slot()
    old = at_desk(salon, start, service_id=two_rooms.massage, team_member_id=two_rooms.first.id)
    ok(salon.as_owner("POST", f"{API}/bookings/{old['id']}/check-in", json={}))
    assert start not in free_starts(salon, start.date(), two_rooms.bath, two_rooms.second.id)
    assert is_refused(desk(salon, start, service_id=two_rooms.bath, team_member_id=two_rooms.second.id))
    assert shown(salon, old["id"])["items"][0]["room_id"] == two_rooms.tub


def test_rivals_for_the_room_that_is_made_free_get_it_once(two_rooms: TwoRooms, stack: Stack) -> None:
    salon, start = two_rooms.salon, two_rooms.salon.slot(days=6)
    people = [two_rooms.second.id, add_person(salon, "Cy").id, add_person(salon, "Di").id]
    old = at_desk(salon, start, service_id=two_rooms.massage, team_member_id=two_rooms.first.id)
    answers = at_once(
        [partial(desk, salon, start, service_id=two_rooms.bath, team_member_id=person) for person in people * 2]
    )
    assert sorted(answer.status_code for answer in answers) == [201, *[409] * 5]
    assert shown(salon, old["id"])["items"][0]["room_id"] == two_rooms.cabin
    rooms = [one[0] for one in claimed(salon, stack)]
    assert (rooms.count(two_rooms.tub), rooms.count(two_rooms.cabin)) == (1, 1)


def test_every_start_that_others_could_make_free_can_be_booked(two_rooms: TwoRooms) -> None:
    salon, start = two_rooms.salon, two_rooms.salon.slot(hour=8)
    for shift in (0, 90, 150):
        at_desk(salon, start + minutes(shift), service_id=two_rooms.massage, team_member_id=two_rooms.first.id)
    at_desk(salon, start + minutes(240), service_id=two_rooms.bath, team_member_id=two_rooms.first.id)
    offered = free_starts(salon, start.date(), two_rooms.bath, two_rooms.second.id)
    near = [start + minutes(shift) for shift in range(-60, 330, 15)]
    for at in near:
        answer = desk(salon, at, service_id=two_rooms.bath, team_member_id=two_rooms.second.id)
        assert (answer.status_code == 201) is (at in offered), at
        if answer.status_code == 201:
            ok(salon.press("cancel", answer.json["booking_id"], canceled_by="business"))


def test_a_visit_of_several_services_is_made_room_for_too(two_rooms: TwoRooms) -> None:
    salon, start = two_rooms.salon, two_rooms.salon.slot()
    at_desk(salon, start, service_id=two_rooms.massage, team_member_id=two_rooms.first.id)
    items = [
        {"service_id": two_rooms.bath, "team_member_id": two_rooms.second.id},
        {"service_id": str(salon.service_id), "team_member_id": two_rooms.second.id},
    ]
    visit = at_desk(salon, start, items=items)
    assert [one["room_id"] for one in visit["items"]] == [two_rooms.tub, None]
