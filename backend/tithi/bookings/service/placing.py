# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""Finding a place for a visit, and taking it in the same transaction."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import islice
from uuid import UUID

from tithi.availability import plans
from tithi.availability import queries as availability
from tithi.availability import service as claims
from tithi.availability.errors import HoldExpiredError, SlotUnavailableError
from tithi.availability.queries import Busy, Candidate, Offer, World
from tithi.availability.service import Want
from tithi.bookings import choice
from tithi.bookings.errors import NotBookableError
from tithi.bookings.service import limits, rooms
from tithi.bookings.service.limits import Accepts, Options
from tithi.bookings.service.wanted import Kept, PlacedItem, Visit, Wanted
from tithi.platform.db import session
from tithi.platform.ids import new_id

MOST_TRIES = 5
MOST_PLANS = 20
MOST_HELD = 1000
MOST_STEPS = 3
DAYS_AROUND = 1


def offers_for(wanted: Wanted) -> list[Offer]:
    """The services that are wanted, as they can be booked around the wanted time, in one statement.

    Raises:
        NotBookable: one of them is a class.
    """
    day = wanted.starts_at.date()
    around = timedelta(days=DAYS_AROUND)
    return _offers_between(wanted, day - around, day + around)


def _offers_between(wanted: Wanted, first: date, last: date) -> list[Offer]:
    found = availability.offers(wanted.items, first=first, last=last, also_inactive=bool(wanted.keeps))
    if wanted.keeps:
        return [_as_kept(offer, kept) for offer, kept in zip(found, wanted.keeps, strict=True)]
    if any(offered.kind != "appointment" for offered in found):
        raise NotBookableError
    return found


def _as_kept(offer: Offer, kept: Kept) -> Offer:
    """The offer as it was when the item was booked: nobody takes longer or costs more because a visit is moved."""
    candidates = (
        replace(one, demand=kept.demand, price_cents=kept.price_cents, needs=one.needs if kept.demand.rooms else ())
        for one in offer.candidates
    )
    return replace(offer, candidates=tuple(candidates))


def _id_of(wanted: Wanted, item: int) -> UUID:
    return wanted.keeps[item].item_id if wanted.keeps else new_id()


def take_time(
    wanted: Wanted,
    offered: Sequence[Offer],
    *,
    kind: str,
    owner_id: UUID,
    expires_at: datetime | None,
) -> Visit:
    """Claim the visit's time of the first people and rooms who have it.

    Where rooms alone are in the way, visits that can as well be in another room make way.

    Raises:
        SlotUnavailable: nobody has; carries the nearest alternatives.
        HoldExpired: the named hold ran out or is of another time.
    """
    held = claims.held_by(hold_id=wanted.hold_id) if wanted.hold_id else []
    if wanted.hold_id and not held:
        raise HoldExpiredError
    bypassed = limits.check_bounds(wanted, offered, is_held=bool(held))
    if bypassed is None:
        raise HoldExpiredError if held else _unavailable(wanted)
    options = _willing(wanted, offered, held)

    def take(items: tuple[PlacedItem, ...]) -> bool:
        wants = [want for item in items for want in item.wants()]
        if wanted.hold_id:
            is_same = _is_same(wants, held)
            return is_same and claims.redeem_hold(
                hold_id=wanted.hold_id, wants=wants, kind=kind, owner_id=owner_id, expires_at=expires_at
            )
        return claims.claim(wants=wants, kind=kind, owner_id=owner_id, expires_at=expires_at, override=wanted.override)

    for accepts in limits.ways_to_ask(wanted, options, owner_id=owner_id):
        items = next(filter(take, _ways(wanted, offered, options, held, accepts)), None)
        if items is None and not held:
            items = next(_ways_made(wanted, offered, options, take, accepts), None)
        if items is not None:
            return Visit(items, bypassed)
    raise HoldExpiredError if held else _unavailable(wanted)


def place(wanted: Wanted, offered: Sequence[Offer]) -> Visit:
    """The place that the visit would have now; nothing is taken.

    Raises:
        SlotUnavailable: there is none; carries the nearest alternatives.
        HoldExpired: the named hold ran out.
    """
    held = claims.held_by(hold_id=wanted.hold_id) if wanted.hold_id else []
    if wanted.hold_id and not held:
        raise HoldExpiredError
    bypassed = limits.check_bounds(wanted, offered, is_held=bool(held))
    options = _willing(wanted, offered, held)
    items = next(_read_ways(wanted, offered, options, is_held=bool(held)), None) if all(options) else None
    if bypassed is None or items is None:
        raise _unavailable(wanted)
    return Visit(items, bypassed)


