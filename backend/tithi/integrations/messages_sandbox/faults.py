# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""Failures on command, to see how senders cope."""

from dataclasses import dataclass
from threading import Lock

KINDS = ("error_500", "slow", "lose_answer_after", "rate_limit_429")
MAX_TIMES = 1000
MAX_SECONDS = 120.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """What happens to the next `times` messages.

    "error_500" refuses them, "rate_limit_429" asks for a pause of `seconds`, "slow" answers after `seconds`, and
    "lose_answer_after" accepts them and breaks the connection without an answer.
    """

    kind: str
    times: int
    seconds: float


class FaultQueue:
    """Faults in the order they were asked for; each message uses up one."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._pending: list[Fault] = []

    def add(self, fault: Fault) -> None:
        with self._lock:
            self._pending.append(fault)

    def clear(self) -> None:
        with self._lock:
            self._pending.clear()

    def take(self) -> Fault | None:
        with self._lock:
            if not self._pending:
                return None
            fault = self._pending.pop(0)
            if fault.times > 1:
                self._pending.insert(0, Fault(kind=fault.kind, times=fault.times - 1, seconds=fault.seconds))
            return fault

    @property
    def pending(self) -> int:
        """How many messages will still meet a fault."""
        with self._lock:
            return sum(fault.times for fault in self._pending)
