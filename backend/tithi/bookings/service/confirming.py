# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""From pending to confirmed, or to failed when the time was lost."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from tithi.availability.errors import HoldExpiredError
from tithi.bookings import queries
from tithi.bookings.errors import BookingStateConflictError
from tithi.bookings.events import BookingConfirmed, BookingFailed
from tithi.bookings.models import Booking
from tithi.bookings.service import places
from tithi.bookings.service.asking import ask_for_card, card_of
from tithi.payments import queries as payments
from tithi.payments import service as payment_service
from tithi.platform import clock, idempotency, jobs
from tithi.platform.db import transaction
from tithi.platform.events import publish

EXPIRE_TIMER = "bookings.expire_pending"
LONGER = timedelta(minutes=15)
LONGEST_PENDING = timedelta(hours=24)


def confirm(*, booking_id: UUID, approves: bool = False) -> bool:
    """Confirm a pending booking in the caller's transaction; False when its time was lost, and it is failed.

    A booking that is past pending is left as it is; one that waits for the business's yes keeps its time until then.
    """
    booking = queries.get_booking(booking_id, lock=True)
    if booking.status != "pending":
        return booking.status != "failed"
    if booking.awaits_approval and not approves:
        return _wait_for_approval(booking)
    booking.awaits_approval = False
    jobs.cancel(EXPIRE_TIMER, booking_id)
    if not places.keep(booking):
        _fail(booking)
        return False
    booking.status = "confirmed"
    booking.confirmed_at = booking.updated_at = clock.now()
    booking.version += 1
    publish(BookingConfirmed(booking_id=booking.id, customer_id=booking.customer_id))
    return True


def _wait_for_approval(booking: Booking) -> bool:
    if not places.keep(booking, until=booking.starts_at):
        _fail(booking)
        return False
    jobs.schedule(EXPIRE_TIMER, booking.id, booking.starts_at)
    return True


def confirm_by_staff(*, booking_id: UUID) -> dict[str, Any]:
    """Say yes to a request, or confirm without waiting for a card; opens its own transaction.

    Raises:
        HoldExpired: the time was lost; the booking is failed.
        BookingStateConflict: it is past confirming.
    """
    with transaction():
        booking = queries.get_booking(booking_id, lock=True)
        if booking.status not in {"pending", "confirmed"}:
            raise BookingStateConflictError(details={"status": booking.status})
        if confirm(booking_id=booking_id, approves=True):
            queries.flush()
            result = queries.show_booking(booking_id)
            idempotency.conclude(result)
            return result
    raise HoldExpiredError


def confirm_with_truth(*, booking_id: UUID) -> payment_service.SetupAnswer:
    """Fetch from the processor where the card stands, and confirm when it is on file; opens its own transactions."""
    with transaction():
        made = card_of(booking_id)
    if made is None:
        return payment_service.NO_CARD
    answer = ask_for_card(made)
    with transaction():
        if answer.card_status == "card_on_file":
            confirm(booking_id=booking_id)
    return answer


def expire_pending(*, booking_id: UUID) -> None:
    """Fail a booking whose card did not come; opens its own transactions.

    The processor is asked once more before. While it is out of reach the customer is given longer.
    """
    with transaction():
        is_pending = queries.get_booking(booking_id).status == "pending"
    if is_pending:
        confirm_with_truth(booking_id=booking_id)
    with transaction():
        _expire(booking_id)


def _expire(booking_id: UUID) -> None:
    booking = queries.get_booking(booking_id, lock=True)
    if booking.status != "pending":
        return
    now = clock.now()
    setup = payments.latest_setup(booking_id)
    waits_for_processor = setup is not None and setup.status == "submitted"
    if (
        waits_for_processor
        and not (booking.awaits_approval and now >= booking.starts_at)
        and now - booking.created_at < LONGEST_PENDING
        and places.extend(booking, expires_at=now + LONGER)
    ):
        jobs.schedule(EXPIRE_TIMER, booking_id, now + LONGER)
        return
    _fail(booking)


def _fail(booking: Booking) -> None:
    booking.status = "failed"
    booking.updated_at = clock.now()
    booking.version += 1
    places.give_back(booking)
    payment_service.cancel_open(owner_id=booking.id)
    publish(BookingFailed(booking_id=booking.id, customer_id=booking.customer_id))
