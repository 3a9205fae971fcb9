# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

from datetime import UTC, datetime, timedelta
from random import Random

from tithi.availability.stretches import Stretch, free, pieces

START = datetime(2030, 5, 6, tzinfo=UTC)
MINUTES = 120


def _at(minute: int) -> datetime:
    return START + timedelta(minutes=minute)


def _minutes(stretches: list[Stretch]) -> list[int]:
    """Each minute that the stretches cover, as often as they do."""
    return [
        minute
        for starts, ends in stretches
        for minute in range(int((starts - START).total_seconds()) // 60, int((ends - START).total_seconds()) // 60)
    ]


def test_what_is_free_is_the_stretch_without_what_is_taken() -> None:
    seed = Random().randrange(10**6)  # noqa: S311 - any numbers will do
    print(f"seed {seed}")  # noqa: T201 - a failure can be run again
    chance = Random(seed)  # noqa: S311 - as above
    for _ in range(500):
        whole = (_at(chance.randrange(40)), _at(chance.randrange(41, MINUTES)))
        taken = []
        for _ in range(chance.randrange(6)):
            starts = chance.randrange(MINUTES)
            taken.append((_at(starts), _at(starts + chance.randrange(1, 40))))
        left = free(whole, taken)
        assert _minutes(left) == sorted(set(_minutes([whole])) - set(_minutes(taken)))
        assert all(starts < ends for starts, ends in left)


def test_pieces_are_the_same_time_and_none_is_too_long() -> None:
    whole = (_at(0), _at(100))
    found = pieces(whole, timedelta(minutes=30))
    assert _minutes(found) == _minutes([whole])
    assert [(ends - starts) // timedelta(minutes=1) for starts, ends in found] == [30, 30, 30, 10]
    assert pieces((_at(0), _at(30)), timedelta(minutes=30)) == [(_at(0), _at(30))]
