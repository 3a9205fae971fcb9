# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""Fees, smallest charges and taxes of parts, to the cent."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tithi.payments.amounts import can_be_charged, platform_fee, tax_of_part

CENTS = st.integers(0, 10_000_000_00)


@pytest.mark.parametrize(
    ("amount", "fee"),
    [(0, 0), (1, 0), (49, 0), (50, 1), (100, 1), (149, 1), (150, 2), (14_000, 140), (10_000_000_00, 10_000_000)],
)
def test_the_platform_takes_one_per_cent_half_up(amount: int, fee: int) -> None:
    assert platform_fee(amount) == fee


@given(CENTS)
def test_the_fee_is_within_half_a_cent_of_one_per_cent_and_half_a_cent_goes_up(amount: int) -> None:
    assert -50 < 100 * platform_fee(amount) - amount <= 50


@pytest.mark.parametrize(
    ("currency", "smallest"), [("USD", 50), ("GBP", 30), ("JPY", 50), ("HUF", 17_500), ("CZK", 1500), ("ISK", 50)]
)
def test_a_charge_is_taken_from_the_smallest_amount_of_its_currency_on(currency: str, smallest: int) -> None:
    assert can_be_charged(smallest, currency)
    assert not can_be_charged(smallest - 1, currency)


@pytest.mark.parametrize(
    ("tax", "part", "whole", "expected"),
    [
        (950, 2975, 5950, 475),
        (3, 1, 2, 2),
        (1, 1, 3, 0),
        (1, 2, 3, 1),
        (950, 0, 5950, 0),
        (950, 5950, 5950, 950),
        (950, 7000, 5950, 950),
        (0, 0, 0, 0),
    ],
)
def test_a_part_of_a_price_has_its_part_of_the_tax_half_up(tax: int, part: int, whole: int, expected: int) -> None:
    assert tax_of_part(tax, part_cents=part, whole_cents=whole) == expected


@given(st.integers(0, 10**9), st.integers(1, 10**9), st.data())
def test_the_tax_of_a_part_is_within_half_a_cent_of_its_share(tax: int, whole: int, data: st.DataObject) -> None:
    part = data.draw(st.integers(0, whole))
    found = tax_of_part(tax, part_cents=part, whole_cents=whole)
    assert abs(2 * found * whole - 2 * tax * part) <= whole
