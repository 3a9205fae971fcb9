# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""Weekly hours, breaks and exceptions made into spans, against sets of minutes, around clock changes."""

from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from itertools import pairwise
from random import Random
from zoneinfo import available_timezones

import pytest

from tests.availability.oracle import minutes_of, spans_of
from tests.availability.transitions import Clock, clock_of
from tests.factories.chance import seeded
from tithi.availability.hours import Hours, Special, windows
from tithi.availability.slots import EPOCH_ORDINAL, WeeklyHours, day_bounds

DAY = 1440
OFTEN = [150, pytest.param(3_000, marks=pytest.mark.long)]


def _minutes_of_rules(clock: Clock, rules: Iterable[WeeklyHours], first: date, last: date) -> set[int]:
    found: set[int] = set()
    for ordinal in range(first.toordinal() - 2, last.toordinal() + 2):
        day, midnight = date.fromordinal(ordinal), (ordinal - EPOCH_ORDINAL) * DAY
        for rule in rules:
            is_valid = (rule.valid_from or day) <= day <= (rule.valid_to or day)
            if is_valid and rule.weekday == day.isoweekday():
                begin, end = (clock.instant(midnight + minute) for minute in (rule.start_minute, rule.end_minute))
                found.update(range(begin, end))
    return found


def _minutes_of_specials(clock: Clock, specials: Iterable[Special]) -> set[int]:
    found: set[int] = set()
    for special in specials:
        for starts in _repeated(special):
            begin, end = (_wall(moment) for moment in (starts, starts + (special.ends - special.starts)))
            found.update(range(clock.instant(begin), clock.instant(end)))
    return found


def _repeated(special: Special) -> Iterator[datetime]:
    """Day after day for three years, those that are the exception's own."""
    for days in range(3 * 366):
        starts = special.starts + timedelta(days=days)
        if special.until is not None and starts.date() > special.until:
            return
        is_anniversary = (starts.month, starts.day) == (special.starts.month, special.starts.day)
        if (
            days == 0
            or (special.repeats == "weekly" and days % 7 == 0)
            or (special.repeats == "yearly" and is_anniversary)
        ):
            yield starts


def _wall(moment: datetime) -> int:
    return (moment - datetime(1970, 1, 1)) // timedelta(minutes=1)  # noqa: DTZ001 - a time on the wall


def _expected(clock: Clock, hours: Hours, first: date, last: date) -> set[int]:
    there = _minutes_of_rules(clock, hours.rules, first, last) | _minutes_of_specials(clock, hours.opened)
    extended = _minutes_of_specials(clock, hours.extended)
    for limit in hours.limits:
        there &= _minutes_of_rules(clock, limit, first, last) | extended
    there -= _minutes_of_rules(clock, hours.breaks, first, last)
    return there - _minutes_of_specials(clock, hours.closed)


def _rules(chance: Random, count: int, around: date, longest: int) -> tuple[WeeklyHours, ...]:
    found = []
    for _ in range(count):
        start = chance.randrange(0, DAY, 15)
        end = min(2 * DAY, start + chance.randint(1, longest))
        since, until = (around + timedelta(days=chance.randint(-9, 9)) for _ in range(2))
        found.append(
            WeeklyHours(
                chance.randint(1, 7),
                start,
                end,
                since if chance.random() < 0.1 else None,
                until if chance.random() < 0.1 else None,
            )
        )
    return tuple(found)


def _specials(chance: Random, count: int, around: date) -> tuple[Special, ...]:
    found = []
    for _ in range(count):
        repeats = chance.choice((None, None, "weekly", "yearly"))
        back = chance.choice((0, 7, 364, 365, 366)) if repeats else 0
        day = around + timedelta(days=chance.randint(-3, 3) - back)
        starts = datetime.combine(day, datetime.min.time()) + timedelta(minutes=chance.randrange(DAY))
        length = timedelta(minutes=chance.choice((chance.randint(1, 300), chance.randint(1, 4 * DAY))))
        until = around + timedelta(days=chance.randint(-5, 9)) if repeats and chance.random() < 0.4 else None
        found.append(Special(starts, starts + length, repeats, until))
    return tuple(found)


def _random_hours(chance: Random, zone: str, around: date) -> Hours:
    return Hours(
        zone=zone,
        rules=_rules(chance, chance.randint(0, 14), around, DAY),
        opened=_specials(chance, chance.choice((0, 0, 1, 2)), around),
        limits=tuple(_rules(chance, 20, around, DAY) for _ in range(chance.choice((0, 0, 1, 2)))),
        extended=_specials(chance, chance.choice((0, 1)), around),
        breaks=_rules(chance, chance.choice((0, 2, 5)), around, 120),
        closed=_specials(chance, chance.choice((0, 0, 1, 2)), around),
    )


@pytest.mark.parametrize("times", OFTEN)
def test_hours_are_open_at_the_minutes_that_their_rules_and_exceptions_say(times: int) -> None:
    chance = seeded()
    clocks = [clock_of(zone) for zone in chance.sample(sorted(available_timezones()), 12)]
    for _ in range(times):
        clock = chance.choice(clocks)
        changes = [transition.at for transition in clock.transitions] or [31_536_000]
        around = date.fromordinal(EPOCH_ORDINAL + clock.wall(chance.choice(changes)) // DAY)
        first = around - timedelta(days=chance.randint(0, 3))
        last = around + timedelta(days=chance.randint(0, 3))
        hours = _random_hours(chance, clock.zone, around)
        begin, end = day_bounds(clock.zone, first, last)
        asked = set(range(begin, end))
        found = windows(hours, first, last)
        expected = spans_of(_expected(clock, hours, first, last) & asked)
        assert spans_of(minutes_of(found) & asked) == expected, (hours, first, last)
        assert list(found) == sorted(found)
        assert all(one[1] < other[0] for one, other in pairwise(found)), found
