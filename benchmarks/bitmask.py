# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""The bound of the engine: the shared workload and nothing else, with one integer for each member of staff.

Every time is known to be a multiple of the step, every visit to be two steps long and every booking too.
"""

from collections.abc import Iterator, Sequence
from itertools import compress

from benchmarks.workload import STEP
from tithi.availability.slots import Span

IS_SET = bytes(byte == ord("1") for byte in range(256))


def union(windows: Sequence[Span], bookings: Sequence[Sequence[Span]]) -> list[int]:
    base, anybody = windows[0][0], 0
    for free in _free(windows, bookings, base):
        anybody |= free & free >> 1
    return _minutes(anybody, base)


def each(windows: Sequence[Span], bookings: Sequence[Sequence[Span]]) -> list[list[int]]:
    base = windows[0][0]
    return [_minutes(free & free >> 1, base) for free in _free(windows, bookings, base)]


def _free(windows: Sequence[Span], bookings: Sequence[Sequence[Span]], base: int) -> Iterator[int]:
    work = 0
    for start, end in windows:
        work |= ((1 << (end - start) // STEP) - 1) << (start - base) // STEP
    for spans in bookings:
        taken = 0
        for start, _ in spans:
            taken |= 3 << (start - base) // STEP
        yield work & ~taken


def _minutes(mask: int, base: int) -> list[int]:
    bits = bin(mask)[:1:-1].encode().translate(IS_SET)
    return list(compress(range(base, base + STEP * len(bits), STEP), bits))
