# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""Money of a visit besides its outcome: refunds, cash, a fee charged later, the customer's pay link."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

from tithi.bookings import policy, queries
from tithi.bookings.errors import BookingStateConflictError
from tithi.bookings.models import Booking
from tithi.bookings.service.asking import asking
from tithi.bookings.service.cards import request_card
from tithi.bookings.service.fees import cancel_fee, no_show_fee
from tithi.bookings.service.receipts import issue_receipt
from tithi.payments import queries as payments
from tithi.payments import service as payment_service
from tithi.payments.errors import PaymentNotFoundError
from tithi.platform import clock, idempotency, jobs
from tithi.platform.db import transaction

LATE_FEE_TIMER = "bookings.charge_late_fee"


def refund(*, booking_id: UUID, refund_type: str, amount_cents: int | None, reason: str | None) -> dict[str, Any]:
    """Give back all, a part, or the fee; opens its own transactions."""
    with transaction():
        queries.get_booking(booking_id, lock=True)
        refund_id = payment_service.prepare_refund(
            refund_id=idempotency.work_id(),
            owner_id=booking_id,
            refund_type=refund_type,
            amount_cents=amount_cents,
            reason=reason,
        )
    payment_service.refund_whole(refund_id=refund_id)
    with transaction():
        result = payments.show_refund(payments.get_refund(refund_id))
        idempotency.conclude(result)
        return result


def record_cash(*, booking_id: UUID, method: str, amount_cents: int | None, note: str | None) -> dict[str, Any]:
    """The customer paid at the desk; a charge that waits for them is canceled first."""
    with transaction():
        booking = queries.get_booking(booking_id)
        if booking.status in {"canceled", "failed"}:
            raise BookingStateConflictError(details={"status": booking.status})
    asking(lambda: payment_service.void_live_attempt(owner_id=booking_id))
    with transaction():
        queries.get_booking(booking_id, lock=True)
        payment_id = payment_service.settle_elsewhere(
            owner_id=booking_id, method=method, amount_cents=amount_cents, note=note
        )
        issue_receipt(booking_id=booking_id, payment_id=payment_id)
        result = payments.show_payment(payments.get_payment(payment_id))
        idempotency.conclude(result)
        return result


def charge_fee(*, booking_id: UUID) -> dict[str, Any]:
    """Charge what a missed or late-canceled visit still owes, the amount found from the booking's own policy."""
    with transaction():
        booking = queries.get_booking(booking_id, lock=True)
        if booking.status == "no_show":
            reason, amount = "no_show", no_show_fee(booking)
        elif booking.status == "canceled" and booking.canceled_at is not None:
            reason = "late_cancel"
            amount = cancel_fee(booking, canceled_by=booking.canceled_by or policy.BUSINESS, now=booking.canceled_at)
        else:
            raise BookingStateConflictError(details={"status": booking.status})
        if amount == 0:
            raise BookingStateConflictError(details={"fee_cents": 0})
        attempt_id = payment_service.prepare_charge(owner_id=booking_id, reason=reason, amount_cents=amount)
    if attempt_id is not None:
        payment_service.charge(attempt_id=attempt_id)
    with transaction():
        return _conclude_payment(booking_id)


def charge_later(booking: Booking) -> None:
    """Set when a late fee that was proposed is charged, where the policy says so, in the caller's transaction."""
    hours = booking.policy_snapshot.get("late_fee_after_hours")
    if hours is not None:
        jobs.schedule(LATE_FEE_TIMER, booking.id, clock.now() + timedelta(hours=int(hours)))


def charge_proposed(*, booking_id: UUID) -> None:
    """Charge a late fee that nobody has waived or settled meanwhile; opens its own transactions."""
    with transaction():
        payment = payments.outcome_payment(booking_id)
        is_proposed = payment is not None and (payment.status, payment.reason) == ("open", "late_cancel")
    if is_proposed:
        charge_fee(booking_id=booking_id)


