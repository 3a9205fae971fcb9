# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""What would be free if visits that could as well be in another room were there: one step, not a chain of them."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import text

from tithi.availability import hours, slots
from tithi.availability.queries.offers import NOBODY, NOTHING, Candidate, Item, Offer, Room, Taken, offers, taken
from tithi.availability.slots import Span
from tithi.platform import clock
from tithi.platform.db import session
from tithi.platform.tenancy import current_tenant_id

Place = tuple[UUID, int]


@dataclass(frozen=True, slots=True)
class Stay:
    """What one item of a visit to come takes of one lane of a room; spans are in epoch minutes."""

    owner_id: UUID
    item_id: UUID
    service_id: UUID
    location_id: UUID
    place: Place
    start: int
    end: int
    spans: tuple[Span, ...]


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


_STAYS = text(
    """
    SELECT c.owner_id, c.item_id, i.service_id, b.location_id, c.resource_id, c.lane,
        extract(epoch FROM i.starts_at)::bigint AS start, extract(epoch FROM i.ends_at)::bigint AS until,
        array_agg(extract(epoch FROM c.starts_at)::bigint) AS starts,
        array_agg(extract(epoch FROM c.ends_at)::bigint) AS ends
    FROM claims c
    JOIN booking_items i ON i.tenant_id = c.tenant_id AND i.id = c.item_id
    JOIN bookings b ON b.tenant_id = c.tenant_id AND b.id = c.owner_id
    WHERE c.tenant_id = :tenant_id AND c.resource_id = ANY(CAST(:rooms AS uuid[])) AND c.active AND NOT c.override
    AND c.kind = 'booking' AND c.starts_at > CAST(:since AS timestamptz) - interval '48 hours'
    AND c.starts_at < CAST(:until AS timestamptz) + interval '48 hours'
    AND (c.expires_at IS NULL OR c.expires_at > :now) AND c.owner_id <> :except_owner
    AND i.starts_at < :until AND i.ends_at > :since
    AND b.starts_at > :now AND b.status IN ('pending', 'confirmed')
    GROUP BY c.owner_id, c.item_id, i.service_id, b.location_id, c.resource_id, c.lane, i.starts_at, i.ends_at
    ORDER BY i.starts_at, c.item_id
    """
)


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
    stays = _stays(rooms, since, until, except_owner)
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


def _stays(rooms: Iterable[UUID], since: int, until: int, except_owner: UUID) -> list[Stay]:
    rows = session().execute(
        _STAYS,
        {
            "tenant_id": current_tenant_id(),
            "rooms": [str(room) for room in rooms],
            "since": slots.from_epoch_minute(since - slots.MINUTES_PER_DAY),
            "until": slots.from_epoch_minute(until + slots.MINUTES_PER_DAY),
            "now": clock.now(),
            "except_owner": except_owner,
        },
    )
    return [
        Stay(
            owner_id=row.owner_id,
            item_id=row.item_id,
            service_id=row.service_id,
            location_id=row.location_id,
            place=(row.resource_id, row.lane),
            start=row.start // 60,
            end=-(-row.until // 60),
            spans=tuple((start // 60, -(-end // 60)) for start, end in zip(row.starts, row.ends, strict=True)),
        )
        for row in rows
    ]


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
