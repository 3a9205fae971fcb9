# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

from http import HTTPStatus
from typing import Any

import pytest

from tests.integrations.stripe.conftest import HELD_CENTS, Authorize, Served, SetUp
from tithi.integrations.stripe.client import StripeProcessor
from tithi.integrations.stripe.contract import BusyError, ChargeState, NoAnswerError
from tithi.integrations.stripe.sandbox.faults import FAULT_KINDS, FaultKind

INTENTS = "POST /v1/payment_intents"


@pytest.fixture
def hold(set_up: SetUp, authorize: Authorize) -> Authorize:
    """Authorize with the card already kept, so that only the payment itself can go wrong."""
    set_up("pm_card_visa")
    return authorize


@pytest.mark.parametrize("kind", ["lose_answer_before", "lose_answer_after", "reset"])
def test_after_a_lost_answer_the_same_key_leads_to_exactly_one_charge(
    hold: Authorize, served: Served, kind: FaultKind
) -> None:
    served.state.add_fault(INTENTS, kind)

    with pytest.raises(NoAnswerError):
        hold()
    effects_before_retry = len(served.state.objects("payment_intents"))
    charge = hold()

    assert effects_before_retry == (1 if kind == "lose_answer_after" else 0)
    assert charge.status == "authorized"
    assert len(served.state.objects("payment_intents")) == 1


def test_an_answer_slower_than_the_read_timeout_is_no_answer(hold: Authorize, served: Served) -> None:
    served.state.add_fault(INTENTS, "slow", seconds=2.0)

    with pytest.raises(NoAnswerError):
        hold()

    charge = _insist(hold)
    assert charge.status == "authorized"
    assert len(served.state.objects("payment_intents")) == 1


def test_a_charge_whose_answer_was_lost_is_found_by_its_metadata(
    hold: Authorize, processor: StripeProcessor, account: str, customer: str, served: Served
) -> None:
    served.state.add_fault(INTENTS, "lose_answer_after")
    with pytest.raises(NoAnswerError):
        hold(key="lost")

    found = processor.find_charge(account=account, customer_ref=customer, metadata_key="attempt", metadata_value="lost")

    assert found is not None
    assert found.status == "authorized"


@pytest.mark.parametrize("kind", ["rate_limit_429", "conflict_409"])
def test_a_busy_processor_is_told_apart_from_a_silent_one(hold: Authorize, served: Served, kind: FaultKind) -> None:
    served.state.add_fault(INTENTS, kind, times=2)

    for _ in range(2):
        with pytest.raises(BusyError):
            hold()

    assert hold().status == "authorized"


def test_a_capture_whose_answer_was_lost_takes_the_money_once(
    hold: Authorize, processor: StripeProcessor, account: str, served: Served
) -> None:
    charge = hold()
    arguments: dict[str, Any] = {
        "account": account,
        "key": "capture",
        "intent_ref": charge.intent_ref,
        "amount_cents": 10_000,
        "application_fee_cents": 100,
    }
    served.state.add_fault("POST /v1/payment_intents/*/capture", "lose_answer_after")

    with pytest.raises(NoAnswerError):
        processor.capture(**arguments)

    assert processor.capture(**arguments).captured_cents == HELD_CENTS
    assert len(served.state.objects("application_fees")) == 1


def test_a_fault_hits_only_what_it_names_and_only_as_often_as_told(
    hold: Authorize, processor: StripeProcessor, account: str, served: Served
) -> None:
    served.state.add_fault("POST /v1/refunds", "reset")

    charge = hold()

    assert processor.fetch_charge(account=account, intent_ref=charge.intent_ref).status == "authorized"
    assert len(served.state.standing_faults()) == 1
    served.state.clear_faults()
    assert served.state.standing_faults() == []


def test_faults_are_commanded_over_http(served: Served, account: str) -> None:
    command = {"match": "GET /v1/customers", "kind": "rate_limit_429", "times": 1, "account": account}
    added = served.session.post(f"{served.url}/_sandbox/faults", json=command, timeout=10)
    wrong = served.session.post(f"{served.url}/_sandbox/faults", json=command | {"kind": "fire"}, timeout=10)

    assert (added.status_code, wrong.status_code) == (201, 400)
    assert served.request("GET", "/v1/customers").status_code == HTTPStatus.OK
    assert served.request("GET", "/v1/customers", account).status_code == HTTPStatus.TOO_MANY_REQUESTS
    assert served.request("GET", "/v1/customers", account).status_code == HTTPStatus.OK


def test_every_kind_of_fault_is_known() -> None:
    assert set(FAULT_KINDS) == {
        "lose_answer_before",
        "lose_answer_after",
        "error_500",
        "error_500_after",
        "rate_limit_429",
        "conflict_409",
        "reset",
        "slow",
    }


def _insist(hold: Authorize) -> ChargeState:
    """Repeat with the same key until the first use of it is over."""
    while True:
        try:
            return hold()
        except BusyError:
            continue
