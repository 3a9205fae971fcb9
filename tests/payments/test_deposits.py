# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""Deposits: taken when a visit is booked, owed until its outcome, counted towards it or given back."""

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest

from tests.factories.businesses import Answer
from tests.factories.promotions import add_tax, quoted, sell_gift_card
from tests.factories.visits import ok, online
from tests.factories.worker import work
from tests.payments.books import accounts, facts
from tests.payments.till import AUTHORIZE, Till, later
from tithi.integrations.stripe.sandbox.faults import FaultKind

API = "/api/v1"
FIFTH = {"type": "percent", "value": 20}
ASKS = "pm_card_authenticationRequiredOnSetup"
DECLINED = "pm_card_visa_chargeDeclined"


def _policy(till: Till, **policy: Any) -> None:
    changed = till.salon.as_owner("PUT", f"{API}/tenants/{till.salon.tenant_id}/policies", json=policy)
    assert changed.status_code == 200, changed.text


def _book(till: Till, card: str | None = "pm_card_visa", **changes: Any) -> dict[str, Any]:
    method = {"payment_method": {"type": "card", "stripe_payment_method_id": card}} if card else {}
    booked: dict[str, Any] = till.salon.booked(**{"payment_method": None, **method, **changes})
    return booked


def _link(till: Till, booking: dict[str, Any], word: str = "", **body: Any) -> Answer:
    path = f"{API}/manage/{booking['manage_token']}{word}"
    return till.salon.request("POST", path, None, json=body) if word else till.salon.request("GET", path, None)


def _cancel_late(till: Till, booking: dict[str, Any]) -> dict[str, Any]:
    start = datetime.fromisoformat(till.shown(booking["booking_id"])["start_time"])
    with later(seconds=(start - datetime.now(UTC)).total_seconds() - 3600):
        canceled: dict[str, Any] = ok(_link(till, booking, "/cancel"))
    return canceled


def _fee(till: Till, booking: dict[str, Any]) -> Answer:
    body = {"booking_id": booking["booking_id"]}
    return till.salon.as_owner("POST", f"{API}/payments/no-show-fee", key=str(uuid4()), json=body)


def _waive(till: Till, booking: dict[str, Any]) -> Answer:
    path = f"{API}/bookings/{booking['booking_id']}/waive"
    return till.salon.as_owner("POST", path, key=str(uuid4()), json={"reason": "She was ill"})


def _statuses(till: Till) -> list[str]:
    return sorted(intent["status"] for intent in till.intents())


def _money(till: Till, booking: dict[str, Any]) -> tuple[str, str, int, int]:
    shown = till.shown(booking["booking_id"])
    return shown["payment_status"], shown["deposit_status"], shown["captured_cents"], shown["refunded_cents"]


def test_a_deposit_is_taken_at_booking_and_the_card_is_kept_by_it(till: Till) -> None:
    _policy(till, deposit=FIFTH)
    assert ok(quoted(till.salon))["due_now_cents"] == 1000
    booking = _book(till)
    assert (booking["status"], booking["deposit_status"], booking["card_status"]) == (
        "confirmed",
        "captured",
        "card_on_file",
    )
    (intent,) = till.intents()
    assert (intent["amount_received"], intent["setup_future_usage"], intent["application_fee_amount"]) == (
        1000,
        "off_session",
        10,
    )
    assert till.stack.stripe.state.objects("setup_intents", till.salon.account) == []
    (fact,) = facts(till, "capture")
    assert fact["lines"] == {"customer": -1000, "deposit_liability": 1000, "business": -10, "platform": 10}

    done = till.salon.press("complete", booking["booking_id"], tip_cents=500)
    assert (done.json["status"], done.json["captured_cents"]) == ("completed", 5500)
    assert sorted(one["amount_received"] for one in till.intents()) == [1000, 4500]
    assert accounts(till).get("deposit_liability", 0) == 0
    assert _money(till, booking) == ("captured", "captured", 5500, 0)
    till.recover(days=2)
    assert till.taken() == 5500


