# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""The scheduling engine against trying every minute, on random days."""

from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from tests.availability.days import random_day, random_visit, smallest
from tests.availability.oracle import UNLIMITED, Day, held_by, spans_of, starts_of
from tests.factories.chance import seeded
from tithi.availability.caps import Load, below
from tithi.availability.demand import Demand, Segment, demand_of, with_soft_buffers
from tithi.availability.engine import Lane, starts, starts_of_anyone

OFTEN = [600, pytest.param(10_000, marks=pytest.mark.long)]
HALF_HOUR = Demand(duration=30, staff=((0, 30),), rooms=((0, 30),), step=15)


def _engine(day: Day) -> list[int]:
    found = starts(
        windows=day.windows,
        lanes=day.lanes,
        needs=day.needs,
        demand=day.demand,
        min_gap=day.min_gap,
        soft=day.soft,
    )
    if not found:
        return []
    zone = ZoneInfo(day.zone)
    first, last = (datetime.fromtimestamp(minute * 60, zone).date() for minute in (found[0], found[-1]))
    load = Load((datetime.fromtimestamp(minute * 60, UTC) for minute in day.had), day.zone)
    return below(found, cap=day.cap, load=load, zone=day.zone, first=first, last=last)


def _differs(day: Day) -> bool:
    return _engine(day) != starts_of(day)


def _told(day: Day) -> str:
    least = smallest(day, _differs)
    expected, found = set(starts_of(least)), _engine(least)
    return (
        f"{least}\n  missing {sorted(expected - set(found))}, too many {sorted(set(found) - expected)},"
        f" sorted and distinct: {found == sorted(set(found))}"
    )


@pytest.mark.parametrize("days", OFTEN)
def test_the_engine_offers_what_trying_every_minute_offers(days: int) -> None:
    chance = seeded()
    offering = capped = 0
    for _ in range(days):
        day = random_day(chance)
        assert not _differs(day), _told(day)
        offering += bool(starts_of(day))
        capped += starts_of(day) != starts_of(replace(day, cap=UNLIMITED))
    assert capped > days // 30
    assert days // 3 < offering < days


