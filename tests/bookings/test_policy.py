# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""What a cancellation or a missed visit costs, to the minute and to the cent, from the frozen policy."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tithi.bookings import policy
from tithi.tenants.policy import DEFAULT_POLICY

START = datetime(2030, 6, 3, 12, tzinfo=UTC)
MOMENT = timedelta(microseconds=1)
FROZEN: dict[str, Any] = {
    "cancellation_window_hours": 24,
    "no_show_fee": {"type": "percent", "value": 100},
    "late_cancel_fee": {"type": "percent", "value": 50},
    "cancel_notice_minutes": 90,
}


def test_the_window_begins_right_after_its_first_moment() -> None:
    opens = START - timedelta(hours=24)
    assert not policy.is_late(FROZEN, START, opens - MOMENT)
    assert not policy.is_late(FROZEN, START, opens)
    assert policy.is_late(FROZEN, START, opens + MOMENT)


def test_a_window_of_no_hours_is_late_only_once_the_visit_has_begun() -> None:
    frozen = {**FROZEN, "cancellation_window_hours": 0}
    assert not policy.is_late(frozen, START, START)
    assert policy.is_late(frozen, START, START + MOMENT)


def test_a_visit_that_was_moved_while_late_stays_late() -> None:
    earlier, later = START - timedelta(days=2), START + timedelta(days=2)
    assert policy.window_start(START, None) == START
    assert policy.window_start(START, earlier) == earlier
    assert policy.window_start(START, later) == START


def test_a_notice_is_kept_to_the_minute() -> None:
    ends = START - timedelta(minutes=90)
    assert not policy.is_past_notice(FROZEN, "cancel_notice_minutes", START, ends)
    assert policy.is_past_notice(FROZEN, "cancel_notice_minutes", START, ends + MOMENT)


def test_a_notice_that_was_not_frozen_ends_when_the_visit_begins() -> None:
    assert not policy.is_past_notice(FROZEN, "move_notice_minutes", START, START)
    assert policy.is_past_notice(FROZEN, "move_notice_minutes", START, START + MOMENT)


@pytest.mark.parametrize(
    ("canceled_by", "before", "cents"),
    [
        ("customer", timedelta(hours=24), 0),
        ("customer", timedelta(hours=23, minutes=59), 2500),
        ("customer", timedelta(hours=-1), 2500),
        ("business", timedelta(hours=25), 0),
        ("business", timedelta(hours=1), 0),
        ("staff_of_tomorrow", timedelta(hours=1), 2500),
    ],
)
def test_only_a_late_cancellation_that_is_not_the_business_own_costs(
    canceled_by: str, before: timedelta, cents: int
) -> None:
    found = policy.cancel_fee_cents(FROZEN, 5000, starts_at=START, now=START - before, canceled_by=canceled_by)
    assert found == cents


def test_a_missed_visit_and_a_late_cancellation_have_fees_of_their_own() -> None:
    frozen = {**FROZEN, "no_show_fee": {"type": "fixed", "value": 3000}}
    assert policy.no_show_fee_cents(frozen, 5000) == 3000
    late = policy.cancel_fee_cents(frozen, 5000, starts_at=START, now=START, canceled_by=policy.CUSTOMER)
    assert late == 2500


def test_a_booking_from_before_cards_were_watched_is_watched_as_by_default() -> None:
    assert policy.card_watch(FROZEN) == policy.CardWatch(**DEFAULT_POLICY["card_watch"])
    own = {"days_before": 3, "rule_hours_before": 12, "rule": "release"}
    assert policy.card_watch({**FROZEN, "card_watch": own}) == (3, 12, "release")


HALF = {"type": "percent", "value": 50}
KEEPS = {**FROZEN, "deposit": HALF, "keeps_deposit": True}


@pytest.mark.parametrize(
    ("rule", "left", "cents"),
    [
        (None, 5000, 0),
        (HALF, 5000, 2500),
        (HALF, 2500, 2500),
        (HALF, 2499, 2499),
        (HALF, 50, 50),
        (HALF, 49, 0),
        (HALF, 0, 0),
        ({"type": "fixed", "value": 49}, 5000, 0),
        ({"type": "fixed", "value": 50}, 5000, 50),
        ({"type": "fixed", "value": 9000}, 9000, 5000),
    ],
)
def test_a_deposit_is_at_most_what_is_left_to_pay_and_at_least_what_a_card_can_be_charged(
    rule: dict[str, Any] | None, left: int, cents: int
) -> None:
    frozen = {**FROZEN, "deposit": rule}
    assert policy.deposit_due_cents(frozen, 5000, left_cents=left, currency="EUR") == cents


def test_the_smallest_deposit_is_that_of_its_currency() -> None:
    frozen = {**FROZEN, "deposit": {"type": "fixed", "value": 249}}
    assert policy.deposit_due_cents(frozen, 5000, left_cents=5000, currency="DKK") == 0
    assert policy.deposit_due_cents(frozen, 5000, left_cents=5000, currency="NZD") == 249


def test_a_deposit_can_be_asked_by_the_policy_or_by_one_of_its_rules() -> None:
    assert not policy.may_ask_deposit({})
    assert not policy.may_ask_deposit({"rules": [{"set": {"late_fee_after_hours": 1}}, {"set": {"deposit": None}}]})
    assert policy.may_ask_deposit({"deposit": HALF})
    assert policy.may_ask_deposit({"rules": [{"set": {}}, {"set": {"deposit": HALF}}]})
    assert policy.may_ask_deposit({"deposit": HALF, "rules": [{"set": {"deposit": None}}]})


@pytest.mark.parametrize(("deposit", "late", "missed"), [(0, 2500, 5000), (2501, 2501, 5000), (6000, 6000, 6000)])
def test_a_fee_is_at_least_the_deposit_where_that_is_kept(deposit: int, late: int, missed: int) -> None:
    def fees(frozen: dict[str, Any]) -> tuple[int, int]:
        canceled = policy.cancel_fee_cents(
            frozen, 5000, starts_at=START, now=START, canceled_by=policy.CUSTOMER, deposit_cents=deposit
        )
        return canceled, policy.no_show_fee_cents(frozen, 5000, deposit_cents=deposit)

    assert fees(KEEPS) == (late, missed)
    assert fees({**KEEPS, "keeps_deposit": False}) == (2500, 5000)
    assert fees(FROZEN) == (late, missed)


def test_where_nothing_is_asked_and_no_deposit_was_paid_nothing_is_owed() -> None:
    free = {**KEEPS, "late_cancel_fee": {"type": "fixed", "value": 0}, "no_show_fee": {"type": "fixed", "value": 0}}
    assert policy.no_show_fee_cents(free, 5000) == 0
    assert policy.cancel_fee_cents(free, 5000, starts_at=START, now=START, canceled_by=policy.CUSTOMER) == 0


def test_a_deposit_is_not_kept_where_nothing_is_owed_for_the_cancellation() -> None:
    for canceled_by, now in ((policy.BUSINESS, START), (policy.CUSTOMER, START - timedelta(days=2))):
        found = policy.cancel_fee_cents(
            KEEPS, 5000, starts_at=START, now=now, canceled_by=canceled_by, deposit_cents=3000
        )
        assert found == 0


def test_a_price_is_held_on_the_card_only_where_the_policy_says_when() -> None:
    assert policy.hold_hours(FROZEN) is None
    assert policy.hold_hours({**FROZEN, "hold_hours_before": 48}) == 48
