# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""The days of a calendar, and what of each is worked and free; no database and no clock."""

from calendar import monthrange
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import Any

from tithi.availability import slots
from tithi.availability.slots import Span

VIEWS = ("day", "week", "month")


def period(view: str, day: date) -> tuple[date, date]:
    """The first and the last day of the day, week (from Monday) or month in which a day lies."""
    if view == "month":
        return day.replace(day=1), day.replace(day=monthrange(day.year, day.month)[1])
    if view == "week":
        monday = day - timedelta(days=day.weekday())
        return monday, monday + timedelta(days=6)
    return day, day


def days(
    zone: str, first: date, last: date, *, working: Sequence[Span], lanes: Sequence[Sequence[Span]]
) -> list[dict[str, Any]]:
    """Each day with the stretches that are worked, and those of them in which some lane is free.

    `lanes` are the taken spans of each lane, sorted and disjoint, in epoch minutes.
    """
    free = slots.merge(span for lane in lanes for span in slots.subtract(working, lane))
    return [
        {
            "date": day.isoformat(),
            "working": list(_within(working, slots.day_bounds(zone, day, day))),
            "gaps": list(_within(free, slots.day_bounds(zone, day, day))),
        }
        for day in (first + timedelta(days=number) for number in range((last - first).days + 1))
    ]


def _within(spans: Sequence[Span], bounds: Span) -> Iterator[dict[str, Any]]:
    for start, end in spans:
        begin, finish = max(start, bounds[0]), min(end, bounds[1])
        if begin < finish:
            yield {"start_time": slots.from_epoch_minute(begin), "end_time": slots.from_epoch_minute(finish)}
