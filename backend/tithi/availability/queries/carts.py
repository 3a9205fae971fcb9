# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""When a visit of several services can begin, and who does what in it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from operator import itemgetter
from typing import Any

from tithi.availability import plans, slots
from tithi.availability.queries.loads import Loads, are_below_caps, loads_of
from tithi.availability.queries.offers import Candidate, Item, Offer, offers
from tithi.availability.queries.search import (
    MOST_ALTERNATIVES,
    Busy,
    busy_of,
    check_period,
    days_near,
    free_starts,
    is_hidden,
    option_of,
)
from tithi.availability.queries.shifts import worlds

People = list[list[Candidate]]


def idle_minutes(offered: Sequence[Offer], wanted: int | None) -> int:
    """How long a visit may wait between two items: as wanted, but never longer than the business allows."""
    most = int(offered[0].scheduling["cart_max_idle_minutes"])
    return most if wanted is None else min(wanted, most)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """What visits are looked for: on which days, with how many minutes between items, and who has how many visits."""

    offered: Sequence[Offer]
    days: tuple[date, date]
    idle: int
    is_ordered: bool
    staff: bool
    loads: Loads


def find_visits(
    *,
    items: Sequence[Item],
    first: date,
    last: date,
    is_ordered: bool = True,
    max_idle: int | None = None,
    staff: bool = False,
) -> dict[str, Any]:
    """The free times of a visit, each with one way to do it; the booking may find another way for the same time."""
    check_period(first, last)
    offered = offers(items, first=first, last=last)
    shown: list[tuple[int, dict[str, Any]]] = []
    if all(offer.candidates for offer in offered):
        everybody = [candidate for offer in offered for candidate in offer.candidates]
        asked = _Asked(
            offered=offered,
            days=(first, last),
            idle=idle_minutes(offered, max_idle),
            is_ordered=is_ordered,
            staff=staff,
            loads=loads_of(everybody, first, last),
        )
        busy = busy_of(everybody, first, last + timedelta(days=1))
        shifted = worlds(everybody, busy, first, last + timedelta(days=1))
        for location_id in dict.fromkeys(candidate.location_id for candidate in everybody):
            here = [[one for one in offer.candidates if one.location_id == location_id] for offer in offered]
            if all(here):
                known: dict[int, dict[str, Any]] = {}
                for taken in (*(world.busy for world in shifted), busy):
                    known |= _visits(asked, here, taken)
                shown.extend(known.items())
    return {"currency": offered[0].currency, "slots": [slot for _, slot in sorted(shown, key=itemgetter(0))]}


def alternative_visits(
    *, near: datetime, items: Sequence[Item], is_ordered: bool, max_idle: int | None, staff: bool
) -> list[dict[str, Any]]:
    """The free times of a visit nearest to an instant, within a week of it."""
    first, last = days_near(near)
    found = find_visits(items=items, first=first, last=last, is_ordered=is_ordered, max_idle=max_idle, staff=staff)
    by_time = [(datetime.fromisoformat(slot["start_time"]), number) for number, slot in enumerate(found["slots"])]
    nearest = sorted(by_time, key=lambda one: abs(one[0] - near))[:MOST_ALTERNATIVES]
    return [found["slots"][number] for _, number in sorted(nearest)]


def _visits(asked: _Asked, here: People, busy: Busy) -> Iterator[tuple[int, dict[str, Any]]]:
    first, last = asked.days
    starts = _starts(asked, here, busy)
    numbers = {candidate.resource_id: number for number, candidate in enumerate(one for item in here for one in item)}
    options = [
        [option_of(one, busy, first, last + timedelta(days=1), numbers[one.resource_id]) for one in item]
        for item in here
    ]
    board = plans.Board(options, max_idle=asked.idle, marks=starts)
    paths = [(order, plans.reachable(board, order)) for order in plans.orders(len(here), ordered=asked.is_ordered)]
    for start in starts:
        for order, ahead in paths:
            ways = (plan for plan in plans.along(board, order, ahead, start) if _is_below_caps(plan, here, asked.loads))
            plan = next(ways, None)
            if plan is not None:
                yield start, _shown(plan, asked.offered, here)
                break


def _is_below_caps(plan: Sequence[plans.Placed], here: People, loads: Loads) -> bool:
    if not loads:
        return True
    return are_below_caps([here[one.item][one.option] for one in plan], loads, slots.from_epoch_minute(plan[0].start))


def _starts(asked: _Asked, here: People, busy: Busy) -> list[int]:
    """The minutes at which any of the items could begin the visit by itself."""
    offered, days, staff = asked.offered, asked.days, asked.staff
    low, high = slots.day_bounds(here[0][0].zone, *days)
    bounds = [offer.bounds(staff=staff) for offer in offered]
    low, high = max(low, *(earliest for earliest, _ in bounds)), min(high, *(latest + 1 for _, latest in bounds))
    percent = 0 if staff else int(offered[0].scheduling["look_busy_percent"])
    found = {
        start
        for offer, candidates in zip(offered, here, strict=True)
        for candidate in candidates
        for start in free_starts(candidate, busy, *days, min_gap=0 if staff else offer.min_gap)
        if low <= start < high and not (percent and is_hidden(candidate, start, percent))
    }
    return sorted(found)


def _shown(plan: Sequence[plans.Placed], offered: Sequence[Offer], here: People) -> dict[str, Any]:
    placed = [(one, here[one.item][one.option]) for one in plan]
    zone = placed[0][1].zone
    end = max(one.start + candidate.demand.duration for one, candidate in placed)
    return {
        "start_time": slots.local_text(zone, plan[0].start),
        "end_time": slots.local_text(zone, end),
        "location_id": placed[0][1].location_id,
        "price_cents": sum(candidate.price_cents for _, candidate in placed),
        "items": [
            {
                "service_id": offered[one.item].service_id,
                "team_member_id": candidate.team_member_id,
                "start_time": slots.local_text(zone, one.start),
                "end_time": slots.local_text(zone, one.start + candidate.demand.duration),
            }
            for one, candidate in placed
        ],
    }
