# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""A series keeps its time on the wall over the clock changes of every zone from 1990 to 2040."""

from datetime import datetime, timedelta
from zoneinfo import available_timezones

import pytest

from tests.availability.transitions import clock_of
from tests.factories.chance import seeded
from tithi.bookings import recurrence

DAY = 1440
BEFORE = 3
FREQUENCIES = {"daily": DAY, "weekly": 7 * DAY}
ON_THE_WALL = datetime(1970, 1, 1)  # noqa: DTZ001 - a time on the wall
ZONES = [20, pytest.param(None, marks=[pytest.mark.long, pytest.mark.timeout(1800)])]


@pytest.mark.parametrize("zones", ZONES)
def test_every_visit_of_a_series_has_its_wall_time_or_the_end_of_the_gap_that_took_it(zones: int | None) -> None:
    chance = seeded()
    known = sorted(available_timezones())
    shifted = 0
    for zone in known if zones is None else chance.sample(known, zones):
        clock = clock_of(zone)
        for transition in clock.transitions:
            low, high = sorted((transition.at + transition.before, transition.at + transition.after))
            wall = chance.choice((low, high - 1, low - 1, high, chance.randrange(low, high)))
            frequency = chance.choice(sorted(FREQUENCIES))
            step = FREQUENCIES[frequency]
            first = ON_THE_WALL + timedelta(minutes=wall - BEFORE * step)
            rule = {"frequency": frequency, "interval": 1, "count": 2 * BEFORE + 1}
            local = list(recurrence.occurrences(first, rule))
            told = (zone, transition, first, frequency)
            assert len(local) == 2 * BEFORE + 1, told
            instants = [int(recurrence.instant(one, zone).timestamp()) // 60 for one in local]
            expected = [wall + (number - BEFORE) * step for number in range(2 * BEFORE + 1)]
            assert instants == [clock.instant(one) for one in expected], told
            assert instants == sorted(instants), told
            if high - low < step:
                assert len(set(instants)) == len(instants), told
            seen = [clock.wall(one) for one in instants]
            for found, asked in zip(seen, expected, strict=True):
                assert found == asked or found == clock.wall(clock.instant(asked)) > asked, told
            shifted += seen != expected
    assert shifted
