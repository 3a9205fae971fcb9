# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""Asking for the card of a visit that is booked."""

from typing import Any
from uuid import UUID

from tithi.bookings import queries
from tithi.bookings.errors import BookingStateConflictError
from tithi.bookings.models import Booking
from tithi.bookings.service.asking import Made, ask_for_card, asking, card_of
from tithi.bookings.service.confirming import confirm
from tithi.bookings.service.making import shown_to_customer
from tithi.payments import queries as payments
from tithi.payments import service as payment_service
from tithi.payments.errors import PayoutAccountMissingError, ProcessorFailedError
from tithi.platform import idempotency
from tithi.platform.db import transaction


def request_card(*, booking_id: UUID, payment_method_ref: str | None) -> dict[str, Any]:
    """Begin to keep a card for a visit: with a payment method at once, else with a secret for the card form.

    A visit that will not be needs no card, unless its customer was asked to pay a fee for it. Where a deposit is
    awaited, the card is kept by paying it.

    Raises:
        BookingStateConflict: the visit will not be, and nothing is asked for it.
        ProcessorFailed: the processor did not answer; the worker goes on.
        PayoutAccountMissing: the business cannot keep cards yet.
    """
    with transaction():
        waits = payments.is_deposit_awaited(booking_id)
    if waits and payment_method_ref is not None:
        asking(lambda: payment_service.void_deposit(owner_id=booking_id))
    with transaction():
        booking = queries.get_booking(booking_id, lock=True)
        if booking.status in {"canceled", "failed"} and not payments.is_asked_for(booking_id):
            raise BookingStateConflictError(details={"status": booking.status})
        made = _begin(booking, payment_method_ref, by_deposit=waits)
    answer = ask_for_card(made)
    with transaction():
        if answer.card_status == "card_pending" and answer.client_secret is None:
            raise ProcessorFailedError
        if answer.card_status == "card_on_file":
            confirm(booking_id=booking_id)
        queries.flush()
        result = shown_to_customer(booking_id, answer)
        idempotency.conclude(result)
        return result


def _begin(booking: Booking, payment_method_ref: str | None, *, by_deposit: bool) -> Made:
    account_ref = payments.chargeable_account()
    if account_ref is None:
        raise PayoutAccountMissingError
    card: dict[str, Any] = {
        "owner_id": booking.id,
        "customer_id": booking.customer_id,
        "account_ref": account_ref,
        "given_method_ref": payment_method_ref,
    }
    deposit = payments.payment_of(booking.id, "deposit") if by_deposit else None
    if deposit is None:
        return Made(booking.id, payment_service.begin_setup(**card))
    attempt_id = payment_service.live_deposit(owner_id=booking.id)
    if attempt_id is None and not deposit.captured_cents:
        attempt_id = payment_service.open_deposit(**card, amount_cents=deposit.amount_cents, currency=deposit.currency)
    return Made(booking.id, deposit_attempt_id=attempt_id) if attempt_id else card_of(booking.id) or Made(booking.id)
