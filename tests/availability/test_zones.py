# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""Wall time and instants around the clock changes of every zone from 1990 to 2040."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random
from zoneinfo import available_timezones

import pytest

from tests.availability.transitions import Clock, Transition, clock_of
from tests.factories.chance import seeded
from tithi.availability.demand import Demand
from tithi.availability.engine import starts
from tithi.availability.slots import (
    EPOCH_ORDINAL,
    Span,
    WeeklyHours,
    day_bounds,
    epoch_minute,
    local_minute,
    local_text,
    windows_of_rules,
)

DAY = 1440
ZONES = [20, pytest.param(None, marks=[pytest.mark.long, pytest.mark.timeout(1800)])]
HALF_HOUR = Demand(duration=30, staff=((0, 30),), rooms=(), step=30)


@dataclass(frozen=True, slots=True)
class Change:
    """A clock change; `skipped` and `repeated` are the wall times that do not exist, or exist twice."""

    clock: Clock
    transition: Transition

    @property
    def zone(self) -> str:
        return self.clock.zone

    @property
    def skipped(self) -> range:
        return range(self.transition.at + self.transition.before, self.transition.at + self.transition.after)

    @property
    def repeated(self) -> range:
        return range(self.transition.at + self.transition.after, self.transition.at + self.transition.before)

    @property
    def day(self) -> int:
        """The ordinal of the day on which the clocks are changed."""
        return EPOCH_ORDINAL + self.skipped.start // DAY


def _changes(chance: Random, zones: int | None) -> Iterator[Change]:
    """Of so many zones, or of all."""
    known = sorted(available_timezones())
    for zone in known if zones is None else chance.sample(known, zones):
        clock = clock_of(zone)
        yield from (Change(clock, transition) for transition in clock.transitions)


def _label(clock: Clock, instant: int) -> str:
    wall = clock.wall(instant)
    ahead = wall - instant
    hours, minutes = divmod(abs(ahead), 60)
    shown = datetime(1970, 1, 1) + timedelta(minutes=wall)  # noqa: DTZ001 - a time on the wall
    return f"{shown.isoformat()}{'-' if ahead < 0 else '+'}{hours:02}:{minutes:02}"


def _around(change: Change, chance: Random) -> Iterator[int]:
    """Wall times at the edges of what is skipped or repeated, inside it, and within a day of it."""
    low, high = sorted((change.skipped.start, change.skipped.stop))
    for edge in (low, high):
        yield from (edge - 61, edge - 1, edge, edge + 1)
    yield from (chance.randrange(low, high), chance.randrange(low - DAY, high + DAY))


@pytest.mark.parametrize("zones", ZONES)
def test_a_wall_time_is_the_first_instant_that_has_it_or_the_end_of_the_gap(zones: int | None) -> None:
    chance = seeded()
    for change in _changes(chance, zones):
        for wall in _around(change, chance):
            days, minute = divmod(wall, DAY)
            told = (change, wall)
            expected = change.clock.instant(wall)
            assert epoch_minute(change.zone, EPOCH_ORDINAL + days, minute) == expected, told
            assert epoch_minute(change.zone, EPOCH_ORDINAL + days - 1, minute + DAY) == expected, told
            naive = datetime(1970, 1, 1) + timedelta(minutes=wall)  # noqa: DTZ001 - a time on the wall
            assert local_minute(naive, change.zone) == expected, told
            if wall in change.skipped:
                assert expected == change.transition.at, told


