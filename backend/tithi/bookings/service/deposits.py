# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""Asking for a deposit after the booking was made, and returning one that came too late."""

from typing import Any
from uuid import UUID

from tithi.bookings import policy, queries
from tithi.bookings.errors import BookingStateConflictError, ChargeTooLargeError
from tithi.bookings.events import BookingDepositWanted
from tithi.bookings.models import Booking
from tithi.payments import amounts
from tithi.payments import gift_card_queries as gift_cards
from tithi.payments import queries as payments
from tithi.payments import service as payment_service
from tithi.payments.errors import AmountTooSmallError, PaymentSettledError, PayoutAccountMissingError
from tithi.platform import clock
from tithi.platform.events import publish
from tithi.platform.ids import new_id

PURPOSE = "deposit"


def request_deposit(*, booking_id: UUID, amount_cents: int | None) -> dict[str, Any]:
    """Ask the customer of a visit ahead for a deposit, by their link, in the caller's transaction.

    Without an amount it is what the policy asks for, else the fee of a missed visit. One that was not paid is asked for
    once more.

    Raises:
        BookingStateConflict: the visit is not ahead.
        PaymentSettled: a deposit was paid.
        PayoutAccountMissing: the business cannot take cards yet.
        ChargeTooLarge: it is more than what is left to be paid.
        AmountTooSmall: a card cannot be charged so little.
    """
    booking = queries.get_booking(booking_id, lock=True)
    if booking.status not in {"pending", "confirmed"} or booking.starts_at <= clock.now():
        raise BookingStateConflictError(details={"status": booking.status})
    ask(booking, amount_cents)
    queries.flush()
    return queries.show_booking(booking_id)


def ask(booking: Booking, amount_cents: int | None) -> None:
    """Write the deposit of a locked booking and tell its customer, in the caller's transaction; raises as above."""
    account_ref = payments.chargeable_account()
    if account_ref is None:
        raise PayoutAccountMissingError
    deposit = payments.payment_of(booking.id, PURPOSE, lock=True)
    if deposit is not None and deposit.captured_cents:
        raise PaymentSettledError
    amount = _amount(booking, amount_cents)
    if payment_service.live_deposit(owner_id=booking.id) is None:
        payment_service.open_deposit(
            owner_id=booking.id,
            customer_id=booking.customer_id,
            amount_cents=amount,
            currency=booking.currency,
            account_ref=account_ref,
            given_method_ref=None,
        )
    else:
        amount = deposit.amount_cents if deposit else amount
    publish(
        BookingDepositWanted(
            booking_id=booking.id, customer_id=booking.customer_id, amount_cents=amount, request_id=new_id()
        )
    )


def return_unwanted_deposit(*, booking_id: UUID) -> None:
    """Have a deposit returned that was paid when the visit was called off already, in the caller's transaction."""
    if queries.get_booking(booking_id).status in {"canceled", "failed"}:
        payment = payments.outcome_payment(booking_id)
        if payment is None or payment.reason is None:
            payment_service.give_deposit_back(owner_id=booking_id)


def _amount(booking: Booking, wanted: int | None) -> int:
    kept = gift_cards.held_by(booking.id)
    left = booking.amount_cents - (kept.reserved_cents if kept else 0)
    terms = booking.policy_snapshot
    usual = policy.deposit_due_cents(terms, booking.amount_cents, left_cents=left, currency=booking.currency)
    amount = wanted or usual or min(left, policy.no_show_fee_cents(terms, booking.amount_cents))
    if amount > left:
        raise ChargeTooLargeError(details={"most_cents": left})
    if not amounts.can_be_charged(amount, booking.currency):
        raise AmountTooSmallError
    return amount
