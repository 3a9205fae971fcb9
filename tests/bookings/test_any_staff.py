# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

from datetime import datetime, timedelta
from functools import partial

import pytest

from tests.concurrency.parallel import at_once
from tests.factories.businesses import Salon
from tests.factories.visits import (
    COLOUR,
    Person,
    add_person,
    add_service,
    at_desk,
    claimed,
    desk,
    is_refused,
    minutes,
    ok,
    online,
    own,
    set_scheduling,
    shown,
)
from tests.factories.waitlist import at_local
from tests.stack import Stack


def who(salon: Salon, start: datetime) -> str:
    """Who takes a visit that anybody may take."""
    return str(at_desk(salon, start)["items"][0]["team_member_id"])


def monday(salon: Salon) -> datetime:
    """Ten o'clock on a Monday that is not this week's."""
    start = salon.slot(days=7)
    return start - timedelta(days=start.weekday()) + timedelta(days=7)


def test_filling_gaps_prefers_whoever_has_the_shortest_free_stretch_around(salon: Salon) -> None:
    set_scheduling(salon, staff_choice="fill_gaps")
    other = add_person(salon)
    start = monday(salon)
    for shift in (-60, 30):
        at_desk(salon, start + minutes(shift), team_member_id=other.id)
    assert who(salon, start) == other.id
    assert who(salon, start) == own(salon).id


def test_filling_gaps_sees_the_end_of_the_working_day(salon: Salon) -> None:
    set_scheduling(salon, staff_choice="fill_gaps")
    start = monday(salon)
    short = add_person(salon, start="11:00", end="14:00")
    assert who(salon, start) == short.id


def test_spreading_evenly_prefers_whoever_has_the_least_taken_time_of_the_week(salon: Salon) -> None:
    set_scheduling(salon, staff_choice="spread_evenly")
    other, start = add_person(salon), monday(salon)
    long = add_service(salon, duration_min=90)
    at_desk(salon, start + timedelta(days=2), service_id=long, team_member_id=own(salon).id)
    for shift in (60, 120):
        at_desk(salon, start + minutes(shift), team_member_id=other.id)
    assert who(salon, start) == other.id
    assert who(salon, start + minutes(30)) == own(salon).id, "alike: the first of the team"


def test_the_fewest_bookings_count_visits_and_not_their_parts_or_length(salon: Salon) -> None:
    set_scheduling(salon, staff_choice="fewest_bookings")
    other, start = add_person(salon), monday(salon)
    colour = add_service(salon, name="Colour", segments=COLOUR)
    at_desk(salon, start + timedelta(days=1), service_id=colour, team_member_id=own(salon).id)
    for shift in (60, 120):
        at_desk(salon, start + minutes(shift), team_member_id=other.id)
    assert who(salon, start) == own(salon).id


@pytest.mark.parametrize("strategy", ["spread_evenly", "fewest_bookings"])
def test_another_week_does_not_count(salon: Salon, strategy: str) -> None:
    set_scheduling(salon, staff_choice=strategy)
    other, start = add_person(salon), monday(salon)
    for day in (-1, 7):
        for shift in (0, 60):
            at_desk(salon, start + timedelta(days=day) + minutes(shift), team_member_id=own(salon).id)
    at_desk(salon, start + timedelta(days=6), team_member_id=other.id)
    assert who(salon, start) == own(salon).id


@pytest.mark.parametrize("strategy", ["fill_gaps", "spread_evenly", "fewest_bookings"])
def test_of_many_at_once_for_anybody_as_many_succeed_as_there_are_people(
    salon: Salon, stack: Stack, strategy: str
) -> None:
    set_scheduling(salon, staff_choice=strategy)
    people: list[Person] = [own(salon), *(add_person(salon, name) for name in ("Bo", "Cy", "Di"))]
    start = salon.slot(days=6)
    answers = at_once([partial(desk, salon, start)] * 16)
    assert sorted(answer.status_code for answer in answers) == [*[201] * 4, *[409] * 12]
    assert all(is_refused(answer) for answer in answers if answer.status_code == 409)
    assert {one[0] for one in claimed(salon, stack)} == {person.resource_id for person in people}


def test_somebody_who_is_away_is_not_chosen(salon: Salon) -> None:
    start = salon.slot()
    off = {"starts_local": f"{start.date()}T00:00:00", "ends_local": f"{start.date()}T23:59:00"}
    ok(salon.as_owner("POST", f"/api/v1/team/{salon.member_id}/time-off", json=off))
    other = add_person(salon)
    assert who(salon, start) == other.id
    assert is_refused(desk(salon, start))


def test_somebody_who_takes_no_more_visits_that_day_is_passed_over(salon: Salon) -> None:
    set_scheduling(salon, staff_choice="fill_gaps")
    capped = add_person(salon, start="11:00", end="14:00", max_visits_per_day=1)
    start = monday(salon)
    assert who(salon, start) == capped.id
    assert who(salon, start + minutes(60)) == own(salon).id


def test_a_visit_over_midnight_is_booked_where_the_next_day_is_open_too(salon: Salon) -> None:
    answer = online(salon, at_local(salon, 23, days=3, minute=45))
    assert answer.status_code == 201, answer.text
    assert shown(salon, answer.json["booking_id"])["status"] == "confirmed"
