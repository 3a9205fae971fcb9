# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

from concurrent.futures import ThreadPoolExecutor
from http import HTTPStatus
from typing import Any

import pytest
import requests

from tests.integrations.stripe.conftest import API_KEY, Authorize, Served
from tithi.integrations.stripe.client import StripeProcessor
from tithi.integrations.stripe.contract import BusyError, NoAnswerError, RefusedError

DAY = 24 * 3600
PAUSE_SECONDS = 7.0


def make_customer(processor: StripeProcessor, account: str, *, key: str = "key", name: str = "Guest") -> str:
    """Create a customer under a key."""
    return processor.create_customer(account=account, key=key, email=None, name=name, metadata={})


def test_the_same_key_repeats_the_answer_and_not_the_effect(
    processor: StripeProcessor, account: str, served: Served
) -> None:
    first, second = make_customer(processor, account), make_customer(processor, account)

    assert first == second
    assert len(served.state.objects("customers")) == 1


def test_a_repeated_answer_says_that_it_is_one(served: Served, account: str) -> None:
    first = served.request("POST", "/v1/customers", account, key="key", name="Guest")
    second = served.request("POST", "/v1/customers", account, key="key", name="Guest")

    assert "Idempotent-Replayed" not in first.headers
    assert second.headers["Idempotent-Replayed"] == "true"
    assert first.content == second.content


def test_the_same_key_with_other_parameters_is_refused(processor: StripeProcessor, account: str) -> None:
    make_customer(processor, account, name="One")

    with pytest.raises(RefusedError) as refusal:
        make_customer(processor, account, name="Two")

    assert refusal.value.code == "idempotency_error"


def test_a_key_in_use_elsewhere_makes_the_second_call_wait(
    processor: StripeProcessor, account: str, served: Served
) -> None:
    served.state.add_fault("POST /v1/customers", "slow", seconds=0.3)

    def other() -> requests.Response:
        headers = {"Authorization": f"Bearer {API_KEY}", "Stripe-Account": account, "Idempotency-Key": "key"}
        return requests.post(f"{served.url}/v1/customers", data={"name": "Guest"}, headers=headers, timeout=10)

    with ThreadPoolExecutor(max_workers=2) as pool:
        answers = [future.result() for future in [pool.submit(other), pool.submit(other)]]

    assert sorted(answer.status_code for answer in answers) == [200, 409]
    (busy,) = [answer for answer in answers if answer.status_code == HTTPStatus.CONFLICT]
    assert busy.json()["error"]["code"] == "idempotency_key_in_use"
    assert make_customer(processor, account, key="another") != ""


def test_a_slow_call_holds_up_nothing_else(processor: StripeProcessor, account: str, served: Served) -> None:
    served.state.add_fault("POST /v1/customers", "slow", seconds=1.0)
    slow = ThreadPoolExecutor(max_workers=1)
    late = slow.submit(served.request, "POST", "/v1/customers", account, name="Slow")
    while served.state.standing_faults():
        pass

    assert processor.fetch_account(account=account).account_ref == account
    assert not late.done()
    slow.shutdown()


def test_a_validation_error_is_not_kept_under_the_key(processor: StripeProcessor, account: str) -> None:
    arguments: dict[str, Any] = {
        "account": account,
        "key": "key",
        "payment_method_ref": None,
        "return_url": None,
        "metadata": {},
    }
    with pytest.raises(RefusedError):
        processor.set_up_card(customer_ref="cus_unknown", **arguments)

    customer = make_customer(processor, account, key="customer")

    assert processor.set_up_card(customer_ref=customer, **arguments).status == "needs_method"


def test_a_failure_is_kept_once_execution_began(processor: StripeProcessor, account: str, served: Served) -> None:
    served.state.add_fault("POST /v1/customers", "error_500")

    for _ in range(2):
        with pytest.raises(NoAnswerError):
            make_customer(processor, account)

    assert served.state.objects("customers") == []
    assert make_customer(processor, account, key="another") != ""


def test_a_kept_failure_proves_nothing_about_the_effect(
    processor: StripeProcessor, account: str, served: Served
) -> None:
    served.state.add_fault("POST /v1/customers", "error_500_after")

    for _ in range(2):
        with pytest.raises(NoAnswerError):
            make_customer(processor, account)

    assert len(served.state.objects("customers")) == 1


def test_being_asked_to_slow_down_is_not_kept(processor: StripeProcessor, account: str, served: Served) -> None:
    served.state.add_fault("POST /v1/customers", "rate_limit_429", seconds=PAUSE_SECONDS)

    with pytest.raises(BusyError) as busy:
        make_customer(processor, account)

    assert busy.value.retry_after == PAUSE_SECONDS
    assert make_customer(processor, account) != ""


def test_a_decline_is_kept(authorize: Authorize, served: Served) -> None:
    authorize("pm_card_chargeCustomerFail")
    authorize("pm_card_chargeCustomerFail")

    assert len(served.state.objects("payment_intents")) == 1


def test_a_key_is_forgotten_after_a_day(processor: StripeProcessor, account: str, served: Served) -> None:
    first = make_customer(processor, account)
    served.state.advance(DAY - 60)
    within = make_customer(processor, account)
    served.state.advance(120)

    assert within == first
    assert make_customer(processor, account) != first


def test_an_account_request_that_failed_can_be_run_again_under_its_key(
    processor: StripeProcessor, served: Served
) -> None:
    served.state.add_fault("POST /v2/core/accounts", "error_500")
    arguments: dict[str, Any] = {
        "key": "account",
        "email": "owner@salon.test",
        "country": "US",
        "currency": "usd",
        "business_name": "Salon",
        "metadata": {},
    }
    with pytest.raises(NoAnswerError):
        processor.create_account(**arguments)

    first = processor.create_account(**arguments)
    served.state.advance(29 * DAY)

    assert processor.create_account(**arguments).account_ref == first.account_ref
