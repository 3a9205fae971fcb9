# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""Asking for the card of a visit that is booked."""

from typing import Any
from uuid import UUID

from tithi.bookings import queries
from tithi.bookings.errors import BookingStateConflictError
from tithi.bookings.service.confirming import confirm
from tithi.bookings.service.making import shown_to_customer
from tithi.payments import queries as payments
from tithi.payments import service as payment_service
from tithi.payments.errors import PayoutAccountMissingError, ProcessorFailedError
from tithi.platform import idempotency
from tithi.platform.db import transaction


def request_card(*, booking_id: UUID, payment_method_ref: str | None) -> dict[str, Any]:
    """Begin to keep a card for a visit: with a payment method at once, else with a secret for the card form.

    A visit that will not be needs no card, unless its customer was asked to pay a fee for it.

    Raises:
        BookingStateConflict: the visit will not be, and nothing is asked for it.
        ProcessorFailed: the processor did not answer; the worker goes on.
        PayoutAccountMissing: the business cannot keep cards yet.
    """
    with transaction():
        booking = queries.get_booking(booking_id, lock=True)
        if booking.status in {"canceled", "failed"} and not payments.is_asked_for(booking_id):
            raise BookingStateConflictError(details={"status": booking.status})
        account_ref = payments.chargeable_account()
        if account_ref is None:
            raise PayoutAccountMissingError
        setup_id = payment_service.begin_setup(
            owner_id=booking_id,
            customer_id=booking.customer_id,
            account_ref=account_ref,
            given_method_ref=payment_method_ref,
        )
    found = payment_service.call_setup(setup_id=setup_id)
    with transaction():
        answer = payment_service.apply_setup(setup_id=setup_id, found=found)
        if answer.card_status == "card_pending" and answer.client_secret is None:
            raise ProcessorFailedError
        if answer.card_status == "card_on_file":
            confirm(booking_id=booking_id)
        queries.flush()
        result = shown_to_customer(booking_id, answer)
        idempotency.conclude(result)
        return result
