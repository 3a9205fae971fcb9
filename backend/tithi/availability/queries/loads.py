# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""The visits of those who take only so many."""

from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from tithi.availability import caps
from tithi.availability.caps import Load
from tithi.availability.queries.offers import NOBODY, Candidate
from tithi.availability.visits import visits

Loads = dict[tuple[UUID, str], Load]


def loads_of(candidates: Sequence[Candidate], first: date, last: date, *, except_owner: UUID = NOBODY) -> Loads:
    """By person and zone what those have who take only so many, in the weeks around some days; one statement."""
    capped = [candidate for candidate in candidates if candidate.cap]
    if not capped:
        return {}
    weeks = [caps.weeks_around(first, last, zone) for zone in {candidate.zone for candidate in capped}]
    starts = visits().starts_of_staff(
        member_ids={candidate.team_member_id for candidate in capped},
        since=min(since for since, _ in weeks),
        until=max(until for _, until in weeks),
        except_owner=except_owner,
    )
    return {(one.team_member_id, one.zone): Load(starts.get(one.team_member_id, ()), one.zone) for one in capped}


def are_below_caps(people: Sequence[Candidate], loads: Loads, instant: datetime) -> bool:
    """Whether everybody takes the items of a visit that begins then; `people` names who does each of them."""
    counts = Counter(one.team_member_id for one in people)
    return not any(
        loads[place].is_full(one.cap, instant.astimezone(ZoneInfo(one.zone)).date(), more=counts[one.team_member_id])
        for one in people
        if (place := (one.team_member_id, one.zone)) in loads
    )


def below_cap(candidate: Candidate, starts: list[int], loads: Loads, first: date, last: date) -> list[int]:
    """The starts on those days on which the candidate takes a further visit."""
    load = loads.get((candidate.team_member_id, candidate.zone))
    if load is None:
        return starts
    return caps.below(starts, cap=candidate.cap, load=load, zone=candidate.zone, first=first, last=last)
