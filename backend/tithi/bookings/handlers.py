# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

from tithi.availability.events import HoldExpiredFact
from tithi.bookings import service
from tithi.bookings.events import (
    BookingCanceled,
    BookingConfirmed,
    BookingFailed,
    BookingItemCanceled,
    BookingRescheduled,
    WaitlistReleased,
)
from tithi.payments.events import (
    AccountActivated,
    CardLost,
    CardSaved,
    HoldFailed,
    HoldLapsed,
    PaymentCaptured,
    PaymentRefunded,
    PaymentRefundFailed,
)
from tithi.platform.events import hears


@hears(CardSaved)
def confirm_booking(event: CardSaved) -> None:
    service.confirm(booking_id=event.owner_id)
    service.plan_hold(booking_id=event.owner_id)


@hears(HoldLapsed)
def hold_again(event: HoldLapsed) -> None:
    service.plan_hold(booking_id=event.owner_id)


@hears(HoldFailed)
def ask_after_failed_hold(event: HoldFailed) -> None:
    service.ask_after_failed_hold(booking_id=event.owner_id, attempt_id=event.attempt_id)


@hears(BookingConfirmed)
def watch_card(event: BookingConfirmed) -> None:
    service.watch_visit(booking_id=event.booking_id)
    service.plan_hold(booking_id=event.booking_id)


@hears(BookingRescheduled)
def watch_card_of_moved(event: BookingRescheduled) -> None:
    service.watch_visit(booking_id=event.booking_id)
    service.plan_hold(booking_id=event.booking_id)


@hears(CardLost)
def watch_cards(event: CardLost) -> None:
    service.watch_customers_visits(customer_id=event.customer_id)


@hears(AccountActivated)
def watch_visits_again(_event: AccountActivated) -> None:
    service.watch_visits_again()


@hears(BookingCanceled)
def offer_canceled_time(event: BookingCanceled) -> None:
    service.offer_freed_visit(booking_id=event.booking_id)


@hears(BookingFailed)
def offer_failed_time(event: BookingFailed) -> None:
    service.offer_failed_visit(booking_id=event.booking_id)


@hears(HoldExpiredFact)
def lapse_held_offer(event: HoldExpiredFact) -> None:
    service.lapse_hold(hold_id=event.hold_id)


@hears(WaitlistReleased)
def offer_released_time(event: WaitlistReleased) -> None:
    service.offer_freed_offer(offer_id=event.offer_id)


@hears(BookingRescheduled)
def offer_moved_time(event: BookingRescheduled) -> None:
    service.offer_freed_moves(
        booking_id=event.booking_id, from_starts_at=event.from_starts_at, to_starts_at=event.starts_at
    )


@hears(BookingItemCanceled)
def offer_items_time(event: BookingItemCanceled) -> None:
    service.offer_freed_item(item_id=event.item_id)


@hears(PaymentCaptured)
def issue_receipt(event: PaymentCaptured) -> None:
    service.issue_receipt(booking_id=event.owner_id, payment_id=event.payment_id)


@hears(PaymentCaptured)
def return_unwanted_deposit(event: PaymentCaptured) -> None:
    if event.reason == "deposit":
        service.return_unwanted_deposit(booking_id=event.owner_id)


@hears(PaymentRefunded)
def issue_credit_notes(event: PaymentRefunded) -> None:
    service.issue_credit_notes(booking_id=event.owner_id, payment_id=event.payment_id)


@hears(PaymentRefundFailed)
def take_credit_note_back(event: PaymentRefundFailed) -> None:
    service.issue_credit_notes(booking_id=event.owner_id, payment_id=event.payment_id)
