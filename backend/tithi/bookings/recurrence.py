# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""When a series takes place: the same time on the wall clock again and again; no database and no clock."""

from calendar import monthrange
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

from tithi.availability import slots

MOST_OCCURRENCES = 104


def occurrences(starts_local: datetime, rule: dict[str, Any]) -> Iterator[datetime]:
    """The local starts of `{frequency, interval, count}`; a month without the day has none and counts for none."""
    interval, count = int(rule["interval"]), int(rule["count"])
    found = step = 0
    while found < count:
        day = _day(starts_local.date(), rule["frequency"], step * interval)
        step += 1
        if day is not None:
            found += 1
            yield datetime.combine(day, starts_local.time())


def _day(first: date, frequency: str, steps: int) -> date | None:
    if frequency == "daily":
        return first + timedelta(days=steps)
    if frequency == "weekly":
        return first + timedelta(weeks=steps)
    year, month = divmod(first.year * 12 + first.month - 1 + steps, 12)
    return date(year, month + 1, first.day) if first.day <= monthrange(year, month + 1)[1] else None


def instant(local: datetime, zone: str) -> datetime:
    """The instant of a local start: the first of two, and the end of the gap for one that does not exist."""
    seconds = timedelta(seconds=local.second, microseconds=local.microsecond)
    return slots.from_epoch_minute(slots.local_minute(local, zone)) + seconds
