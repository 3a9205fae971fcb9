# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""What a service asks of people and rooms, in minutes from its start; no database and no clock."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from tithi.availability.slots import Span, merge

TRANSITION = "transition"
PROCESSING = "processing"


@dataclass(frozen=True, slots=True)
class Segment:
    kind: str
    minutes: int
    holds_staff: bool
    holds_room: bool


@dataclass(frozen=True, slots=True)
class Demand:
    """`duration` is how long the customer is there; `staff` and `rooms` are what is held, buffers included.

    Spans are minutes from the start, sorted and disjoint, and may begin before it. `core` is the staff's time without
    buffers, given only where the buffers of two visits may overlap.
    """

    duration: int
    staff: tuple[Span, ...]
    rooms: tuple[Span, ...]
    step: int
    core: tuple[Span, ...] = ()

    @property
    def reach(self) -> Span:
        """From the first to the last minute that is held, around the start."""
        held = (*self.staff, *self.rooms, (0, self.duration))
        return min(start for start, _ in held), max(end for _, end in held)


def demand_of(
    segments: Sequence[Segment], *, before: int, after: int, step: int, needs_room: bool, opens_processing: bool = True
) -> Demand:
    """What the segments hold, one after another, with the buffers around all of them."""
    staff, rooms = [(-before, 0)], [(-before, 0)]
    at = stay = 0
    for segment in segments:
        end = at + segment.minutes
        if segment.holds_staff or (segment.kind == PROCESSING and not opens_processing):
            staff.append((at, end))
        if segment.holds_room:
            rooms.append((at, end))
        if segment.kind != TRANSITION:
            stay = end
        at = end
    staff.append((at, at + after))
    rooms.append((at, at + after))
    return Demand(stay, _held(staff), _held(rooms) if needs_room else (), step)


def plain(duration: int, *, before: int, after: int, step: int, needs_room: bool) -> Demand:
    """One stretch of work between its buffers."""
    held = ((-before, duration + after),)
    return Demand(duration, held, held if needs_room else (), step)


def with_soft_buffers(demand: Demand, segments: Sequence[Segment], *, opens_processing: bool) -> Demand:
    """The same, with buffers that may overlap other buffers."""
    bare = demand_of(segments, before=0, after=0, step=demand.step, needs_room=False, opens_processing=opens_processing)
    return replace(demand, core=bare.staff)


def lengthened(segments: Sequence[Segment], minutes: int) -> tuple[Segment, ...]:
    """The first stretch of work made longer (or shorter, but never under a minute) by some minutes."""
    first = next((index for index, segment in enumerate(segments) if segment.kind == "work"), 0)
    changed = replace(segments[first], minutes=max(1, segments[first].minutes + minutes))
    return (*segments[:first], changed, *segments[first + 1 :])


def _held(spans: Iterable[Span]) -> tuple[Span, ...]:
    return tuple(merge(span for span in spans if span[0] < span[1]))
