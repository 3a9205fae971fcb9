# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""What a visit would cost, before it is booked: found as booking finds it, with nothing taken."""

from typing import Any
from uuid import UUID

from tithi.bookings import pricing, queries
from tithi.bookings.pricing import Price
from tithi.bookings.service.placing import offers_for, place
from tithi.bookings.service.prices import items_of_visit
from tithi.bookings.service.wanted import Visit, Wanted
from tithi.customers import queries as customers
from tithi.platform.ids import new_id
from tithi.promotions import service as promotions
from tithi.promotions.service import Buyer


def quote(wanted: Wanted, *, tip_cents: int) -> dict[str, Any]:
    """The lines of a visit's price, and what of it is due when.

    Raises:
        SlotUnavailable, HoldExpired: the time is not free.
        CouponNotFound and the other refusals of coupons.
    """
    offered = offers_for(wanted)
    visit = place(wanted, offered)
    price = _price(wanted, visit, tip_cents)
    return {
        **_shown_place(visit),
        "lines": [line.shown() for line in price.all_lines()],
        "subtotal_cents": price.subtotal_cents,
        "discount_cents": price.discount_cents,
        "tax_cents": price.tax_cents,
        "tip_cents": price.tip_cents,
        "gift_card_cents": price.gift_card_cents,
        "amount_cents": price.amount_cents,
        "due_cents": price.due_cents,
        "due_now_cents": 0,
        "due_later_cents": price.due_cents,
        "currency": offered[0].currency,
    }


def _price(wanted: Wanted, visit: Visit, tip_cents: int) -> Price:
    items = items_of_visit(visit)
    customer_id = _customer_of(wanted)
    buyer = Buyer(
        owner_id=new_id(),
        customer_id=customer_id,
        is_first_visit=customer_id is None or queries.is_first_visit(customer_id, booking_id=new_id()),
    )
    found = promotions.look_up(codes=wanted.codes, buyer=buyer, items=[item.priced() for item in items])
    return pricing.price(items, found, tip_cents=tip_cents)


def _customer_of(wanted: Wanted) -> UUID | None:
    if wanted.customer_id is not None:
        customers.refuse_unknown(wanted.customer_id)
        return wanted.customer_id
    return customers.find_by_email(wanted.customer["email"]) if wanted.customer else None


def _shown_place(visit: Visit) -> dict[str, Any]:
    return {"start_time": visit.starts_at, "end_time": visit.ends_at}
