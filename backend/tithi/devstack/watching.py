# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""One child under supervision: started, followed, started again when it ends by itself."""

import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass

from tithi.devstack.errors import ServerError
from tithi.devstack.processes import Program

_LONGEST_PAUSE = 30.0  # seconds
_STABLE_SECONDS = 60.0  # a child that lived this long starts with a clean record

Start = Callable[[Program], subprocess.Popen[bytes]]


@dataclass(slots=True, kw_only=True)
class Watched:
    """`failures` counts the ends in a row; `resume_at` is set while a new start waits (both clocks are monotonic)."""

    program: Program
    start: Start
    process: subprocess.Popen[bytes]
    started_at: float
    failures: int = 0
    resume_at: float | None = None


def watch(program: Program, start: Start) -> Watched:
    return Watched(program=program, start=start, process=start(program), started_at=time.monotonic())


def check(watched: Watched, *, now: float) -> str | None:
    """Look after the child once; a sentence when something happened."""
    name = watched.program.name
    if watched.resume_at is not None:
        if now < watched.resume_at:
            return None
        return _resume(watched, now=now)
    code = watched.process.poll()
    if code is None:
        return None
    if now - watched.started_at >= _STABLE_SECONDS:
        watched.failures = 0
    pause = _pause(watched, now=now)
    reason = f"was killed by signal {-code}" if code < 0 else f"ended with code {code}"
    return f"{name} {reason}; starting it again in {pause:.0f} s"


def _resume(watched: Watched, *, now: float) -> str:
    try:
        watched.process = watched.start(watched.program)
    except ServerError as error:
        return f"{error}\nstarting it again in {_pause(watched, now=now):.0f} s"
    watched.started_at = now
    watched.resume_at = None
    return f"{watched.program.name} was started again"


def _pause(watched: Watched, *, now: float) -> float:
    watched.failures += 1
    pause = restart_pause(watched.failures)
    watched.resume_at = now + pause
    return pause


def restart_pause(failures: int) -> float:
    """Seconds to wait before a start, after this many ends in a row."""
    return float(min(_LONGEST_PAUSE, 2 ** (failures - 1)))