def _ways(
    wanted: Wanted, offered: Sequence[Offer], options: Options, held: Sequence[Want], accepts: Accepts
) -> Iterator[tuple[PlacedItem, ...]]:
    """Places for the visit, read anew after those of one reading are used up."""
    if not all(options):
        return
    alone = options[0][0]
    if len(options) == len(options[0]) == 1 and not held and is_plain(alone):
        yield (PlacedItem(_id_of(wanted, 0), offered[0], alone, wanted.start_minute, 0, ()),)
        return
    for _ in range(MOST_TRIES):
        found = False
        ways = filter(accepts, _read_ways(wanted, offered, options, is_held=bool(held)))
        for way in islice(ways, MOST_HELD if held else MOST_PLANS):
            found = True
            yield way
        if not found or held or wanted.override:
            return


def _ways_made(
    wanted: Wanted,
    offered: Sequence[Offer],
    options: Options,
    take: Callable[[tuple[PlacedItem, ...]], bool],
    accepts: Accepts,
) -> Iterator[tuple[PlacedItem, ...]]:
    """The visit at its place, taken together with the steps of others that make room for it."""
    everybody = [candidate for item in options for candidate in item]
    if wanted.override or not all(options) or not any(candidate.needs for candidate in everybody):
        return
    busy = availability.busy_of(everybody, *_week(wanted))
    for world in availability.worlds(everybody, busy, *_days(wanted, everybody[0])):
        for items in islice(filter(accepts, _planned_anywhere(wanted, offered, options, world.busy)), MOST_STEPS):
            try:
                with session().begin_nested():
                    _take_after(world, items, take)
            except SlotUnavailableError:
                continue
            yield items
            return


def _take_after(world: World, items: tuple[PlacedItem, ...], take: Callable[[tuple[PlacedItem, ...]], bool]) -> None:
    wants = [want for item in items for want in item.wants()]
    if not (rooms.make_way(world.shifts, wants) and take(items)):
        raise SlotUnavailableError


def is_plain(candidate: Candidate) -> bool:
    """Whether the time of the candidate alone decides, on one lane: then the claim is the question and the answer."""
    return candidate.lanes == 1 and not candidate.needs and not candidate.demand.core


def _willing(wanted: Wanted, offered: Sequence[Offer], held: Sequence[Want]) -> Options:
    """Who of the candidates of each item works at all around the time, and where a hold says so, those it holds."""
    if wanted.starts_at.second or wanted.starts_at.microsecond:
        return [[] for _ in offered]
    idle = availability.idle_minutes(offered, wanted.max_idle)
    length = sum(max((one.demand.duration for one in offer.candidates), default=0) + idle for offer in offered)
    start = wanted.start_minute
    kept = {want.resource_id for want in held}
    return [
        [
            _with_rooms(candidate, kept) if held else candidate
            for candidate in offer.candidates
            if (not held or candidate.resource_id in kept)
            and (
                wanted.override is not None
                or _works(candidate, start, start + (length if len(offered) > 1 else candidate.demand.duration))
            )
        ]
        for offer in offered
    ]


def _with_rooms(candidate: Candidate, kept: set[UUID]) -> Candidate:
    """The candidate with those rooms alone that are held."""
    needs = (tuple(room for room in need if room.resource_id in kept) for need in candidate.needs)
    return replace(candidate, needs=tuple(needs))


def _works(candidate: Candidate, start: int, end: int) -> bool:
    """Whether some stay of the candidate's could lie between two minutes."""
    return any(
        max(opens, start) + candidate.demand.duration <= min(closes, end)
        for opens, closes in availability.windows(candidate, *availability.stretch(start, candidate.zone, DAYS_AROUND))
    )


def _read_ways(
    wanted: Wanted, offered: Sequence[Offer], options: Options, *, is_held: bool
) -> Iterator[tuple[PlacedItem, ...]]:
    """Places that are free at this moment; what a hold keeps is free for whoever redeems it."""
    if wanted.override is not None:
        yield _overriding(wanted, offered, options)
        return
    everybody = [candidate for item in options for candidate in item]
    busy = {} if is_held else availability.busy_of(everybody, *_week(wanted))
    yield from _planned_anywhere(wanted, offered, options, busy)