def charge_owed(*, booking_id: UUID) -> dict[str, Any]:
    """Try once more what an outcome asked for and the card did not give; opens its own transactions."""
    with transaction():
        queries.get_booking(booking_id)
    attempt_id = asking(lambda: payment_service.charge_again(owner_id=booking_id))
    if attempt_id is not None:
        payment_service.charge(attempt_id=attempt_id)
    with transaction():
        return _conclude_payment(booking_id)


def request_payment(*, booking_id: UUID) -> dict[str, Any]:
    """Send the customer a link to pay what an outcome asked for; what is held for it is let go first."""
    with transaction():
        queries.get_booking(booking_id)
    asking(lambda: payment_service.void_hold(owner_id=booking_id))
    with transaction():
        payment_service.ask_customer(owner_id=booking_id)
        return _conclude_payment(booking_id)


def waive(*, booking_id: UUID, reason: str) -> dict[str, Any]:
    """Ask for nothing for what became of a visit; a charge that waits for the customer is canceled first."""
    return _close(booking_id, lambda: payment_service.waive(owner_id=booking_id, reason=reason))


def write_off(*, booking_id: UUID, reason: str) -> dict[str, Any]:
    """Give up what the customer still owes; a charge that waits for them is canceled first."""
    return _close(booking_id, lambda: payment_service.write_off(owner_id=booking_id, reason=reason))


def _close(booking_id: UUID, close: Callable[[], None]) -> dict[str, Any]:
    with transaction():
        queries.get_booking(booking_id)
    asking(lambda: payment_service.void_live_attempt(owner_id=booking_id))
    with transaction():
        queries.get_booking(booking_id, lock=True)
        close()
        return _conclude_payment(booking_id)


def refresh_payment(*, booking_id: UUID) -> dict[str, Any]:
    """Ask the processor where the visit's payment stands, and finish what the customer has enabled."""
    with transaction():
        payment = payments.outcome_payment(booking_id)
        attempt = payments.latest_attempt(payment.id) if payment else None
    if attempt is not None:
        payment_service.charge(attempt_id=attempt.id)
    with transaction():
        return _conclude_payment(booking_id)


def carry_on_payment(*, booking_id: UUID) -> dict[str, Any]:
    """Carry on a payment that waits for its customer: captured when they have acted, else what they have to do.

    After a decline that is to give another card, which is charged once it is kept. A deposit that was asked for comes
    first.
    """
    with transaction():
        awaits_deposit = payments.is_deposit_awaited(booking_id)
    if awaits_deposit:
        return _carry_on_deposit(booking_id)
    shown = refresh_payment(booking_id=booking_id)
    secret = asking(lambda: payment_service.live_client_secret(owner_id=booking_id))
    with transaction():
        account_id = payments.chargeable_account()
        wants_card = secret is None and account_id is not None and payments.is_asked_for(booking_id)
    if wants_card:
        return {**shown, "next_action": request_card(booking_id=booking_id, payment_method_ref=None)["next_action"]}
    next_action = (
        {
            "type": "confirm_payment",
            "client_secret": secret,
            "publishable_key": payment_service.publishable_key(),
            "account_id": account_id,
        }
        if secret
        else None
    )
    return {**shown, "next_action": next_action}


def _carry_on_deposit(booking_id: UUID) -> dict[str, Any]:
    next_action = request_card(booking_id=booking_id, payment_method_ref=None)["next_action"]
    with transaction():
        deposit = payments.payment_of(booking_id, "deposit")
        if deposit is None:
            raise PaymentNotFoundError
        return {**payments.show_payment(deposit), "next_action": next_action}


def _conclude_payment(booking_id: UUID) -> dict[str, Any]:
    result = _shown_payment(booking_id)
    idempotency.conclude(result)
    return result


def _shown_payment(booking_id: UUID) -> dict[str, Any]:
    payment = payments.outcome_payment(booking_id)
    if payment is None:
        raise PaymentNotFoundError
    return payments.show_payment(payment)
