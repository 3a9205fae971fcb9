# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

from collections import Counter
from itertools import accumulate

from hypothesis import given
from hypothesis import strategies as st

from tithi.payments import amounts, splits
from tithi.payments.splits import Returned

CENTS = st.integers(min_value=1, max_value=10_000_000_00)


@st.composite
def captures(draw: st.DrawFn) -> tuple[int, int, int]:
    """An amount with the platform's fee and the tax in it."""
    amount = draw(CENTS)
    fee = draw(st.one_of(st.just(amounts.platform_fee(amount)), st.integers(0, amount)))
    return amount, fee, draw(st.integers(0, amount - fee))


@st.composite
def refunds(draw: st.DrawFn) -> tuple[int, int, int, list[int]]:
    """A capture and amounts that are given back of it one after the other, all of it in the end."""
    amount, fee, tax = draw(captures())
    cuts = sorted(set(draw(st.lists(st.integers(1, amount), max_size=6))) | {amount})
    return amount, fee, tax, [last - first for first, last in zip([0, *cuts], cuts, strict=False)]


@given(captures())
def test_a_capture_sums_to_nothing_and_gives_each_their_part(capture: tuple[int, int, int]) -> None:
    amount, fee, tax = capture
    lines = splits.of_capture(amount=amount, fee=fee, tax=tax)
    assert sum(lines.values()) == 0
    assert (lines["customer"], lines["platform"], lines["tax"]) == (-amount, fee, tax)
    assert lines["business"] >= 0


@given(refunds())
def test_refunds_in_parts_undo_the_capture_to_the_cent(course: tuple[int, int, int, list[int]]) -> None:
    amount, fee, tax, parts = course
    left = dict(splits.of_capture(amount=amount, fee=fee, tax=tax))
    fee_back = tax_back = 0
    for part, given_back in zip(parts, accumulate(parts), strict=True):
        returned = Returned(
            splits.newly_due(fee, given_back=given_back, captured=amount, before=fee_back),
            splits.newly_due(tax, given_back=given_back, captured=amount, before=tax_back),
        )
        lines = splits.of_refund(amount=part, returned=returned)
        assert sum(lines.values()) == 0
        fee_back, tax_back = fee_back + returned.fee_cents, tax_back + returned.tax_cents
        assert abs(2 * fee_back * amount - 2 * fee * given_back) <= amount
        left = {account: cents + lines.get(account, 0) for account, cents in left.items()}
    assert not any(left.values())


@given(refunds(), st.integers(0, 50_00))
def test_a_refund_that_fails_leaves_only_what_does_not_come_back(
    course: tuple[int, int, int, list[int]], cost: int
) -> None:
    amount, fee, tax, (part, *_) = course
    returned = Returned(
        splits.newly_due(fee, given_back=part, captured=amount, before=0),
        splits.newly_due(tax, given_back=part, captured=amount, before=0),
    )
    refund = splits.of_refund(amount=part, returned=returned, processor_fee=cost)
    failed = splits.of_failed_refund(amount=part, returned=Returned(0, returned.tax_cents))
    assert sum(failed.values()) == 0
    both = {account: refund[account] + failed[account] for account in refund}
    assert (both["customer"], both["tax"]) == (0, 0)
    assert both["business"] == returned.fee_cents - cost
    assert (both["platform"], both["processor"]) == (-returned.fee_cents, cost)


@given(CENTS, st.integers(0, 100_00))
def test_a_dispute_that_is_won_with_its_fee_back_leaves_nothing(amount: int, fee: int) -> None:
    lost = splits.of_dispute(amount=amount, fee=fee)
    won = splits.of_dispute(amount=-amount, fee=-fee)
    assert sum(lost.values()) == 0
    assert all(lost[account] + won[account] == 0 for account in lost)


BORNE = ["customer", "platform", "tax"]
POSTED = st.dictionaries(st.sampled_from([*BORNE, "business"]), st.integers(-10_000, 10_000))
RIGHT = st.dictionaries(st.sampled_from(BORNE), st.integers(-10_000, 10_000))


