# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""The price of a visit is exact whatever its items, discounts and taxes are."""

from collections.abc import Sequence
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from tithi.bookings import pricing
from tithi.bookings.pricing import Item, Line, Price
from tithi.catalog.taxes import Tax, tax_cents
from tithi.promotions import discounts
from tithi.promotions.discounts import Discount, PricedItem, Terms

CUT, COLOUR = UUID(int=1), UUID(int=2)
VAT = Tax(UUID(int=9), "VAT", 1900, is_inclusive=True)
SALES = Tax(UUID(int=8), "Sales tax", 825, is_inclusive=False)

taxes = st.none() | st.builds(Tax, st.uuids(), st.just("Tax"), st.integers(0, 10_000), is_inclusive=st.booleans())
items_of_visits = st.lists(
    st.builds(
        Item, st.uuids(), st.sampled_from((CUT, COLOUR)), st.none(), st.just("Cut"), st.integers(0, 10**9), taxes
    ),
    min_size=1,
    max_size=6,
    unique_by=lambda item: item.id,
)
terms = st.builds(
    Terms,
    kind=st.sampled_from(discounts.KINDS),
    value=st.integers(1, 10_000),
    min_amount_cents=st.just(0),
    service_ids=st.sampled_from((frozenset(), frozenset({CUT}))),
    category_ids=st.just(frozenset()),
)


def discounted(items: Sequence[Item], several: Sequence[Terms]) -> list[Discount]:
    """One discount after the other, each of what the one before left."""
    left: Sequence[PricedItem] = [item.priced() for item in items]
    found = []
    for number, one in enumerate(several):
        taken = discounts.shares(one, left)
        left = discounts.less(left, taken)
        found.append(Discount(kind="coupon", source_id=UUID(int=number), label="Off", shares=taken))
    return found


def item(cents: int, tax: Tax | None = None, *, number: int = 1, service_id: UUID = CUT) -> Item:
    return Item(UUID(int=100 + number), service_id, None, "Cut", cents, tax)


def percent(basis_points: int) -> Terms:
    return Terms(
        kind="percent",
        value=basis_points,
        min_amount_cents=0,
        service_ids=frozenset(),
        category_ids=frozenset(),
    )


@given(items_of_visits, st.lists(terms, max_size=3), st.integers(0, 10**6))
def test_the_lines_add_up_and_nothing_is_negative(items: list[Item], several: list[Terms], tip: int) -> None:
    price = pricing.price(items, discounted(items, several), tip_cents=tip)

    assert sum(line.amount_cents for line in price.all_lines() if not line.is_included) == price.due_cents
    assert price.due_cents == price.amount_cents + tip
    assert 0 <= price.discount_cents <= price.subtotal_cents
    assert min(price.amount_cents, price.tax_cents) >= 0
    for one in items:
        assert left_of(price, one.id) >= 0


def left_of(price: Price, item_id: UUID) -> int:
    kinds = {pricing.ITEM, pricing.DISCOUNT}
    return sum(line.amount_cents for line in price.all_lines() if line.item_id == item_id and line.kind in kinds)


@given(items_of_visits, st.lists(terms, max_size=3))
def test_each_tax_is_that_of_what_is_left_of_its_item(items: list[Item], several: list[Terms]) -> None:
    price = pricing.price(items, discounted(items, several))
    for one in items:
        found = [line for line in price.lines if line.kind == pricing.TAX and line.item_id == one.id]
        expected = [] if one.tax is None else [tax_cents(left_of(price, one.id), one.tax)]
        assert [line.amount_cents for line in found] == expected
        assert all(line.amount_cents <= left_of(price, one.id) for line in found)


@given(st.lists(st.integers(0, 10**9), min_size=1, max_size=8).filter(any), st.data())
def test_a_sum_is_split_exactly_and_no_part_exceeds_its_weight(weights: list[int], data: st.DataObject) -> None:
    total = data.draw(st.integers(0, sum(weights)))
    parts = discounts.split(total, weights)
    assert sum(parts) == total
    assert all(0 <= part <= weight for part, weight in zip(parts, weights, strict=True))
    assert all(abs(part - total * weight / sum(weights)) < 1 for part, weight in zip(parts, weights, strict=True))


@given(st.integers(0, 10**9), st.integers(0, 10_000))
def test_an_inclusive_tax_is_the_exclusive_tax_of_the_rest(gross: int, basis_points: int) -> None:
    inclusive = Tax(UUID(int=1), "VAT", basis_points, is_inclusive=True)
    exclusive = Tax(UUID(int=1), "VAT", basis_points, is_inclusive=False)
    contained = tax_cents(gross, inclusive)
    assert abs(tax_cents(gross - contained, exclusive) - contained) <= 1


