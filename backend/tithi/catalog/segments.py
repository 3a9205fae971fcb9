# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""What the stretches of a service may be, and how long they make it."""

from collections.abc import Sequence
from typing import Any

from tithi.platform.errors import InvalidError

WORK, PROCESSING, FINISH, TRANSITION = "work", "processing", "finish", "transition"
KINDS = (WORK, PROCESSING, FINISH, TRANSITION)
LONGEST_MIN = 1440


def complete(segments: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """With what each holds: all of them the staff and the room, but for processing, which frees the staff."""
    return [{"holds_staff": one["kind"] != PROCESSING, "holds_room": True, **one} for one in segments]


def length(segments: Sequence[dict[str, Any]]) -> int:
    """The customer's minutes: all stretches but the clean-up at the end.

    Raises:
        Invalid: the stretches do not make a service.
    """
    kinds = [one["kind"] for one in segments]
    if kinds[0] != WORK:
        _refuse("begin with work")
    if TRANSITION in kinds and set(kinds[kinds.index(TRANSITION) :]) != {TRANSITION}:
        _refuse("have transitions only at the end")
    if any(one["kind"] == WORK and not one.get("holds_staff", True) for one in segments):
        _refuse("hold the staff while they work")
    if sum(one["duration_min"] for one in segments) > LONGEST_MIN:
        _refuse(f"take at most {LONGEST_MIN} minutes")
    return sum(one["duration_min"] for one in segments if one["kind"] != TRANSITION)


def _refuse(rule: str) -> None:
    raise InvalidError(errors={"segments": [f"must {rule}"]})
