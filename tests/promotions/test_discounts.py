# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""What coupons, vouchers and packages take off, and the codes that name them."""

from typing import Any
from uuid import UUID

import pytest

from tithi.promotions import codes, discounts
from tithi.promotions.codes import Codes
from tithi.promotions.discounts import Discount, PricedItem, Terms

CUT, COLOUR, WASH = UUID(int=1), UUID(int=2), UUID(int=3)
HAIR, NAILS = UUID(int=11), UUID(int=12)
KEPT = {
    "kind": "percent",
    "value": 1500,
    "min_amount_cents": 4000,
    "service_ids": [str(CUT), str(COLOUR)],
    "category_ids": [str(HAIR), str(NAILS)],
}


def terms(kind: str = "percent", value: int = 1000, **others: Any) -> Terms:
    nothing: dict[str, Any] = {"min_amount_cents": 0, "service_ids": frozenset(), "category_ids": frozenset()}
    return Terms(kind=kind, value=value, **{**nothing, **others})


def item(number: int, cents: int, *, service_id: UUID = CUT, category_id: UUID | None = None) -> PricedItem:
    return PricedItem(UUID(int=100 + number), service_id, category_id, cents)


def taken(of: Terms, *items: PricedItem) -> list[int]:
    """What is taken off each item, in their order."""
    found = discounts.shares(of, items)
    assert all(found.values()), "what has nothing taken off is not named"
    return [found.get(one.id, 0) for one in items]


def test_terms_are_frozen_and_read_again_unchanged() -> None:
    read = Terms.read(KEPT)
    assert read == Terms(
        kind="percent",
        value=1500,
        min_amount_cents=4000,
        service_ids=frozenset({CUT, COLOUR}),
        category_ids=frozenset({HAIR, NAILS}),
    )
    assert read.kept() == KEPT


def test_terms_without_services_and_categories_are_for_all() -> None:
    assert terms().applies_to(item(1, 100))
    assert terms().applies_to(item(1, 100, service_id=WASH, category_id=NAILS))


def test_terms_for_some_are_for_these_services_and_for_all_of_these_categories() -> None:
    for_service = terms(service_ids=frozenset({CUT}))
    assert for_service.applies_to(item(1, 100, service_id=CUT))
    assert not for_service.applies_to(item(1, 100, service_id=COLOUR, category_id=HAIR))
    for_category = terms(category_ids=frozenset({HAIR}))
    assert for_category.applies_to(item(1, 100, service_id=COLOUR, category_id=HAIR))
    assert not for_category.applies_to(item(1, 100, service_id=COLOUR, category_id=NAILS))
    assert not for_category.applies_to(item(1, 100))
    for_both = terms(service_ids=frozenset({CUT}), category_ids=frozenset({NAILS}))
    assert for_both.applies_to(item(1, 100, service_id=CUT, category_id=HAIR))
    assert for_both.applies_to(item(1, 100, service_id=WASH, category_id=NAILS))


def test_a_minimum_is_reached_by_exactly_its_amount() -> None:
    of = terms(min_amount_cents=4000)
    assert [of.reaches_minimum([item(1, 2000), item(2, cents)]) for cents in (1999, 2000, 2001)] == [False, True, True]


@pytest.mark.parametrize(
    ("value", "cents", "off"), [(1000, 5000, 500), (1000, 5005, 501), (1000, 5004, 500), (10_000, 5000, 5000)]
)
def test_a_percentage_is_of_basis_points_half_up(value: int, cents: int, off: int) -> None:
    assert taken(terms("percent", value), item(1, cents)) == [off]


def test_a_percentage_is_of_the_items_together_and_divided_by_their_prices() -> None:
    assert taken(terms("percent", 1000), item(1, 1004), item(2, 2001)) == [101, 200]
    assert taken(terms("percent", 1000), item(1, 3000), item(2, 1000)) == [300, 100]


def test_a_fixed_sum_is_at_most_the_price() -> None:
    assert taken(terms("fixed", 1500), item(1, 1000), item(2, 2000)) == [500, 1000]
    assert taken(terms("fixed", 3000), item(1, 1000), item(2, 2000)) == [1000, 2000]
    assert taken(terms("fixed", 9999), item(1, 1000), item(2, 2000)) == [1000, 2000]


def test_one_cent_more_goes_to_the_largest_remainder_and_of_equals_to_the_first() -> None:
    assert discounts.split(100, [1, 1, 1]) == [34, 33, 33]
    assert discounts.split(101, [1, 1, 1]) == [34, 34, 33]
    assert discounts.split(10, [1, 2]) == [3, 7]
    assert discounts.split(0, [5, 7]) == [0, 0]
    assert discounts.split(7, [0, 7]) == [0, 7]


def test_only_what_it_is_for_and_costs_something_is_lowered() -> None:
    of = terms("fixed", 1000, service_ids=frozenset({CUT}))
    assert taken(of, item(1, 5000, service_id=WASH), item(2, 4000), item(3, 0)) == [0, 1000, 0]
    assert discounts.shares(of, [item(1, 5000, service_id=WASH)]) == {}
    assert discounts.shares(of, [item(1, 0)]) == {}
    assert discounts.shares(of, []) == {}


def test_the_cheapest_item_that_costs_something_is_free_and_no_other() -> None:
    assert taken(terms("free_item", 0), item(1, 3000), item(2, 1000), item(3, 0)) == [0, 1000, 0]
    assert taken(terms("free_item", 0), item(1, 1000), item(2, 1000)) == [1000, 0]


def test_what_is_left_of_items_keeps_all_but_the_price() -> None:
    first, second = item(1, 5000, category_id=HAIR), item(2, 3000, service_id=COLOUR)
    assert discounts.less([first, second], {first.id: 1200}) == [
        PricedItem(first.id, CUT, HAIR, 3800),
        PricedItem(second.id, COLOUR, None, 3000),
    ]


def test_a_discount_comes_to_the_sum_of_its_shares() -> None:
    off = Discount(kind="coupon", source_id=WASH, label="Off", shares={CUT: 300, COLOUR: 100})
    assert off.total_cents == 400


@pytest.mark.parametrize("name", ["coupon", "gift_card", "package", "referral"])
def test_each_code_of_a_request_is_its_own(name: str) -> None:
    found = codes.codes_of({f"{name}_code": "X1", "note": "by phone"})
    assert found == Codes(**{name: "X1"})
    assert found


def test_a_request_without_codes_has_none() -> None:
    assert codes.codes_of({}) == codes.NO_CODES
    assert not codes.NO_CODES


@pytest.mark.parametrize("typed", ["SUMMER-10", "summer-10", "  Summer-10\n", "\uff33ummer-10"])
def test_a_coupon_is_found_whatever_its_case_outer_spaces_and_width(typed: str) -> None:
    assert codes.normalise(typed) == "SUMMER-10"


def test_spaces_inside_a_coupon_belong_to_it() -> None:
    assert codes.normalise(" summer 10 ") == "SUMMER 10"
