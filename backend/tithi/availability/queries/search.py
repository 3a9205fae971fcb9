# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select

from tithi.availability import slots
from tithi.availability.errors import PeriodTooLongError, ResourceNotFoundError
from tithi.availability.queries.offers import Candidate, Offer, offer, taken, windows
from tithi.platform import clock
from tithi.platform.db import session
from tithi.team.models import TeamMember

LONGEST_PERIOD_DAYS = 62
MOST_ALTERNATIVES = 5
ALTERNATIVE_DAYS = 7


def search(*, offered: Offer, first: date, last: date, staff: bool = False) -> list[tuple[Candidate, list[int]]]:
    """The free starts of each candidate on the days `first` to `last` of its location, in epoch minutes."""
    check_period(first, last)
    if not offered.candidates:
        return []
    earliest, latest = offered.bounds(staff=staff)
    since = min(slots.day_bounds(candidate.zone, first, last)[0] for candidate in offered.candidates)
    until = max(slots.day_bounds(candidate.zone, first, last)[1] for candidate in offered.candidates)
    busy = taken(
        [candidate.resource_id for candidate in offered.candidates],
        slots.from_epoch_minute(since - offered.demand.before - slots.MINUTES_PER_DAY),
        slots.from_epoch_minute(until + offered.demand.duration + offered.demand.after),
    )
    found = []
    for candidate in offered.candidates:
        day_start, day_end = slots.day_bounds(candidate.zone, first, last)
        open_spans = windows(candidate, first, last)
        starts: set[int] = set()
        for lane in range(candidate.lanes):
            starts |= slots.free_starts(open_spans, busy.get((candidate.resource_id, lane), ()), offered.demand)
        low, high = max(day_start, earliest), min(day_end, latest + 1)
        found.append((candidate, sorted(start for start in starts if low <= start < high)))
    return found


def check_period(first: date, last: date) -> None:
    if not 0 <= (last - first).days < LONGEST_PERIOD_DAYS:
        raise PeriodTooLongError


def show(offered: Offer, found: list[tuple[Candidate, list[int]]]) -> list[dict[str, Any]]:
    """Slots as the API shows them, by start, then in the candidates' order."""
    length = offered.demand.duration
    shown = [(start, order, candidate) for order, (candidate, starts) in enumerate(found) for start in starts]
    shown.sort(key=lambda one: one[:2])
    return [
        {
            "start_time": slots.local_text(candidate.zone, start),
            "end_time": slots.local_text(candidate.zone, start + length),
            "team_member_id": candidate.team_member_id,
            "resource_id": candidate.resource_id,
        }
        for start, _, candidate in shown
    ]


def find(
    *, service_id: UUID, team_member_id: UUID | None, first: date, last: date, staff: bool = False
) -> dict[str, Any]:
    """The free times of a service as one list."""
    check_period(first, last)
    offered = offer(service_id=service_id, team_member_id=team_member_id, first=first, last=last)
    found = search(offered=offered, first=first, last=last, staff=staff)
    return {
        "service_id": service_id,
        "currency": offered.currency,
        "price_cents": offered.price_cents,
        "slots": show(offered, found),
    }


def find_by_member(*, service_id: UUID, team_member_id: UUID | None, first: date, last: date) -> dict[str, Any]:
    """The free times of a service, grouped by who does it."""
    check_period(first, last)
    offered = offer(service_id=service_id, team_member_id=team_member_id, first=first, last=last)
    return {
        "service_id": service_id,
        "available_slots": [
            {
                "team_member_id": candidate.team_member_id,
                "team_member_name": candidate.name,
                "timezone": candidate.zone,
                "slots": show(offered, [(candidate, starts)]),
            }
            for candidate, starts in search(offered=offered, first=first, last=last)
        ],
    }


def member_of_resource(resource_id: UUID) -> UUID:
    """The team member that a resource stands for.

    Raises:
        ResourceNotFound: there is none.
    """
    found = (
        session()
        .execute(select(TeamMember.id).where(TeamMember.resource_id == resource_id, TeamMember.removed_at.is_(None)))
        .scalar_one_or_none()
    )
    if found is None:
        raise ResourceNotFoundError
    return found


def alternatives(*, service_id: UUID, team_member_id: UUID | None, near: datetime) -> list[dict[str, Any]]:
    """The free slots nearest to an instant, within a week of it."""
    today = clock.now().date()
    first = max(near.date() - timedelta(days=1), today - timedelta(days=1))
    offered = offer(
        service_id=service_id, team_member_id=team_member_id, first=first, last=first + timedelta(days=ALTERNATIVE_DAYS)
    )
    found = search(offered=offered, first=first, last=first + timedelta(days=ALTERNATIVE_DAYS))
    wanted = slots.to_epoch_minute(near)
    nearest = sorted(
        ((abs(start - wanted), start, index) for index, (_, starts) in enumerate(found) for start in starts)
    )[:MOST_ALTERNATIVES]
    chosen = [(found[index][0], [start]) for _, start, index in nearest]
    return show(offered, chosen)


def local_date(instant: datetime, zone: str) -> date:
    return instant.astimezone(ZoneInfo(zone)).date()
