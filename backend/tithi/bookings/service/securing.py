# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""Holding the price of a visit on its card some hours before, where the policy says so."""

from datetime import timedelta
from uuid import UUID

from tithi.bookings import policy, queries
from tithi.bookings.events import BookingCardWanted
from tithi.bookings.models import Booking
from tithi.payments import service as payment_service
from tithi.platform import clock, jobs
from tithi.platform.db import transaction
from tithi.platform.events import publish

HOLD_TIMER = "bookings.place_hold"
COMING = frozenset({"confirmed", "checked_in"})
UNDECIDED_FOR = timedelta(days=1)
"""How long after its end a visit that nobody has closed is still held for."""


def plan_hold(*, booking_id: UUID) -> None:
    """Set when the price of a visit is held, in the caller's transaction."""
    booking = queries.get_booking(booking_id)
    hours = policy.hold_hours(booking.policy_snapshot)
    if hours is not None and _is_coming(booking):
        jobs.schedule(HOLD_TIMER, booking_id, max(clock.now(), booking.starts_at - timedelta(hours=hours)))


def place_hold(*, booking_id: UUID) -> None:
    """Hold what the visit will charge its card, with no transaction open; a visit without a card has none."""
    with transaction():
        booking = queries.get_booking(booking_id, lock=True)
        attempt_id = payment_service.prepare_hold(owner_id=booking_id) if _is_coming(booking) else None
    if attempt_id is not None:
        payment_service.charge(attempt_id=attempt_id)


def ask_after_failed_hold(*, booking_id: UUID, attempt_id: UUID) -> None:
    """Ask the customer for another card, in the caller's transaction; once it is kept the price is held on that."""
    booking = queries.get_booking(booking_id)
    if _is_coming(booking) and booking.starts_at > clock.now():
        publish(
            BookingCardWanted(
                booking_id=booking_id,
                customer_id=booking.customer_id,
                until=booking.starts_at,
                request_id=attempt_id,
            )
        )


def _is_coming(booking: Booking) -> bool:
    return booking.status in COMING and clock.now() < booking.ends_at + UNDECIDED_FOR
