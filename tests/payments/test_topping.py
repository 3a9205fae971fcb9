# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""What is charged after a visit was paid: a tip, and the rest of a price that was charged in part."""

from functools import partial
from typing import Any
from uuid import uuid4

import pytest

from tests.concurrency.parallel import at_once
from tests.factories.businesses import Answer
from tests.factories.promotions import add_tax
from tests.factories.visits import ok
from tests.factories.worker import work
from tests.payments.books import accounts
from tests.payments.till import AUTHORIZE, CARD_THAT_ASKS_AT_THE_DESK, Till
from tithi.integrations.stripe.sandbox.faults import FaultKind

API = "/api/v1"
DAY_AND_HOUR = 25 * 3600


def _press(till: Till, word: str, booking: dict[str, Any], **body: Any) -> Answer:
    path = f"{API}/bookings/{booking['booking_id']}/{word}"
    return till.salon.as_owner("POST", path, key=str(uuid4()), json=body)


def _receipts(till: Till) -> list[tuple[int, int]]:
    work(till.worker_app)
    found = till.salon.as_owner("GET", f"{API}/receipts").json["receipts"]
    return [(one["total_cents"], one["tax_cents"]) for one in reversed(found)]


def _completed(till: Till, **body: Any) -> dict[str, Any]:
    booking = till.salon.booked()
    ok(till.salon.press("complete", booking["booking_id"], **body))
    return booking


def test_a_tip_after_the_visit_is_a_charge_of_its_own_that_bears_the_fee_and_no_tax(till: Till) -> None:
    add_tax(till.salon, 1900)
    booking = _completed(till)
    tip = ok(_press(till, "tip", booking, tip_cents=700))
    assert (tip["purpose"], tip["status"], tip["captured_cents"], tip["tax_cents"]) == ("tip", "captured", 700, 0)
    assert sorted((one["amount_received"], one["application_fee_amount"]) for one in till.intents()) == [
        (700, 7),
        (5000, 50),
    ]
    shown = till.shown(booking["booking_id"])
    assert (shown["payment_status"], shown["captured_cents"]) == ("captured", 5700)
    assert _receipts(till) == [(5000, 798), (700, 0)]
    second = _press(till, "tip", booking, tip_cents=700)
    assert (second.status_code, second.json["code"]) == (409, "TITHI_PAYMENT_SETTLED")
    assert till.taken() == 5700


def test_the_rest_of_a_price_is_charged_later_with_the_rest_of_its_tax(till: Till) -> None:
    add_tax(till.salon, 1900)
    booking = _completed(till, charge_cents=3000, note="The colour comes next week")
    more = _press(till, "balance", booking, amount_cents=2001)
    assert (more.status_code, more.json["code"], more.json["details"]) == (
        400,
        "TITHI_CHARGE_TOO_LARGE",
        {"most_cents": 2000},
    )
    assert till.taken() == 3000
    rest = ok(_press(till, "balance", booking, note="The colour is done"))
    assert (rest["purpose"], rest["captured_cents"], rest["note"]) == ("balance", 2000, "The colour is done")
    assert _receipts(till) == [(3000, 479), (2000, 319)]
    assert accounts(till)["tax"] == 798
    again = _press(till, "balance", booking)
    assert (again.status_code, again.json["code"]) == (409, "TITHI_PAYMENT_SETTLED")


def test_a_refund_goes_through_all_that_was_paid(till: Till) -> None:
    add_tax(till.salon, 1900)
    booking = _completed(till, charge_cents=3000, note="In two parts")
    ok(_press(till, "balance", booking))
    ok(_press(till, "tip", booking, tip_cents=500))
    part = ok(till.salon.press("refund", booking["booking_id"], refund_type="partial", amount_cents=5200))
    assert (part["amount_cents"], part["status"]) == (5200, "succeeded")
    assert sorted(one["amount"] for one in till.refunds()) == [200, 2000, 3000]
    ok(till.salon.press("refund", booking["booking_id"], refund_type="full"))
    shown = till.shown(booking["booking_id"])
    assert (shown["payment_status"], shown["refunded_cents"]) == ("refunded", 5500)
    assert sum(total for total, _ in _receipts(till)) == sum(tax for _, tax in _receipts(till)) == 0
    assert accounts(till).get("tax", 0) == 0


