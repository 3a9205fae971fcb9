# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""Class sessions: scheduling one or a row of them, changing one, calling one off."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import product
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import text

from tithi.availability import service as claims
from tithi.availability.errors import SlotUnavailableError
from tithi.availability.service import Want
from tithi.bookings import class_queries, recurrence
from tithi.bookings.errors import ClassClosedError, SeatsBookedError
from tithi.bookings.events import BookingRescheduled
from tithi.bookings.models import BookingMove, ClassSession
from tithi.bookings.policy import BUSINESS
from tithi.bookings.service.offering import CLASS_TIMER
from tithi.bookings.service.outcomes import cancel
from tithi.catalog import queries as catalog
from tithi.platform import clock, idempotency, jobs
from tithi.platform.db import session, transaction
from tithi.platform.errors import InvalidError, PreconditionFailedError
from tithi.platform.events import publish
from tithi.platform.ids import new_id
from tithi.platform.tenancy import current_tenant_id
from tithi.resources import queries as resources
from tithi.resources.errors import ResourceNotFoundError
from tithi.team import queries as team
from tithi.team.errors import TeamMemberNotFoundError
from tithi.tenants import queries as tenants

CANCEL_TIMER = "bookings.cancel_class"
TAKES_TIME = frozenset({"starts_at", "team_member_id", "room_id"})


@dataclass(frozen=True, slots=True)
class _Setting:
    """Who gives a class and where, with the lanes of each, and what it takes of them in minutes."""

    team_member_id: UUID
    resource_id: UUID
    lanes: int
    room_id: UUID | None
    room_lanes: int
    location_id: UUID
    timezone: str
    duration: int
    before: int
    after: int
    price_cents: int


def schedule_class(*, details: dict[str, Any], weeks: int) -> list[dict[str, Any]]:
    """Schedule a session, or one each week at the same wall-clock time: all of them or none.

    Raises:
        SlotUnavailable: the member or the room is taken; carries the starts that conflict.
    """
    service = catalog.get_service(details["service_id"])
    setting = _setting(details["service_id"], details["team_member_id"], details.get("room_id"))
    if service.kind != "class":
        raise InvalidError(errors={"service_id": ["is not a service of kind class"]})
    _check_start(details["starts_at"])
    capacity = details.get("capacity", service.capacity)
    usual = service.capacity if service.online_capacity is None else service.online_capacity
    online = details.get("online_capacity", min(usual, capacity))
    _check_capacity(capacity, online)
    made, conflicts = [], []
    for starts_at in _weekly(details["starts_at"], setting.timezone, weeks):
        one = ClassSession(
            tenant_id=current_tenant_id(),
            id=new_id(),
            service_id=service.id,
            capacity=capacity,
            online_capacity=online,
            price_cents=details.get("price_cents", setting.price_cents),
            created_at=clock.now(),
        )
        if _place(one, setting, starts_at):
            session().add(one)
            made.append(one.id)
        else:
            conflicts.append(starts_at)
    _refuse(conflicts)
    session().flush()
    return [class_queries.show(session_id) for session_id in made]


def change_class(*, session_id: UUID, details: dict[str, Any], expected_version: int | None) -> dict[str, Any]:
    """Change a session; one that moves claims its new time, and the visits of those who booked move with it.

    Raises:
        SeatsBooked: more seats are booked than it would have.
        SlotUnavailable: the new time is taken.
    """
    class_queries.lock_bookings(session_id)
    found = class_queries.get_session(session_id, lock=True)
    if expected_version is not None and found.version != expected_version:
        raise PreconditionFailedError
    if found.status != "scheduled":
        raise ClassClosedError(details={"status": found.status})
    _resize(found, details)
    found.price_cents = details.get("price_cents", found.price_cents)
    if TAKES_TIME & details.keys():
        _move(found, details)
    found.version += 1
    session().flush()
    return class_queries.show(session_id)


def call_off_class(*, session_id: UUID, reason: str | None) -> dict[str, Any]:
    """Cancel a session and the visits of all who booked, at no cost to them; opens its own transactions."""
    with transaction():
        found = class_queries.get_session(session_id, lock=True)
        if found.status == "scheduled":
            if found.ends_at <= clock.now():
                raise ClassClosedError(details={"status": "over"})
            found.status = "canceled"
            found.version += 1
            claims.release(owner_id=session_id)
            jobs.schedule(CANCEL_TIMER, session_id, clock.now() + timedelta(minutes=1))
            jobs.schedule(CLASS_TIMER, session_id, clock.now())
    cancel_class_visits(session_id=session_id, reason=reason)
    with transaction():
        result = class_queries.show(session_id)
        idempotency.conclude(result)
        return result


def cancel_class_visits(*, session_id: UUID, reason: str | None = None) -> None:
    """Cancel the visits of a session that was called off, each in its own transactions."""
    with transaction():
        standing = class_queries.standing_bookings(session_id)
    with idempotency.as_part():
        for booking_id in standing:
            cancel(booking_id=booking_id, canceled_by=BUSINESS, reason=reason)


def _setting(service_id: UUID, member_id: UUID, room_id: UUID | None) -> _Setting:
    service = catalog.show_service(service_id)
    member = team.get_member(member_id)
    staff = {one["team_member_id"]: one for one in service["staff"]}
    if staff and member_id not in staff:
        raise TeamMemberNotFoundError
    own = staff.get(member_id, {})
    location = tenants.get_location(member.location_id)
    room_lanes = 1
    if room_id is not None:
        room = resources.get_resource(room_id)
        if room.kind != "room" or not room.is_active or room.location_id not in {None, member.location_id}:
            raise ResourceNotFoundError
        room_lanes = room.capacity
    return _Setting(
        team_member_id=member_id,
        resource_id=member.resource_id,
        lanes=resources.get_resource(member.resource_id).capacity,
        room_id=room_id,
        room_lanes=room_lanes,
        location_id=location.id,
        timezone=location.timezone,
        duration=own.get("duration_min") or service["duration_min"],
        before=service["buffer_before_min"],
        after=service["buffer_after_min"],
        price_cents=service["price_cents"] if own.get("price_cents") is None else own["price_cents"],
    )