def test_without_a_card_the_customer_enters_one_and_pays_in_the_page(till: Till) -> None:
    _policy(till, deposit=FIFTH)
    booking = _book(till, None)
    action = booking["next_action"]
    assert (booking["status"], booking["deposit_status"], action["type"]) == (
        "pending",
        "requires_action",
        "enter_payment",
    )
    refused = till.pay_in_browser(action, DECLINED)
    assert refused.status_code == 402
    seen = ok(_link(till, booking))
    assert (seen["status"], seen["card_status"], seen["next_action"]["type"]) == (
        "pending",
        "card_failed",
        "enter_payment",
    )
    assert seen["next_action"]["client_secret"] == action["client_secret"]
    assert till.pay_in_browser(action).ok
    seen = ok(_link(till, booking))
    assert (seen["status"], seen["deposit_status"], seen["next_action"]) == ("confirmed", "captured", None)
    assert (till.taken(), _statuses(till)) == (1000, ["succeeded"])
    ok(till.salon.press("complete", booking["booking_id"]))
    assert till.taken() == 5000


@pytest.mark.parametrize("how", ["webhook", "expiry"])
def test_a_deposit_that_was_paid_confirms_also_when_nobody_looks(till: Till, how: str) -> None:
    _policy(till, deposit=FIFTH)
    booking = _book(till, None)
    assert till.pay_in_browser(booking["next_action"]).ok
    if how == "webhook":
        event = next(one for one in till.events() if one["type"] == "payment_intent.succeeded")
        till.tell(event)
        till.tell(event)
    else:
        till.recover(minutes=14.6)
    assert till.shown(booking["booking_id"])["status"] == "confirmed"
    assert (till.facts("payment.captured"), till.facts("booking.confirmed")) == (1, 1)


def test_a_bank_that_asks_at_the_deposit_is_not_asked_again_at_the_outcome(till: Till) -> None:
    _policy(till, deposit=FIFTH)
    booking = _book(till, ASKS)
    assert (booking["status"], booking["next_action"]["type"]) == ("pending", "confirm_payment")
    (intent,) = till.intents()
    till.stack.stripe.state.authenticate("payment_intents", intent["id"], succeeds=True)
    assert ok(_link(till, booking))["status"] == "confirmed"
    assert till.salon.press("complete", booking["booking_id"]).json["captured_cents"] == 5000
    assert _statuses(till) == ["succeeded", "succeeded"]


def test_a_declined_deposit_is_tried_with_another_card_and_the_first_try_is_void(till: Till) -> None:
    _policy(till, deposit=FIFTH)
    booking = _book(till, DECLINED)
    assert (booking["status"], booking["card_status"]) == ("pending", "card_failed")
    body = {"payment_method": {"type": "card", "stripe_payment_method_id": "pm_card_visa"}}
    given = ok(_link(till, booking, "/card", **body))
    assert (given["status"], given["deposit_status"]) == ("confirmed", "captured")
    assert _statuses(till) == ["canceled", "succeeded"]
    assert till.taken() == 1000


def test_a_booking_whose_deposit_does_not_come_fails_and_can_no_longer_be_paid(till: Till) -> None:
    _policy(till, deposit=FIFTH)
    booking = _book(till, None)
    till.recover(minutes=16)
    till.recover(minutes=17)
    shown = till.shown(booking["booking_id"])
    assert (shown["status"], shown["deposit_status"], shown["payment_status"]) == ("failed", "canceled", "canceled")
    assert _statuses(till) == ["canceled"]
    assert till.pay_in_browser(booking["next_action"]).status_code == 400
    assert till.taken() == 0


