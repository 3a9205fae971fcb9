# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import cache
from itertools import chain
from typing import TYPE_CHECKING, Any
from uuid import UUID
from zlib import crc32
from zoneinfo import ZoneInfo

from sqlalchemy import select

from tithi.availability import engine, hours, slots
from tithi.availability.engine import Lane
from tithi.availability.errors import PeriodTooLongError, ResourceNotFoundError
from tithi.availability.plans import Option
from tithi.availability.queries.loads import below_cap, loads_of
from tithi.availability.queries.offers import (
    NOBODY,
    NOTHING,
    Candidate,
    Offer,
    Room,
    Taken,
    offer,
    taken,
    windows,
)
from tithi.availability.queries.shifts import worlds
from tithi.availability.slots import Span
from tithi.platform import clock
from tithi.platform.db import session
from tithi.team.models import TeamMember

if TYPE_CHECKING:
    from tithi.availability.demand import Demand

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
    shifted = cache(lambda: worlds(offered.candidates, busy, first, last, except_owner=except_owner))
    earliest, latest = offered.bounds(staff=staff)
    found = []
    min_gap = 0 if staff else offered.min_gap
    free = _starts_of_all(offered.candidates, busy, first, last, min_gap=min_gap)
    loads = loads_of(offered.candidates, first, last, except_owner=except_owner)
    for candidate, direct in zip(offered.candidates, free, strict=True):
        opens, closes = slots.day_bounds(candidate.zone, first, last)
        low, high = max(opens, earliest), min(closes, latest + 1)
        starts = direct
        if are_rooms_in_the_way(candidate, busy, direct, first, last, min_gap):
            more = (free_starts(candidate, world.busy, first, last, min_gap=min_gap) for world in shifted())
            starts = sorted({*direct, *chain.from_iterable(more)})
        within = starts[bisect_left(starts, low) : bisect_left(starts, high)]
        found.append((candidate, below_cap(candidate, within, loads, first, last)))
    return found if staff else _looking_busy(offered, found)


def _starts_of_all(
    candidates: Sequence[Candidate], busy: Busy, first: date, last: date, *, min_gap: int
) -> list[list[int]]:
    """The free starts of each candidate; those whose time is bounded alike are looked at together."""
    if min_gap or any(candidate.needs or candidate.demand.core for candidate in candidates):
        return [free_starts(candidate, busy, first, last, min_gap=min_gap) for candidate in candidates]
    alike: defaultdict[tuple[tuple[Span, ...], Demand], list[int]] = defaultdict(list)
    for place, candidate in enumerate(candidates):
        alike[windows(candidate, first, last), candidate.demand].append(place)
    found: list[list[int]] = [[] for _ in candidates]
    for (open_spans, demand), places in alike.items():
        staff = [_taken_lanes(candidates[place], busy) for place in places]
        each = engine.starts_of_each(windows=open_spans, staff=staff, demand=demand)
        for place, starts in zip(places, each, strict=True):
            found[place] = starts
    return found


def _taken_lanes(candidate: Candidate, busy: Busy) -> list[tuple[Span, ...]]:
    return [busy.get((candidate.resource_id, lane), NOTHING).all for lane in range(candidate.lanes)]


def find_days(*, service_id: UUID, team_member_id: UUID | None, first: date, last: date) -> dict[str, Any]:
    """The days on which anybody is free for a service, with how many times there are to choose from."""
    check_period(first, last)
    offered = offer(service_id=service_id, team_member_id=team_member_id, first=first, last=last)
    times: defaultdict[date, dict[int, str]] = defaultdict(dict)
    for zone, start in _times_of_anyone(offered, first, last):
        times[local_date(slots.from_epoch_minute(start), zone)][start] = zone
    return {
        "service_id": service_id,
        "days": [
            {
                "date": day,
                "count": len(times[day]),
                "first_start_time": slots.local_text(times[day][min(times[day])], min(times[day])),
            }
            for day in sorted(times)
        ],
    }


def _times_of_anyone(offered: Offer, first: date, last: date) -> Iterator[tuple[str, int]]:
    is_plain = not (offered.min_gap or offered.scheduling["look_busy_percent"])
    if not is_plain or any(one.needs or one.demand.core or one.cap for one in offered.candidates):
        for candidate, starts in search(offered=offered, first=first, last=last):
            yield from ((candidate.zone, start) for start in starts)
        return
    if not offered.candidates:
        return
    busy = busy_of(offered.candidates, first, last)
    earliest, latest = offered.bounds()
    alike: defaultdict[tuple[str, tuple[Span, ...], Demand], list[Candidate]] = defaultdict(list)
    for candidate in offered.candidates:
        alike[candidate.zone, windows(candidate, first, last), candidate.demand].append(candidate)
    for (zone, open_spans, demand), people in alike.items():
        opens, closes = slots.day_bounds(zone, first, last)
        low, high = max(opens, earliest), min(closes, latest + 1)
        staff = [_taken_lanes(candidate, busy) for candidate in people]
        starts = engine.starts_of_anyone(windows=open_spans, staff=staff, demand=demand)
        yield from ((zone, start) for start in starts if low <= start < high)


def are_rooms_in_the_way(
    candidate: Candidate, busy: Busy, starts: Sequence[int], first: date, last: date, min_gap: int
) -> bool:
    """Whether the candidate would have more starts without rooms."""
    return bool(candidate.needs) and starts != free_starts(
        replace(candidate, needs=()), busy, first, last, min_gap=min_gap
    )


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


def alternatives(*, near: datetime, offered: Callable[[date, date], Offer]) -> list[dict[str, Any]]:
    """The free slots nearest to an instant, within a week of it; `offered` gives the service as of some days."""
    first, last = days_near(near)
    found = search(offered=offered(first, last), first=first, last=last)
    wanted = slots.to_epoch_minute(near)
    nearest = sorted(
        (abs(start - wanted), start, index) for index, (_, starts) in enumerate(found) for start in starts
    )[:MOST_ALTERNATIVES]
    return show([(found[index][0], [start]) for _, start, index in nearest])


def days_near(instant: datetime) -> tuple[date, date]:
    """The days on which alternatives are looked for: from the day before an instant on, none that is over."""
    first = max(instant.date(), clock.now().date()) - timedelta(days=1)
    return first, first + timedelta(days=ALTERNATIVE_DAYS)


def local_date(instant: datetime, zone: str) -> date:
    return instant.astimezone(ZoneInfo(zone)).date()


def stretch(start: int, zone: str, days: int = 0) -> tuple[date, date]:
    """The local days around a start, `days` more to each side."""
    day = local_date(slots.from_epoch_minute(start), zone)
    return day - timedelta(days=days), day + timedelta(days=days)


def overlaps(spans: Iterable[Span], start: int, end: int) -> bool:
    return any(begin < end and start < until for begin, until in spans)
