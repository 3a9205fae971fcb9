# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""What a promotion takes off each item of a visit, exactly; no database and no clock."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self
from uuid import UUID

from tithi.catalog.taxes import BASIS_POINTS, half_up

ONE_PER_CENT = 100
PERCENT = "percent"
FIXED = "fixed"
FREE_ITEM = "free_item"
KINDS = (PERCENT, FIXED, FREE_ITEM)


@dataclass(frozen=True, slots=True)
class PricedItem:
    """An item of a visit, with what is left of its price."""

    id: UUID
    service_id: UUID
    category_id: UUID | None
    amount_cents: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Discount:
    """What one promotion takes off: `shares` by item, each positive; `kind` is package, coupon or voucher."""

    kind: str
    source_id: UUID
    label: str
    shares: Mapping[UUID, int]

    @property
    def total_cents(self) -> int:
        return sum(self.shares.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What a coupon or voucher gives, as a visit freezes it; `value` is basis points or minor units.

    Without services and categories it is for all of them.
    """

    kind: str
    value: int
    min_amount_cents: int
    service_ids: frozenset[UUID]
    category_ids: frozenset[UUID]

    @classmethod
    def read(cls, kept: Mapping[str, Any]) -> Self:
        return cls(
            kind=kept["kind"],
            value=kept["value"],
            min_amount_cents=kept["min_amount_cents"],
            service_ids=frozenset(map(UUID, kept["service_ids"])),
            category_ids=frozenset(map(UUID, kept["category_ids"])),
        )

    def kept(self) -> dict[str, Any]:
        return {
            "kind": self.kind,
            "value": self.value,
            "min_amount_cents": self.min_amount_cents,
            "service_ids": sorted(map(str, self.service_ids)),
            "category_ids": sorted(map(str, self.category_ids)),
        }

    def applies_to(self, item: PricedItem) -> bool:
        if not self.service_ids and not self.category_ids:
            return True
        return item.service_id in self.service_ids or item.category_id in self.category_ids

    def reaches_minimum(self, items: Sequence[PricedItem]) -> bool:
        return sum(item.amount_cents for item in items) >= self.min_amount_cents


def shares(terms: Terms, items: Sequence[PricedItem]) -> dict[UUID, int]:
    """What is taken off each item that the terms apply to; of free items one, the cheapest that costs something."""
    chosen = [item for item in items if terms.applies_to(item) and item.amount_cents]
    whole = sum(item.amount_cents for item in chosen)
    if not chosen:
        return {}
    if terms.kind == FREE_ITEM:
        cheapest = min(chosen, key=lambda item: item.amount_cents)
        return {cheapest.id: cheapest.amount_cents}
    total = half_up(whole * terms.value, BASIS_POINTS) if terms.kind == PERCENT else min(terms.value, whole)
    parts = split(total, [item.amount_cents for item in chosen])
    return {item.id: part for item, part in zip(chosen, parts, strict=True) if part}


def less(items: Sequence[PricedItem], taken: Mapping[UUID, int]) -> list[PricedItem]:
    """The items with what is left of their prices."""
    return [
        PricedItem(item.id, item.service_id, item.category_id, item.amount_cents - taken.get(item.id, 0))
        for item in items
    ]


def split(total: int, weights: Sequence[int]) -> list[int]:
    """Divide `total` by weight so that the parts add up to it: what rounding leaves goes to the largest remainders.

    No part is larger than its weight while `total` is not larger than all of them.
    """
    whole = sum(weights)
    parts = [total * weight // whole for weight in weights]
    by_remainder = sorted(range(len(weights)), key=lambda place: (-(total * weights[place] % whole), place))
    for place in by_remainder[: total - sum(parts)]:
        parts[place] += 1
    return parts
