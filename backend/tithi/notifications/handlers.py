# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

from tithi.billing.events import (
    SubscriptionCanceled,
    SubscriptionLimitNear,
    SubscriptionPastDue,
    SubscriptionPaused,
    SubscriptionTrialEnding,
)
from tithi.bookings.events import (
    BookingCanceled,
    BookingCardMissing,
    BookingCardWanted,
    BookingCompleted,
    BookingConfirmed,
    BookingCreated,
    BookingDepositWanted,
    BookingFailed,
    BookingItemCanceled,
    BookingNoShow,
    BookingRescheduled,
    SeriesBooked,
    SeriesCanceled,
    SeriesRescheduled,
    WaitlistOffered,
)
from tithi.notifications import service
from tithi.payments.events import (
    AccountRestricted,
    AccountWithdrawn,
    PaymentCaptured,
    PaymentDisputeClosed,
    PaymentDisputed,
    PaymentFailed,
    PaymentNeedsCustomer,
    PaymentRecoveryEnded,
    PaymentRefunded,
    PaymentRefundFailed,
    PaymentReminded,
    PaymentSettledElsewhere,
)
from tithi.platform.events import hears
from tithi.promotions.events import GiftCardHandedOver


@hears(BookingCreated)
def tell_received(event: BookingCreated) -> None:
    service.tell_received(booking_id=event.booking_id)


@hears(BookingConfirmed)
def tell_confirmed(event: BookingConfirmed) -> None:
    service.tell_confirmed(booking_id=event.booking_id)


@hears(BookingRescheduled)
def tell_rescheduled(event: BookingRescheduled) -> None:
    if not event.in_series:
        service.tell_rescheduled(
            booking_id=event.booking_id,
            move_id=event.move_id,
            from_starts_at=event.from_starts_at,
            moved_by=event.moved_by,
        )


@hears(BookingItemCanceled)
def tell_item_canceled(event: BookingItemCanceled) -> None:
    service.tell_item_canceled(booking_id=event.booking_id, item_id=event.item_id)


@hears(SeriesBooked)
def tell_series_booked(event: SeriesBooked) -> None:
    service.tell_series_booked(series_id=event.series_id, booking_id=event.booking_id)


@hears(SeriesRescheduled)
def tell_series_rescheduled(event: SeriesRescheduled) -> None:
    service.tell_series_rescheduled(series_id=event.series_id, booking_id=event.booking_id, change_id=event.change_id)


@hears(SeriesCanceled)
def tell_series_canceled(event: SeriesCanceled) -> None:
    service.tell_series_canceled(series_id=event.series_id, booking_id=event.booking_id, change_id=event.change_id)


@hears(BookingCompleted)
def tell_completed(event: BookingCompleted) -> None:
    service.tell_completed(booking_id=event.booking_id)


@hears(BookingNoShow)
def tell_no_show(event: BookingNoShow) -> None:
    service.tell_no_show(booking_id=event.booking_id)


@hears(BookingCanceled)
def tell_canceled(event: BookingCanceled) -> None:
    if not event.in_series:
        service.tell_canceled(booking_id=event.booking_id)


@hears(BookingFailed)
def tell_failed(event: BookingFailed) -> None:
    service.tell_failed(booking_id=event.booking_id)


@hears(BookingCardWanted)
def ask_for_card(event: BookingCardWanted) -> None:
    service.ask_for_card(booking_id=event.booking_id, until=event.until, request_id=event.request_id)


@hears(BookingDepositWanted)
def ask_for_deposit(event: BookingDepositWanted) -> None:
    service.ask_for_deposit(booking_id=event.booking_id, amount_cents=event.amount_cents, request_id=event.request_id)


@hears(BookingCardMissing)
def tell_card_missing(event: BookingCardMissing) -> None:
    service.tell_card_missing(booking_id=event.booking_id, is_released=event.is_released)


