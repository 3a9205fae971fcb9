# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""Another time for a visit: everything that was agreed stays, and that it moved is kept."""

import itertools
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from tithi.availability import service as claims
from tithi.availability.demand import Demand
from tithi.availability.queries import Item
from tithi.availability.service import Override
from tithi.bookings import policy, queries
from tithi.bookings.errors import BookingStateConflictError, NotBookableError, TooLateError
from tithi.bookings.events import BookingRescheduled
from tithi.bookings.models import Booking, BookingItem, BookingMove
from tithi.bookings.service.limits import check_rules
from tithi.bookings.service.placing import offers_for, take_time
from tithi.bookings.service.records import move_items
from tithi.bookings.service.wanted import Kept, Visit, Wanted
from tithi.platform import clock, jobs
from tithi.platform.db import session
from tithi.platform.events import publish
from tithi.platform.ids import new_id
from tithi.platform.tenancy import current_tenant_id

MOVABLE = ("pending", "confirmed")
EXPIRE_TIMER = "bookings.expire_pending"


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """Where a visit is to go; without a person each item stays with its own, or goes to anybody where asked."""

    starts_at: datetime
    moved_by: str
    team_member_id: UUID | None = None
    to_anybody: bool = False
    reason: str | None = None
    bypass: frozenset[str] = frozenset()
    override: Override | None = None
    in_series: bool = False


def move(*, booking_id: UUID, to: Move) -> dict[str, Any]:
    """Move a visit in the caller's transaction.

    Raises:
        BookingStateConflict: it has begun, ended or was called off.
        NotBookable: it is a seat in a class.
        TooLate: the customer is past the business's notice for moving.
        SlotUnavailable: the new time is not free; the visit stays where it is.
    """
    booking = queries.get_booking(booking_id, lock=True)
    _refuse_unless_movable(booking, to)
    items = [item for item in queries.items_of(booking_id) if item.status == "booked"]
    wanted = _wanted(booking, items, to)
    offered = offers_for(wanted)
    expires_at = _new_expiry(booking, to)
    claims.release(owner_id=booking_id)
    visit = take_time(wanted, offered, kind="booking", owner_id=booking_id, expires_at=expires_at)
    visit = replace(visit, bypassed=check_rules(wanted, visit, customer_id=booking.customer_id, booking_id=booking_id))
    move_id = _keep_move(booking, items, visit, to)
    told = BookingRescheduled(
        booking_id=booking_id,
        customer_id=booking.customer_id,
        from_starts_at=booking.starts_at,
        starts_at=visit.starts_at,
        moved_by=to.moved_by,
        move_id=move_id,
        in_series=to.in_series,
    )
    _write(booking, visit, to)
    move_items(booking_id, visit.items, {item.id: item.position for item in items})
    if expires_at is not None:
        jobs.schedule(EXPIRE_TIMER, booking_id, expires_at)
    publish(told)
    return queries.show_booking(booking_id)


def _new_expiry(booking: Booking, to: Move) -> datetime | None:
    """When a pending visit runs out: as before, but what waits for the business waits until it begins.

    Raises:
        BookingStateConflict: it has run out already.
    """
    if booking.status != "pending":
        return None
    expires_at = claims.expiry(owner_id=booking.id)
    if expires_at is None or expires_at <= clock.now():
        raise BookingStateConflictError(details={"status": booking.status})
    return to.starts_at if booking.awaits_approval and expires_at == booking.starts_at else expires_at


def _refuse_unless_movable(booking: Booking, to: Move) -> None:
    if booking.class_session_id is not None:
        raise NotBookableError
    if booking.status not in MOVABLE or booking.starts_at <= clock.now():
        raise BookingStateConflictError(details={"status": booking.status})
    is_past = policy.is_past_notice(booking.policy_snapshot, "move_notice_minutes", booking.starts_at, clock.now())
    if to.moved_by == policy.CUSTOMER and is_past:
        raise TooLateError


def _wanted(booking: Booking, items: list[BookingItem], to: Move) -> Wanted:
    gaps = [(after.starts_at - before.ends_at) // timedelta(minutes=1) for before, after in itertools.pairwise(items)]
    return Wanted(
        items=tuple(Item(item.service_id, _person(item, to)) for item in items),
        starts_at=to.starts_at,
        source="public" if to.moved_by == policy.CUSTOMER else "staff",
        max_idle=max(gaps) if gaps and to.moved_by == policy.CUSTOMER else None,
        customer_id=booking.customer_id,
        bypass=to.bypass,
        override=to.override,
        keeps=tuple(Kept(item.id, item.price_cents, held_demand(item)) for item in items),
    )


def _person(item: BookingItem, to: Move) -> UUID | None:
    if to.to_anybody:
        return None
    return to.team_member_id or item.team_member_id


def held_demand(item: BookingItem) -> Demand:
    """What the item was booked with; of visits from before it was kept, the whole of it."""
    snapshot = item.service_snapshot
    held = snapshot.get("held")
    duration = int(snapshot["duration_min"])
    if held is None:
        whole = ((-int(snapshot["buffer_before_min"]), duration + int(snapshot["buffer_after_min"])),)
        return Demand(duration, whole, (), 1)
    spans = {name: tuple((start, end) for start, end in held[name]) for name in ("staff", "core", "rooms")}
    return Demand(duration, spans["staff"], spans["rooms"], 1, spans["core"])


def _keep_move(booking: Booking, items: list[BookingItem], visit: Visit, to: Move) -> UUID:
    move_id = new_id()
    session().add(
        BookingMove(
            tenant_id=current_tenant_id(),
            id=move_id,
            booking_id=booking.id,
            moved_by=to.moved_by,
            from_starts_at=booking.starts_at,
            to_starts_at=visit.starts_at,
            from_items=[
                {
                    "id": str(item.id),
                    "team_member_id": str(item.team_member_id),
                    "start_time": item.starts_at.isoformat(),
                }
                for item in items
            ],
            reason=to.reason,
            created_at=clock.now(),
        )
    )
    return move_id


def _write(booking: Booking, visit: Visit, to: Move) -> None:
    now = clock.now()
    first = visit.items[0].candidate
    if to.moved_by == policy.CUSTOMER and policy.is_late(booking.policy_snapshot, booking.starts_at, now):
        booking.late_since = booking.late_since or now
    booking.starts_at, booking.ends_at = visit.starts_at, visit.ends_at
    booking.location_id, booking.timezone = first.location_id, first.zone
    booking.local_start = visit.starts_at.astimezone(ZoneInfo(first.zone)).replace(tzinfo=None)
    booking.bypassed = list(dict.fromkeys([*booking.bypassed, *visit.bypassed]))
    booking.moved_count += 1
    booking.version += 1
    booking.updated_at = now
    session().flush()
