# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""What would be free if visits that could as well be in another room were there: one step, not a chain of them."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from tithi.availability import hours, slots
from tithi.availability.queries.offers import NOBODY, NOTHING, Candidate, Item, Offer, Room, Taken, offers, taken
from tithi.availability.visits import Stay, visits

Place = tuple[UUID, int]


@dataclass(frozen=True, slots=True)
class Shift:
    """That a stay could be on another place."""

    stay: Stay
    to: Place


@dataclass(frozen=True, slots=True)
class World:
    """What would be taken if the visits of one lane were where they could be as well."""

    busy: dict[Place, Taken]
    shifts: tuple[Shift, ...]


def worlds(
    candidates: Sequence[Candidate],
    busy: dict[Place, Taken],
    first: date,
    last: date,
    *,
    except_owner: UUID = NOBODY,
) -> list[World]:
    """For each lane of the candidates' rooms what would be taken if others made way, where any could."""
    rooms = {room.resource_id for candidate in candidates for need in candidate.needs for room in need}
    if not rooms:
        return []
    bounds = [slots.day_bounds(zone, first, last) for zone in {candidate.zone for candidate in candidates}]
    since, until = min(start for start, _ in bounds), max(end for _, end in bounds)
    stays = visits().stays_in(
        rooms=rooms,
        since=slots.from_epoch_minute(since - slots.MINUTES_PER_DAY),
        until=slots.from_epoch_minute(until + slots.MINUTES_PER_DAY),
        except_owner=except_owner,
    )
    if not stays:
        return []
    others = _others(stays, first, last)
    low = min(span[0] for stay in stays for span in stay.spans)
    high = max(span[1] for stay in stays for span in stay.spans)
    unread = {room.resource_id for some in others.values() for room in some} - rooms
    read = taken(unread, slots.from_epoch_minute(low), slots.from_epoch_minute(high), except_owner=except_owner)
    by_place: defaultdict[Place, list[Stay]] = defaultdict(list)
    for stay in stays:
        by_place[stay.place].append(stay)
    found = (_world({**busy, **read}, some, others, (first, last)) for some in by_place.values())
    return [world for world in found if world.shifts]


def _others(stays: Sequence[Stay], first: date, last: date) -> dict[UUID, tuple[Room, ...]]:
    """For each item the rooms that serve the same need as the one it has."""
    services = list(dict.fromkeys(stay.service_id for stay in stays))
    known = offers([Item(service_id) for service_id in services], first=first, last=last, also_inactive=True)
    by_service = dict(zip(services, known, strict=True))
    return {stay.item_id: _same_need(by_service[stay.service_id], stay) for stay in stays}


def _same_need(offered: Offer, stay: Stay) -> tuple[Room, ...]:
    room_id, _ = stay.place
    there = next((one for one in offered.candidates if one.location_id == stay.location_id), None)
    needs = there.needs if there else ()
    need = next((need for need in needs if any(room.resource_id == room_id for room in need)), ())
    return tuple(room for room in need if room.resource_id != room_id)


def _world(
    busy: dict[Place, Taken], stays: Sequence[Stay], others: dict[UUID, tuple[Room, ...]], days: tuple[date, date]
) -> World:
    """The visits of one lane in their other rooms, each in the first that it finds."""
    world, shifts = dict(busy), []
    for stay in stays:
        to = next(_free(world, stay, others[stay.item_id], days), None)
        if to is None:
            continue
        here, there = world.get(stay.place, NOTHING), world.get(to, NOTHING)
        world[stay.place] = Taken(tuple(span for span in here.hard if span not in stay.spans), here.soft)
        world[to] = Taken((*there.hard, *stay.spans), there.soft)
        shifts.append(Shift(stay, to))
    return World(world, tuple(shifts))


def _free(world: dict[Place, Taken], stay: Stay, rooms: Iterable[Room], days: tuple[date, date]) -> Iterator[Place]:
    for room in rooms:
        if room.hours and not slots.is_inside(hours.windows(room.hours, *days), stay.start, stay.end - stay.start):
            continue
        for lane in range(room.lanes):
            busy = world.get((room.resource_id, lane), NOTHING).all
            if not any(begin < end and start < until for start, end in stay.spans for begin, until in busy):
                yield room.resource_id, lane