def test_an_exclusive_tax_is_put_on_top_of_what_the_discount_leaves() -> None:
    items = [item(10_000, SALES)]
    price = pricing.price(items, discounted(items, [percent(1000)]))
    assert (price.subtotal_cents, price.discount_cents, price.tax_cents) == (10_000, 1_000, 743)
    assert price.amount_cents == 9_743


def test_an_inclusive_tax_is_contained_in_what_the_discount_leaves() -> None:
    items = [item(11_900, VAT)]
    price = pricing.price(items, discounted(items, [percent(5000)]))
    assert (price.amount_cents, price.tax_cents) == (5_950, 950)


def test_a_coupon_is_reckoned_of_what_the_one_before_it_left() -> None:
    items = [item(10_000)]
    price = pricing.price(items, discounted(items, [percent(5000), percent(5000)]))
    assert [line.amount_cents for line in price.lines] == [-5_000, -2_500]


def test_a_discount_of_one_yen_goes_to_one_item() -> None:
    items = [item(100, number=number) for number in range(3)]
    fixed = Terms(kind="fixed", value=1, min_amount_cents=0, service_ids=frozenset(), category_ids=frozenset())
    assert sorted(discounts.shares(fixed, [one.priced() for one in items]).values()) == [1]


def test_of_free_items_the_cheapest_is_free() -> None:
    items = [item(3_000, number=1), item(2_000, number=2), item(1_000, number=3, service_id=COLOUR)]
    free = Terms(kind="free_item", value=0, min_amount_cents=0, service_ids=frozenset({CUT}), category_ids=frozenset())
    assert discounts.shares(free, [one.priced() for one in items]) == {items[1].id: 2_000}


def test_a_gift_card_lowers_what_is_due_and_not_the_amount() -> None:
    price = pricing.price([item(5_000, VAT)], tip_cents=500).with_gift_card(
        source_id=UUID(int=5), label="Gift card", cents=2_000
    )
    assert (price.amount_cents, price.gift_card_cents, price.due_cents, price.tax_cents) == (5_000, 2_000, 3_500, 798)


def test_each_line_says_what_it_is_of() -> None:
    cut, colour = item(10_000, SALES, number=1), item(5_000, VAT, number=2, service_id=COLOUR)
    off = Discount(kind="coupon", source_id=UUID(int=7), label="Summer", shares={cut.id: 1_000, colour.id: 500})
    price = pricing.price([cut, colour], [off], tip_cents=300).with_gift_card(
        source_id=UUID(int=5), label="Gift card …XYZ", cents=2_000
    )
    assert price.items == (cut, colour)
    assert price.all_lines() == [
        Line(kind="item", label="Cut", amount_cents=10_000, item_id=cut.id),
        Line(kind="item", label="Cut", amount_cents=5_000, item_id=colour.id),
        Line(kind="discount", label="Summer", amount_cents=-1_000, item_id=cut.id, source_id=UUID(int=7)),
        Line(kind="discount", label="Summer", amount_cents=-500, item_id=colour.id, source_id=UUID(int=7)),
        Line(
            kind="tax",
            label="Sales tax",
            amount_cents=743,
            item_id=cut.id,
            source_id=SALES.id,
            basis_points=825,
            is_included=False,
        ),
        Line(
            kind="tax",
            label="VAT",
            amount_cents=718,
            item_id=colour.id,
            source_id=VAT.id,
            basis_points=1900,
            is_included=True,
        ),
        Line(kind="tip", label="Tip", amount_cents=300),
        Line(kind="gift_card", label="Gift card …XYZ", amount_cents=-2_000, source_id=UUID(int=5)),
    ]


def test_a_line_is_shown_without_its_source() -> None:
    line = Line(kind="tax", label="VAT", amount_cents=718, item_id=CUT, source_id=COLOUR, basis_points=1900)
    assert line.shown() == {
        "kind": "tax", "label": "VAT", "amount_cents": 718, "item_id": CUT, "basis_points": 1900, "is_included": False,
    }  # fmt: skip


def test_a_price_without_a_tip_has_no_line_for_it() -> None:
    assert pricing.price([item(5_000)]).lines == ()
    assert pricing.price([item(5_000)], tip_cents=1).tip_cents == 1


def test_an_item_is_lowered_by_all_the_discounts_together_before_its_tax_is_found() -> None:
    cut = item(10_000, SALES)
    off = [
        Discount(kind=kind, source_id=UUID(int=7), label="Off", shares={cut.id: cents})
        for kind, cents in (("coupon", 1_000), ("package", 2_000))
    ]
    assert pricing.price([cut], off).tax_cents == 578


def test_a_discount_is_reckoned_of_an_item_by_its_service_its_category_and_its_price() -> None:
    cut = Item(UUID(int=101), CUT, COLOUR, "Cut", 5_000, None)
    assert cut.priced() == PricedItem(UUID(int=101), CUT, COLOUR, 5_000)
