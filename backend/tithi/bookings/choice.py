# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""Who takes a visit that anybody may take; no database and no clock."""

from collections.abc import Callable, Sequence
from typing import Any

from tithi.availability import slots
from tithi.availability.queries import NOTHING, Busy, Candidate
from tithi.availability.slots import Span

FAR = 7 * slots.MINUTES_PER_DAY


def in_order(candidates: Sequence[Candidate], busy: Busy, start: int, scheduling: dict[str, Any]) -> list[Candidate]:
    """The candidates as the business prefers them; those alike stay in their order.

    `busy` covers the week of the start: *fill_gaps* prefers the shortest free stretch around it, *spread_evenly* the
    least booked minutes of the week, *fewest_bookings* the fewest visits of the week.
    """
    if len(candidates) == 1:
        return list(candidates)
    rank = STRATEGIES[scheduling["staff_choice"]]
    return sorted(candidates, key=lambda candidate: rank(_spans(candidate, busy), candidate, start))


def _spans(candidate: Candidate, busy: Busy) -> list[Span]:
    return [span for lane in range(candidate.lanes) for span in busy.get((candidate.resource_id, lane), NOTHING).hard]


def _gap(spans: Sequence[Span], candidate: Candidate, start: int) -> int:
    low, high = candidate.demand.reach
    before = min((start + low - end for _, end in spans if end <= start + low), default=FAR)
    after = min((begin - start - high for begin, _ in spans if begin >= start + high), default=FAR)
    return before + after


def _minutes(spans: Sequence[Span], _candidate: Candidate, _start: int) -> int:
    return sum(end - start for start, end in spans)


def _count(spans: Sequence[Span], _candidate: Candidate, _start: int) -> int:
    return len(spans)


STRATEGIES: dict[str, Callable[[Sequence[Span], Candidate, int], int]] = {
    "fill_gaps": _gap,
    "spread_evenly": _minutes,
    "fewest_bookings": _count,
}
