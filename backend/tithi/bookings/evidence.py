# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""What a visit tells the bank of a customer who disputes its payment."""

from typing import Any

from tithi.bookings import queries
from tithi.bookings.models import Booking
from tithi.payments.evidence import Section, Subject, contributes

MARKS = ("confirmed_at", "checked_in_at", "completed_at", "no_show_at", "canceled_at")


@contributes("visit")
def tell_of_visit(subject: Subject) -> Section | None:
    booking = queries.get_booking(subject.owner_id)
    if booking.customer_id != subject.customer_id:
        return None
    shown = queries.show_booking(booking.id)
    policy = booking.policy_snapshot
    return {
        "confirmation_number": booking.confirmation_number,
        "status": booking.status,
        "services": [item["service_name"] for item in shown["items"] if item["status"] == "booked"],
        "service_date": booking.starts_at.isoformat(),
        "timezone": booking.timezone,
        "amount_cents": booking.amount_cents,
        "booked_at": booking.created_at.isoformat(),
        "policy": {name: policy.get(name) for name in ("text", "hash", "version", "no_show_fee", "late_cancel_fee")},
        "consent": booking.consent,
        "marks": _marks(booking),
        "canceled_by": booking.canceled_by,
        "activity": [_told(one) for one in queries.trail_of(booking.id)],
    }


def _marks(booking: Booking) -> dict[str, str | None]:
    found = {mark: getattr(booking, mark) for mark in MARKS}
    return {mark: at.isoformat() if at else None for mark, at in found.items()}


def _told(entry: dict[str, Any]) -> dict[str, str]:
    """One change of the visit; who made it is told by kind, not by name."""
    changed = sorted(entry["new_values"] or {}) if entry["action"] == "UPDATE" else []
    return {
        "at": entry["at"].isoformat(),
        "by": str(entry["actor"]).partition(":")[0],
        "what": f"changed {', '.join(changed)}" if changed else "made",
    }
