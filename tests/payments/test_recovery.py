# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

from datetime import timedelta

import pytest

from tests.factories.businesses import Salon
from tests.payments.till import AUTHORIZE, CAPTURE, REFUND, Till, later
from tithi.integrations.stripe.sandbox.faults import FaultKind


def _pressed(till: Till) -> str:
    booking_id: str = till.salon.booked()["booking_id"]
    answer = till.salon.press("complete", booking_id)
    assert answer.status_code == 200, answer.text
    assert answer.json["status"] == "completed"
    return booking_id


@pytest.mark.parametrize("call", [AUTHORIZE, CAPTURE])
@pytest.mark.parametrize("kind", ["lose_answer_before", "lose_answer_after", "reset", "rate_limit_429", "conflict_409"])
def test_a_charge_whose_answer_was_lost_is_finished_once(till: Till, call: str, kind: FaultKind) -> None:
    till.fail(call, kind)
    booking_id = _pressed(till)
    assert till.shown(booking_id)["payment_status"] in {"requires_action", "authorized"}
    assert till.facts("payment.failed") == 0

    till.recover()
    till.expect_charged_once(booking_id)


@pytest.mark.parametrize("call", [AUTHORIZE, CAPTURE])
def test_a_processor_that_stays_silent_is_asked_until_it_answers(till: Till, call: str) -> None:
    till.fail(call, "lose_answer_before", times=4)
    booking_id = _pressed(till)
    for minutes in (1, 2, 4):
        till.recover(minutes=minutes)
        assert till.taken() == 0
    till.recover(minutes=20)
    till.expect_charged_once(booking_id)


@pytest.mark.parametrize("call", [AUTHORIZE, CAPTURE])
def test_an_error_that_the_processor_repeats_is_settled_by_looking_the_payment_up(till: Till, call: str) -> None:
    till.fail(call, "error_500_after")
    booking_id = _pressed(till)
    till.recover()
    till.expect_charged_once(booking_id)


def test_an_error_before_anything_happened_is_repeated_by_the_processor_until_its_key_ends(till: Till) -> None:
    till.fail(AUTHORIZE, "error_500")
    booking_id = _pressed(till)
    till.recover()
    assert till.shown(booking_id)["payment_status"] == "requires_action"
    assert till.facts("payment.failed") == 0
    assert till.intents() == []

    day = timedelta(hours=25)
    till.stack.stripe.state.advance(int(day.total_seconds()))
    try:
        till.recover(hours=25)
    finally:
        till.stack.stripe.state.advance(-int(day.total_seconds()))
    till.expect_charged_once(booking_id)


def test_a_charge_found_after_its_key_ended_is_not_repeated(till: Till) -> None:
    till.fail(AUTHORIZE, "lose_answer_after")
    booking_id = _pressed(till)
    day = timedelta(hours=25)
    till.stack.stripe.state.advance(int(day.total_seconds()))
    try:
        till.recover(hours=25)
    finally:
        till.stack.stripe.state.advance(-int(day.total_seconds()))
    till.expect_charged_once(booking_id)


def test_a_press_while_the_answer_is_awaited_waits_too(till: Till) -> None:
    till.fail(AUTHORIZE, "lose_answer_after")
    booking_id = _pressed(till)
    answer = till.salon.press("complete", booking_id)
    assert (answer.status_code, answer.json["code"]) == (409, "TITHI_PAYMENT_IN_PROGRESS")
    till.recover()
    answer = till.salon.press("complete", booking_id)
    assert (answer.status_code, answer.json["payment_status"]) == (200, "captured")
    till.expect_charged_once(booking_id)


def test_cash_is_refused_while_the_card_may_have_been_charged(till: Till) -> None:
    till.fail(AUTHORIZE, "lose_answer_after")
    booking_id = _pressed(till)
    answer = till.salon.as_owner(
        "POST", "/api/v1/payments/cash", key="cash", json={"booking_id": booking_id, "method": "cash"}
    )
    assert (answer.status_code, answer.json["code"]) == (409, "TITHI_PAYMENT_IN_PROGRESS")
    till.recover()
    till.expect_charged_once(booking_id)


@pytest.mark.parametrize(
    "kind", ["lose_answer_before", "lose_answer_after", "rate_limit_429", "conflict_409", "error_500_after"]
)
def test_a_refund_whose_answer_was_lost_is_made_once(till: Till, kind: FaultKind) -> None:
    booking_id = _pressed(till)
    till.fail(REFUND, kind)
    refund = till.salon.as_owner(
        "POST",
        f"/api/v1/admin/bookings/{booking_id}/refund",
        key="refund",
        json={"refund_type": "partial", "amount_cents": 2000},
    )
    assert (refund.status_code, refund.json["status"]) == (201, "pending"), refund.text

    for minutes in (1, 10, 60, 23 * 60):
        till.recover(minutes=minutes)
    day = timedelta(hours=25)
    till.stack.stripe.state.advance(int(day.total_seconds()))
    try:
        till.recover(hours=25)
    finally:
        till.stack.stripe.state.advance(-int(day.total_seconds()))
    assert [one["amount"] for one in till.refunds()] == [2000]
    assert till.shown(booking_id)["refunded_cents"] == 2000
    assert till.facts("payment.refunded") == 1


def test_a_visit_sixty_days_ahead_is_charged_when_it_is_completed_and_not_before(till: Till, salon: Salon) -> None:
    booking_id = salon.booked(start=salon.slot(days=60))["booking_id"]
    passed = timedelta(days=60, hours=3)
    till.stack.stripe.state.advance(int(passed.total_seconds()))
    try:
        with later(days=60, hours=3):
            till.recover(seconds=1)
            assert till.intents() == []
            answer = salon.as_role("staff", "POST", f"/api/v1/bookings/{booking_id}/complete", key="done", json={})
            assert answer.json["payment_status"] == "captured", answer.text
    finally:
        till.stack.stripe.state.advance(-int(passed.total_seconds()))
    till.expect_charged_once(booking_id)
