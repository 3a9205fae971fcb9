# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from tithi.availability import slots
from tithi.availability.queries import Busy, Candidate, Claimed, Offer
from tithi.availability.slots import Span

Cause = dict[str, Any]


def cause(kind: str, detail: str, how_to_change: str, **data: Any) -> Cause:
    """One rule that hides a time; `data` are its ids and figures as the API shows them."""
    return {"kind": kind, "detail": detail, "how_to_change": how_to_change, **data}


@dataclass(frozen=True, slots=True)
class Question:
    """Whether a candidate is offered at a minute, on that day of their place, with what the search sees.

    `claims` are by resource. `worlds` are the same without owners: first what is taken, then what would be if other
    visits made way in their rooms. `is_whole` is whether the instant asked for is a whole minute.
    """

    offered: Offer
    candidate: Candidate
    start: int
    day: date
    claims: Mapping[UUID, Sequence[Claimed]]
    worlds: tuple[Busy, ...]
    by_staff: bool
    is_whole: bool = True

    @property
    def duration(self) -> int:
        return self.candidate.demand.duration

    @property
    def end(self) -> int:
        return self.start + self.duration

    @property
    def min_gap(self) -> int:
        return 0 if self.by_staff else self.offered.min_gap

    def at(self, minute: int) -> str:
        """A minute as the place writes it."""
        return slots.local_text(self.candidate.zone, minute)

    def clock_time(self, minute: int) -> str:
        return self.at(minute)[11:16]

    def stretch(self, span: Span) -> str:
        return f"{self.clock_time(span[0])} to {self.clock_time(span[1])}"
