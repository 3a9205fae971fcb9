# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""Who has the time of somebody or of the rooms that a visit needs."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from tithi.availability import plans, slots
from tithi.availability.queries import Busy, Claimed, Room, lanes_of
from tithi.availability.slots import Span
from tithi.bookings.explanation import hours
from tithi.bookings.explanation.causes import Cause, Question, cause

TAKEN = "taken"
BUFFER = "buffer"
HOW = {
    "booking": "Cancel or move the visit.",
    "hold": "Release the hold, or wait until it runs out.",
    "block": "Delete the block.",
    "class": "Call off or move the class session.",
    "external": "Move the event in the other calendar.",
}
WHAT = {"booking": "a visit", "hold": "a hold", "block": "a block", "class": "a class", "external": "another calendar"}


class RoomOfNeed(NamedTuple):
    """A room that a need names, whether or not it can be used."""

    need: int
    resource_id: UUID
    name: str
    location_id: UUID | None
    is_active: bool
    is_removed: bool


class _Taker(NamedTuple):
    """Somebody who is in the way; `is_buffer`: only of buffers."""

    kind: str
    owner_id: str
    span: Span
    lanes: tuple[int, ...]
    is_buffer: bool
    expires_at: datetime | None


def of_claims(asked: Question) -> Iterator[Cause]:
    """Every owner of time that is in the way on the staff's lanes, where none of them is free."""
    candidate = asked.candidate
    core = _core(asked, candidate.demand.staff)
    for taker in _takers(asked, candidate.resource_id, candidate.lanes, candidate.demand.staff, core):
        yield cause(
            BUFFER if taker.is_buffer else TAKEN,
            f"{candidate.name}'s time {asked.stretch(taker.span)} is taken by {WHAT[taker.kind]}"
            + (", which meets a buffer alone." if taker.is_buffer else "."),
            HOW[taker.kind] + (" Or shorten the buffer of the service." if taker.is_buffer else ""),
            team_member_id=candidate.team_member_id,
            resource_id=candidate.resource_id,
            **_shown(asked, taker),
        )


def of_rooms(asked: Question, rooms: Sequence[RoomOfNeed]) -> Iterator[Cause]:
    """Every need for which there is no room, with what keeps each of its rooms."""
    usable = {room.resource_id: room for need in asked.candidate.needs for room in need}
    for need in sorted({room.need for room in rooms}):
        named = [room for room in rooms if room.need == need]
        rooms_there = [usable[one.resource_id] for one in named if one.resource_id in usable]
        if any(_is_free(asked, room, asked.worlds[0]) for room in rooms_there):
            continue
        yield cause(
            "no_room",
            f"No room or piece of equipment is free for need {need}.",
            "Free one of the rooms, switch one on, open it longer, or name another one in the service's needs.",
            service_id=asked.offered.service_id,
            location_id=asked.candidate.location_id,
            need=need,
            rooms=[_shown_room(asked, one, usable.get(one.resource_id)) for one in named],
        )


def is_short_of_rooms(asked: Question) -> bool:
    """Whether some need has no room, and would have none if other visits made way."""
    return not any(
        all(any(_is_free(asked, room, world) for room in need) for need in asked.candidate.needs)
        for world in asked.worlds
    )


def _is_free(asked: Question, room: Room, world: Busy) -> bool:
    lanes = lanes_of(room, world, asked.day, asked.day)
    return any(plans.has_room(lane, asked.start, asked.candidate.demand) for lane in lanes)


def _shown_room(asked: Question, one: RoomOfNeed, room: Room | None) -> dict[str, Any]:
    shown: dict[str, Any] = {"resource_id": one.resource_id, "name": one.name}
    if room is None:
        gone = "removed" if one.is_removed else "room_inactive" if not one.is_active else "elsewhere"
        return {**shown, "states": [gone], "rule_ids": [], "exception_ids": [], "taken_by": []}
    shut = hours.of_room(asked, str(one.resource_id))
    demand = asked.candidate.demand
    takers = _takers(asked, one.resource_id, room.lanes, demand.rooms, _core(asked, demand.rooms))
    is_closed = bool(shut.outside or shut.rule_ids or shut.exception_ids)
    return {
        **shown,
        "states": [word for word, holds in (("closed", is_closed), (TAKEN, bool(takers))) if holds],
        "rule_ids": shut.rule_ids,
        "exception_ids": shut.exception_ids,
        "taken_by": [_shown(asked, taker) for taker in takers],
    }


def _shown(asked: Question, taker: _Taker) -> dict[str, Any]:
    return {
        "claim_kind": taker.kind,
        "owner_id": taker.owner_id,
        "start_time": asked.at(taker.span[0]),
        "end_time": asked.at(taker.span[1]),
        "lanes": taker.lanes,
        "is_buffer": taker.is_buffer,
        "expires_at": taker.expires_at,
    }


def _core(asked: Question, held: Sequence[Span]) -> Sequence[Span]:
    """What is held without the buffers around it."""
    if asked.candidate.demand.core:
        return asked.candidate.demand.core
    if not held:
        return ()
    return slots.intersect(held, [(0, held[-1][1] - asked.offered.buffer_after_min)])


def _takers(asked: Question, resource_id: UUID, lanes: int, held: Sequence[Span], core: Sequence[Span]) -> list[_Taker]:
    """Who is in the way on a resource that has no free lane; nobody where one is free."""
    is_soft = bool(asked.candidate.demand.core) and resource_id == asked.candidate.resource_id
    found: dict[str, list[tuple[Claimed, bool]]] = {}
    free = set(range(lanes))
    for one in asked.claims.get(resource_id, ()):
        if one.lane >= lanes:
            continue
        meets_core = _meets(one, core, asked.start)
        if meets_core or (_meets(one, held, asked.start) and not (is_soft and one.soft)):
            free.discard(one.lane)
            found.setdefault(one.owner_id, []).append((one, one.soft or not meets_core))
    if free:
        return []
    takers = [
        _Taker(
            kind=claims[0][0].kind,
            owner_id=owner_id,
            span=(min(one.start for one, _ in claims), max(one.end for one, _ in claims)),
            lanes=tuple(sorted({one.lane for one, _ in claims})),
            is_buffer=all(is_buffer for _, is_buffer in claims),
            expires_at=claims[0][0].expires_at,
        )
        for owner_id, claims in found.items()
    ]
    return sorted(takers, key=lambda taker: (taker.is_buffer, taker.span, taker.owner_id))


def _meets(one: Claimed, spans: Sequence[Span], start: int) -> bool:
    return any(one.start < start + end and start + begin < one.end for begin, end in spans)
