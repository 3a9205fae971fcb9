# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""Wall-clock rules as spans of minutes since the epoch; no database and no clock.

A span is `(start, end)` in epoch minutes, end excluded.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

MINUTES_PER_DAY = 1440
EPOCH_ORDINAL = date(1970, 1, 1).toordinal()

Span = tuple[int, int]


class WeeklyHours(NamedTuple):
    """One rule: `weekday` is ISO, minutes count from its midnight and may pass 1440; dates bound it, included."""

    weekday: int
    start_minute: int
    end_minute: int
    valid_from: date | None
    valid_to: date | None


@lru_cache(maxsize=262_144)
def epoch_minute(zone: str, ordinal: int, minute: int) -> int:
    """The instant of a wall-clock minute: the first of two, and the end of the gap for one that does not exist."""
    day = date.fromordinal(ordinal + minute // MINUTES_PER_DAY)
    wall = datetime.combine(day, time(*divmod(minute % MINUTES_PER_DAY, 60)), ZoneInfo(zone))
    instant = wall.timestamp()
    if datetime.fromtimestamp(instant, wall.tzinfo).replace(tzinfo=None) != wall.replace(tzinfo=None):
        instant = _end_of_gap(wall)
    return int(instant // 60)


def _end_of_gap(wall: datetime) -> float:
    """The instant at which clocks jump over `wall`."""
    early, late = wall.replace(fold=1).timestamp(), wall.timestamp()
    before = datetime.fromtimestamp(early - 1, wall.tzinfo).utcoffset()
    while late - early > 1:
        middle = (early + late) // 2
        if datetime.fromtimestamp(middle, wall.tzinfo).utcoffset() == before:
            early = middle
        else:
            late = middle
    return late


def local_minute(wall: datetime, zone: str) -> int:
    """The instant of a naive wall-clock time, as `epoch_minute` gives it."""
    return epoch_minute(zone, wall.toordinal(), wall.hour * 60 + wall.minute)


def windows_of_rules(rules: Sequence[WeeklyHours], zone: str, first: date, last: date) -> list[Span]:
    """The open spans that weekly hours give on the days `first` to `last`, both included."""
    by_weekday: list[list[WeeklyHours]] = [[] for _ in range(8)]
    for rule in rules:
        by_weekday[rule.weekday].append(rule)
    spans: list[Span] = []
    for ordinal in range(first.toordinal(), last.toordinal() + 1):
        for rule in by_weekday[(ordinal - 1) % 7 + 1]:
            if rule.valid_from and ordinal < rule.valid_from.toordinal():
                continue
            if rule.valid_to and ordinal > rule.valid_to.toordinal():
                continue
            start = epoch_minute(zone, ordinal, rule.start_minute)
            end = epoch_minute(zone, ordinal, rule.end_minute)
            if start < end:
                spans.append((start, end))
    return merge(spans)


def merge(spans: Iterable[Span]) -> list[Span]:
    """The same time as sorted spans that neither touch nor overlap."""
    merged: list[Span] = []
    for start, end in sorted(spans):
        if merged and start <= merged[-1][1]:
            if end > merged[-1][1]:
                merged[-1] = (merged[-1][0], end)
        else:
            merged.append((start, end))
    return merged


def subtract(spans: Sequence[Span], taken: Sequence[Span]) -> list[Span]:
    """What is left of sorted, disjoint `spans` without `taken`, which is sorted by start."""
    left: list[Span] = []
    index, count = 0, len(taken)
    for span_start, end in spans:
        start = span_start
        while index < count and taken[index][1] <= start:
            index += 1
        at = index
        while at < count and taken[at][0] < end:
            if taken[at][0] > start:
                left.append((start, taken[at][0]))
            start = max(start, taken[at][1])
            at += 1
        if start < end:
            left.append((start, end))
    return left


def intersect(spans: Sequence[Span], limits: Sequence[Span]) -> list[Span]:
    """The time that two lists of sorted, disjoint spans share."""
    shared: list[Span] = []
    index = other = 0
    while index < len(spans) and other < len(limits):
        start, end = max(spans[index][0], limits[other][0]), min(spans[index][1], limits[other][1])
        if start < end:
            shared.append((start, end))
        if spans[index][1] < limits[other][1]:
            index += 1
        else:
            other += 1
    return shared


def is_inside(windows: Sequence[Span], start: int, duration: int) -> bool:
    """Whether a stay from `start` lies inside one window."""
    return any(opens <= start and start + duration <= closes for opens, closes in windows)


def to_epoch_minute(instant: datetime) -> int:
    return int(instant.timestamp() // 60)


def from_epoch_minute(minute: int) -> datetime:
    return datetime.fromtimestamp(minute * 60, UTC)


@lru_cache(maxsize=131_072)
def local_text(zone: str, minute: int) -> str:
    """ISO 8601 with the zone's offset at that instant, which tells a repeated hour's two passes apart."""
    return datetime.fromtimestamp(minute * 60, ZoneInfo(zone)).isoformat()


def day_bounds(zone: str, first: date, last: date) -> Span:
    """From the first day's midnight to the midnight after the last, in epoch minutes."""
    return epoch_minute(zone, first.toordinal(), 0), epoch_minute(zone, (last + timedelta(days=1)).toordinal(), 0)
