# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""When the clocks of a zone change, found by looking at its offset day by day, and what that makes of wall time.

Instants are epoch minutes, wall times are minutes since the midnight of 1970-01-01 on the wall.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

SINCE = int(datetime(1990, 1, 1, tzinfo=UTC).timestamp()) // 60
UNTIL = int(datetime(2041, 1, 1, tzinfo=UTC).timestamp()) // 60
HALF_DAY = 720


@dataclass(frozen=True, slots=True)
class Transition:
    """At the minute `at` the offset changes from `before` to `after` minutes."""

    at: int
    before: int
    after: int


@dataclass(frozen=True, slots=True)
class Clock:
    zone: str
    first_offset: int
    transitions: tuple[Transition, ...]

    def instant(self, wall: int) -> int:
        """The first instant with this wall time; for one that is skipped, the end of the gap."""
        offset = self.first_offset
        for transition in self.transitions:
            if wall < transition.at + offset:
                return wall - offset
            if wall < transition.at + transition.after:
                return transition.at
            offset = transition.after
        return wall - offset

    def wall(self, instant: int) -> int:
        offset = self.first_offset
        for transition in self.transitions:
            if transition.at <= instant:
                offset = transition.after
        return instant + offset


@cache
def clock_of(zone: str) -> Clock:
    info = ZoneInfo(zone)
    found = []
    since, offset = SINCE, offset_at(info, SINCE)
    for minute in range(SINCE, UNTIL, HALF_DAY):
        later = offset_at(info, minute)
        if later != offset:
            found.append(Transition(_change_between(info, since, minute), offset, later))
        since, offset = minute, later
    return Clock(zone, offset_at(info, SINCE), tuple(found))


def offset_at(info: ZoneInfo, minute: int) -> int:
    offset = datetime.fromtimestamp(minute * 60, info).utcoffset()
    assert offset is not None
    minutes, rest = divmod(offset, timedelta(minutes=1))
    assert not rest
    return minutes


def _change_between(info: ZoneInfo, early: int, late: int) -> int:
    before = offset_at(info, early)
    while late - early > 1:
        middle = (early + late) // 2
        if offset_at(info, middle) == before:
            early = middle
        else:
            late = middle
    return late