def test_a_deposit_that_is_paid_for_a_visit_that_was_called_off_goes_back(till: Till) -> None:
    """The customer pays in one window and cancels in another before anybody has heard of it."""
    _policy(till, deposit=FIFTH)
    booking = _book(till, None)
    assert till.pay_in_browser(booking["next_action"]).ok
    assert ok(_link(till, booking, "/cancel"))["status"] == "canceled"
    till.recover(seconds=30)
    till.recover(seconds=31)
    assert [one["amount"] for one in till.refunds()] == [1000]
    assert _money(till, booking) == ("refunded", "refunded", 1000, 1000)
    assert accounts(till).get("deposit_liability", 0) == 0


@pytest.mark.parametrize("who", ["business", "customer in time"])
def test_a_visit_that_is_called_off_free_of_charge_gives_the_deposit_back_with_its_fee(till: Till, who: str) -> None:
    _policy(till, deposit=FIFTH)
    booking = _book(till, start=till.salon.slot(days=5))
    if who == "business":
        ok(till.salon.press("cancel", booking["booking_id"], canceled_by="business"))
    else:
        ok(_link(till, booking, "/cancel"))
    till.recover(seconds=2)
    assert [one["amount"] for one in till.refunds()] == [1000]
    assert _money(till, booking) == ("refunded", "refunded", 1000, 1000)
    assert {account for account, cents in accounts(till).items() if cents} <= {"business", "processor"}
    till.recover(days=2)
    assert len(till.refunds()) == 1
    assert len(till.intents()) == 1


def test_a_late_cancellation_keeps_the_deposit_where_its_fee_is_less(till: Till) -> None:
    _policy(till, deposit={"type": "percent", "value": 60}, late_cancel_fee=FIFTH)
    booking = _book(till)
    assert _cancel_late(till, booking)["due_cents"] == 3000
    till.recover(seconds=2)
    assert (till.refunds(), accounts(till)["deposit_liability"]) == ([], 3000)
    assert ok(_fee(till, booking))["deposit_cents"] == 3000
    till.recover(seconds=2)
    assert (till.taken(), till.refunds(), len(till.intents())) == (3000, [], 1)
    assert _money(till, booking) == ("captured", "captured", 3000, 0)


def test_a_late_fee_uses_the_deposit_and_the_rest_goes_back_where_it_is_not_kept(till: Till) -> None:
    _policy(till, deposit={"type": "percent", "value": 60}, late_cancel_fee=FIFTH, keeps_deposit=False)
    booking = _book(till)
    assert _cancel_late(till, booking)["due_cents"] == 1000
    assert ok(_fee(till, booking))["deposit_cents"] == 1000
    till.recover(seconds=2)
    assert [one["amount"] for one in till.refunds()] == [2000]
    assert (till.taken(), accounts(till).get("deposit_liability", 0)) == (3000, 0)
    assert _money(till, booking) == ("captured", "captured", 3000, 2000)


def test_a_waived_late_fee_gives_the_deposit_back(till: Till) -> None:
    _policy(till, deposit=FIFTH)
    booking = _book(till)
    _cancel_late(till, booking)
    ok(_waive(till, booking))
    till.recover(seconds=2)
    assert [one["amount"] for one in till.refunds()] == [1000]
    assert _money(till, booking)[0] == "refunded"


def test_waiving_an_outcome_whose_card_was_declined_returns_what_the_deposit_had_paid(till: Till) -> None:
    add_tax(till.salon, 1900)
    _policy(till, deposit=FIFTH)
    booking = _book(till)
    for one in till.kept_methods():
        till.detach(one["id"])
    ok(till.salon.press("complete", booking["booking_id"]))
    till.recover(seconds=2)
    assert accounts(till)["tax"] == 160
    ok(_waive(till, booking))
    till.recover(seconds=2)
    assert [one["amount"] for one in till.refunds()] == [1000]
    assert accounts(till).get("tax", 0) == accounts(till).get("deposit_liability", 0) == 0


def test_a_missed_visit_costs_its_fee_less_the_deposit(till: Till) -> None:
    _policy(till, deposit=FIFTH, no_show_fee={"type": "percent", "value": 50})
    booking = _book(till)
    missed = till.salon.press("no-show", booking["booking_id"])
    assert (missed.json["due_cents"], missed.json["captured_cents"]) == (2500, 2500)
    assert sorted(one["amount_received"] for one in till.intents()) == [1000, 1500]


