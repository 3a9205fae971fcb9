# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""What is left of a stretch of time; no database and no clock."""

from collections.abc import Iterable
from datetime import datetime, timedelta

Stretch = tuple[datetime, datetime]


def free(stretch: Stretch, taken: Iterable[Stretch]) -> list[Stretch]:
    """The parts of a stretch that none of `taken` covers."""
    start, end = stretch
    left = []
    for taken_start, taken_end in sorted(taken):
        if taken_start > start:
            left.append((start, min(taken_start, end)))
        start = max(start, taken_end)
        if start >= end:
            return left
    left.append((start, end))
    return left


def pieces(stretch: Stretch, longest: timedelta) -> list[Stretch]:
    """The same time in a row of pieces that are no longer than `longest`."""
    start, end = stretch
    found = []
    while start < end:
        found.append((start, min(start + longest, end)))
        start += longest
    return found
