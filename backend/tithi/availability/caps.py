# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""How many visits somebody takes in a local day and a local week from Monday; no database and no clock."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from tithi.availability import slots


@dataclass(frozen=True, slots=True)
class Cap:
    """The most visits of one person; None is no limit."""

    per_day: int | None
    per_week: int | None

    def __bool__(self) -> bool:
        return self.per_day is not None or self.per_week is not None

    def reached(self, day: int, week: int, *, more: int = 1) -> Iterator[tuple[str, int]]:
        """The limits that so many visits on a day and in its week leave no `more` under: `day` or `week`, and which."""
        for word, most, count in (("day", self.per_day, day), ("week", self.per_week, week)):
            if most is not None and count + more > most:
                yield word, most


class Load:
    """The visits that somebody has, by the local day on which they begin."""

    def __init__(self, starts: Iterable[datetime], zone: str) -> None:
        self.days = Counter(start.astimezone(ZoneInfo(zone)).date() for start in starts)
        self.weeks: Counter[date] = Counter()
        for day, count in self.days.items():
            self.weeks[monday_of(day)] += count

    def on(self, day: date) -> tuple[int, int]:
        """How many there are on a day, and in its week."""
        return self.days[day], self.weeks[monday_of(day)]

    def is_full(self, cap: Cap, day: date, *, more: int = 1) -> bool:
        return next(cap.reached(*self.on(day), more=more), None) is not None


def monday_of(day: date) -> date:
    return day - timedelta(days=day.weekday())


def weeks_around(first: date, last: date, zone: str) -> tuple[datetime, datetime]:
    """The local weeks from Monday that hold two days, as instants; the end excluded."""
    since, until = monday_of(first), monday_of(last) + timedelta(days=7)
    begin, end = (datetime.combine(day, time.min, ZoneInfo(zone)) for day in (since, until))
    return begin.astimezone(UTC), end.astimezone(UTC)


def below(starts: Sequence[int], *, cap: Cap, load: Load, zone: str, first: date, last: date) -> list[int]:
    """The starts, in epoch minutes, on those days `first` to `last` that are not full."""
    found = list(starts)
    for number in range((last - first).days + 1):
        day = first + timedelta(days=number)
        if load.is_full(cap, day):
            opens, closes = slots.day_bounds(zone, day, day)
            found = [start for start in found if not opens <= start < closes]
    return found
