# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""A card that will not do on the day of the visit: another is asked for, and then the business's rule runs once."""

from datetime import timedelta
from uuid import UUID, uuid5

from tithi.bookings import policy, queries
from tithi.bookings.events import BookingCardMissing, BookingCardWanted
from tithi.bookings.models import Booking
from tithi.bookings.service import deposits
from tithi.bookings.service.outcomes import cancel_without_charge
from tithi.payments import queries as payments
from tithi.payments import service as payment_service
from tithi.platform import clock, jobs
from tithi.platform.events import publish

WATCH_TIMER = "bookings.watch_card"
RULE_TIMER = "bookings.apply_card_rule"
AHEAD = frozenset({"pending", "confirmed"})
NO_CARD_IN_TIME = "No card was given in time."


def watch_visit(*, booking_id: UUID) -> None:
    """Set when the card of a visit is looked at; a visit without a card is not watched. In the caller's transaction."""
    booking = queries.get_booking(booking_id)
    if booking.status in AHEAD and payments.latest_setup(booking_id) is not None:
        days = policy.card_watch(booking.policy_snapshot).days_before
        jobs.schedule(WATCH_TIMER, booking_id, max(clock.now(), booking.starts_at - timedelta(days=days)))


def watch_card(*, booking_id: UUID) -> None:
    """Look at the card of a visit; where it will not do, ask the customer for another and set when the rule runs.

    While the business has no account that could keep one, nobody is asked; see `watch_visits_again`.
    """
    booking = queries.get_booking(booking_id, lock=True)
    if not _lacks_card(booking):
        return
    hours = policy.card_watch(booking.policy_snapshot).rule_hours_before
    until = max(booking.starts_at - timedelta(hours=hours), clock.now() + timedelta(hours=1))
    publish(
        BookingCardWanted(
            booking_id=booking_id,
            customer_id=booking.customer_id,
            until=until,
            request_id=uuid5(booking_id, str(payments.activated_at())),
        )
    )
    jobs.schedule(RULE_TIMER, booking_id, until)


def watch_customers_visits(*, customer_id: UUID) -> None:
    """A card is gone: look at all visits of its customer that are near enough, and at the others when they are."""
    for booking_id in queries.ids_ahead_of(customer_id):
        watch_visit(booking_id=booking_id)


def watch_visits_again() -> None:
    """Cards can be kept again: look at the visits ahead that have none, when they are near enough."""
    for booking_id in queries.ids_lacking_card():
        watch_visit(booking_id=booking_id)


def apply_card_rule(*, booking_id: UUID) -> None:
    """No other card came: keep the visit, ask for a deposit, or release it at no cost, as the policy says.

    In the caller's transaction. A customer who could not have given one, because the business has no account, is asked
    again later.
    """
    booking = queries.get_booking(booking_id, lock=True)
    if not _lacks_card(booking):
        return
    rule = policy.card_watch(booking.policy_snapshot).rule
    is_released = rule == policy.RELEASE
    if rule == policy.DEPOSIT and _may_ask_deposit(booking):
        deposits.ask(booking, None)
    if is_released:
        if payment_service.is_charging(owner_id=booking_id):
            return
        now = clock.now()
        cancel_without_charge(booking, canceled_by=policy.BUSINESS, reason=NO_CARD_IN_TIME, now=now)
        booking.updated_at = now
        booking.version += 1
        payment_service.cancel_open(owner_id=booking_id)
    publish(BookingCardMissing(booking_id=booking_id, customer_id=booking.customer_id, is_released=is_released))


def _may_ask_deposit(booking: Booking) -> bool:
    deposit = payments.payment_of(booking.id, "deposit")
    return deposit is None or not deposit.captured_cents


def _lacks_card(booking: Booking) -> bool:
    is_ahead = booking.status in AHEAD and booking.starts_at > clock.now()
    if not is_ahead or payments.chargeable_account() is None:
        return False
    return not payments.has_card_for(booking.customer_id, booking.starts_at)
