# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""What a visit that is missed or canceled costs: from what it froze, and the deposit that was paid for it."""

from datetime import datetime

from tithi.bookings import policy
from tithi.bookings.models import Booking
from tithi.payments import queries as payments


def no_show_fee(booking: Booking) -> int:
    return policy.no_show_fee_cents(
        booking.policy_snapshot, booking.amount_cents, deposit_cents=payments.paid_deposit_cents(booking.id)
    )


def cancel_fee(booking: Booking, *, canceled_by: str, now: datetime) -> int:
    return policy.cancel_fee_cents(
        booking.policy_snapshot,
        booking.amount_cents,
        starts_at=policy.window_start(booking.starts_at, booking.late_since),
        now=now,
        canceled_by=canceled_by,
        deposit_cents=payments.paid_deposit_cents(booking.id),
    )
