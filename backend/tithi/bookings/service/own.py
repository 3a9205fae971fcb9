# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""What customers do with their own booking, by its number or link."""

import hmac
from typing import Any
from uuid import UUID

from tithi.bookings import links, policy, queries
from tithi.bookings.errors import BookingNotFoundError, BookingStateConflictError, TooLateError
from tithi.bookings.models import Booking
from tithi.bookings.policy import CUSTOMER
from tithi.bookings.service.cards import request_card
from tithi.bookings.service.confirming import confirm_with_truth
from tithi.bookings.service.making import shown_to_customer
from tithi.bookings.service.money import carry_on_payment, charge_later
from tithi.bookings.service.moving import Move, move
from tithi.bookings.service.outcomes import cancel_without_charge
from tithi.payments import service as payment_service
from tithi.payments.errors import PaymentInProgressError
from tithi.platform import clock
from tithi.platform.crypto import LinkInvalidError, LinkTarget, open_link
from tithi.platform.db import transaction
from tithi.platform.pipeline import MANAGE_LINK
from tithi.platform.tenancy import current_tenant_id


def confirm_for_customer(
    *, booking_id: UUID, confirmation_number: str | None, manage_token: str | None
) -> dict[str, Any]:
    """Fetch the truth about a booking's card for whoever proves to be its customer.

    Raises:
        BookingNotFound: there is none, or number and link are not its own.
    """
    with transaction():
        booking = queries.get_booking(booking_id)
        if not _proves(booking, confirmation_number, manage_token):
            raise BookingNotFoundError
    answer = confirm_with_truth(booking_id=booking_id)
    with transaction():
        return shown_to_customer(booking_id, answer)


def show_for_customer(*, target: LinkTarget) -> dict[str, Any]:
    """The booking behind a link, with the truth about a card that is awaited."""
    with transaction():
        booking = links.booking_of(target)
        awaits_card = booking.status == "pending"
    answer = confirm_with_truth(booking_id=booking.id) if awaits_card else payment_service.NO_CARD
    with transaction():
        return shown_to_customer(booking.id, answer)


def cancel_by_customer(*, booking_id: UUID, reason: str | None) -> dict[str, Any]:
    """Cancel in the caller's transaction; a late fee becomes a proposal that the business charges or waives."""
    booking = queries.get_booking(booking_id, lock=True)
    if booking.status != "canceled":
        if booking.status not in {"pending", "confirmed"} or booking.starts_at <= clock.now():
            raise BookingStateConflictError(details={"status": booking.status})
        if policy.is_past_notice(booking.policy_snapshot, "cancel_notice_minutes", booking.starts_at, clock.now()):
            raise TooLateError
        if payment_service.is_charging(owner_id=booking_id):
            raise PaymentInProgressError(headers={"Retry-After": "2"})
        fee = cancel_without_charge(booking, canceled_by=CUSTOMER, reason=reason, now=clock.now())
        booking.version += 1
        queries.flush()
        if fee:
            payment_service.propose(owner_id=booking_id, reason="late_cancel", amount_cents=fee)
            charge_later(booking)
        else:
            payment_service.cancel_open(owner_id=booking_id)
        queries.flush()
    return shown_to_customer(booking_id, payment_service.NO_CARD)


def move_by_customer(*, booking_id: UUID, to: Move) -> dict[str, Any]:
    """Move the customer's own visit in the caller's transaction, and show it as they see it."""
    move(booking_id=booking_id, to=to)
    return shown_to_customer(booking_id, payment_service.NO_CARD)


def give_card(*, target: LinkTarget, payment_method_ref: str | None) -> dict[str, Any]:
    """Begin to keep another card for the booking behind a link; opens its own transactions."""
    with transaction():
        booking = links.booking_of(target)
    return request_card(booking_id=booking.id, payment_method_ref=payment_method_ref)


def pay_by_link(*, target: LinkTarget) -> dict[str, Any]:
    """Carry on the payment of the booking behind a link; opens its own transactions."""
    with transaction():
        booking = links.booking_of(target)
    return carry_on_payment(booking_id=booking.id)


def _proves(booking: Booking, confirmation_number: str | None, manage_token: str | None) -> bool:
    if confirmation_number is not None:
        return hmac.compare_digest(confirmation_number.upper().encode(), booking.confirmation_number.encode())
    try:
        target = open_link(MANAGE_LINK, manage_token or "")
    except LinkInvalidError:
        return False
    return target == LinkTarget(current_tenant_id(), booking.id, booking.link_version)
