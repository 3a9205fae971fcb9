# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""Taking back an outcome that was pressed by mistake."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from tithi.bookings import queries
from tithi.bookings.errors import BookingStateConflictError, UndoTooLateError
from tithi.bookings.events import BookingOutcomeUndone
from tithi.bookings.service.asking import asking
from tithi.payments import service as payment_service
from tithi.platform import clock, idempotency
from tithi.platform.db import transaction
from tithi.platform.events import publish

UNDO_WITHIN = timedelta(hours=24)


def undo_outcome(*, booking_id: UUID) -> dict[str, Any]:
    """Take back that a visit was completed or missed, before money has moved; opens its own transactions.

    What waits for the customer is canceled at the processor first.

    Raises:
        BookingStateConflict: the visit is neither completed nor missed.
        UndoTooLate: that was more than a day ago.
        PaymentSettled: money has moved: refund it instead.
        PaymentInProgress: the card is being charged.
        ProcessorFailed: the processor did not answer; nothing is undone.
    """
    with transaction():
        queries.get_booking(booking_id)
    asking(lambda: payment_service.void_live_attempt(owner_id=booking_id))
    with transaction():
        booking = queries.get_booking(booking_id, lock=True)
        pressed_at = booking.completed_at if booking.status == "completed" else booking.no_show_at
        if booking.status not in {"completed", "no_show"} or pressed_at is None:
            raise BookingStateConflictError(details={"status": booking.status})
        if clock.now() - pressed_at > UNDO_WITHIN:
            raise UndoTooLateError
        payment_service.reopen(owner_id=booking_id, amount_cents=booking.amount_cents, tax_cents=booking.tax_cents)
        publish(
            BookingOutcomeUndone(
                booking_id=booking_id, customer_id=booking.customer_id, outcome=booking.status, undone_at=clock.now()
            )
        )
        booking.status = "checked_in" if booking.checked_in_at else "confirmed"
        booking.completed_at = booking.no_show_at = None
        booking.updated_at = clock.now()
        booking.version += 1
        queries.flush()
        result = queries.show_booking(booking_id)
        idempotency.conclude(result)
        return result
