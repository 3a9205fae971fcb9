# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""What a tax asks of a price, in minor units; no database and no clock."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

BASIS_POINTS = 10_000


@dataclass(frozen=True, slots=True)
class Tax:
    """A tax rate as a visit froze it."""

    id: UUID
    name: str
    basis_points: int
    is_inclusive: bool

    def shown(self) -> dict[str, Any]:
        return {
            "id": str(self.id),
            "name": self.name,
            "basis_points": self.basis_points,
            "is_inclusive": self.is_inclusive,
        }


def tax_cents(price_cents: int, tax: Tax) -> int:
    """The tax that a price contains, or that comes on top of it, half up."""
    whole = BASIS_POINTS + tax.basis_points if tax.is_inclusive else BASIS_POINTS
    return half_up(price_cents * tax.basis_points, whole)


def half_up(numerator: int, denominator: int) -> int:
    return (2 * numerator + denominator) // (2 * denominator)