@pytest.mark.parametrize("word", ["tip", "balance"])
def test_nothing_more_is_charged_before_the_visit_is_completed_and_paid(till: Till, word: str) -> None:
    body = {"tip_cents": 500} if word == "tip" else {}
    booking = till.salon.booked(start=till.salon.slot(days=5))
    early = _press(till, word, booking, **body)
    assert (early.status_code, early.json["code"]) == (409, "TITHI_BOOKING_STATE_CONFLICT")
    ok(till.salon.press("no-show", booking["booking_id"]))
    missed = _press(till, word, booking, **body)
    assert (missed.status_code, missed.json["code"]) == (409, "TITHI_BOOKING_STATE_CONFLICT")
    owing = till.kept("pm_card_chargeCustomerFail")
    till.salon.press("complete", owing["booking_id"])
    unpaid = _press(till, word, owing, **body)
    code = "TITHI_PAYMENT_NOT_OWED" if word == "tip" else "TITHI_PAYMENT_SETTLED"
    assert (unpaid.status_code, unpaid.json["code"]) == (409, code)
    assert till.taken() == 5000


def test_a_tip_that_the_bank_wants_its_holder_for_is_let_go_and_nobody_is_reminded(till: Till) -> None:
    booking = till.kept(CARD_THAT_ASKS_AT_THE_DESK)
    desk = {"booking_id": booking["booking_id"], "method": "cash"}
    paid = till.salon.as_owner("POST", f"{API}/payments/cash", key=str(uuid4()), json=desk)
    assert (paid.status_code, paid.json["captured_cents"]) == (201, 5000)
    ok(till.salon.press("complete", booking["booking_id"]))
    tip = ok(_press(till, "tip", booking, tip_cents=500))
    assert (tip["status"], tip["captured_cents"]) == ("requires_action", 0)
    assert "requires_action" not in [intent["status"] for intent in till.intents()]
    till.recover(days=2)
    assert (till.taken(), till.facts("payment.needs_customer"), till.facts("payment.reminded")) == (0, 0, 0)


def test_a_lost_answer_and_ten_presses_at_once_charge_a_tip_once(till: Till) -> None:
    booking = _completed(till)
    till.fail(AUTHORIZE, "lose_answer_after")
    answers = at_once([partial(_press, till, "tip", booking, tip_cents=500) for _ in range(10)])
    assert {answer.status_code for answer in answers} <= {200, 409}
    till.recover(seconds=30)
    till.recover(seconds=60)
    assert till.taken() == 5500
    assert [intent["status"] for intent in till.intents()].count("succeeded") == 2


@pytest.mark.parametrize("kind", ["lose_answer_before", "lose_answer_after", "rate_limit_429", "error_500"])
def test_a_tip_whose_card_asks_for_its_holder_is_let_go_by_the_worker_where_nobody_answered(
    till: Till, kind: FaultKind
) -> None:
    booking = till.kept(CARD_THAT_ASKS_AT_THE_DESK)
    desk = {"booking_id": booking["booking_id"], "method": "cash"}
    ok(till.salon.as_owner("POST", f"{API}/payments/cash", key=str(uuid4()), json=desk))
    ok(till.salon.press("complete", booking["booking_id"]))
    till.fail("POST /v1/payment_intents/*/cancel", kind)
    assert ok(_press(till, "tip", booking, tip_cents=700))["captured_cents"] == 0
    till.stack.stripe.state.advance(DAY_AND_HOUR)
    try:
        till.recover(seconds=DAY_AND_HOUR)
    finally:
        till.stack.stripe.state.advance(-DAY_AND_HOUR)
    assert [one["status"] for one in till.intents()] == ["canceled"]
    assert till.taken() == 0
