# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""Which starts are free for a demand on staff and rooms; no database and no clock.

Time is a whole number with one bit for each quantum, the largest number of minutes that divides every time in play, so
that a day of quarter hours is 96 bits and a search over weeks is a handful of shifts.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import reduce
from itertools import chain, compress
from math import gcd
from operator import itemgetter, or_

from tithi.availability.demand import Demand
from tithi.availability.slots import Span, merge

RUNS = re.compile("1+")
ROWS = tuple((1 << length) - 1 for length in range(97))
DIGITS = bytes.maketrans(b"01", b"\x00\x01")


@dataclass(frozen=True, slots=True)
class Lane:
    """One lane of a room or piece of equipment: when it can be used (None: always), and when it is taken.

    `key` tells physical lanes apart when several services of one visit look at the same.
    """

    open: tuple[Span, ...] | None
    busy: tuple[Span, ...]
    key: int = 0


@dataclass(frozen=True, slots=True)
class Scale:
    """Bit `i` is the quantum that begins at minute `base + i * quantum`; there are `size` of them."""

    base: int
    quantum: int
    size: int

    def free(self, busy: Iterable[Span]) -> int:
        """The quanta that no span touches."""
        taken, base, quantum = 0, self.base, self.quantum
        try:
            for start, end in busy:
                taken |= ROWS[(end - start) // quantum] << (start - base) // quantum
        except (IndexError, ValueError):
            taken = self._taken(busy)
        return ~taken & ((1 << self.size) - 1)

    def _taken(self, busy: Iterable[Span]) -> int:
        """The quanta that spans touch, also those that are long or begin before the scale."""
        taken = 0
        for start, end in busy:
            low, high = max(start - self.base, 0) // self.quantum, (end - self.base) // self.quantum
            if low < high:
                taken |= ((1 << (high - low)) - 1) << low
        return taken

    def inside(self, spans: Iterable[Span], minutes: int) -> int:
        """The quanta from which `minutes` lie inside one of the spans."""
        found = 0
        for start, end in spans:
            low, high = max(-((self.base - start) // self.quantum), 0), (end - minutes - self.base) // self.quantum
            if low <= high:
                found |= ((1 << (high - low + 1)) - 1) << low
        return found & ((1 << self.size) - 1)

    def minutes(self) -> list[int]:
        """The minute at which each quantum begins."""
        return list(range(self.base, self.base + self.size * self.quantum, self.quantum))

    def bits(self, mask: int) -> bytes:
        """One byte, 0 or 1, for each quantum of a mask."""
        return format(mask, "b").encode().translate(DIGITS)[::-1]

    def runs(self, mask: int) -> Iterable[Span]:
        """First and last minute of each row of set bits, the last included."""
        for found in RUNS.finditer(format(mask, "b")[::-1]):
            yield self.base + found.start() * self.quantum, self.base + (found.end() - 1) * self.quantum


def starts(
    *,
    windows: Sequence[Span],
    lanes: Sequence[Sequence[Span]],
    needs: Sequence[Sequence[Lane]],
    demand: Demand,
    min_gap: int = 0,
    soft: Sequence[Sequence[Span]] = (),
) -> list[int]:
    """The minutes at which `demand` can begin, ascending.

    The stay lies inside one window; each span that is held is free on one lane of the staff and on one lane of every
    need. The grid steps from each window's start and from the start of each free run; the last minute of a run is
    offered too. `lanes` are the staff's taken spans; `soft` are, lane by lane, the buffers of others, which only the
    demand's core has to avoid. With `min_gap`, starts that leave a shorter gap on the staff's lane are not offered.
    """
    if not windows:
        return []
    scale = scale_of(windows, [*lanes, *soft], needs, demand)
    possible = scale.inside(windows, demand.duration)
    for need in needs:
        possible &= room_mask(scale, need, demand)
    found: list[list[int]] = []
    for index, busy in enumerate(lanes):
        mask = possible & staff_mask(scale, busy, soft[index] if soft else (), demand)
        offered = _on_grid(scale, mask, windows, demand.step)
        if min_gap and demand.staff:
            taken = merge(busy)
            offered = [start for start in offered if not leaves_gap(start, windows, taken, demand, min_gap)]
        found.append(offered)
    return found[0] if len(found) == 1 else sorted(set().union(*found))


def starts_of_anyone(
    *, windows: Sequence[Span], staff: Sequence[Sequence[Sequence[Span]]], demand: Demand
) -> list[int]:
    """The minutes at which anybody is free: people with the same windows, each with the taken spans of their lanes."""
    if not windows:
        return []
    lanes = [lane for one in staff for lane in one]
    scale = scale_of(windows, lanes, (), demand)
    mask = 0
    if demand.step == scale.quantum:
        for busy in lanes:
            mask |= fits(scale, scale.free(busy), demand.staff)
        mask &= scale.inside(windows, demand.duration)
        return list(compress(scale.minutes(), scale.bits(mask)))
    possible = scale.inside(windows, demand.duration)
    offered = (_on_grid(scale, possible & staff_mask(scale, busy, (), demand), windows, demand.step) for busy in lanes)
    return sorted(set().union(*offered))


def starts_of_each(
    *, windows: Sequence[Span], staff: Sequence[Sequence[Sequence[Span]]], demand: Demand
) -> list[list[int]]:
    """The free minutes of each of several people with the same windows, whose work needs no room."""
    if not windows:
        return [[] for _ in staff]
    scale = scale_of(windows, [lane for one in staff for lane in one], (), demand)
    possible = scale.inside(windows, demand.duration)
    minutes = scale.minutes()
    found: list[list[int]] = []
    for lanes in staff:
        masks = [possible & fits(scale, scale.free(busy), demand.staff) for busy in lanes]
        if demand.step == scale.quantum:
            found.append(list(compress(minutes, scale.bits(reduce(or_, masks)))))
        else:
            offered = [_on_grid(scale, mask, windows, demand.step) for mask in masks]
            found.append(offered[0] if len(offered) == 1 else sorted(set().union(*offered)))
    return found


def scale_of(
    windows: Sequence[Span], lanes: Sequence[Sequence[Span]], needs: Sequence[Sequence[Lane]], demand: Demand
) -> Scale:
    low, high = demand.reach
    base = windows[0][0] + low
    times = chain(windows, *lanes, *(lane.busy for need in needs for lane in need))
    opens = chain.from_iterable(lane.open or () for need in needs for lane in need)
    parts = chain(times, opens, demand.staff, demand.rooms, demand.core, ((demand.step, demand.duration),))
    quantum = gcd(base, *chain.from_iterable(parts))
    if needs:
        quantum = _finer(quantum)
    return Scale(base, quantum, (windows[-1][1] + high - base) // quantum + 1)


def _finer(quantum: int) -> int:
    """A part of the quantum, so that the starts of two rooms that only meet at its bounds stay two runs."""
    return next((quantum // divisor for divisor in (2, 3, 5, 7) if quantum % divisor == 0), 1)


def fits(scale: Scale, free: int, held: Sequence[Span]) -> int:
    """The starts at which every held span is free; bits before the scale begins count as taken."""
    mask = -1
    for start, end in held:
        mask &= shifted(_eroded(free, (end - start) // scale.quantum), start // scale.quantum)
    return mask


def staff_mask(scale: Scale, busy: Sequence[Span], soft: Sequence[Span], demand: Demand) -> int:
    mask = fits(scale, scale.free(busy), demand.staff)
    if soft:
        mask &= fits(scale, scale.free(soft), demand.core or demand.staff)
    return mask


def room_mask(scale: Scale, lanes: Sequence[Lane], demand: Demand) -> int:
    """The starts at which one of the lanes has room."""
    mask = 0
    for lane in lanes:
        one = fits(scale, scale.free(lane.busy), demand.rooms)
        mask |= one if lane.open is None else one & scale.inside(lane.open, demand.duration)
    return mask


def shifted(mask: int, places: int) -> int:
    """Bit `i` of the answer is bit `i + places` of the mask."""
    return mask >> places if places >= 0 else mask << -places


def _eroded(mask: int, length: int) -> int:
    """The bits that begin a row of at least `length` set bits."""
    done = 1
    while done < length:
        more = min(done, length - done)
        mask &= mask >> more
        done += more
    return mask


def _on_grid(scale: Scale, mask: int, windows: Sequence[Span], step: int) -> list[int]:
    found: list[int] = []
    if step == scale.quantum:
        for low, high in scale.runs(mask):
            found.extend(range(low, high + 1, step))
        return found
    for low, high in scale.runs(mask):
        opens = windows[bisect_right(windows, low, key=itemgetter(0)) - 1][0]
        aligned = low + (opens - low) % step
        on_grid = range(aligned, high + 1, step)
        if aligned == low and on_grid[-1] == high:
            found.extend(on_grid)
        else:
            found.extend(sorted({*on_grid, *range(low, high + 1, step), high}))
    return found


def leaves_gap(start: int, windows: Sequence[Span], busy: Sequence[Span], demand: Demand, min_gap: int) -> bool:
    """Whether the staff is left with a free stretch shorter than `min_gap` right before or right after."""
    opens, closes = windows[bisect_right(windows, start, key=itemgetter(0)) - 1]
    first, last = start + demand.staff[0][0], start + demand.staff[-1][1]
    at = bisect_right(busy, first, key=itemgetter(1))
    begins = max(opens, busy[at - 1][1]) if at else opens
    after = bisect_left(busy, last, key=itemgetter(0))
    ends = min(closes, busy[after][0]) if after < len(busy) else closes
    return 0 < first - begins < min_gap or 0 < ends - last < min_gap
