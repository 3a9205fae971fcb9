# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID
from zlib import crc32
from zoneinfo import ZoneInfo

from sqlalchemy import select

from tithi.availability import engine, hours, slots
from tithi.availability.engine import Lane
from tithi.availability.errors import PeriodTooLongError, ResourceNotFoundError
from tithi.availability.plans import Option
from tithi.availability.queries.offers import (
    NOBODY,
    NOTHING,
    Candidate,
    Item,
    Offer,
    Room,
    Taken,
    offer,
    offers,
    taken,
    windows,
)
from tithi.availability.slots import Span
from tithi.platform import clock
from tithi.platform.db import session
from tithi.team.models import TeamMember

LONGEST_PERIOD_DAYS = 62
MOST_ALTERNATIVES = 5
ALTERNATIVE_DAYS = 7
APPOINTMENT = "appointment"

Busy = Mapping[tuple[UUID, int], Taken]
Found = list[tuple[Candidate, list[int]]]


def search(*, offered: Offer, first: date, last: date, staff: bool = False, except_owner: UUID = NOBODY) -> Found:
    """The free starts of each candidate on the days `first` to `last` of its location, in epoch minutes.

    A class has none: its seats are booked in its sessions.
    """
    check_period(first, last)
    if not offered.candidates or offered.kind != APPOINTMENT:
        return []
    busy = busy_of(offered.candidates, first, last, except_owner=except_owner)
    earliest, latest = offered.bounds(staff=staff)
    found = []
    for candidate in offered.candidates:
        opens, closes = slots.day_bounds(candidate.zone, first, last)
        low, high = max(opens, earliest), min(closes, latest + 1)
        starts = free_starts(candidate, busy, first, last, min_gap=0 if staff else offered.min_gap)
        found.append((candidate, [start for start in starts if low <= start < high]))
    return found if staff else _looking_busy(offered, found)


def free_starts(candidate: Candidate, busy: Busy, first: date, last: date, *, min_gap: int = 0) -> list[int]:
    """The starts that the candidate's time and rooms allow, whatever the notice."""
    lanes = [busy.get((candidate.resource_id, lane), NOTHING) for lane in range(candidate.lanes)]
    is_soft = bool(candidate.demand.core)
    return engine.starts(
        windows=windows(candidate, first, last),
        lanes=[lane.hard if is_soft else lane.all for lane in lanes],
        needs=_needs(candidate, busy, first, last),
        demand=candidate.demand,
        min_gap=min_gap,
        soft=[lane.all for lane in lanes] if is_soft else (),
    )


def busy_of(
    candidates: Sequence[Candidate], first: date, last: date, *, except_owner: UUID = NOBODY
) -> dict[tuple[UUID, int], Taken]:
    """What is taken of the candidates and their rooms on some days, with the reach of a visit around them."""
    return taken(resources_of(candidates), *reach_around(candidates, first, last), except_owner=except_owner)


def resources_of(candidates: Iterable[Candidate]) -> set[UUID]:
    """The candidates' own resources and the rooms that they may need."""
    found = set()
    for candidate in candidates:
        found.add(candidate.resource_id)
        found.update(room.resource_id for need in candidate.needs for room in need)
    return found


def reach_around(candidates: Sequence[Candidate], first: date, last: date) -> tuple[datetime, datetime]:
    """From when to when time that is taken matters to visits on some days."""
    bounds = [slots.day_bounds(zone, first, last) for zone in {candidate.zone for candidate in candidates}]
    low = min(candidate.demand.reach[0] for candidate in candidates)
    high = max(candidate.demand.reach[1] for candidate in candidates)
    return (
        slots.from_epoch_minute(min(start for start, _ in bounds) + low - slots.MINUTES_PER_DAY),
        slots.from_epoch_minute(max(end for _, end in bounds) + high),
    )


def option_of(candidate: Candidate, busy: Busy, first: date, last: date, number: int) -> Option:
    """The candidate as the planner of visits sees them; `number` tells people apart."""
    lanes = [busy.get((candidate.resource_id, lane), NOTHING) for lane in range(candidate.lanes)]
    is_soft = bool(candidate.demand.core)
    return Option(
        staff=number,
        demand=candidate.demand,
        windows=windows(candidate, first, last),
        lanes=tuple(lane.hard if is_soft else lane.all for lane in lanes),
        needs=tuple(tuple(need) for need in _needs(candidate, busy, first, last)),
        soft=tuple(lane.all for lane in lanes) if is_soft else (),
    )


def _needs(candidate: Candidate, busy: Busy, first: date, last: date) -> list[list[Lane]]:
    return [[lane for room in need for lane in lanes_of(room, busy, first, last)] for need in candidate.needs]


def lanes_of(room: Room, busy: Busy, first: date, last: date) -> Iterable[Lane]:
    opens = hours.windows(room.hours, first, last) if room.hours else None
    for lane in range(room.lanes):
        yield Lane(opens, busy.get((room.resource_id, lane), NOTHING).all, room.resource_id.int * 100 + lane)


def _looking_busy(offered: Offer, found: Found) -> Found:
    """A part of what is free is not shown where the business wants to look busy: always the same part."""
    percent = offered.scheduling["look_busy_percent"]
    if not percent:
        return found
    return [
        (candidate, [start for start in starts if not is_hidden(candidate, start, percent)])
        for candidate, starts in found
    ]


def is_hidden(candidate: Candidate, start: int, percent: int) -> bool:
    return crc32(b"%b%d" % (candidate.resource_id.bytes, start)) % 100 < percent


def check_period(first: date, last: date) -> None:
    if last < first or (last - first).days >= LONGEST_PERIOD_DAYS:
        raise PeriodTooLongError


def show(found: Found) -> list[dict[str, Any]]:
    """The free starts as slots, by time and then as the candidates come."""
    shown = [(start, order, candidate) for order, (candidate, starts) in enumerate(found) for start in starts]
    shown.sort(key=lambda one: one[:2])
    return [
        {
            "start_time": slots.local_text(candidate.zone, start),
            "end_time": slots.local_text(candidate.zone, start + candidate.demand.duration),
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
        "slots": show(found),
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
                "slots": show([(candidate, starts)]),
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


def alternatives(
    *, service_id: UUID, team_member_id: UUID | None, near: datetime, add_on_ids: Sequence[UUID] = ()
) -> list[dict[str, Any]]:
    """The free slots nearest to an instant, within a week of it."""
    today = clock.now().date()
    first = max(near.date() - timedelta(days=1), today - timedelta(days=1))
    last = first + timedelta(days=ALTERNATIVE_DAYS)
    item = Item(service_id, team_member_id, tuple(add_on_ids))
    found = search(offered=offers([item], first=first, last=last)[0], first=first, last=last)
    wanted = slots.to_epoch_minute(near)
    nearest = sorted(
        (abs(start - wanted), start, index) for index, (_, starts) in enumerate(found) for start in starts
    )[:MOST_ALTERNATIVES]
    return show([(found[index][0], [start]) for _, start, index in nearest])


def local_date(instant: datetime, zone: str) -> date:
    return instant.astimezone(ZoneInfo(zone)).date()


def stretch(start: int, zone: str, days: int = 0) -> tuple[date, date]:
    """The local days around a start, `days` more to each side."""
    day = local_date(slots.from_epoch_minute(start), zone)
    return day - timedelta(days=days), day + timedelta(days=days)


def overlaps(spans: Iterable[Span], start: int, end: int) -> bool:
    return any(begin < end and start < until for begin, until in spans)