@given(POSTED, RIGHT)
def test_a_correction_makes_what_was_posted_right_and_the_business_bears_it(
    posted: dict[str, int], right: dict[str, int]
) -> None:
    added = splits.correction(right=right, posted=posted)
    assert sum(added.values()) == 0
    assert {name: posted.get(name, 0) + added[name] for name in right} == right
    assert set(added) == {*right, "business"}


def test_what_the_processor_keeps_for_a_charge_is_borne_by_the_business() -> None:
    assert splits.of_processing(175) == {"business": -175, "processor": 175}


def test_a_gift_card_that_pays_is_owed_no_more_and_its_tax_goes_to_the_authority() -> None:
    assert splits.of_gift_card(amount=3000, tax=480) == {"gift_card_liability": -3000, "business": 2520, "tax": 480}


def test_the_sale_of_a_gift_card_is_owed_in_full_whatever_was_paid_for_it() -> None:
    assert splits.of_sale(paid=5000, worth=5000) == {"customer": -5000, "business": 0, "gift_card_liability": 5000}
    assert splits.of_sale(paid=4000, worth=5000) == {"customer": -4000, "business": -1000, "gift_card_liability": 5000}


def test_a_payout_moves_the_business_money_to_its_bank() -> None:
    assert splits.of_payout(4775) == {"business": -4775, "bank": 4775}


def test_a_dispute_takes_the_amount_and_the_fee_from_the_business() -> None:
    assert splits.of_dispute(amount=5000, fee=1500) == {"customer": 5000, "business": -6500, "processor": 1500}


@given(CENTS, CENTS, st.data())
def test_every_division_sums_to_nothing(amount: int, other: int, data: st.DataObject) -> None:
    tax = data.draw(st.integers(0, amount))
    for lines in (
        splits.of_processing(amount),
        splits.of_gift_card(amount=amount, tax=tax),
        splits.of_sale(paid=amount, worth=other),
        splits.of_payout(amount),
    ):
        assert sum(lines.values()) == 0


@given(refunds(), st.data())
def test_a_deposit_in_part_used_and_given_back_in_parts_leaves_nothing(
    course: tuple[int, int, int, list[int]], data: st.DataObject
) -> None:
    """What no outcome used goes back first, and bears no tax."""
    amount, fee, _, parts = course
    used = data.draw(st.integers(0, amount), label="used")
    tax = data.draw(st.integers(0, used), label="tax")
    left = Counter(splits.of_deposit(amount=amount, fee=fee))
    left.update(splits.of_used_deposit(amount=used, tax=tax))
    assert sum(left.values()) == 0
    assert left["deposit_liability"] == amount - used
    fee_back = tax_back = 0
    for part, given_back in zip(parts, accumulate(parts), strict=True):
        owed = max(0, min(part, amount - used - (given_back - part)))
        returned = Returned(
            splits.newly_due(fee, given_back=given_back, captured=amount, before=fee_back),
            splits.newly_due(
                tax, given_back=max(0, given_back - (amount - used)), captured=max(1, used), before=tax_back
            ),
            owed,
        )
        lines = splits.of_refund(amount=part, returned=returned)
        assert sum(lines.values()) == 0
        left.update(lines)
        fee_back, tax_back = fee_back + returned.fee_cents, tax_back + returned.tax_cents
    assert not any(left.values())


def test_a_deposit_is_owed_whole_and_its_fee_is_borne_by_the_business() -> None:
    assert splits.of_deposit(amount=2000, fee=20) == {
        "customer": -2000, "deposit_liability": 2000, "business": -20, "platform": 20,
    }  # fmt: skip
    assert splits.of_used_deposit(amount=2000, tax=319) == {"deposit_liability": -2000, "business": 1681, "tax": 319}


def test_a_refund_takes_the_customers_own_and_the_shares_of_all_and_the_rest_of_the_business() -> None:
    assert splits.of_refund(amount=2000, returned=Returned(20, 300, 500), processor_fee=25) == {
        "customer": 2000, "business": -1205, "deposit_liability": -500, "platform": -20, "processor": 25, "tax": -300,
    }  # fmt: skip
    assert splits.of_failed_refund(amount=2000, returned=Returned(20, 300, 500), processor_fee=25) == {
        "customer": -2000, "business": 1155, "deposit_liability": 500, "platform": 20, "processor": 25, "tax": 300,
    }  # fmt: skip