def test_a_deposit_of_all_leaves_nothing_to_charge_but_the_tip(till: Till) -> None:
    add_tax(till.salon, 1900)
    _policy(till, deposit={"type": "percent", "value": 100})
    booking = _book(till)
    assert till.salon.press("complete", booking["booking_id"]).json["payment_status"] == "captured"
    till.recover(seconds=2)
    assert (till.taken(), len(till.intents())) == (5000, 1)
    receipts = _receipts(till)
    assert [(one["total_cents"], one["tax_cents"]) for one in receipts] == [(5000, 0), (0, 798)]
    assert accounts(till)["tax"] == 798


def _receipts(till: Till) -> list[dict[str, Any]]:
    work(till.worker_app)
    brief = ok(till.salon.as_owner("GET", f"{API}/receipts"))["receipts"]
    return [ok(till.salon.as_owner("GET", f"{API}/receipts/{one['id']}")) for one in reversed(brief)]


def test_refunds_go_to_the_gift_card_then_the_card_then_the_deposit(till: Till) -> None:
    salon = till.salon
    add_tax(salon, 1900)
    _policy(till, deposit=FIFTH)
    card = sell_gift_card(salon, 1500, paid_by="cash")
    booking = ok(online(salon, salon.slot(), gift_card_code=card["code"]))
    ok(salon.press("complete", booking["booking_id"]))
    assert sorted(one["amount_received"] for one in till.intents()) == [1000, 2500]
    receipts = _receipts(till)
    assert [(one["total_cents"], one["tax_cents"]) for one in receipts] == [(1000, 0), (4000, 798)]
    assert [(one["kind"], one["amount_cents"]) for one in receipts[1]["lines"]][-1] == ("deposit", -1000)

    first = ok(salon.press("refund", booking["booking_id"], refund_type="partial", amount_cents=4500))
    assert (first["amount_cents"], first["gift_card_cents"], first["status"]) == (4500, 1500, "succeeded")
    assert sorted(one["amount"] for one in till.refunds()) == [500, 2500]
    second = salon.press("refund", booking["booking_id"], refund_type="partial", amount_cents=501)
    assert (second.status_code, second.json["details"]) == (400, {"refundable_cents": 500})
    ok(salon.press("refund", booking["booking_id"], refund_type="full"))
    assert sorted(one["amount"] for one in till.refunds()) == [500, 500, 2500]
    assert sum(one["total_cents"] for one in _receipts(till)) == 0
    assert sum(one["tax_cents"] for one in _receipts(till)) == 0
    assert accounts(till).get("tax", 0) == accounts(till).get("deposit_liability", 0) == 0
    assert _money(till, booking)[0] == "refunded"


def test_staff_can_give_a_deposit_back_before_the_visit(till: Till) -> None:
    _policy(till, deposit=FIFTH)
    booking = _book(till)
    given = ok(till.salon.press("refund", booking["booking_id"], refund_type="full"))
    assert given["amount_cents"] == 1000
    assert _money(till, booking) == ("requires_action", "refunded", 1000, 1000)
    assert till.salon.press("complete", booking["booking_id"]).json["captured_cents"] == 6000
    assert sorted(one["amount_received"] for one in till.intents()) == [1000, 5000]


def test_cash_at_the_desk_pays_what_the_deposit_has_not(till: Till) -> None:
    _policy(till, deposit=FIFTH)
    booking = _book(till)
    for one in till.kept_methods():
        till.detach(one["id"])
    till.recover(seconds=1)
    ok(till.salon.press("complete", booking["booking_id"]))
    desk = {"booking_id": booking["booking_id"], "method": "cash"}
    paid = till.salon.as_owner("POST", f"{API}/payments/cash", key=str(uuid4()), json=desk)
    assert (paid.status_code, paid.json["captured_cents"], paid.json["deposit_cents"]) == (201, 4000, 1000)
    assert _money(till, booking) == ("captured", "captured", 5000, 0)
    assert accounts(till).get("deposit_liability", 0) == 0


