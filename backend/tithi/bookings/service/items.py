# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""One service less in a visit."""

from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from tithi.availability import service as claims
from tithi.bookings import policy, queries
from tithi.bookings.errors import BookingItemNotFoundError, BookingStateConflictError, LastItemError
from tithi.bookings.events import BookingItemCanceled
from tithi.bookings.models import Booking, BookingItem
from tithi.bookings.service.prices import price_again
from tithi.payments import service as payment_service
from tithi.payments.errors import PaymentInProgressError
from tithi.platform import clock, jobs
from tithi.platform.db import session
from tithi.platform.events import publish

EXPIRE_TIMER = "bookings.expire_pending"


def cancel_item(*, booking_id: UUID, item_id: UUID, canceled_by: str) -> dict[str, Any]:
    """Take one service out of a visit, give its time back and lower the price, in the caller's transaction.

    Raises:
        BookingItemNotFound: the visit has no such item.
        LastItem: nothing would be left; the visit itself is to be canceled.
        BookingStateConflict: the visit is past this, or the customer is too late for it.
    """
    booking = queries.get_booking(booking_id, lock=True)
    items = queries.items_of(booking_id)
    item = next((one for one in items if one.id == item_id), None)
    if item is None:
        raise BookingItemNotFoundError
    if item.status == "canceled":
        return queries.show_booking(booking_id)
    _refuse_unless_allowed(booking, canceled_by)
    left = [one for one in items if one.status == "booked" and one.id != item_id]
    if not left:
        raise LastItemError
    item.status = "canceled"
    claims.release_item(owner_id=booking_id, item_id=item_id)
    _shrink(booking, left)
    publish(BookingItemCanceled(booking_id=booking.id, customer_id=booking.customer_id, item_id=item_id))
    session().flush()
    return queries.show_booking(booking_id)


def _refuse_unless_allowed(booking: Booking, canceled_by: str) -> None:
    if booking.status not in {"pending", "confirmed", "checked_in"} or booking.class_session_id is not None:
        raise BookingStateConflictError(details={"status": booking.status})
    if payment_service.is_charging(owner_id=booking.id):
        raise PaymentInProgressError(headers={"Retry-After": "2"})
    if canceled_by == policy.CUSTOMER and is_late(booking):
        raise BookingStateConflictError(details={"status": booking.status, "late": True})


def is_late(booking: Booking) -> bool:
    """Whether the window for canceling free of charge is over, or was when the visit was moved."""
    starts_at = policy.window_start(booking.starts_at, booking.late_since)
    return policy.is_late(booking.policy_snapshot, starts_at, clock.now())


def _shrink(booking: Booking, left: list[BookingItem]) -> None:
    starts_at = min(one.starts_at for one in left)
    if booking.awaits_approval and claims.expiry(owner_id=booking.id) == booking.starts_at:
        claims.keep(owner_id=booking.id, until=starts_at)
        jobs.schedule(EXPIRE_TIMER, booking.id, starts_at)
    booking.starts_at = starts_at
    booking.local_start = starts_at.astimezone(ZoneInfo(booking.timezone)).replace(tzinfo=None)
    booking.ends_at = max(one.ends_at for one in left)
    price_again(booking, left)
    booking.version += 1
    booking.updated_at = clock.now()
    payment_service.propose(
        owner_id=booking.id, reason=None, amount_cents=booking.amount_cents, tax_cents=booking.tax_cents
    )
