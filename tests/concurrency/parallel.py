# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""Rivals that start at the same moment."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TypeVar

Result = TypeVar("Result")

START_SECONDS = 30


def at_once(rivals: Sequence[Callable[[], Result]]) -> list[Result]:
    """What each rival gave, in their order; all of them start together."""
    start = Barrier(len(rivals))

    def run(rival: Callable[[], Result]) -> Result:
        start.wait(START_SECONDS)
        return rival()

    with ThreadPoolExecutor(len(rivals)) as pool:
        return list(pool.map(run, rivals))


def repeated(rival: Callable[[], Result], times: int) -> list[Result]:
    return at_once([rival] * times)