@pytest.mark.parametrize("kind", ["lose_answer_before", "lose_answer_after", "error_500_after", "reset"])
def test_a_deposit_whose_answer_was_lost_is_taken_once(till: Till, kind: FaultKind) -> None:
    _policy(till, deposit=FIFTH)
    till.fail(AUTHORIZE, kind)
    booking = _book(till)
    assert booking["status"] == "pending"
    till.recover(seconds=30)
    till.recover(seconds=60)
    assert till.shown(booking["booking_id"])["status"] == "confirmed"
    assert till.taken() == 1000
    assert _statuses(till) == ["succeeded"]


def test_a_failure_that_the_processor_repeats_is_ended_by_another_card(till: Till) -> None:
    _policy(till, deposit=FIFTH)
    till.fail(AUTHORIZE, "error_500")
    booking = _book(till)
    body = {"payment_method": {"type": "card", "stripe_payment_method_id": "pm_card_mastercard"}}
    soon = _link(till, booking, "/card", **body)
    assert (soon.status_code, soon.json["code"]) == (502, "TITHI_PAYMENT_STRIPE_ERROR"), soon.text
    with later(seconds=25):
        assert ok(_link(till, booking, "/card", **body))["status"] == "confirmed"
    till.recover(hours=30)
    assert (till.taken(), _statuses(till)) == (1000, ["succeeded"])


def test_a_deposit_is_not_asked_for_any_more_once_its_visit_is_called_off(till: Till) -> None:
    _policy(till, deposit=FIFTH)
    till.fail(AUTHORIZE, "lose_answer_before")
    booking = _book(till)
    assert ok(_link(till, booking, "/cancel"))["status"] == "canceled"
    till.recover(seconds=30)
    till.recover(minutes=5)
    assert till.intents() == []
    assert _money(till, booking) == ("canceled", "canceled", 0, 0)


def test_new_customers_pay_a_deposit_and_regulars_do_not(till: Till) -> None:
    _policy(till, rules=[{"visits_at_most": 0, "set": {"deposit": FIFTH}}])
    who = {"name": "Jo", "email": f"{uuid4().hex}@example.com", "phone": "+4915112345678"}
    first = _book(till, customer_info=who)
    assert first["deposit_cents"] == 1000
    ok(till.salon.press("complete", first["booking_id"]))
    till.recover(seconds=1)
    second = _book(till, customer_info=who, start=till.salon.slot(days=6))
    assert (second["deposit_cents"], second["deposit_status"], second["status"]) == (0, "none", "confirmed")


def test_a_card_that_only_a_deposit_needs_is_not_asked_for_without_one(till: Till) -> None:
    rule = {"visits_at_most": 0, "set": {"deposit": FIFTH}}
    _policy(till, card_required=False, rules=[rule, {"visits_at_most": 0, "set": {"deposit": None}}])
    assert _book(till, None)["next_action"]["type"] == "enter_payment"
    _policy(till, card_required=False, rules=[{**rule, "min_amount_cents": 5001}])
    free = _book(till, None, start=till.salon.slot(days=6))
    assert (free["status"], free["card_status"], free["next_action"]) == ("confirmed", "none", None)


def test_a_deposit_below_the_smallest_charge_is_not_asked_for(till: Till) -> None:
    _policy(till, deposit={"type": "fixed", "value": 49})
    assert ok(quoted(till.salon))["due_now_cents"] == 0
    booking = _book(till)
    assert (booking["deposit_status"], booking["card_status"], till.intents()) == ("none", "card_on_file", [])


