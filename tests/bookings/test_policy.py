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
