# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""What hides a time whoever does it: the past, the service itself, notice and advance."""

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from tithi.availability import slots
from tithi.availability.queries import Offer
from tithi.bookings.explanation.causes import Cause, cause
from tithi.bookings.limits import MAX_ADVANCE, MIN_NOTICE

APPOINTMENT = "appointment"
SERVICE = "service"
POLICY = "policy"


@dataclass(frozen=True, slots=True)
class Terms:
    """What the service says of itself; its own notice and advance are None where the policy's hold."""

    service_id: UUID
    is_active: bool
    min_notice_minutes: int | None
    max_advance_days: int | None


def of_past() -> Cause:
    return cause("in_the_past", "The time has passed.", "Choose a later time.")


def of_terms(terms: Terms, offered: Offer, start: int, *, by_staff: bool) -> Iterator[Cause]:
    if not terms.is_active:
        yield cause(
            "service_inactive",
            f"{offered.name} is switched off.",
            "Switch the service on: active.",
            service_id=terms.service_id,
        )
    if offered.kind != APPOINTMENT:
        yield cause(
            "service_is_class",
            f"{offered.name} is a class: seats are booked in its sessions.",
            "Book a seat in a class session, or make the service an appointment: kind.",
            service_id=terms.service_id,
        )
    earliest, latest = offered.bounds(staff=by_staff)
    if start < earliest:
        yield _notice(terms, offered, earliest)
    if start > latest:
        yield _advance(terms, offered, latest)


def _notice(terms: Terms, offered: Offer, earliest: int) -> Cause:
    minutes = offered.min_notice_minutes
    source = POLICY if terms.min_notice_minutes is None else SERVICE
    return cause(
        MIN_NOTICE,
        f"Customers book at least {minutes} minutes ahead.",
        f"Lower min_notice_minutes of the {source}, or book it as staff.",
        service_id=terms.service_id,
        source=source,
        minutes=minutes,
        earliest_time=slots.from_epoch_minute(earliest),
    )


def _advance(terms: Terms, offered: Offer, latest: int) -> Cause:
    days = offered.max_advance_days
    source = POLICY if terms.max_advance_days is None else SERVICE
    return cause(
        MAX_ADVANCE,
        f"Visits are booked at most {days} days ahead.",
        f"Raise max_advance_days of the {source}.",
        service_id=terms.service_id,
        source=source,
        days=days,
        latest_time=slots.from_epoch_minute(latest),
    )
