# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""The shared availability workload: the same hours and bookings for every contender, with the right answers."""

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

from benchmarks.world import ZONE, booked
from tithi.availability import slots
from tithi.availability.demand import Demand
from tithi.availability.hours import Hours
from tithi.availability.slots import Span, WeeklyHours

MONDAY = date(2030, 3, 4)
LENGTH = 30
STEP = 15
SHIFTS = ((540, 750), (810, 1020))
HOURS = Hours(
    ZONE, tuple(WeeklyHours(weekday, start, end, None, None) for weekday in range(1, 8) for start, end in SHIFTS)
)
HALF_HOUR = Demand(duration=LENGTH, staff=((0, LENGTH),), rooms=(), step=STEP)


@dataclass(frozen=True)
class Size:
    """`each` counts the slots of all staff, `distinct` the times at which anybody is free; `runs` per repeat."""

    name: str
    staff: int
    days: int
    runs: int
    each: int
    distinct: int

    @cached_property
    def bookings(self) -> list[list[Span]]:
        """The taken spans of each member of staff, in epoch minutes."""
        count = round(40 * self.days / 7)
        return [
            sorted((at, at + LENGTH) for at in map(slots.to_epoch_minute, booked(number, MONDAY, self.days, count)))
            for number in range(self.staff)
        ]

    @property
    def last(self) -> date:
        return MONDAY + timedelta(days=self.days - 1)

    @property
    def bounds(self) -> Span:
        return slots.day_bounds(ZONE, MONDAY, self.last)


SIZES = (
    Size("A", staff=1, days=7, runs=400, each=77, distinct=77),
    Size("B", staff=10, days=7, runs=80, each=776, distinct=181),
    Size("C", staff=50, days=30, runs=15, each=16_630, distinct=780),
)
