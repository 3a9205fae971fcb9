# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""A call whose answer was lost and whose key the processor has forgotten: what it did is looked up, not done again."""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import uuid4

import pytest

from tests.factories.businesses import Answer
from tests.payments.machine.mortal import DiedError, Mortal
from tests.payments.till import CAPTURE, CARD_THAT_ASKS_AT_THE_DESK, Till, later
from tithi.integrations.stripe.sandbox.faults import FaultKind

API = "/api/v1"
DAY_AND_HOUR = 25 * 3600


@contextmanager
def _a_day_on(till: Till) -> Iterator[None]:
    till.stack.stripe.state.advance(DAY_AND_HOUR)
    try:
        with later(seconds=DAY_AND_HOUR):
            yield
    finally:
        till.stack.stripe.state.advance(-DAY_AND_HOUR)


def _press(till: Till, path: str, key: str | None = None, **body: object) -> Answer:
    return till.salon.as_owner("POST", f"{API}/{path}", key=key or str(uuid4()), json=body)


def test_money_whose_capture_was_not_heard_of_is_found_also_by_whoever_asks_a_day_later(till: Till) -> None:
    booking_id = till.salon.booked()["booking_id"]
    till.fail(CAPTURE, "lose_answer_after")
    assert till.salon.press("complete", booking_id).json["payment_status"] == "authorized"
    with _a_day_on(till):
        asked = _press(till, "payments/confirm", booking_id=booking_id)
        assert (asked.status_code, asked.json["status"]) == (200, "captured"), asked.text
        assert _press(till, f"bookings/{booking_id}/charge").json["code"] == "TITHI_PAYMENT_NOT_OWED"
    till.expect_charged_once(booking_id)


@pytest.mark.parametrize("point", range(1, 8))
def test_a_part_is_given_back_once_also_when_the_same_request_comes_again_a_day_later(till: Till, point: int) -> None:
    booking_id = till.salon.booked()["booking_id"]
    till.salon.press("complete", booking_id)
    path, body = f"admin/bookings/{booking_id}/refund", {"refund_type": "partial", "amount_cents": 2000}
    life = Mortal()
    with life.inhabiting(till.salon.app), life.ending_after(point), pytest.raises(DiedError):
        _press(till, path, "back", **body)
    with _a_day_on(till):
        again = _press(till, path, "back", **body)
        assert (again.status_code, again.json["status"]) == (201, "succeeded"), again.text
        till.recover(seconds=60)
    assert [one["amount"] for one in till.refunds()] == [2000]
    assert till.shown(booking_id)["refunded_cents"] == 2000


def _waiting(till: Till) -> dict[str, str]:
    """A completed visit whose charge waits for its customer."""
    booking = till.kept(CARD_THAT_ASKS_AT_THE_DESK)
    assert till.salon.press("complete", booking["booking_id"]).json["payment_status"] == "requires_action"
    return booking


@pytest.mark.parametrize("kind", ["lose_answer_after", "error_500_after"])
def test_a_charge_that_was_called_off_without_an_answer_is_given_up_at_once(till: Till, kind: FaultKind) -> None:
    booking = _waiting(till)
    till.fail("POST /v1/payment_intents/*/cancel", kind)
    answer = _press(till, f"bookings/{booking['booking_id']}/waive", reason="A favour")
    assert (answer.status_code, answer.json["status"]) == (200, "canceled"), answer.text
    assert [intent["status"] for intent in till.intents()] == ["canceled"]


@pytest.mark.parametrize("point", range(1, 8))
def test_what_was_to_be_given_up_when_the_process_died_can_be_given_up_a_day_later(till: Till, point: int) -> None:
    booking = _waiting(till)
    path = f"bookings/{booking['booking_id']}/waive"
    life = Mortal()
    with life.inhabiting(till.salon.app), life.ending_after(point), pytest.raises(DiedError):
        _press(till, path, reason="A favour")
    with _a_day_on(till):
        answer = _press(till, path, reason="A favour")
        assert (answer.status_code, answer.json["status"]) == (200, "canceled"), answer.text
        till.recover(seconds=60)
    assert [intent["status"] for intent in till.intents()] == ["canceled"]


@pytest.mark.parametrize("kind", ["lose_answer_before", "rate_limit_429", "error_500"])
def test_a_charge_that_could_not_be_called_off_is_not_given_up(till: Till, kind: FaultKind) -> None:
    booking = _waiting(till)
    till.fail("POST /v1/payment_intents/*/cancel", kind)
    answer = _press(till, f"bookings/{booking['booking_id']}/waive", reason="A favour")
    assert (answer.status_code, answer.json["code"]) == (502, "TITHI_PAYMENT_STRIPE_ERROR"), answer.text
    assert till.shown(booking["booking_id"])["payment_status"] == "requires_action"
    assert [intent["status"] for intent in till.intents()] == ["requires_payment_method"]
