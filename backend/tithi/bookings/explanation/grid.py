# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""Whether a free time is a start that is offered: the grid, gaps, and what is not shown on purpose."""

from collections.abc import Iterator, Sequence

from tithi.availability import engine, slots
from tithi.availability.queries import NOTHING, free_starts, is_hidden, overlaps, windows
from tithi.bookings.explanation.causes import Cause, Question, cause

NEAREST_EACH_WAY = 2


def of_grid(asked: Question, offered: Sequence[int]) -> Iterator[Cause]:
    """Why a time at which everything is free is no start; `offered` are the starts of the candidate's day."""
    is_start = asked.is_whole and any(
        asked.start in free_starts(asked.candidate, world, asked.day, asked.day) for world in asked.worlds
    )
    if not is_start:
        step = asked.candidate.demand.step
        yield cause(
            "off_grid",
            f"Visits start every {step} minutes from the opening and from each free stretch.",
            "Choose one of the nearest starts, or set a shorter slot_interval_min of the service.",
            service_id=asked.offered.service_id,
            slot_interval_min=step,
            nearest=[asked.at(start) for start in _nearest(asked.start, offered)],
        )
    if asked.min_gap and (is_start or _leaves_gaps(asked)):
        scheduling = asked.offered.scheduling
        yield cause(
            "gap",
            f"The start would leave a gap of less than {asked.min_gap} minutes.",
            "Lower min_gap_minutes, switch avoid_unfillable_gaps off, or book it as staff.",
            minutes=asked.min_gap,
            min_gap_minutes=scheduling["min_gap_minutes"],
            avoid_unfillable_gaps=scheduling["avoid_unfillable_gaps"],
        )


def of_look_busy(asked: Question) -> Iterator[Cause]:
    percent = 0 if asked.by_staff else int(asked.offered.scheduling["look_busy_percent"])
    if percent and is_hidden(asked.candidate, asked.start, percent):
        yield cause(
            "look_busy",
            f"{percent} per cent of the free times are not shown to customers; this is one of them.",
            "Lower look_busy_percent, or book it as staff.",
            percent=percent,
        )


def _leaves_gaps(asked: Question) -> bool:
    """Whether a too short gap would be left on each of the staff's free lanes."""
    candidate, demand = asked.candidate, asked.candidate.demand
    if not demand.staff:
        return False
    lanes = [asked.worlds[0].get((candidate.resource_id, lane), NOTHING) for lane in range(candidate.lanes)]
    spans = [slots.merge(lane.hard if demand.core else lane.all) for lane in lanes]
    free = [
        lane
        for lane in spans
        if not any(overlaps(lane, asked.start + since, asked.start + end) for since, end in demand.staff)
    ]
    opens = windows(candidate, asked.day, asked.day)
    return bool(free) and all(engine.leaves_gap(asked.start, opens, lane, demand, asked.min_gap) for lane in free)


def _nearest(start: int, offered: Sequence[int]) -> list[int]:
    before = [one for one in offered if one < start][-NEAREST_EACH_WAY:]
    return before + [one for one in offered if one > start][:NEAREST_EACH_WAY]
