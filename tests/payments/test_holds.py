# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""The price of a visit held on its card some hours before: captured, renewed before it lapses, let go."""

from functools import partial
from typing import Any
from uuid import uuid4

import pytest

from tests.concurrency.parallel import at_once
from tests.factories.businesses import Answer
from tests.factories.visits import ok
from tests.payments.till import AUTHORIZE, CAPTURE, CARD_THAT_ASKS_AT_THE_DESK, Till
from tithi.integrations.stripe.sandbox.faults import FaultKind

API = "/api/v1"
DAY = 24 * 3600


@pytest.fixture
def holding(till: Till) -> Till:
    """A business that holds the price two days before a visit."""
    policy = {"hold_hours_before": 48}
    ok(till.salon.as_owner("PUT", f"{API}/tenants/{till.salon.tenant_id}/policies", json=policy))
    return till


def _held(till: Till, card: str = "pm_card_visa", *, days: int = 1) -> dict[str, Any]:
    """A visit so near that its price is held as soon as it is confirmed."""
    booking: dict[str, Any] = till.salon.booked(
        start=till.salon.slot(days=days, hour=0), payment_method={"type": "card", "stripe_payment_method_id": card}
    )
    till.recover(seconds=1)
    return booking


def _states(till: Till) -> list[tuple[str, int, int]]:
    found = [(one["status"], one["amount_capturable"], one["amount_received"]) for one in till.intents()]
    return sorted(found)


def _link(till: Till, booking: dict[str, Any], word: str) -> Answer:
    return till.salon.request("POST", f"{API}/manage/{booking['manage_token']}/{word}", None, json={})


def test_a_price_is_held_two_days_before_and_captured_with_the_visit(holding: Till) -> None:
    booking = _held(holding, days=6)
    assert holding.intents() == []
    holding.recover(days=2.9)
    assert holding.intents() == []
    holding.recover(days=4.1)
    assert _states(holding) == [("requires_capture", 5000, 0)]
    shown = holding.shown(booking["booking_id"])
    assert (shown["payment_status"], shown["captured_cents"]) == ("authorized", 0)
    done = holding.salon.press("complete", booking["booking_id"])
    assert (done.json["payment_status"], done.json["captured_cents"]) == ("captured", 5000)
    holding.expect_charged_once(booking["booking_id"])


def test_a_missed_visit_captures_its_fee_alone_and_the_rest_is_released(holding: Till) -> None:
    policy = {"no_show_fee": {"type": "percent", "value": 40}}
    ok(holding.salon.as_owner("PUT", f"{API}/tenants/{holding.salon.tenant_id}/policies", json=policy))
    booking = _held(holding)
    missed = holding.salon.press("no-show", booking["booking_id"])
    assert missed.json["captured_cents"] == 2000
    (intent,) = holding.intents()
    assert (intent["amount"], intent["amount_received"], intent["application_fee_amount"]) == (5000, 2000, 20)


def test_a_tip_beyond_the_hold_is_a_second_charge(holding: Till) -> None:
    booking = _held(holding)
    ok(holding.salon.press("complete", booking["booking_id"], tip_cents=700))
    holding.recover(seconds=1)
    assert _states(holding) == [("succeeded", 0, 700), ("succeeded", 0, 5000)]
    shown = holding.shown(booking["booking_id"])
    assert (shown["payment_status"], shown["captured_cents"]) == ("captured", 5700)
    holding.recover(days=1)
    assert holding.taken() == 5700


@pytest.mark.parametrize("who", ["business", "customer"])
def test_a_visit_that_is_called_off_free_of_charge_lets_the_money_go(holding: Till, who: str) -> None:
    policy = {"cancellation_window_hours": 0}
    ok(holding.salon.as_owner("PUT", f"{API}/tenants/{holding.salon.tenant_id}/policies", json=policy))
    booking = _held(holding)
    if who == "business":
        ok(holding.salon.press("cancel", booking["booking_id"], canceled_by="business"))
    else:
        ok(_link(holding, booking, "cancel"))
    holding.recover(seconds=1)
    assert _states(holding) == [("canceled", 0, 0)]
    assert holding.shown(booking["booking_id"])["payment_status"] == "canceled"
    holding.recover(days=5)
    assert len(holding.intents()) == 1