def _check_start(starts_at: datetime) -> None:
    if starts_at.second or starts_at.microsecond:
        raise InvalidError(errors={"start_time": ["is not a whole minute"]})
    if starts_at <= clock.now():
        raise InvalidError(errors={"start_time": ["has passed"]})


def _check_capacity(capacity: int, online: int) -> None:
    if online > capacity:
        raise InvalidError(errors={"online_capacity": ["is more than capacity"]})


def _weekly(first: datetime, zone: str, weeks: int) -> list[datetime]:
    wall = first.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
    later = (wall + timedelta(weeks=week) for week in range(1, weeks))
    return [first, *(recurrence.instant(one, zone) for one in later)]


def _place(one: ClassSession, setting: _Setting, starts_at: datetime) -> bool:
    """Put the session there and claim its time; says whether that was free."""
    one.team_member_id = setting.team_member_id
    one.resource_id = setting.resource_id
    one.room_id = setting.room_id
    one.location_id = setting.location_id
    one.timezone = setting.timezone
    one.starts_at = starts_at
    one.ends_at = starts_at + timedelta(minutes=setting.duration)
    one.local_start = starts_at.astimezone(ZoneInfo(setting.timezone)).replace(tzinfo=None)
    begin = starts_at - timedelta(minutes=setting.before)
    end = one.ends_at + timedelta(minutes=setting.after)
    for lane, room_lane in product(range(setting.lanes), range(setting.room_lanes)):
        wants = [Want(setting.resource_id, lane, begin, end)]
        if setting.room_id is not None:
            wants.append(Want(setting.room_id, room_lane, begin, end))
        if claims.claim(wants=wants, kind="class", owner_id=one.id, expires_at=None):
            return True
    return False


def _refuse(conflicts: list[datetime]) -> None:
    if conflicts:
        raise SlotUnavailableError(details={"conflicts": [{"start_time": one} for one in conflicts]})


def _resize(found: ClassSession, details: dict[str, Any]) -> None:
    capacity = details.get("capacity", found.capacity)
    online = details.get("online_capacity", min(found.online_capacity, capacity))
    _check_capacity(capacity, online)
    if capacity < found.booked_seats or online < found.online_seats:
        raise SeatsBookedError(details={"booked_seats": found.booked_seats, "online_seats": found.online_seats})
    found.capacity = capacity
    found.online_capacity = online


def _move(found: ClassSession, details: dict[str, Any]) -> None:
    starts_at = details.get("starts_at", found.starts_at)
    setting = _setting(
        found.service_id,
        details.get("team_member_id", found.team_member_id),
        details.get("room_id", found.room_id),
    )
    if found.starts_at <= clock.now():
        raise ClassClosedError(details={"status": "begun"})
    _check_start(starts_at)
    before, member_id = found.starts_at, found.team_member_id
    claims.release(owner_id=found.id)
    if not _place(found, setting, starts_at):
        _refuse([starts_at])
    session().flush()
    _move_visits(found, before, member_id)


def _move_visits(found: ClassSession, before: datetime, member_id: UUID) -> None:
    """The visits of those who booked go along, and each is told to have moved."""
    now = clock.now()
    parameters = {"tenant_id": current_tenant_id(), "id": found.id, "now": now}
    moved = session().execute(_MOVE_VISITS, parameters).all()
    if not moved or found.starts_at == before:
        return
    session().add_all(
        BookingMove(
            tenant_id=current_tenant_id(),
            id=new_id(),
            booking_id=row.id,
            moved_by=BUSINESS,
            from_starts_at=before,
            to_starts_at=found.starts_at,
            from_items=[{"id": str(row.item_id), "team_member_id": str(member_id), "start_time": before.isoformat()}],
            reason=None,
            created_at=now,
        )
        for row in moved
    )
    publish(
        *(
            BookingRescheduled(
                booking_id=row.id,
                customer_id=row.customer_id,
                from_starts_at=before,
                starts_at=found.starts_at,
                moved_by=BUSINESS,
            )
            for row in moved
        )
    )


_MOVE_VISITS = text(
    """
    WITH moved AS (
        UPDATE bookings b SET starts_at = s.starts_at, ends_at = s.ends_at, local_start = s.local_start,
            timezone = s.timezone, location_id = s.location_id, moved_count = b.moved_count + 1,
            version = b.version + 1, updated_at = :now
        FROM class_sessions s
        WHERE s.tenant_id = :tenant_id AND s.id = :id AND b.tenant_id = s.tenant_id AND b.class_session_id = s.id
        AND b.status IN ('pending', 'confirmed', 'checked_in')
        RETURNING b.id, b.customer_id
    ), items AS (
        UPDATE booking_items i SET starts_at = s.starts_at, ends_at = s.ends_at, team_member_id = s.team_member_id,
            resource_id = s.resource_id, room_id = s.room_id
        FROM moved, class_sessions s
        WHERE i.tenant_id = :tenant_id AND i.booking_id = moved.id AND s.tenant_id = :tenant_id AND s.id = :id
        RETURNING i.id, i.booking_id
    )
    SELECT moved.id, moved.customer_id, items.id AS item_id FROM moved JOIN items ON items.booking_id = moved.id
    """
)
