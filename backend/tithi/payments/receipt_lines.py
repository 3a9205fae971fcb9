# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""What a receipt says, from the lines of a price and how it was paid; no database and no clock.

A line is `{kind, label, amount_cents, basis_points, is_included}`; what is given back is negative.
"""

from collections.abc import Mapping, Sequence
from typing import Any

FEES = {"no_show": "No-show fee", "late_cancel": "Late cancellation fee"}
PURPOSES = {"deposit": "Deposit", "tip": "Tip", "balance": "Balance"}
TENDERS = {"card": "Card", "cash": "Cash", "other": "Other"}
TAX = "tax"

Line = Mapping[str, Any]


def line(kind: str, label: str, amount_cents: int) -> dict[str, Any]:
    return {
        "kind": kind,
        "label": label,
        "amount_cents": amount_cents,
        "basis_points": None,
        "is_included": False,
    }


def taxes(lines: Sequence[Line]) -> list[dict[str, Any]]:
    """The taxes of a price by name and rate, in the order in which they first appear."""
    found: dict[tuple[str, int, bool], int] = {}
    for one in lines:
        if one["kind"] == TAX:
            key = (one["label"], one["basis_points"], one["is_included"])
            found[key] = found.get(key, 0) + one["amount_cents"]
    return [
        {"label": label, "basis_points": basis_points, "is_included": is_included, "tax_cents": cents}
        for (label, basis_points, is_included), cents in found.items()
    ]


def scaled(taxed: Sequence[Mapping[str, Any]], tax_cents: int) -> list[dict[str, Any]]:
    """The taxes of a price of which a part was paid, adding up to the tax in that part."""
    whole = sum(one["tax_cents"] for one in taxed)
    found, before, given = [], 0, 0
    for one in taxed:
        before += one["tax_cents"]
        upto = _share(tax_cents, before, whole) if whole else 0
        found.append({**one, "tax_cents": upto - given})
        given = upto
    return found


def tenders(*, method: str, captured_cents: int, gift_card_cents: int) -> list[dict[str, Any]]:
    """How so much was paid, or given back."""
    parts = (("gift_card", "Gift card", gift_card_cents), (method, TENDERS[method], captured_cents - gift_card_cents))
    return [{"kind": kind, "label": label, "amount_cents": cents} for kind, label, cents in parts if cents]


def given_back(
    taxed: Sequence[Mapping[str, Any]], before: Sequence[Sequence[Mapping[str, Any]]], tax_cents: int
) -> list[dict[str, Any]]:
    """The part of each tax of a receipt in what is given back now, after what `before` gave; it is less than nothing.

    Each is taken of what is left of it, so that all parts together give back each tax exactly.
    """
    left = [
        {**one, "tax_cents": one["tax_cents"] + sum(note[place]["tax_cents"] for note in before)}
        for place, one in enumerate(taxed)
    ]
    return [{**one, "tax_cents": -one["tax_cents"]} for one in scaled(left, tax_cents)]


def _share(tax_cents: int, part_cents: int, whole_cents: int) -> int:
    return (2 * tax_cents * part_cents + whole_cents) // (2 * whole_cents)
