# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""The price of a visit as lines, exactly: items, discounts, taxes, tip, gift card; no database and no clock.

The order is fixed: promotions lower the items, taxes are found of what is left of each, a tip is not taxed, and a gift
card pays last. A gift card is money, so it lowers what the card is charged and not the amount of the visit.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from tithi.catalog.taxes import Tax, tax_cents
from tithi.promotions.discounts import Discount, PricedItem

ITEM = "item"
DISCOUNT = "discount"
TAX = "tax"
TIP = "tip"
GIFT_CARD = "gift_card"


@dataclass(frozen=True, slots=True)
class Item:
    """A service of a visit with its price, add-ons included, and its tax."""

    id: UUID
    service_id: UUID
    category_id: UUID | None
    name: str
    amount_cents: int
    tax: Tax | None

    def priced(self) -> PricedItem:
        return PricedItem(self.id, self.service_id, self.category_id, self.amount_cents)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of a price; what is taken off is negative, and what is included is part of the lines above it."""

    kind: str
    label: str
    amount_cents: int
    item_id: UUID | None = None
    source_id: UUID | None = None
    basis_points: int | None = None
    is_included: bool = False

    def shown(self) -> dict[str, Any]:
        return {
            "kind": self.kind,
            "label": self.label,
            "amount_cents": self.amount_cents,
            "item_id": self.item_id,
            "basis_points": self.basis_points,
            "is_included": self.is_included,
        }


@dataclass(frozen=True, slots=True)
class Price:
    """What a visit costs; `lines` are those besides its items."""

    items: tuple[Item, ...]
    lines: tuple[Line, ...]

    @property
    def subtotal_cents(self) -> int:
        return sum(item.amount_cents for item in self.items)

    @property
    def discount_cents(self) -> int:
        return -self._sum(DISCOUNT)

    @property
    def tax_cents(self) -> int:
        return self._sum(TAX)

    @property
    def amount_cents(self) -> int:
        """What the customer owes for the visit, tax included, without a tip."""
        added = sum(line.amount_cents for line in self.lines if line.kind == TAX and not line.is_included)
        return self.subtotal_cents - self.discount_cents + added

    @property
    def tip_cents(self) -> int:
        return self._sum(TIP)

    @property
    def gift_card_cents(self) -> int:
        return -self._sum(GIFT_CARD)

    @property
    def due_cents(self) -> int:
        """What is left to be charged."""
        return self.amount_cents + self.tip_cents - self.gift_card_cents

    def all_lines(self) -> list[Line]:
        items = (
            Line(kind=ITEM, label=item.name, amount_cents=item.amount_cents, item_id=item.id) for item in self.items
        )
        return [*items, *self.lines]

    def with_gift_card(self, *, source_id: UUID, label: str, cents: int) -> "Price":
        line = Line(kind=GIFT_CARD, label=label, amount_cents=-cents, source_id=source_id)
        return Price(self.items, (*self.lines, line))

    def _sum(self, kind: str) -> int:
        return sum(line.amount_cents for line in self.lines if line.kind == kind)


def price(items: Sequence[Item], discounts: Sequence[Discount] = (), *, tip_cents: int = 0) -> Price:
    """The price of items less discounts, with the tax of each."""
    lines = [*_discount_lines(discounts), *_tax_lines(items, discounts)]
    if tip_cents:
        lines.append(Line(kind=TIP, label="Tip", amount_cents=tip_cents))
    return Price(tuple(items), tuple(lines))


def _discount_lines(discounts: Sequence[Discount]) -> Iterator[Line]:
    for discount in discounts:
        for item_id, share in discount.shares.items():
            yield Line(
                kind=DISCOUNT,
                label=discount.label,
                amount_cents=-share,
                item_id=item_id,
                source_id=discount.source_id,
            )


def _tax_lines(items: Sequence[Item], discounts: Sequence[Discount]) -> Iterator[Line]:
    for item in items:
        left = item.amount_cents - sum(discount.shares.get(item.id, 0) for discount in discounts)
        if item.tax is not None:
            yield Line(
                kind=TAX,
                label=item.tax.name,
                amount_cents=tax_cents(left, item.tax),
                item_id=item.id,
                source_id=item.tax.id,
                basis_points=item.tax.basis_points,
                is_included=item.tax.is_inclusive,
            )
