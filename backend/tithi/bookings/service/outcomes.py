# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""What became of a visit; the state and the amount in one transaction, the charge after it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from tithi.bookings import queries
from tithi.bookings.errors import BookingStateConflictError, ChargeTooLargeError
from tithi.bookings.events import BookingCanceled, BookingCheckedIn, BookingCompleted, BookingNoShow
from tithi.bookings.models import Booking
from tithi.bookings.service import places
from tithi.bookings.service.fees import cancel_fee, no_show_fee
from tithi.payments import service as payment_service
from tithi.payments.errors import PaymentInProgressError, PaymentSettledError
from tithi.platform import clock, idempotency, jobs
from tithi.platform.db import transaction
from tithi.platform.events import publish

EXPIRE_TIMER = "bookings.expire_pending"


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """What an outcome asks for, in minor units: the amount, and the tip on top of it; `note` says why it is less."""

    reason: str
    amount_cents: int
    tip_cents: int = 0
    note: str | None = None


def complete(
    *, booking_id: UUID, tip_cents: int = 0, charge_cents: int | None = None, note: str | None = None
) -> dict[str, Any]:
    """The visit took place: charge its price, or the part of it that staff names, and the tip.

    A booking that is completed already answers as it is.

    Raises:
        ChargeTooLarge: more than the price was named.
    """

    def close(booking: Booking, now: datetime) -> Due:
        if charge_cents is not None and charge_cents > booking.amount_cents:
            raise ChargeTooLargeError(details={"most_cents": booking.amount_cents})
        booking.completed_at = now
        publish(BookingCompleted(booking_id=booking.id, customer_id=booking.customer_id, starts_at=booking.starts_at))
        amount = booking.amount_cents if charge_cents is None else charge_cents
        return Due(reason="completion", amount_cents=amount, tip_cents=tip_cents, note=note)

    return _reach("completed", booking_id, close)


def mark_no_show(*, booking_id: UUID) -> dict[str, Any]:
    """The customer did not come: charge the fee that the booking's policy names."""

    def close(booking: Booking, now: datetime) -> Due:
        booking.no_show_at = now
        publish(BookingNoShow(booking_id=booking.id, customer_id=booking.customer_id))
        return Due(reason="no_show", amount_cents=no_show_fee(booking))

    return _reach("no_show", booking_id, close)


def cancel(*, booking_id: UUID, canceled_by: str, reason: str | None) -> dict[str, Any]:
    """Cancel, and charge the late fee at once where the customer cancels inside the window."""

    def close(booking: Booking, now: datetime) -> Due:
        fee = cancel_without_charge(booking, canceled_by=canceled_by, reason=reason, now=now)
        return Due(reason="late_cancel", amount_cents=fee)

    return _reach("canceled", booking_id, close)


def cancel_without_charge(booking: Booking, *, canceled_by: str, reason: str | None, now: datetime) -> int:
    """Give the time back and say what the policy asks for it, in minor units."""
    was_pending = booking.status == "pending"
    fee = cancel_fee(booking, canceled_by=canceled_by, now=now)
    booking.status = "canceled"
    booking.canceled_at = now
    booking.canceled_by = canceled_by
    booking.cancel_reason = reason
    places.give_back(booking)
    publish(BookingCanceled(booking_id=booking.id, customer_id=booking.customer_id, canceled_by=canceled_by))
    return 0 if was_pending else fee


def check_in(*, booking_id: UUID) -> dict[str, Any]:
    """The customer is here, in the caller's transaction."""
    booking = queries.get_booking(booking_id, lock=True)
    if booking.status != "checked_in":
        _refuse_unless_allowed(booking, "checked_in")
        now = clock.now()
        if booking.status == "pending":
            places.keep(booking)
            jobs.cancel(EXPIRE_TIMER, booking.id)
        booking.status = "checked_in"
        booking.checked_in_at = booking.updated_at = now
        booking.version += 1
        publish(BookingCheckedIn(booking_id=booking.id, customer_id=booking.customer_id))
    queries.flush()
    return queries.show_booking(booking_id)


def _reach(status: str, booking_id: UUID, close: Callable[[Booking, datetime], Due]) -> dict[str, Any]:
    with transaction():
        attempt_id = _close(status, booking_id, close)
        if attempt_id is None:
            return _conclude(booking_id)
    payment_service.charge(attempt_id=attempt_id)
    with transaction():
        return _conclude(booking_id)


def _close(status: str, booking_id: UUID, close: Callable[[Booking, datetime], Due]) -> UUID | None:
    booking = queries.get_booking(booking_id, lock=True)
    if booking.status == status:
        _refuse_while_charging(booking_id)
        return None
    _refuse_unless_allowed(booking, status)
    _refuse_while_charging(booking_id)
    now = clock.now()
    jobs.cancel(EXPIRE_TIMER, booking.id)
    if status != "canceled" and booking.status == "pending":
        places.keep(booking)
    due = close(booking, now)
    booking.status = status
    booking.updated_at = now
    booking.version += 1
    queries.flush()
    if due.amount_cents + due.tip_cents == 0:
        payment_service.cancel_open(owner_id=booking.id)
        return None
    try:
        return payment_service.prepare_charge(
            owner_id=booking.id,
            reason=due.reason,
            amount_cents=due.amount_cents,
            tip_cents=due.tip_cents,
            note=due.note,
        )
    except PaymentSettledError:
        return None


def _refuse_unless_allowed(booking: Booking, status: str) -> None:
    if not booking.may_become(status):
        raise BookingStateConflictError(details={"status": booking.status})


def _refuse_while_charging(booking_id: UUID) -> None:
    if payment_service.is_charging(owner_id=booking_id):
        raise PaymentInProgressError(headers={"Retry-After": "2"})


def _conclude(booking_id: UUID) -> dict[str, Any]:
    result = queries.show_booking(booking_id)
    idempotency.conclude(result)
    return result
