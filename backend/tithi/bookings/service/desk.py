# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""What the front desk does besides outcomes: notes on a booking, one action on many, a message to customers."""

from collections.abc import Callable, Sequence
from html import escape
from typing import Any
from uuid import UUID

from tithi.bookings import queries
from tithi.bookings.service.confirming import confirm_by_staff
from tithi.bookings.service.outcomes import cancel, check_in, complete, mark_no_show
from tithi.customers import queries as customers
from tithi.delivery import service as delivery
from tithi.platform import clock, idempotency
from tithi.platform.db import transaction
from tithi.platform.errors import InvalidError, PreconditionFailedError, TithiError
from tithi.tenants import queries as tenants


def update_details(*, booking_id: UUID, details: dict[str, Any], expected_version: int | None) -> dict[str, Any]:
    """Change what is noted on a booking; time, price and people have their own use cases."""
    booking = queries.get_booking(booking_id, lock=True)
    if expected_version is not None and booking.version != expected_version:
        raise PreconditionFailedError
    count = details.get("attendee_count", booking.attendee_count)
    if booking.class_session_id is not None and count != booking.attendee_count:
        raise InvalidError(errors={"attendee_count": ["is the number of seats booked"]})
    for name, value in details.items():
        setattr(booking, name, value)
    booking.version += 1
    booking.updated_at = clock.now()
    queries.flush()
    return queries.show_booking(booking_id)


def act_on_many(
    *, action: str, booking_ids: Sequence[UUID], canceled_by: str, reason: str | None
) -> list[dict[str, Any]]:
    """Press one button for several bookings, each in its own transactions; a refusal of one stops no other."""

    def check_in_alone(booking_id: UUID) -> dict[str, Any]:
        with transaction():
            return check_in(booking_id=booking_id)

    presses: dict[str, Callable[[UUID], dict[str, Any]]] = {
        "complete": lambda one: complete(booking_id=one),
        "no_show": lambda one: mark_no_show(booking_id=one),
        "cancel": lambda one: cancel(booking_id=one, canceled_by=canceled_by, reason=reason),
        "confirm": lambda one: confirm_by_staff(booking_id=one),
        "check_in": check_in_alone,
    }
    with idempotency.as_part():
        return [_pressed(presses[action], booking_id) for booking_id in dict.fromkeys(booking_ids)]


def _pressed(press: Callable[[UUID], dict[str, Any]], booking_id: UUID) -> dict[str, Any]:
    try:
        shown = press(booking_id)
    except TithiError as error:
        return {"booking_id": booking_id, "ok": False, "status": None, "payment_status": None, "code": error.code}
    return {
        "booking_id": booking_id,
        "ok": True,
        "status": shown["status"],
        "payment_status": shown["payment_status"],
        "code": None,
    }


def send_message(*, booking_ids: Sequence[UUID], subject: str, message: str, key: str) -> int:
    """Queue a mail to the customers of bookings, once per key; says how many have an address."""
    tenant = tenants.get_tenant()
    count = 0
    for booking_id in dict.fromkeys(booking_ids):
        customer = customers.get_customer(queries.get_booking(booking_id).customer_id)
        if customer.email is None:
            continue
        count += 1
        delivery.queue_email(
            delivery.OutgoingEmail(
                recipient="customer",
                template="message",
                subject_id=booking_id,
                to_address=customer.email,
                from_name=tenant.name,
                reply_to=tenant.email,
                subject=subject,
                text=message,
                html="".join(f"<p>{escape(line)}</p>" for line in message.splitlines() if line.strip()),
                dedupe_key=f"{booking_id}:message:{key}"[:255],
            )
        )
    return count