def test_a_gift_card_that_pays_all_leaves_no_deposit(till: Till) -> None:
    _policy(till, deposit=FIFTH)
    card = sell_gift_card(till.salon, 6000, paid_by="cash")
    assert ok(quoted(till.salon, gift_card_code=card["code"]))["due_now_cents"] == 0
    assert ok(online(till.salon, till.salon.slot(), gift_card_code=card["code"]))["deposit_status"] == "none"


def _ask(till: Till, booking: dict[str, Any], **body: Any) -> Answer:
    path = f"{API}/bookings/{booking['booking_id']}/request-deposit"
    return till.salon.as_owner("POST", path, key=str(uuid4()), json=body)


def _mails(till: Till, booking: dict[str, Any], template: str) -> int:
    listed = till.salon.as_owner("GET", f"{API}/notifications?booking_id={booking['booking_id']}").json
    return sum((one["template"], one["recipient"]) == (template, "customer") for one in listed["notifications"])


def test_staff_ask_for_a_deposit_and_the_customer_pays_it_by_their_link(till: Till) -> None:
    booking = _book(till)
    asked = ok(_ask(till, booking, amount_cents=1500))
    assert (asked["status"], asked["deposit_cents"], asked["deposit_status"]) == ("confirmed", 1500, "requires_action")
    assert ok(_ask(till, booking))["deposit_cents"] == 1500
    till.recover(seconds=1)
    assert (_mails(till, booking, "deposit_wanted"), till.taken()) == (2, 0)
    action = ok(_link(till, booking, "/pay"))
    assert (action["purpose"], action["amount_cents"], action["next_action"]["type"]) == (
        "deposit",
        1500,
        "enter_payment",
    )
    assert till.pay_in_browser(action["next_action"]).ok
    assert ok(_link(till, booking, "/pay"))["status"] == "captured"
    assert (till.taken(), len(till.intents())) == (1500, 1)
    till.recover(seconds=1)
    assert _mails(till, booking, "deposit_receipt") == 1
    again = _ask(till, booking)
    assert (again.status_code, again.json["code"]) == (409, "TITHI_PAYMENT_SETTLED")
    ok(till.salon.press("complete", booking["booking_id"]))
    assert till.taken() == 5000


@pytest.mark.parametrize(("cents", "code"), [(5001, "TITHI_CHARGE_TOO_LARGE"), (49, "TITHI_AMOUNT_TOO_SMALL")])
def test_a_deposit_that_cannot_be_is_refused(till: Till, cents: int, code: str) -> None:
    booking = _book(till)
    refused = _ask(till, booking, amount_cents=cents)
    assert (refused.status_code, refused.json["code"]) == (400, code)
    assert (till.shown(booking["booking_id"])["deposit_status"], till.intents()) == ("none", [])


def test_an_unpaid_deposit_ends_with_the_visit(till: Till) -> None:
    booking = _book(till)
    ok(_ask(till, booking, amount_cents=1500))
    till.recover(seconds=30)
    ok(till.salon.press("complete", booking["booking_id"]))
    till.recover(minutes=2)
    assert _statuses(till) == ["canceled", "succeeded"]
    assert till.taken() == 5000
    late = _ask(till, booking)
    assert (late.status_code, late.json["code"]) == (409, "TITHI_BOOKING_STATE_CONFLICT")


def test_a_visit_whose_card_is_gone_asks_for_a_deposit_where_the_policy_says_so(till: Till) -> None:
    _policy(till, card_watch={"days_before": 7, "rule_hours_before": 48, "rule": "deposit"})
    booking = _book(till, start=till.salon.slot(days=5))
    (method,) = till.kept_methods()
    till.detach(method["id"])
    till.tell(next(one for one in till.events() if one["type"] == "payment_method.detached"))
    till.recover(seconds=1)
    till.recover(days=3.5)
    till.recover(days=3.6)
    shown = till.shown(booking["booking_id"])
    assert (shown["status"], shown["deposit_status"], shown["deposit_cents"]) == ("confirmed", "requires_action", 5000)
    assert _mails(till, booking, "deposit_wanted") == 1
