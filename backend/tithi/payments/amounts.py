# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""Arithmetic of money in minor units."""

PLATFORM_FEE_BASIS_POINTS = 100
BASIS_POINTS = 10_000
SMALLEST_CHARGE = {
    "USD": 50, "EUR": 50, "GBP": 30, "CAD": 50, "AUD": 50, "NZD": 50, "CHF": 50, "DKK": 250, "NOK": 300, "SEK": 300,
    "JPY": 50, "MXN": 1000, "HKD": 400, "SGD": 50, "PLN": 200, "CZK": 1500, "HUF": 17500, "RON": 200, "BGN": 100,
    "AED": 200, "INR": 50, "BRL": 50, "MYR": 200, "THB": 1000,
}  # fmt: skip
SMALLEST_ELSEWHERE = 50


def platform_fee(amount_cents: int) -> int:
    """One per cent of what is captured, half up."""
    return (amount_cents * PLATFORM_FEE_BASIS_POINTS * 2 + BASIS_POINTS) // (2 * BASIS_POINTS)


def can_be_charged(amount_cents: int, currency: str) -> bool:
    """Whether the processor takes a charge this small."""
    return amount_cents >= SMALLEST_CHARGE.get(currency, SMALLEST_ELSEWHERE)


def tax_of_part(tax_cents: int, *, part_cents: int, whole_cents: int) -> int:
    """The tax in what is paid of a price, half up; what is paid beyond it has none."""
    if part_cents >= whole_cents:
        return tax_cents
    return (2 * tax_cents * part_cents + whole_cents) // (2 * whole_cents)
