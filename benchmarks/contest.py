# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""Contenders take turns, and their medians are compared."""

from collections.abc import Callable, Mapping
from statistics import median
from typing import TypeVar

T = TypeVar("T")


def take_turns(contenders: Mapping[str, Callable[[], T]], *, repeats: int) -> dict[str, list[T]]:
    """The results of each contender, run in turn so that what disturbs one disturbs all."""
    found: dict[str, list[T]] = {name: [] for name in contenders}
    for _ in range(repeats):
        for name, run in contenders.items():
            found[name].append(run())
    return found


def middle(values: list[float]) -> float:
    return median(values)
