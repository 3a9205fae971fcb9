# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""Refunds wherever they are made: here, by a worker after a loss, in the salon's own dashboard, or undone by a bank."""

from typing import Any
from uuid import uuid4

import pytest

from tests.factories.books import refund_in_dashboard
from tests.payments.books import accounts, facts, rows
from tests.payments.test_ledger import charged, give_back
from tests.payments.till import REFUND, Till

API = "/api/v1"


def _refund_in_dashboard(till: Till, cents: int, *, fee: bool = True) -> None:
    (intent,) = till.intents()
    refund_in_dashboard(till.salon, intent["id"], cents, fee=fee)


def _payment(till: Till, booking_id: str) -> dict[str, Any]:
    found: dict[str, Any] = till.salon.as_owner("GET", f"{API}/payments/{till.shown(booking_id)['payment_id']}").json
    return found


@pytest.mark.parametrize("type_", ["charge.refunded", "refund.created"])
def test_a_refund_made_in_the_salons_dashboard_appears_with_its_ledger_lines(till: Till, type_: str) -> None:
    booking_id = charged(till)
    _refund_in_dashboard(till, 1500)
    event = next(event for event in till.events() if event["type"] == type_)
    for _ in range(2):
        till.tell(event)
    payment = _payment(till, booking_id)
    (refund,) = payment["refunds"]
    assert (refund["origin"], refund["status"], refund["amount_cents"]) == ("processor", "succeeded", 1500)
    assert (payment["refunded_cents"], refund["application_fee_refunded_cents"]) == (1500, 15)
    assert till.facts("payment.refunded") == 1
    assert [fact["lines"] for fact in facts(till, "refund")] == [{"customer": 1500, "business": -1485, "platform": -15}]


def test_a_refund_without_the_platforms_share_is_posted_as_the_processor_made_it(till: Till) -> None:
    booking_id = charged(till)
    _refund_in_dashboard(till, 1500, fee=False)
    till.tell(till.events()[0])
    assert facts(till, "refund")[0]["lines"] == {"customer": 1500, "business": -1500}
    rest = give_back(till, booking_id, refund_type="full")
    assert (rest["amount_cents"], rest["application_fee_refunded_cents"]) == (3500, 50)
    assert accounts(till) == {"business": -175, "processor": 175}


def test_what_the_salon_gave_back_itself_is_not_given_back_again(till: Till) -> None:
    booking_id = charged(till)
    _refund_in_dashboard(till, 4000)
    till.tell(till.events()[0])
    path = f"{API}/admin/bookings/{booking_id}/refund"
    body = {"refund_type": "partial", "amount_cents": 1001}
    answer = till.salon.as_owner("POST", path, key=str(uuid4()), json=body)
    assert (answer.status_code, answer.json["code"]) == (400, "TITHI_REFUND_TOO_LARGE")
    assert answer.json["details"] == {"refundable_cents": 1000}
    assert len(till.refunds()) == 1


def test_two_refunds_of_one_amount_of_which_one_answer_was_lost_are_told_apart(till: Till) -> None:
    booking_id = charged(till)
    till.fail(REFUND, "lose_answer_after")
    assert give_back(till, booking_id, refund_type="partial", amount_cents=1000)["status"] == "pending"
    till.fail(REFUND, "lose_answer_before")
    assert give_back(till, booking_id, refund_type="partial", amount_cents=1000)["status"] == "pending"
    till.recover(hours=25)
    assert [one["amount"] for one in till.refunds()] == [1000, 1000]
    assert {one["refund_ref"] for one in rows(till, "SELECT refund_ref FROM refunds")} == {
        one["id"] for one in till.refunds()
    }
    assert till.shown(booking_id)["refunded_cents"] == 2000


@pytest.mark.parametrize(("card", "status"), [("pm_card_pendingRefund", "succeeded"), ("pm_card_refundFail", "failed")])
def test_a_refund_that_is_settled_later_is_followed(till: Till, card: str, status: str) -> None:
    booking_id = charged(till, payment_method={"type": "card", "stripe_payment_method_id": card})
    give_back(till, booking_id, refund_type="full")
    till.stack.stripe.state.advance(3600)
    try:
        till.tell(till.events()[0])
    finally:
        till.stack.stripe.state.advance(-3600)
    (refund,) = _payment(till, booking_id)["refunds"]
    assert refund["status"] == status
    assert till.shown(booking_id)["refunded_cents"] == (5000 if status == "succeeded" else 0)
    assert len(facts(till, "refund_failed")) == (status == "failed")
    kept = {"customer": -5000, "business": 4825, "processor": 175}
    assert accounts(till) == (kept if status == "failed" else {"business": -175, "processor": 175})
