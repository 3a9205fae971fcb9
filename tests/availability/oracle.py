# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""The slot search said once more, slowly: every minute is tried on its own, held time is a set of minutes."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from tithi.availability.caps import Cap
from tithi.availability.demand import Demand, Segment
from tithi.availability.engine import Lane

Span = tuple[int, int]
UNLIMITED = Cap(None, None)


@dataclass(frozen=True, slots=True)
class Day:
    """All that the search is asked with; `soft` are the buffers of others, lane by lane, `had` the starts of visits."""

    windows: tuple[Span, ...]
    lanes: tuple[tuple[Span, ...], ...]
    needs: tuple[tuple[Lane, ...], ...]
    demand: Demand
    min_gap: int = 0
    soft: tuple[tuple[Span, ...], ...] = ()
    zone: str = "UTC"
    cap: Cap = UNLIMITED
    had: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Held:
    """What a visit holds, as minutes relative to its start."""

    stay: int
    staff: frozenset[int]
    core: frozenset[int]
    rooms: frozenset[int]


def minutes_of(spans: Iterable[Span]) -> set[int]:
    return {minute for start, end in spans for minute in range(start, end)}


def spans_of(minutes: Iterable[int]) -> tuple[Span, ...]:
    """The fewest spans that hold exactly these minutes."""
    spans: list[Span] = []
    for minute in sorted(set(minutes)):
        if spans and spans[-1][1] == minute:
            spans[-1] = (spans[-1][0], minute + 1)
        else:
            spans.append((minute, minute + 1))
    return tuple(spans)


def held_by(
    segments: Sequence[Segment], *, before: int, after: int, needs_room: bool, opens_processing: bool = True
) -> Held:
    staff: set[int] = set()
    rooms: set[int] = set()
    stay = at = 0
    for segment in segments:
        for _ in range(segment.minutes):
            if segment.holds_staff or (segment.kind == "processing" and not opens_processing):
                staff.add(at)
            if segment.holds_room:
                rooms.add(at)
            at += 1
        if segment.kind != "transition":
            stay += segment.minutes
    core = frozenset(staff)
    buffers = {*range(-before, 0), *range(at, at + after)}
    return Held(stay, frozenset(staff | buffers), core, frozenset(rooms | buffers) if needs_room else frozenset())


def starts_of(day: Day) -> list[int]:
    offered: set[int] = set()
    for number, lane in enumerate(day.lanes):
        soft = day.soft[number] if day.soft else ()
        for window in day.windows:
            for run in _runs(_feasible(day, window, lane, soft)):
                offered |= {
                    start for start in _offered(run, window, day.demand.step) if _is_usable(day, start, window, lane)
                }
    return sorted(start for start in offered if _takes_more(day, start))


def _takes_more(day: Day, start: int) -> bool:
    """Whether somebody with a cap takes one more visit at this minute: all that they have are looked at one by one."""
    zone = ZoneInfo(day.zone)
    local = datetime.fromtimestamp(start * 60, zone)
    on_day = in_week = 0
    for minute in day.had:
        visit = datetime.fromtimestamp(minute * 60, zone)
        on_day += (visit.year, visit.month, visit.day) == (local.year, local.month, local.day)
        in_week += visit.isocalendar()[:2] == local.isocalendar()[:2]
    per_day, per_week = day.cap.per_day, day.cap.per_week
    return (per_day is None or on_day < per_day) and (per_week is None or in_week < per_week)


def _feasible(day: Day, window: Span, lane: Sequence[Span], soft: Sequence[Span]) -> Iterator[int]:
    """The minutes of the window at which this lane of the staff could begin."""
    busy, buffers, core = minutes_of(lane), minutes_of(soft), day.demand.core or day.demand.staff
    rooms = [[(room, minutes_of(room.busy)) for room in need] for need in day.needs]
    for start in range(window[0], window[1]):
        if start + day.demand.duration > window[1]:
            continue
        if not _is_free(busy, day.demand.staff, start) or not _is_free(buffers, core, start):
            continue
        if all(any(_takes(room, taken, day.demand, start) for room, taken in need) for need in rooms):
            yield start


def _takes(room: Lane, taken: set[int], demand: Demand, start: int) -> bool:
    if room.open is not None and not any(
        opens <= start and start + demand.duration <= closes for opens, closes in room.open
    ):
        return False
    return _is_free(taken, demand.rooms, start)


def _is_free(taken: set[int], wanted: Iterable[Span], start: int) -> bool:
    return all(taken.isdisjoint(range(start + begin, start + end)) for begin, end in wanted)


def _runs(minutes: Iterable[int]) -> Iterator[list[int]]:
    run: list[int] = []
    for minute in minutes:
        if run and run[-1] + 1 != minute:
            yield run
            run = []
        run.append(minute)
    if run:
        yield run


def _offered(run: list[int], window: Span, step: int) -> set[int]:
    return {
        minute
        for place, minute in enumerate(run)
        if (minute - window[0]) % step == 0 or place % step == 0 or minute == run[-1]
    }


def _is_usable(day: Day, start: int, window: Span, lane: Sequence[Span]) -> bool:
    """Whether what is left on the lane beside the visit is nothing, or enough for somebody."""
    if not day.min_gap or not day.demand.staff:
        return True
    first, last = start + day.demand.staff[0][0], start + day.demand.staff[-1][1]
    since, until = window
    for begin, end in lane:
        if end <= first:
            since = max(since, end)
        if begin >= last:
            until = min(until, begin)
    return not 0 < first - since < day.min_gap and not 0 < until - last < day.min_gap