@pytest.mark.parametrize("days", OFTEN)
def test_anyone_is_free_when_one_of_the_people_is(days: int) -> None:
    chance = seeded()
    for _ in range(days // 2):
        day = replace(random_day(chance), needs=(), min_gap=0, soft=(), cap=UNLIMITED)
        people = [day.lanes[:1], day.lanes[1:]]
        assert starts_of_anyone(windows=day.windows, staff=people, demand=day.demand) == starts_of(day), day


@pytest.mark.parametrize("visits", OFTEN)
def test_a_visit_holds_the_minutes_of_its_segments_and_buffers(visits: int) -> None:
    chance = seeded()
    for _ in range(visits):
        visit = random_visit(chance, needs_room=chance.random() < 0.5)
        held = held_by(
            visit.segments,
            before=visit.before,
            after=visit.after,
            needs_room=visit.needs_room,
            opens_processing=visit.opens_processing,
        )
        expected = Demand(held.stay, spans_of(held.staff), spans_of(held.rooms), visit.step)
        assert visit.demand == expected, visit
        soft = with_soft_buffers(visit.demand, visit.segments, opens_processing=visit.opens_processing)
        assert soft == replace(expected, core=spans_of(held.core)), visit


def _colour(*, holds_room: bool) -> list[Segment]:
    return [
        Segment("work", 30, holds_staff=True, holds_room=holds_room),
        Segment("processing", 40, holds_staff=False, holds_room=holds_room),
        Segment("finish", 20, holds_staff=True, holds_room=holds_room),
    ]


def test_a_short_visit_fits_into_the_processing_of_another() -> None:
    colour = demand_of(_colour(holds_room=False), before=0, after=10, step=10, needs_room=False)
    assert (colour.duration, colour.staff, colour.rooms) == (90, ((0, 30), (70, 100)), ())
    taken = tuple((600 + begin, 600 + end) for begin, end in colour.staff)
    cut = Demand(duration=30, staff=((0, 30),), rooms=(), step=10)
    assert starts(windows=[(600, 690)], lanes=[taken], needs=[], demand=cut) == [630, 640]


def test_processing_holds_the_staff_where_it_is_not_opened() -> None:
    colour = _colour(holds_room=True)
    closed = demand_of(colour, before=5, after=0, step=15, needs_room=True, opens_processing=False)
    assert (closed.staff, closed.rooms) == (((-5, 90),), ((-5, 90),))


def test_a_run_is_offered_on_the_grid_from_its_begin_and_at_its_end() -> None:
    assert starts(windows=[(600, 700)], lanes=[((610, 617),)], needs=[], demand=HALF_HOUR) == [
        617, 630, 632, 645, 647, 660, 662, 670,
    ]  # fmt: skip


def test_a_run_goes_on_where_one_room_ends_and_the_next_begins() -> None:
    rooms = (Lane(open=((600, 650),), busy=()), Lane(open=((621, 700),), busy=()))
    assert starts(windows=[(600, 700)], lanes=[()], needs=[rooms], demand=HALF_HOUR) == [600, 615, 630, 645, 660, 670]
    apart = (Lane(open=((600, 650),), busy=()), Lane(open=((622, 700),), busy=()))
    assert starts(windows=[(600, 700)], lanes=[()], needs=[apart], demand=HALF_HOUR) == [
        600, 615, 620, 622, 630, 637, 645, 652, 660, 667, 670,
    ]  # fmt: skip


def test_the_room_may_change_inside_a_run_but_not_inside_a_visit() -> None:
    rooms = (Lane(open=None, busy=((630, 700),)), Lane(open=None, busy=((600, 615),)))
    assert starts(windows=[(600, 660)], lanes=[()], needs=[rooms], demand=HALF_HOUR) == [600, 615, 630]
    assert starts(windows=[(600, 660)], lanes=[()], needs=[rooms[:1]], demand=HALF_HOUR) == [600]


def test_every_need_must_be_met() -> None:
    free, taken = Lane(open=None, busy=()), Lane(open=None, busy=((0, 2000),))
    assert starts(windows=[(600, 630)], lanes=[()], needs=[[free], [taken, free]], demand=HALF_HOUR) == [600]
    assert starts(windows=[(600, 630)], lanes=[()], needs=[[free], [taken]], demand=HALF_HOUR) == []
    assert starts(windows=[(600, 630)], lanes=[()], needs=[[free], []], demand=HALF_HOUR) == []


def test_buffers_leave_the_window_but_not_the_free_time() -> None:
    buffered = Demand(duration=30, staff=((-10, 45),), rooms=(), step=15)
    assert starts(windows=[(600, 630)], lanes=[()], needs=[], demand=buffered) == [600]
    assert starts(windows=[(600, 630)], lanes=[((580, 590),)], needs=[], demand=buffered) == [600]
    assert starts(windows=[(600, 630)], lanes=[((580, 591),)], needs=[], demand=buffered) == []
    assert starts(windows=[(600, 630)], lanes=[((644, 650),)], needs=[], demand=buffered) == []


def test_a_gap_that_nobody_can_use_is_not_left() -> None:
    day = Day(windows=((600, 720),), lanes=(((660, 665),),), needs=(), demand=HALF_HOUR, min_gap=20)
    assert _engine(day) == [600, 630, 665, 690]
    assert _engine(day) == starts_of(day)


def test_a_lane_that_leaves_no_gap_is_enough() -> None:
    lanes = (((600, 610), (650, 720)), ((600, 620), (650, 720)))
    assert starts(windows=[(600, 720)], lanes=lanes, needs=[], demand=HALF_HOUR, min_gap=15) == [620]


@pytest.mark.parametrize("windows", [[], [(600, 629)], [(600, 610), (620, 640)]])
def test_nothing_is_offered_where_the_stay_fits_nowhere(windows: list[tuple[int, int]]) -> None:
    assert starts(windows=windows, lanes=[()], needs=[], demand=HALF_HOUR) == []


def test_nobody_means_no_time() -> None:
    assert starts(windows=[(600, 700)], lanes=[], needs=[], demand=HALF_HOUR) == []


def test_free_times_of_two_rooms_that_do_not_touch_are_two_runs() -> None:
    """Every time is a multiple of five; 621 to 624 are in neither room, so each stretch has a grid and an end."""
    rooms = (Lane(open=((600, 650),), busy=()), Lane(open=((625, 700),), busy=()))
    assert starts(windows=[(600, 700)], lanes=[()], needs=[rooms], demand=HALF_HOUR) == [
        600, 615, 620, 625, 630, 640, 645, 655, 660, 670,
    ]  # fmt: skip


def test_a_visit_that_holds_nobody_leaves_no_gap() -> None:
    room_only = Demand(duration=30, staff=(), rooms=((0, 30),), step=15)
    need = [Lane(open=None, busy=((610, 620),))]
    assert starts(windows=[(600, 660)], lanes=[()], needs=[need], demand=room_only, min_gap=20) == [620, 630]
