# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""Policies as they are stored, resolved for a visit and frozen, and the fees that their rules ask."""

import hashlib
import json
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tithi.tenants import policy
from tithi.tenants.policy import DEFAULT_POLICY, Case

CUT, COLOUR = UUID(int=1), UUID(int=2)
FREE = {"type": "fixed", "value": 0}
RULE: dict[str, Any] = {
    "service_ids": [],
    "min_amount_cents": 0,
    "visits_at_most": None,
    "no_shows_at_least": 0,
    "no_shows_at_most": None,
    "set": {"no_show_fee": FREE},
}


def case(**given_values: Any) -> Case:
    values = {"amount_cents": 5000, "service_ids": frozenset({CUT}), "visits": 3, "no_shows": 1}
    return Case(**{**values, **given_values})


def fits(rule: dict[str, Any], of: Case) -> bool:
    found = policy.resolved({**DEFAULT_POLICY, "rules": [{**RULE, **rule}]}, of)
    return bool(found["rules"])


@pytest.mark.parametrize(
    ("rule", "price", "fee"),
    [
        ({"type": "percent", "value": 50}, 5000, 2500),
        ({"type": "percent", "value": 50}, 5001, 2501),
        ({"type": "percent", "value": 33}, 101, 33),
        ({"type": "percent", "value": 1}, 49, 0),
        ({"type": "percent", "value": 1}, 50, 1),
        ({"type": "percent", "value": 100}, 5000, 5000),
        ({"type": "percent", "value": 150}, 5000, 5000),
        ({"type": "percent", "value": 0}, 5000, 0),
        ({"type": "fixed", "value": 3000}, 5000, 3000),
        ({"type": "fixed", "value": 5000}, 5000, 5000),
        ({"type": "fixed", "value": 6000}, 5000, 5000),
        ({"type": "fixed", "value": 0}, 5000, 0),
        ({"type": "fixed", "value": 100}, 0, 0),
    ],
)
def test_a_fee_is_a_part_of_the_price_half_up_or_a_fixed_sum_and_never_more_than_it(
    rule: dict[str, Any], price: int, fee: int
) -> None:
    assert policy.fee_cents(rule, price) == fee


@given(st.integers(0, 100), st.integers(0, 10**9))
def test_a_fee_in_per_cent_is_within_half_a_cent_and_half_a_cent_goes_up(per_cent: int, price: int) -> None:
    fee = policy.fee_cents({"type": "percent", "value": per_cent}, price)
    assert -50 < 100 * fee - price * per_cent <= 50


def test_what_was_stored_stands_and_what_is_newer_has_its_default() -> None:
    found = policy.effective({"cancellation_window_hours": 48})
    assert found["cancellation_window_hours"] == 48
    assert {**found, "cancellation_window_hours": 24} == DEFAULT_POLICY


def test_customers_are_told_of_a_deposit_unless_the_business_has_words_of_its_own() -> None:
    assert policy.effective({"deposit": None})["text"] == DEFAULT_POLICY["text"]
    assert policy.effective({"deposit": FREE})["text"] == policy.TEXT_WITH_DEPOSIT
    assert policy.effective({"deposit": FREE, "text": "Ours"})["text"] == "Ours"


def test_a_frozen_policy_carries_its_version_and_the_digest_of_all_it_says() -> None:
    frozen = policy.snapshot({"cancellation_window_hours": 48}, 7)
    content = {**DEFAULT_POLICY, "cancellation_window_hours": 48, "version": 7}
    written = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    assert frozen == {**content, "hash": hashlib.sha256(written.encode()).hexdigest()}


def test_the_digest_is_of_the_content_and_not_of_its_order() -> None:
    backwards = dict(reversed(DEFAULT_POLICY.items()))
    assert policy.snapshot(backwards, 1)["hash"] == policy.snapshot(dict(DEFAULT_POLICY), 1)["hash"]
    assert policy.snapshot({}, 2)["hash"] != policy.snapshot({}, 1)["hash"]


def test_a_rule_fits_from_its_smallest_amount_on() -> None:
    assert [fits({"min_amount_cents": 5000}, case(amount_cents=cents)) for cents in (4999, 5000, 5001)] == [
        False, True, True,
    ]  # fmt: skip


def test_a_rule_for_services_fits_a_visit_with_one_of_them() -> None:
    rule = {"service_ids": [str(CUT), str(UUID(int=3))]}
    assert fits(rule, case(service_ids=frozenset({CUT, COLOUR})))
    assert not fits(rule, case(service_ids=frozenset({COLOUR})))
    assert fits({"service_ids": []}, case(service_ids=frozenset({COLOUR})))


def test_a_rule_for_new_customers_ends_with_its_last_visit() -> None:
    assert [fits({"visits_at_most": 3}, case(visits=visits)) for visits in (0, 3, 4)] == [True, True, False]
    assert fits({"visits_at_most": None}, case(visits=1000))


def test_a_rule_counts_missed_visits_from_and_to() -> None:
    rule = {"no_shows_at_least": 1, "no_shows_at_most": 2}
    assert [fits(rule, case(no_shows=number)) for number in range(4)] == [False, True, True, False]
    assert fits({"no_shows_at_least": 1}, case(no_shows=1000))


def test_all_that_a_rule_asks_has_to_be_true() -> None:
    strict = {
        "service_ids": [str(CUT)], "min_amount_cents": 5000, "visits_at_most": 3, "no_shows_at_least": 1,
        "no_shows_at_most": 1,
    }  # fmt: skip
    assert fits(strict, case())
    other: list[dict[str, Any]] = [
        {"service_ids": frozenset({COLOUR})}, {"amount_cents": 4999}, {"visits": 4}, {"no_shows": 0}, {"no_shows": 2},
    ]  # fmt: skip
    assert not any(fits(strict, case(**one)) for one in other)


def test_the_first_rule_that_fits_is_taken_and_nothing_else_changes() -> None:
    never = {**RULE, "min_amount_cents": 10**9}
    first = {**RULE, "set": {"no_show_fee": FREE}}
    second = {**RULE, "set": {"late_cancel_fee": FREE}}
    found = policy.resolved({**DEFAULT_POLICY, "rules": [never, first, second]}, case())
    assert found == {**DEFAULT_POLICY, "no_show_fee": FREE, "rules": [first]}


def test_where_no_rule_fits_the_policy_stands_without_rules() -> None:
    never = {**RULE, "min_amount_cents": 10**9}
    assert policy.resolved({**DEFAULT_POLICY, "rules": [never]}, case()) == DEFAULT_POLICY
    assert policy.resolved(dict(DEFAULT_POLICY), case()) == DEFAULT_POLICY