@hears(PaymentCaptured)
def send_receipt(event: PaymentCaptured) -> None:
    service.send_receipt(
        booking_id=event.owner_id,
        payment_id=event.payment_id,
        reason=event.reason,
        amount_cents=event.amount_cents,
        currency=event.currency,
    )


@hears(PaymentNeedsCustomer)
def send_pay_link(event: PaymentNeedsCustomer) -> None:
    service.send_pay_link(booking_id=event.owner_id, payment_id=event.payment_id)


@hears(PaymentSettledElsewhere)
def send_desk_receipt(event: PaymentSettledElsewhere) -> None:
    service.send_receipt(
        booking_id=event.owner_id,
        payment_id=event.payment_id,
        reason=event.reason,
        amount_cents=event.amount_cents,
        currency=event.currency,
        method=event.method,
    )


@hears(PaymentFailed)
def tell_declined(event: PaymentFailed) -> None:
    service.tell_declined(booking_id=event.owner_id, payment_id=event.payment_id, decline_code=event.decline_code)


@hears(PaymentReminded)
def remind_of_payment(event: PaymentReminded) -> None:
    service.remind_of_payment(booking_id=event.owner_id, payment_id=event.payment_id, reminder_id=event.reminder_id)


@hears(PaymentRecoveryEnded)
def tell_recovery_ended(event: PaymentRecoveryEnded) -> None:
    service.tell_recovery_ended(booking_id=event.owner_id, payment_id=event.payment_id)


@hears(PaymentRefunded)
def tell_refunded(event: PaymentRefunded) -> None:
    service.tell_refunded(booking_id=event.owner_id, payment_id=event.payment_id)


@hears(PaymentRefundFailed)
def tell_refund_failed(event: PaymentRefundFailed) -> None:
    service.tell_refund_failed(booking_id=event.owner_id, refund_id=event.refund_id)


@hears(PaymentDisputed)
def tell_disputed(event: PaymentDisputed) -> None:
    service.tell_disputed(booking_id=event.owner_id, dispute_id=event.dispute_id)


@hears(PaymentDisputeClosed)
def tell_dispute_closed(event: PaymentDisputeClosed) -> None:
    service.tell_dispute_closed(booking_id=event.owner_id, dispute_id=event.dispute_id, is_won=event.is_won)


@hears(WaitlistOffered)
def tell_offered(event: WaitlistOffered) -> None:
    service.tell_offered(offer_id=event.offer_id)


@hears(GiftCardHandedOver)
def send_gift_card(event: GiftCardHandedOver) -> None:
    service.send_gift_card(sale_id=event.sale_id, handed_over_at=event.handed_over_at)


@hears(AccountRestricted)
def tell_account_restricted(event: AccountRestricted) -> None:
    service.tell_account_restricted(account_id=event.account_id, banner=event.banner, at=event.at)


@hears(AccountWithdrawn)
def tell_account_withdrawn(event: AccountWithdrawn) -> None:
    service.tell_account_withdrawn(account_id=event.account_id, at=event.at)


@hears(SubscriptionTrialEnding)
def tell_trial_ending(event: SubscriptionTrialEnding) -> None:
    service.tell_trial_ending(subscription_id=event.subscription_id, ends_at=event.ends_at, has_card=event.has_card)


@hears(SubscriptionPastDue)
def tell_past_due(event: SubscriptionPastDue) -> None:
    service.tell_past_due(subscription_id=event.subscription_id, since=event.since)


@hears(SubscriptionLimitNear)
def tell_limit_near(event: SubscriptionLimitNear) -> None:
    service.tell_limit_near(subscription_id=event.subscription_id, level=event.level, at=event.at)


@hears(SubscriptionPaused)
def tell_subscription_paused(event: SubscriptionPaused) -> None:
    service.tell_subscription_paused(subscription_id=event.subscription_id, status=event.status, at=event.at)


@hears(SubscriptionCanceled)
def tell_subscription_canceled(event: SubscriptionCanceled) -> None:
    service.tell_subscription_canceled(subscription_id=event.subscription_id, at=event.at)