def _planned_anywhere(
    wanted: Wanted, offered: Sequence[Offer], options: Options, busy: Busy
) -> Iterator[tuple[PlacedItem, ...]]:
    """Places for the visit at one location after the other, those whom the business prefers first."""
    scheduling, start = offered[0].scheduling, wanted.start_minute
    counts = visits_of_week(options, start) if choice.counts_visits(scheduling) else {}
    chosen = [choice.in_order(item, busy, start, scheduling, counts) for item in options]
    for location_id in dict.fromkeys(candidate.location_id for candidate in chosen[0]):
        here = [[one for one in item if one.location_id == location_id] for item in chosen]
        if all(here):
            yield from _planned(wanted, offered, here, busy, _days(wanted, here[0][0]))


def visits_of_week(options: Options, start: int) -> dict[UUID, int]:
    """How many visits each candidate has in the week of a start."""
    candidate = options[0][0]
    if all(len(item) == 1 for item in options):
        return {}
    since, until = choice.week_of(start, candidate.zone)
    return availability.visit_counts({one.resource_id for item in options for one in item}, since, until)


def _week(wanted: Wanted) -> tuple[date, date]:
    day = wanted.starts_at.date()
    return day - timedelta(days=day.weekday() + 1), day + timedelta(days=7 - day.weekday())


def _days(wanted: Wanted, candidate: Candidate) -> tuple[date, date]:
    first, last = availability.stretch(wanted.start_minute, candidate.zone, DAYS_AROUND)
    return first - timedelta(days=1), last


def _planned(
    wanted: Wanted,
    offered: Sequence[Offer],
    here: Options,
    busy: Busy,
    days: tuple[date, date],
) -> Iterator[tuple[PlacedItem, ...]]:
    numbers = {candidate.resource_id: number for number, candidate in enumerate(one for item in here for one in item)}
    items = [[availability.option_of(one, busy, *days, numbers[one.resource_id]) for one in item] for item in here]
    board = plans.Board(
        items, max_idle=availability.idle_minutes(offered, wanted.max_idle), marks=(wanted.start_minute,)
    )
    for plan in plans.plans(board, wanted.start_minute, ordered=wanted.is_ordered):
        yield tuple(
            PlacedItem(
                _id_of(wanted, one.item),
                offered[one.item],
                here[one.item][one.option],
                one.start,
                one.lane,
                _rooms_of(here[one.item][one.option], one.rooms),
            )
            for one in plan
        )


def _rooms_of(candidate: Candidate, chosen: Sequence[int]) -> tuple[tuple[UUID, int], ...]:
    lanes = [[(room.resource_id, lane) for room in need for lane in range(room.lanes)] for need in candidate.needs]
    return tuple(need[index] for need, index in zip(lanes, chosen, strict=True))


def _overriding(wanted: Wanted, offered: Sequence[Offer], options: Options) -> tuple[PlacedItem, ...]:
    """One after another with the first of each, whatever else they have: somebody said so."""
    at, items = wanted.start_minute, []
    for index, (offer, candidates) in enumerate(zip(offered, options, strict=True)):
        candidate = candidates[0]
        rooms = tuple((need[0].resource_id, 0) for need in candidate.needs if need)
        items.append(PlacedItem(_id_of(wanted, index), offer, candidate, at, 0, rooms))
        at += candidate.demand.duration
    return tuple(items)


def _is_same(wants: Sequence[Want], held: Sequence[Want]) -> bool:
    def places(some: Sequence[Want]) -> set[tuple[UUID, int, datetime, datetime]]:
        return {(want.resource_id, want.lane, want.starts_at, want.ends_at) for want in some}

    return places(wants) == places(held)


def _unavailable(wanted: Wanted) -> SlotUnavailableError:
    if len(wanted.items) > 1:
        near = (
            []
            if wanted.keeps
            else availability.alternative_visits(
                near=wanted.starts_at,
                items=wanted.items,
                is_ordered=wanted.is_ordered,
                max_idle=wanted.max_idle,
                staff=wanted.by_staff,
            )
        )
        return SlotUnavailableError(details={"alternatives": near})
    near = availability.alternatives(
        near=wanted.starts_at, offered=lambda first, last: _offers_between(wanted, first, last)[0]
    )
    return SlotUnavailableError(details={"alternatives": near})
