# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""What a booking takes up: time of its own, or counted seats of a class session.

Seats are taken when the booking is made and last until it is canceled or failed; they never run out by themselves.
"""

from datetime import datetime

from tithi.availability import service as claims
from tithi.bookings import class_queries
from tithi.bookings.models import Booking


def keep(booking: Booking, *, until: datetime | None = None) -> bool:
    """Make the booking's place last; False when it has run out and somebody else may have it."""
    return booking.class_session_id is not None or claims.keep(owner_id=booking.id, until=until)


def extend(booking: Booking, *, expires_at: datetime) -> bool:
    """Keep the place until then; False when it is gone."""
    return booking.class_session_id is not None or claims.extend(owner_id=booking.id, expires_at=expires_at)


def give_back(booking: Booking) -> None:
    """Give the place of a booking that is canceled or failed to others; a second time changes nothing."""
    if booking.class_session_id is None:
        claims.release(owner_id=booking.id)
    else:
        class_queries.recount_seats(booking.class_session_id, without=booking.id)
