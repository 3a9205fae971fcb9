# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""Taxes to the cent, contained in a price or on top of it."""

from uuid import UUID

import pytest

from tithi.catalog.taxes import Tax, half_up, tax_cents

ID = UUID(int=1)


@pytest.mark.parametrize(
    ("price", "basis_points", "is_inclusive", "cents"),
    [
        (11_900, 1900, True, 1900),
        (10_000, 1900, False, 1900),
        (10_700, 700, True, 700),
        (100, 825, False, 8),
        (200, 825, False, 17),
        (3, 10_000, True, 2),
        (1, 5000, False, 1),
        (1, 4999, False, 0),
        (5000, 0, True, 0),
        (5000, 0, False, 0),
        (0, 1900, True, 0),
    ],
)
def test_a_tax_is_found_half_up(price: int, basis_points: int, *, is_inclusive: bool, cents: int) -> None:
    assert tax_cents(price, Tax(ID, "VAT", basis_points, is_inclusive)) == cents


@pytest.mark.parametrize(
    ("numerator", "denominator", "rounded"), [(1, 2, 1), (1, 3, 0), (2, 3, 1), (4, 2, 2), (0, 7, 0)]
)
def test_half_goes_up(numerator: int, denominator: int, rounded: int) -> None:
    assert half_up(numerator, denominator) == rounded


def test_a_tax_is_shown_as_it_was_frozen() -> None:
    assert Tax(ID, "VAT", 1900, is_inclusive=True).shown() == {
        "id": str(ID), "name": "VAT", "basis_points": 1900, "is_inclusive": True,
    }  # fmt: skip
