# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""Charging more after a visit was paid: a tip, or the rest of a price that was charged in part."""

from typing import Any
from uuid import UUID

from tithi.bookings import queries
from tithi.bookings.errors import BookingStateConflictError, ChargeTooLargeError
from tithi.bookings.models import Booking
from tithi.payments import amounts
from tithi.payments import queries as payments
from tithi.payments import service as payment_service
from tithi.payments.errors import PaymentNotFoundError, PaymentSettledError
from tithi.platform import idempotency
from tithi.platform.db import transaction


def charge_tip(*, booking_id: UUID, tip_cents: int) -> dict[str, Any]:
    """Charge a tip for a visit that was paid; opens its own transactions.

    Raises:
        BookingStateConflict: the visit is not completed.
        PaymentNotOwed, PaymentSettled, CardNotFound, CardUsedUp, AmountTooSmall: see `payments`.
    """
    with transaction():
        _completed(booking_id)
        attempt_id = payment_service.prepare_more(
            owner_id=booking_id, purpose="tip", amount_cents=tip_cents, tax_cents=0, note=None
        )
    return _charge(booking_id, "tip", attempt_id)


def charge_balance(*, booking_id: UUID, amount_cents: int | None, note: str | None) -> dict[str, Any]:
    """Charge the rest of a price that was charged in part, or so much of it; opens its own transactions.

    Raises:
        BookingStateConflict: the visit is not completed.
        ChargeTooLarge: it is more than the rest.
        PaymentNotOwed, PaymentSettled, CardNotFound, CardUsedUp, AmountTooSmall: see `payments`.
    """
    with transaction():
        booking = _completed(booking_id)
        before = _charged(booking_id)
        rest = booking.amount_cents - before
        if rest <= 0:
            raise PaymentSettledError
        amount = rest if amount_cents is None else amount_cents
        if amount > rest:
            raise ChargeTooLargeError(details={"most_cents": rest})
        attempt_id = payment_service.prepare_more(
            owner_id=booking_id,
            purpose="balance",
            amount_cents=amount,
            tax_cents=_tax_up_to(booking, before + amount) - _tax_up_to(booking, before),
            note=note,
        )
    return _charge(booking_id, "balance", attempt_id)


def _completed(booking_id: UUID) -> Booking:
    booking = queries.get_booking(booking_id, lock=True)
    if booking.status != "completed":
        raise BookingStateConflictError(details={"status": booking.status})
    return booking


def _charged(booking_id: UUID) -> int:
    outcome = payments.outcome_payment(booking_id)
    return outcome.amount_cents - outcome.tip_cents if outcome else 0


def _tax_up_to(booking: Booking, cents: int) -> int:
    return amounts.tax_of_part(booking.tax_cents, part_cents=cents, whole_cents=booking.amount_cents)


def _charge(booking_id: UUID, purpose: str, attempt_id: UUID) -> dict[str, Any]:
    payment_service.charge_more(attempt_id=attempt_id)
    with transaction():
        payment = payments.payment_of(booking_id, purpose)
        if payment is None:
            raise PaymentNotFoundError
        result = payments.show_payment(payment)
        idempotency.conclude(result)
        return result
