# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""What a refusal of a card means for the next try, and the words that clients see of a payment."""

from datetime import UTC, datetime, timedelta

import pytest

from tithi.payments import declines, ladder, status

BEGAN = datetime(2030, 1, 1, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    ("code", "decline_code", "advice_code", "outcome"),
    [
        ("card_declined", "insufficient_funds", None, "declined_retryable"),
        ("card_declined", "generic_decline", "try_again_later", "declined_retryable"),
        ("card_declined", None, None, "declined_retryable"),
        ("processing_error", None, None, "declined_retryable"),
        ("card_declined", "stolen_card", None, "declined_final"),
        ("expired_card", None, None, "declined_final"),
        ("expired_card", "generic_decline", None, "declined_final"),
        ("card_declined", "generic_decline", "do_not_try_again", "declined_final"),
        ("authentication_required", None, None, "needs_customer"),
        ("card_declined", "authentication_required", None, "needs_customer"),
        ("authentication_required", "generic_decline", "do_not_try_again", "needs_customer"),
        ("card_declined", "offline_pin_required", "do_not_try_again", "needs_customer"),
    ],
)
def test_a_refusal_says_whether_the_card_may_be_tried_again(
    code: str, decline_code: str | None, advice_code: str | None, outcome: str
) -> None:
    assert declines.outcome_of(code, decline_code, advice_code) == outcome


@pytest.mark.parametrize("decline_code", [None, "", "a_code_of_tomorrow", "fraudulent"])
def test_a_reason_that_has_no_words_for_customers_is_not_named(decline_code: str | None) -> None:
    assert declines.in_words(decline_code) == "The bank declined the payment and gave no reason."


def test_a_reason_that_helps_the_customer_is_named() -> None:
    assert declines.in_words("insufficient_funds") == "There is not enough money on the card."
    assert declines.in_words("expired_card") == "The card has expired."


@pytest.mark.parametrize(
    ("state", "captured", "refunded", "shown"),
    [
        ("open", 0, 0, "requires_action"),
        ("declined_final", 0, 0, "failed"),
        ("waived", 0, 0, "canceled"),
        ("capture_submitted", 0, 0, "authorized"),
        ("succeeded", 5000, 0, "captured"),
        ("succeeded", 5000, 4999, "captured"),
        ("succeeded", 5000, 5000, "refunded"),
        ("settled_elsewhere", 5000, 5000, "refunded"),
    ],
)
def test_a_payment_is_refunded_once_all_that_was_captured_went_back(
    state: str, captured: int, refunded: int, shown: str
) -> None:
    assert status.shown(state, captured, refunded) == shown


@pytest.mark.parametrize(
    ("state", "captured", "refunded", "shown"),
    [
        ("open", 1000, 1000, "requires_action"),
        ("declined_final", 1000, 1000, "failed"),
        ("succeeded", 5000, 1000, "captured"),
        ("succeeded", 5000, 5000, "refunded"),
        ("settled_elsewhere", 5000, 5000, "refunded"),
        ("waived", 1000, 1000, "refunded"),
        ("written_off", 1000, 0, "canceled"),
    ],
)
def test_a_visit_is_refunded_once_it_has_ended_and_all_of_its_money_went_back(
    state: str, captured: int, refunded: int, shown: str
) -> None:
    assert status.of_visit(state, captured, refunded) == shown


def test_reminders_come_after_a_day_three_days_a_week_and_a_fortnight() -> None:
    assert [ladder.due_at(BEGAN, step) - BEGAN for step in range(ladder.LAST + 1)] == [
        timedelta(days=1), timedelta(days=3), timedelta(days=7), timedelta(days=14),
    ]  # fmt: skip
