# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""Who takes a visit that anybody may take; no database and no clock."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from tithi.availability import queries as availability
from tithi.availability import slots
from tithi.availability.queries import NOTHING, Busy, Candidate
from tithi.availability.slots import Span

FEWEST = "fewest_bookings"


def in_order(
    candidates: Sequence[Candidate],
    busy: Busy,
    start: int,
    scheduling: dict[str, Any],
    counts: Mapping[UUID, int],
) -> list[Candidate]:
    """The candidates as the business prefers them; those alike stay in their order.

    `busy` covers the week of the start: *fill_gaps* prefers the shortest free stretch of a working day around it,
    *spread_evenly* the least taken minutes of the week, *fewest_bookings* the fewest visits of the week, as `counts`
    has them by resource.
    """
    if len(candidates) == 1:
        return list(candidates)
    rank = STRATEGIES[scheduling["staff_choice"]]
    return sorted(candidates, key=lambda one: rank(_Case(one, _spans(one, busy), start, counts)))


def counts_visits(scheduling: dict[str, Any]) -> bool:
    return bool(scheduling["staff_choice"] == FEWEST)


def week_of(start: int, zone: str) -> Span:
    """The local week of a start, from Monday to Monday, in epoch minutes."""
    day, _ = availability.stretch(start, zone)
    monday = day - timedelta(days=day.weekday())
    return slots.day_bounds(zone, monday, monday + timedelta(days=6))


@dataclass(frozen=True, slots=True)
class _Case:
    candidate: Candidate
    spans: Sequence[Span]
    start: int
    counts: Mapping[UUID, int]


def _spans(candidate: Candidate, busy: Busy) -> list[Span]:
    return [span for lane in range(candidate.lanes) for span in busy.get((candidate.resource_id, lane), NOTHING).hard]


def _gap(case: _Case) -> int:
    low, high = case.candidate.demand.reach
    first, last = case.start + low, case.start + high
    days = availability.stretch(case.start, case.candidate.zone, 1)
    shifts = [one for one in availability.windows(case.candidate, *days) if one[0] <= case.start < one[1]]
    opens, closes = shifts[0] if shifts else (first, last)
    before = max((end for _, end in case.spans if opens <= end <= first), default=opens)
    after = min((begin for begin, _ in case.spans if last <= begin <= closes), default=closes)
    return max(first - before, 0) + max(after - last, 0)


def _minutes(case: _Case) -> int:
    since, until = week_of(case.start, case.candidate.zone)
    return sum(max(min(end, until) - max(start, since), 0) for start, end in case.spans)


def _count(case: _Case) -> int:
    return case.counts.get(case.candidate.resource_id, 0)


STRATEGIES: dict[str, Callable[[_Case], int]] = {"fill_gaps": _gap, "spread_evenly": _minutes, FEWEST: _count}
