# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""When a visit of several services can begin, and who does what in it."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from operator import itemgetter
from typing import Any

from tithi.availability import plans, slots
from tithi.availability.queries.offers import Candidate, Item, Offer, offers
from tithi.availability.queries.search import Busy, busy_of, check_period, free_starts, is_hidden, option_of
from tithi.availability.queries.shifts import worlds

People = list[list[Candidate]]


def idle_minutes(offered: Sequence[Offer], wanted: int | None) -> int:
    """How long a visit may wait between two items: as wanted, but never longer than the business allows."""
    most = int(offered[0].scheduling["cart_max_idle_minutes"])
    return most if wanted is None else min(wanted, most)


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
    idle = idle_minutes(offered, max_idle)
    places = {candidate.location_id: candidate for offer in offered for candidate in offer.candidates}
    shown: list[tuple[int, dict[str, Any]]] = []
    if all(offer.candidates for offer in offered):
        everybody = [candidate for offer in offered for candidate in offer.candidates]
        busy = busy_of(everybody, first, last + timedelta(days=1))
        shifted = worlds(everybody, busy, first, last + timedelta(days=1))
        for location_id in places:
            here = [[one for one in offer.candidates if one.location_id == location_id] for offer in offered]
            if all(here):
                known: dict[int, dict[str, Any]] = {}
                for taken in (*(world.busy for world in shifted), busy):
                    known |= _visits(offered, here, taken, (first, last), idle, is_ordered=is_ordered, staff=staff)
                shown.extend(known.items())
    return {"currency": offered[0].currency, "slots": [slot for _, slot in sorted(shown, key=itemgetter(0))]}


def _visits(
    offered: Sequence[Offer],
    here: People,
    busy: Busy,
    days: tuple[date, date],
    idle: int,
    *,
    is_ordered: bool,
    staff: bool,
) -> Iterator[tuple[int, dict[str, Any]]]:
    starts = _starts(offered, here, busy, days, staff=staff)
    numbers = {candidate.resource_id: number for number, candidate in enumerate(one for item in here for one in item)}
    options = [
        [option_of(one, busy, days[0], days[1] + timedelta(days=1), numbers[one.resource_id]) for one in item]
        for item in here
    ]
    board = plans.Board(options, max_idle=idle, marks=starts)
    paths = [(order, plans.reachable(board, order)) for order in plans.orders(len(here), ordered=is_ordered)]
    for start in starts:
        for order, ahead in paths:
            plan = next(plans.along(board, order, ahead, start), None)
            if plan is not None:
                yield start, _shown(plan, offered, here)
                break


def _starts(offered: Sequence[Offer], here: People, busy: Busy, days: tuple[date, date], *, staff: bool) -> list[int]:
    """The minutes at which any of the items could begin the visit by itself."""
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
