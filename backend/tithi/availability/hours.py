# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""When somebody or something can be had: rules, breaks and exceptions made into spans; no database and no clock."""

from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import NamedTuple

from tithi.availability import slots
from tithi.availability.slots import Span, WeeklyHours

LONGEST_EXCEPTION = timedelta(days=366)


class Special(NamedTuple):
    """Hours out of the ordinary in wall-clock time; `repeats` is None, `weekly` or `yearly`, until a day, included."""

    starts: datetime
    ends: datetime
    repeats: str | None = None
    until: date | None = None


class Hours(NamedTuple):
    """What bounds somebody's time at one place.

    They are there by `rules` and `opened`; each of `limits` has to be open as well, and `extended` opens all limits;
    `breaks` and `closed` take away.
    """

    zone: str
    rules: tuple[WeeklyHours, ...]
    opened: tuple[Special, ...] = ()
    limits: tuple[tuple[WeeklyHours, ...], ...] = ()
    extended: tuple[Special, ...] = ()
    breaks: tuple[WeeklyHours, ...] = ()
    closed: tuple[Special, ...] = ()


@lru_cache(maxsize=8192)
def windows(hours: Hours, first: date, last: date) -> tuple[Span, ...]:
    """The open spans from the evening before `first` to `last`, in epoch minutes."""
    since = first - timedelta(days=1)
    spans = slots.windows_of_rules(hours.rules, hours.zone, since, last)
    if hours.opened:
        spans = slots.merge([*spans, *occurrences(hours.opened, hours.zone, since, last)])
    for limit in hours.limits:
        allowed = slots.windows_of_rules(limit, hours.zone, since, last)
        if hours.extended:
            allowed = slots.merge([*allowed, *occurrences(hours.extended, hours.zone, since, last)])
        spans = slots.intersect(spans, allowed)
    return tuple(_without(spans, hours, since, last))


def closures(hours: Hours, first: date, last: date) -> list[Span]:
    """What breaks and closures take from the evening before `first` to `last`."""
    since = first - timedelta(days=1)
    taken = slots.windows_of_rules(hours.breaks, hours.zone, since, last) if hours.breaks else []
    return slots.merge([*taken, *occurrences(hours.closed, hours.zone, since, last)]) if hours.closed else taken


def _without(spans: list[Span], hours: Hours, since: date, last: date) -> list[Span]:
    if not (hours.breaks or hours.closed):
        return spans
    return slots.subtract(spans, closures(hours, since + timedelta(days=1), last))


def occurrences(specials: Iterable[Special], zone: str, first: date, last: date) -> Iterator[Span]:
    """The spans of exceptions that touch the days `first` to `last`, those before and after by a day included."""
    for special in specials:
        for starts in _starts(special, first, last):
            start = slots.local_minute(starts, zone)
            end = slots.local_minute(starts + (special.ends - special.starts), zone)
            if start < end:
                yield start, end


def _starts(special: Special, first: date, last: date) -> Iterator[datetime]:
    if special.repeats is None:
        yield special.starts
        return
    low = datetime.combine(first, datetime.min.time()) - (special.ends - special.starts)
    high = datetime.combine(last + timedelta(days=2), datetime.min.time())
    for starts in _weekly(special.starts, low) if special.repeats == "weekly" else _yearly(special.starts, low.year):
        if starts >= high or (special.until is not None and starts.date() > special.until):
            return
        if starts >= low and starts >= special.starts:
            yield starts


def _weekly(starts: datetime, low: datetime) -> Iterator[datetime]:
    week = max((low - starts).days // 7, 0)
    while True:
        yield starts + timedelta(weeks=week)
        week += 1


def _yearly(starts: datetime, year: int) -> Iterator[datetime]:
    """The same day of each year; the 29th of February only where there is one."""
    for later in range(max(year, starts.year), min(year + 10, 9999)):
        try:
            yield starts.replace(year=later)
        except ValueError:
            continue