def test_a_late_fee_is_captured_of_the_hold_once_it_is_decided_and_a_waived_one_lets_it_go(holding: Till) -> None:
    for word in ("no-show-fee", "waive"):
        booking = _held(holding)
        assert ok(_link(holding, booking, "cancel"))["due_cents"] == 2500
        holding.recover(seconds=1)
        if word == "waive":
            path = f"{API}/bookings/{booking['booking_id']}/waive"
            ok(holding.salon.as_owner("POST", path, key=str(uuid4()), json={"reason": "Ill"}))
        else:
            body = {"booking_id": booking["booking_id"]}
            ok(holding.salon.as_owner("POST", f"{API}/payments/no-show-fee", key=str(uuid4()), json=body))
        holding.recover(seconds=1)
    assert _states(holding) == [("canceled", 0, 0), ("succeeded", 0, 2500)]


def test_a_proposed_fee_that_is_charged_as_owed_is_captured_of_the_hold(holding: Till) -> None:
    booking = _held(holding)
    assert ok(_link(holding, booking, "cancel"))["due_cents"] == 2500
    path = f"{API}/bookings/{booking['booking_id']}/charge"
    ok(holding.salon.as_owner("POST", path, key=str(uuid4()), json={}))
    assert _states(holding) == [("succeeded", 0, 2500)]


def test_a_hold_that_lapses_leaves_a_fee_proposed_that_nobody_has_decided(holding: Till) -> None:
    booking = _held(holding)
    assert ok(_link(holding, booking, "cancel"))["due_cents"] == 2500
    holding.recover(days=4.3)
    holding.recover(days=4.4)
    assert _states(holding) == [("canceled", 0, 0)]
    shown = holding.shown(booking["booking_id"])
    assert (shown["payment_status"], shown["payment_reason"]) == ("requires_action", "late_cancel")
    body = {"booking_id": booking["booking_id"]}
    ok(holding.salon.as_owner("POST", f"{API}/payments/no-show-fee", key=str(uuid4()), json=body))
    assert holding.taken() == 2500


def test_asking_the_customer_to_pay_lets_the_hold_go(holding: Till) -> None:
    booking = _held(holding)
    ok(_link(holding, booking, "cancel"))
    path = f"{API}/bookings/{booking['booking_id']}/request-payment"
    ok(holding.salon.as_owner("POST", path, key=str(uuid4()), json={}))
    holding.recover(seconds=1)
    assert (_states(holding), holding.facts("payment.needs_customer")) == ([("canceled", 0, 0)], 1)


def test_a_hold_that_lapses_soon_is_renewed_while_the_visit_is_undecided(holding: Till) -> None:
    """The bank lets a hold go after four days and eighteen hours."""
    policy = {"hold_hours_before": 168}
    ok(holding.salon.as_owner("PUT", f"{API}/tenants/{holding.salon.tenant_id}/policies", json=policy))
    booking = _held(holding, days=6)
    assert _states(holding) == [("requires_capture", 5000, 0)]
    holding.recover(days=4.2)
    assert holding.facts("payment.hold_lapsed") == 0
    holding.recover(days=4.3)
    assert _states(holding) == [("canceled", 0, 0), ("requires_capture", 5000, 0)]
    assert holding.facts("payment.hold_lapsed") == 1
    assert holding.salon.press("complete", booking["booking_id"]).json["captured_cents"] == 5000
    assert holding.taken() == 5000


def test_a_hold_ends_a_day_after_a_visit_that_nobody_closed(holding: Till) -> None:
    booking = _held(holding)
    holding.recover(days=4.3)
    assert _states(holding) == [("canceled", 0, 0)]
    assert holding.salon.press("complete", booking["booking_id"]).json["captured_cents"] == 5000


def test_money_that_the_bank_let_go_is_charged_anew(holding: Till) -> None:
    booking = _held(holding)
    state = holding.stack.stripe.state
    state.advance(5 * DAY)
    try:
        (event,) = (one for one in holding.events() if one["type"] == "payment_intent.canceled")
    finally:
        state.advance(-5 * DAY)
    holding.tell(event)
    assert holding.shown(booking["booking_id"])["payment_status"] == "requires_action"
    assert holding.salon.press("complete", booking["booking_id"]).json["captured_cents"] == 5000
    assert _states(holding) == [("canceled", 0, 0), ("succeeded", 0, 5000)]


