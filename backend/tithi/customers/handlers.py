# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

from tithi.bookings.events import BookingCanceled, BookingCompleted, BookingNoShow, BookingOutcomeUndone
from tithi.customers import service
from tithi.payments.events import PaymentCaptured
from tithi.platform.events import hears


@hears(BookingCompleted)
def count_visit(event: BookingCompleted) -> None:
    service.count(customer_id=event.customer_id, visits=1, visited_at=event.starts_at)


@hears(BookingNoShow)
def count_no_show(event: BookingNoShow) -> None:
    service.count(customer_id=event.customer_id, no_shows=1)


@hears(BookingOutcomeUndone)
def uncount(event: BookingOutcomeUndone) -> None:
    if event.outcome == "no_show":
        service.count(customer_id=event.customer_id, no_shows=-1)
    else:
        service.count(customer_id=event.customer_id, visits=-1)


@hears(BookingCanceled)
def count_cancel(event: BookingCanceled) -> None:
    service.count(customer_id=event.customer_id, cancels=1)


@hears(PaymentCaptured)
def count_spent(event: PaymentCaptured) -> None:
    service.count(customer_id=event.customer_id, spent_cents=event.amount_cents)
