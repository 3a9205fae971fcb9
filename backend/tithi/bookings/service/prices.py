# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""What a visit costs: its items, what its codes give, its taxes, and what a gift card pays of it."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any
from uuid import UUID

from tithi.bookings import policy, pricing, queries
from tithi.bookings.models import Booking, BookingItem
from tithi.bookings.pricing import Item, Price
from tithi.bookings.service import records
from tithi.bookings.service.wanted import Visit
from tithi.catalog.taxes import Tax
from tithi.payments import gift_card_queries as gift_cards
from tithi.payments import service as payment_service
from tithi.promotions import service as promotions
from tithi.promotions.codes import Codes
from tithi.promotions.service import Buyer

if TYPE_CHECKING:
    from tithi.payments.models import GiftCard


def items_of_visit(visit: Visit) -> list[Item]:
    return [
        Item(
            item.id,
            item.offered.service_id,
            item.offered.category_id,
            item.offered.name,
            item.candidate.price_cents,
            item.offered.tax,
        )
        for item in visit.items
    ]


def price_with(codes: Codes, items: Sequence[Item], *, currency: str, booking_id: UUID, customer_id: UUID) -> Price:
    """The price of items for a customer; takes what the codes give, in the caller's transaction.

    Raises:
        CouponNotFound and the other refusals of coupons, GiftCardNotFound and those of gift cards; nothing is taken.
    """
    if not codes:
        return pricing.price(items)
    buyer = Buyer(
        owner_id=booking_id,
        customer_id=customer_id,
        is_first_visit=queries.is_first_visit(customer_id, booking_id=booking_id),
    )
    found = promotions.claim(codes=codes, buyer=buyer, items=[item.priced() for item in items])
    price = pricing.price(items, found)
    if codes.gift_card is None or promotions.has_voucher(found):
        return price
    kept = payment_service.reserve_gift_card(
        owner_id=booking_id, code=codes.gift_card, up_to_cents=price.amount_cents, currency=currency
    )
    return _paid_by(gift_cards.gift_card_of(booking_id), price, kept)


def price_looked_up(codes: Codes, items: Sequence[Item], *, buyer: Buyer, currency: str, tip_cents: int) -> Price:
    """The price as `price_with` finds it, with nothing taken; refuses alike."""
    found = promotions.look_up(codes=codes, buyer=buyer, items=[item.priced() for item in items])
    price = pricing.price(items, found, tip_cents=tip_cents)
    if codes.gift_card is None or promotions.has_voucher(found):
        return price
    card = gift_cards.usable_by_code(codes.gift_card, currency)
    return _paid_by(card, price, min(card.balance_cents, price.amount_cents))


def _paid_by(card: "GiftCard | None", price: Price, cents: int) -> Price:
    if card is None or not cents:
        return price
    return price.with_gift_card(source_id=card.id, label=f"Gift card ending in {card.last4}", cents=cents)


def deposit_due(terms: Mapping[str, Any], price: Price, currency: str) -> int:
    """What is taken when a visit of this price is booked under these terms, in minor units."""
    return policy.deposit_due_cents(
        terms, price.amount_cents, left_cents=price.amount_cents - price.gift_card_cents, currency=currency
    )


def price_again(booking: Booking, left: Sequence[BookingItem]) -> None:
    """Find the price of what is left of a visit by what it froze, and write it down."""
    items = [_item_of(item) for item in left]
    discounts = promotions.reckon_again(owner_id=booking.id, items=[item.priced() for item in items])
    price = pricing.price(items, discounts)
    kept = payment_service.keep_gift_card_at_most(owner_id=booking.id, cents=price.amount_cents)
    price = _paid_by(gift_cards.gift_card_of(booking.id) if kept else None, price, kept)
    records.replace_lines(booking.id, price)
    booking.amount_cents = price.amount_cents
    booking.discount_cents = price.discount_cents
    booking.tax_cents = price.tax_cents


def _item_of(item: BookingItem) -> Item:
    frozen = item.service_snapshot
    category_id, tax = frozen.get("category_id"), frozen.get("tax")
    return Item(
        item.id,
        item.service_id,
        UUID(category_id) if category_id else None,
        frozen["name"],
        item.price_cents,
        Tax(UUID(tax["id"]), tax["name"], tax["basis_points"], tax["is_inclusive"]) if tax else None,
    )
