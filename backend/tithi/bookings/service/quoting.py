# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""What a visit would cost, before it is booked: found as booking finds it, with nothing taken."""

from typing import Any
from uuid import UUID

from tithi.bookings import queries
from tithi.bookings.service.placing import offers_for, place
from tithi.bookings.service.prices import deposit_due, items_of_visit, price_looked_up
from tithi.bookings.service.terms import terms_of_visit
from tithi.bookings.service.wanted import Wanted
from tithi.customers import queries as customers
from tithi.payments import queries as payments
from tithi.platform.ids import new_id
from tithi.promotions.service import Buyer


def quote(wanted: Wanted, *, tip_cents: int) -> dict[str, Any]:
    """The lines of a visit's price, and what of it is due when.

    Raises:
        SlotUnavailable, HoldExpired: the time is not free.
        CouponNotFound and the other refusals of coupons.
    """
    offered = offers_for(wanted)
    visit = place(wanted, offered)
    price = price_looked_up(
        wanted.codes,
        items_of_visit(visit),
        buyer=_buyer(wanted),
        currency=offered[0].currency,
        tip_cents=tip_cents,
    )
    currency = offered[0].currency
    terms = terms_of_visit(visit, customer_id=_customer_of(wanted), amount_cents=price.amount_cents)
    is_asked = not wanted.by_staff and payments.chargeable_account() is not None
    deposit = deposit_due(terms, price, currency) if is_asked else 0
    return {
        "start_time": visit.starts_at,
        "end_time": visit.ends_at,
        "lines": [line.shown() for line in price.all_lines()],
        "subtotal_cents": price.subtotal_cents,
        "discount_cents": price.discount_cents,
        "tax_cents": price.tax_cents,
        "tip_cents": price.tip_cents,
        "gift_card_cents": price.gift_card_cents,
        "amount_cents": price.amount_cents,
        "due_cents": price.due_cents,
        "due_now_cents": deposit,
        "due_later_cents": price.due_cents - deposit,
        "currency": currency,
    }


def _buyer(wanted: Wanted) -> Buyer:
    customer_id = _customer_of(wanted)
    return Buyer(
        owner_id=new_id(),
        customer_id=customer_id,
        is_first_visit=customer_id is None or queries.is_first_visit(customer_id, booking_id=new_id()),
    )


def _customer_of(wanted: Wanted) -> UUID | None:
    if wanted.customer_id is not None:
        customers.refuse_unknown(wanted.customer_id)
        return wanted.customer_id
    return customers.find_by_email(wanted.customer["email"]) if wanted.customer else None