def test_money_that_the_bank_let_go_unheard_is_charged_anew_by_the_worker(holding: Till) -> None:
    booking = _held(holding)
    state = holding.stack.stripe.state
    state.advance(5 * DAY)
    state.advance(-5 * DAY)
    done = holding.salon.press("complete", booking["booking_id"])
    assert (done.json["status"], done.json["payment_status"]) == ("completed", "requires_action")
    holding.recover(seconds=1)
    assert _states(holding) == [("canceled", 0, 0), ("succeeded", 0, 5000)]
    assert holding.shown(booking["booking_id"])["captured_cents"] == 5000
    assert holding.facts("payment.failed") == 0


@pytest.mark.parametrize("card", ["pm_card_chargeCustomerFail", CARD_THAT_ASKS_AT_THE_DESK])
def test_a_card_that_gives_no_hold_has_its_customer_asked_for_another(holding: Till, card: str) -> None:
    booking = holding.kept(card)
    holding.recover(days=1.5)
    holding.recover(days=1.5, seconds=10)
    assert holding.facts("payment.hold_failed") == 1
    assert holding.facts("payment.needs_customer") == holding.facts("payment.failed") == 0
    assert "requires_action" not in [one["status"] for one in holding.intents()]
    assert holding.shown(booking["booking_id"])["payment_status"] == "requires_action"
    listed = holding.salon.as_owner("GET", f"{API}/notifications?booking_id={booking['booking_id']}").json
    told = [(one["template"], one["recipient"]) for one in listed["notifications"]]
    assert told.count(("card_wanted", "customer")) == 1
    body = {"payment_method": {"type": "card", "stripe_payment_method_id": "pm_card_mastercard"}}
    ok(holding.salon.request("POST", f"{API}/manage/{booking['manage_token']}/card", None, json=body))
    holding.recover(days=1.5, seconds=20)
    assert ("requires_capture", 5000, 0) in _states(holding)
    ok(holding.salon.press("complete", booking["booking_id"]))
    assert holding.taken() == 5000


def test_cash_at_the_desk_lets_the_money_go(holding: Till) -> None:
    booking = _held(holding)
    desk = {"booking_id": booking["booking_id"], "method": "cash"}
    assert holding.salon.as_owner("POST", f"{API}/payments/cash", key=str(uuid4()), json=desk).status_code == 201
    holding.recover(seconds=1)
    assert _states(holding) == [("canceled", 0, 0)]
    assert holding.shown(booking["booking_id"])["payment_status"] == "captured"


@pytest.mark.parametrize("match", [AUTHORIZE, CAPTURE])
@pytest.mark.parametrize("kind", ["lose_answer_before", "lose_answer_after", "reset"])
def test_a_hold_whose_answer_was_lost_is_captured_once(holding: Till, match: str, kind: FaultKind) -> None:
    if match == AUTHORIZE:
        holding.fail(match, kind)
    booking = _held(holding)
    holding.recover(seconds=30)
    assert _states(holding) == [("requires_capture", 5000, 0)]
    if match == CAPTURE:
        holding.fail(match, kind)
    holding.salon.press("complete", booking["booking_id"])
    holding.recover(seconds=60)
    holding.recover(seconds=90)
    holding.expect_charged_once(booking["booking_id"])


def test_ten_outcomes_at_once_capture_a_hold_once(holding: Till) -> None:
    booking = _held(holding)
    words = ["complete", "no-show"] * 5
    answers = at_once([partial(holding.salon.press, word, booking["booking_id"]) for word in words])
    assert {answer.status_code for answer in answers} <= {200, 409}
    holding.recover(seconds=30)
    assert len(holding.intents()) == 1
    assert holding.taken() == 5000


def test_nothing_is_held_where_the_policy_does_not_say_so(till: Till) -> None:
    assert till.shown(_held(till)["booking_id"])["payment_status"] == "requires_action"
    assert till.intents() == []


def test_nothing_is_held_for_a_visit_without_a_card(holding: Till) -> None:
    body = {
        "service_id": str(holding.salon.service_id),
        "start_time": holding.salon.slot(days=1, hour=0).isoformat(),
        "customer_info": {"name": "Kim", "email": f"{uuid4().hex}@example.com"},
    }
    ok(holding.salon.as_owner("POST", f"{API}/bookings", key=str(uuid4()), json=body))
    holding.recover(seconds=1)
    assert holding.intents() == []
    assert holding.facts("payment.hold_failed") == 0