@pytest.mark.parametrize("zones", ZONES)
def test_a_repeated_time_is_labelled_with_the_offset_of_its_first_pass(zones: int | None) -> None:
    chance = seeded()
    repeated = 0
    for change in _changes(chance, zones):
        if not change.repeated:
            continue
        wall = chance.choice(change.repeated)
        first = epoch_minute(change.zone, EPOCH_ORDINAL + wall // DAY, wall % DAY)
        second = first + len(change.repeated)
        assert first < change.transition.at <= second, change
        labels = [local_text(change.zone, instant) for instant in (first, second)]
        assert labels == [_label(change.clock, first), _label(change.clock, second)], change
        assert labels[0][:19] == labels[1][:19] and labels[0] != labels[1], (change, labels)  # noqa: PT018 - one claim
        repeated += 1
    assert repeated


@pytest.mark.parametrize("zones", ZONES)
def test_a_shift_keeps_its_hours_on_the_wall_and_their_number_unless_the_clocks_change_inside(
    zones: int | None,
) -> None:
    chance = seeded()
    for change in _changes(chance, zones):
        for ordinal in range(change.day - 1, change.day + 2):
            opens = chance.randrange(DAY)
            closes = opens + chance.randint(1, min(DAY, 2 * DAY - opens))
            found = _shift(change.zone, ordinal, opens, closes)
            midnight = (ordinal - EPOCH_ORDINAL) * DAY
            start, end = change.clock.instant(midnight + opens), change.clock.instant(midnight + closes)
            told = (change, date.fromordinal(ordinal), opens, closes)
            assert found == ([(start, end)] if start < end else []), told
            inside = [one for one in change.clock.transitions if start <= one.at <= end]
            if not inside:
                assert end - start == closes - opens, told
                assert change.clock.wall(start) == midnight + opens, told
                assert change.clock.wall(end) == midnight + closes, told
            elif len(inside) == 1 and start < inside[0].at < end and midnight + closes not in change.repeated:
                assert end - start == closes - opens + inside[0].before - inside[0].after, told


def _shift(zone: str, ordinal: int, opens: int, closes: int) -> list[Span]:
    day = date.fromordinal(ordinal)
    return windows_of_rules([WeeklyHours(day.isoweekday(), opens, closes, None, None)], zone, day, day)


@pytest.mark.parametrize("zones", ZONES)
def test_around_a_change_no_slot_is_doubled_or_missing_and_none_is_at_a_time_that_does_not_exist(
    zones: int | None,
) -> None:
    chance = seeded()
    always = [WeeklyHours(weekday, 0, DAY, None, None) for weekday in range(1, 8)]
    for change in _changes(chance, zones):
        first, last = date.fromordinal(change.day - 1), date.fromordinal(change.day + 1)
        begin, end = day_bounds(change.zone, first, last)
        windows = windows_of_rules(always, change.zone, first, last)
        assert windows == [(begin, end)], change
        offered = starts(windows=windows, lanes=[()], needs=[], demand=HALF_HOUR)
        assert offered == sorted({*range(begin, end - 29, 30), end - 30}), change
        labels = [local_text(change.zone, start) for start in offered]
        assert labels == [_label(change.clock, start) for start in offered], change
        assert len(set(labels)) == len(labels), change
        midnight = datetime(1970, 1, 1)  # noqa: DTZ001 - a time on the wall
        shown = {(datetime.fromisoformat(text[:19]) - midnight) // timedelta(minutes=1) for text in labels}
        assert shown.isdisjoint(change.skipped), change


@pytest.mark.parametrize("zones", ZONES)
def test_hours_that_begin_or_end_in_the_gap_begin_or_end_where_it_ends(zones: int | None) -> None:
    chance = seeded()
    skipped = 0
    for change in _changes(chance, zones):
        if not change.skipped:
            continue
        wall = chance.choice(change.skipped)
        days, minute = divmod(wall, DAY)
        at = change.transition.at
        end = change.clock.instant(wall + 600)
        found = _shift(change.zone, EPOCH_ORDINAL + days, minute, minute + 600)
        assert found == ([(at, end)] if at < end else []), change
        before = change.clock.instant((days - 1) * DAY + minute)
        assert _shift(change.zone, EPOCH_ORDINAL + days - 1, minute, minute + DAY) == (
            [(before, at)] if before < at else []
        ), change
        assert _shift(change.zone, EPOCH_ORDINAL + days, minute, minute + 1) == [], change
        skipped += 1
    assert skipped


@pytest.mark.parametrize("zones", ZONES)
def test_a_day_is_as_long_as_its_clock_says(zones: int | None) -> None:
    chance = seeded()
    for change in _changes(chance, zones):
        for ordinal in range(change.day - 1, change.day + 2):
            midnight = (ordinal - EPOCH_ORDINAL) * DAY
            day = date.fromordinal(ordinal)
            assert day_bounds(change.zone, day, day) == (
                change.clock.instant(midnight),
                change.clock.instant(midnight + DAY),
            ), (change, day)
