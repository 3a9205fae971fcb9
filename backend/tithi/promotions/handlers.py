# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

from tithi.bookings.events import BookingCanceled, BookingCompleted, BookingFailed
from tithi.payments.events import PaymentWaived
from tithi.platform.events import hears
from tithi.promotions import service


@hears(BookingCanceled)
def return_promotions(event: BookingCanceled) -> None:
    service.give_back_unless_owed(owner_id=event.booking_id)


@hears(BookingFailed)
def return_promotions_of_failed(event: BookingFailed) -> None:
    service.give_back_unless_owed(owner_id=event.booking_id)


@hears(BookingCompleted)
def reward_referral(event: BookingCompleted) -> None:
    service.reward_referral(customer_id=event.customer_id)


@hears(PaymentWaived)
def return_promotions_of_waived(event: PaymentWaived) -> None:
    service.give_back_unless_owed(owner_id=event.owner_id)
