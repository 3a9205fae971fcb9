# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""A card that asks for its holder when the visit is completed, and cards that are declined."""

from typing import Any
from uuid import uuid4

import pytest
import requests

from tests.factories.businesses import Answer, Salon
from tests.payments.till import CARD_THAT_ASKS_AT_THE_DESK, Till

TIMEOUT_SECONDS = 10


@pytest.fixture
def asked(till: Till) -> dict[str, Any]:
    """A completed visit whose card asks for its holder."""
    booking = till.kept(CARD_THAT_ASKS_AT_THE_DESK)
    answer = till.salon.press("complete", booking["booking_id"])
    assert answer.status_code == 200, answer.text
    return {**booking, "answer": answer.json}


def _pay(salon: Salon, booking: dict[str, Any]) -> Answer:
    return salon.request("POST", f"/api/v1/manage/{booking['manage_token']}/pay", None, json={})


def _try_in_browser(till: Till, action: dict[str, Any], card: str = CARD_THAT_ASKS_AT_THE_DESK) -> None:
    """What the page of the pay link does with the secret it was given."""
    intent = action["client_secret"].partition("_secret_")[0]
    answer = requests.post(
        f"{till.stack.stripe.url}/v1/payment_intents/{intent}/confirm",
        data={"client_secret": action["client_secret"], "payment_method_data[type]": "card"} | _card_fields(card),
        headers={"Authorization": f"Bearer {action['publishable_key']}", "Stripe-Account": action["account_id"]},
        timeout=TIMEOUT_SECONDS,
    )
    assert answer.ok, answer.text


def _card_fields(card: str) -> dict[str, str]:
    numbers = {CARD_THAT_ASKS_AT_THE_DESK: "4000002760003184", "pm_card_visa": "4242424242424242"}
    return {
        "payment_method_data[card][number]": numbers[card],
        "payment_method_data[card][exp_month]": "12",
        "payment_method_data[card][exp_year]": "2040",
        "payment_method_data[card][cvc]": "123",
    }


def test_the_visit_is_completed_and_the_payment_waits_for_its_customer(till: Till, asked: dict[str, Any]) -> None:
    assert asked["answer"]["status"] == "completed"
    assert (asked["answer"]["payment_status"], asked["answer"]["captured_cents"]) == ("requires_action", 0)
    assert till.facts("payment.needs_customer") == 1
    assert till.facts("payment.failed") == 0
    assert till.taken() == 0


def test_the_pay_link_gives_the_secret_and_captures_once_the_customer_has_acted(
    till: Till, asked: dict[str, Any]
) -> None:
    waiting = _pay(till.salon, asked).json
    action = waiting["next_action"]
    assert (waiting["status"], action["type"]) == ("requires_action", "confirm_payment")
    assert (action["account_id"], action["publishable_key"]) == (
        till.salon.account,
        till.stack.settings.stripe_publishable_key,
    )
    (intent,) = till.intents()
    assert action["client_secret"] == intent["client_secret"]

    _try_in_browser(till, action)
    assert _pay(till.salon, asked).json["next_action"] is not None
    till.stack.stripe.state.authenticate("payment_intents", intent["id"], succeeds=True)
    paid = _pay(till.salon, asked).json
    assert (paid["status"], paid["captured_cents"], paid["next_action"]) == ("captured", 5000, None)
    assert _pay(till.salon, asked).json["captured_cents"] == 5000
    till.expect_charged_once(asked["booking_id"])


def test_a_customer_who_failed_once_can_try_again_from_the_same_link(till: Till, asked: dict[str, Any]) -> None:
    (intent,) = till.intents()
    _try_in_browser(till, _pay(till.salon, asked).json["next_action"])
    till.stack.stripe.state.authenticate("payment_intents", intent["id"], succeeds=False)

    again = _pay(till.salon, asked).json
    assert (again["status"], again["next_action"]["type"]) == ("requires_action", "confirm_payment")
    _try_in_browser(till, again["next_action"], "pm_card_visa")
    assert _pay(till.salon, asked).json["status"] == "captured"
    till.expect_charged_once(asked["booking_id"])


def test_what_the_customer_did_is_found_by_the_event_alone(till: Till, asked: dict[str, Any]) -> None:
    (intent,) = till.intents()
    _try_in_browser(till, _pay(till.salon, asked).json["next_action"])
    till.stack.stripe.state.authenticate("payment_intents", intent["id"], succeeds=True)
    till.tell(till.events()[0])
    till.expect_charged_once(asked["booking_id"])


def test_cash_instead_of_the_card_cancels_the_waiting_charge_first(till: Till, asked: dict[str, Any]) -> None:
    body = {"booking_id": asked["booking_id"], "method": "cash"}
    answer = till.salon.as_owner("POST", "/api/v1/payments/cash", key=str(uuid4()), json=body)
    assert (answer.status_code, answer.json["method"]) == (201, "cash"), answer.text
    assert [intent["status"] for intent in till.intents()] == ["canceled"]
    assert _pay(till.salon, asked).json["next_action"] is None
    assert till.shown(asked["booking_id"])["payment_status"] == "captured"
    assert till.taken() == 0


def test_a_declined_charge_is_told_and_leaves_the_visit_owed(till: Till) -> None:
    booking = till.kept("pm_card_chargeCustomerFail")
    answer = till.salon.press("complete", booking["booking_id"])
    assert (answer.status_code, answer.json["status"]) == (200, "completed")
    assert (answer.json["payment_status"], answer.json["due_cents"]) == ("requires_action", 5000)
    assert till.facts("payment.failed") == 1
    till.recover(hours=2)
    assert len(till.intents()) == 1
    assert till.taken() == 0
