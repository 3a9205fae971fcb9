# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

from http import HTTPStatus

import pytest

from tests.integrations.stripe.conftest import Served, SetUp
from tithi.integrations.stripe.client import StripeProcessor
from tithi.integrations.stripe.contract import RefusedError

CARD_NUMBERS = {"card[exp_month]": "12", "card[exp_year]": "2040", "card[cvc]": "123"}


def test_a_card_given_with_the_setup_is_kept_with_the_customer(set_up: SetUp, customer: str) -> None:
    setup = set_up("pm_card_mastercard")

    assert (setup.status, setup.customer_ref, setup.decline, setup.live) == ("succeeded", customer, None, False)
    assert setup.payment_method_ref is not None
    assert setup.card is not None
    assert (setup.card.brand, setup.card.last4) == ("mastercard", "4444")


def test_a_setup_without_a_card_waits_for_one_from_the_browser(
    processor: StripeProcessor, account: str, customer: str
) -> None:
    setup = processor.set_up_card(
        account=account,
        key="setup",
        customer_ref=customer,
        payment_method_ref=None,
        return_url=None,
        metadata={"a": "b"},
    )

    assert (setup.status, setup.payment_method_ref, setup.card) == ("needs_method", None, None)
    assert setup.client_secret.startswith(setup.setup_id)


def test_the_browser_gives_the_card_with_nothing_but_the_client_secret(
    processor: StripeProcessor, account: str, customer: str, served: Served
) -> None:
    setup = processor.set_up_card(
        account=account, key="setup", customer_ref=customer, payment_method_ref=None, return_url=None, metadata={}
    )
    made = served.from_browser(
        "/v1/payment_methods", account, type="card", **{"card[number]": "4242424242424242"}, **CARD_NUMBERS
    )
    confirmed = served.from_browser(
        f"/v1/setup_intents/{setup.setup_id}/confirm",
        account,
        payment_method=made.json()["id"],
        client_secret=setup.client_secret,
    )

    assert confirmed.status_code == HTTPStatus.OK
    kept = processor.fetch_setup(account=account, setup_ref=setup.setup_id)
    assert (kept.status, kept.payment_method_ref) == ("succeeded", made.json()["id"])


def test_a_browser_without_the_secret_can_neither_see_nor_confirm(
    processor: StripeProcessor, account: str, customer: str, served: Served
) -> None:
    setup = processor.set_up_card(
        account=account, key="setup", customer_ref=customer, payment_method_ref=None, return_url=None, metadata={}
    )

    path = f"/v1/setup_intents/{setup.setup_id}/confirm"
    refused = served.from_browser(path, account, payment_method="pm_card_visa", client_secret=f"{setup.client_secret}x")
    forbidden = served.from_browser("/v1/customers", account, email="guest@example.test")

    assert (refused.status_code, forbidden.status_code) == (400, 403)
    assert processor.fetch_setup(account=account, setup_ref=setup.setup_id).status == "needs_method"


@pytest.mark.parametrize(
    ("name", "code", "decline_code"),
    [
        ("pm_card_chargeDeclined", "card_declined", "generic_decline"),
        ("pm_card_chargeDeclinedInsufficientFunds", "card_declined", "insufficient_funds"),
        ("pm_card_chargeDeclinedLostCard", "card_declined", "lost_card"),
        ("pm_card_chargeDeclinedExpiredCard", "expired_card", "expired_card"),
        ("pm_card_chargeDeclinedIncorrectCvc", "incorrect_cvc", "incorrect_cvc"),
        ("pm_card_chargeDeclinedProcessingError", "processing_error", "processing_error"),
    ],
)
def test_a_card_that_is_declined_at_setup_is_an_answer_and_not_an_error(
    set_up: SetUp, name: str, code: str, decline_code: str
) -> None:
    setup = set_up(name)

    assert setup.status == "needs_method"
    assert setup.decline is not None
    assert (setup.decline.code, setup.decline.decline_code) == (code, decline_code)
    assert setup.decline.message


def test_a_lost_card_comes_with_the_advice_not_to_try_again(set_up: SetUp) -> None:
    setup = set_up("pm_card_chargeDeclinedLostCard")

    assert setup.decline is not None
    assert setup.decline.advice_code == "do_not_try_again"


def test_a_setup_that_was_declined_can_be_read_again_with_its_reason(
    set_up: SetUp, processor: StripeProcessor, account: str
) -> None:
    declined = set_up("pm_card_chargeDeclined")

    again = processor.fetch_setup(account=account, setup_ref=declined.setup_id)

    assert again == declined


@pytest.mark.parametrize("name", ["pm_card_authenticationRequiredOnSetup", "pm_card_authenticationRequired"])
def test_a_bank_that_wants_a_proof_makes_the_setup_wait_for_the_customer(
    processor: StripeProcessor, account: str, customer: str, served: Served, name: str
) -> None:
    setup = processor.set_up_card(
        account=account, key="setup", customer_ref=customer, payment_method_ref=name, return_url=None, metadata={}
    )
    assert setup.status == "needs_customer"

    served.state.authenticate("setup_intents", setup.setup_id, succeeds=True)

    assert processor.fetch_setup(account=account, setup_ref=setup.setup_id).status == "succeeded"


def test_a_customer_who_fails_the_proof_has_to_give_another_card(
    processor: StripeProcessor, account: str, customer: str, served: Served
) -> None:
    setup = processor.set_up_card(
        account=account,
        key="setup",
        customer_ref=customer,
        payment_method_ref="pm_card_authenticationRequired",
        return_url="https://salon.test/back",
        metadata={},
    )

    answer = served.session.post(
        f"{served.url}/_sandbox/setup_intents/{setup.setup_id}/authenticate", data={"outcome": "failure"}, timeout=10
    )

    failed = processor.fetch_setup(account=account, setup_ref=setup.setup_id)
    assert answer.status_code == HTTPStatus.OK
    assert (failed.status, failed.payment_method_ref) == ("needs_method", None)
    assert failed.decline is not None
    assert failed.decline.code == "setup_intent_authentication_failure"


def test_the_same_number_has_the_same_fingerprint_within_an_account(set_up: SetUp) -> None:
    first, second = set_up("pm_card_visa"), set_up("pm_card_authenticationRequiredOnSetup")

    assert first.card is not None
    assert second.card is not None
    assert first.card.fingerprint != second.card.fingerprint


def test_a_detached_card_is_gone_for_good_and_detaching_twice_is_no_error(
    set_up: SetUp, processor: StripeProcessor, account: str, customer: str
) -> None:
    method = set_up("pm_card_visa").payment_method_ref
    assert method is not None

    processor.detach_card(account=account, key="detach", payment_method_ref=method)
    processor.detach_card(account=account, key="again", payment_method_ref=method)

    with pytest.raises(RefusedError):
        processor.set_up_card(
            account=account,
            key="reuse",
            customer_ref=customer,
            payment_method_ref=method,
            return_url=None,
            metadata={},
        )


@pytest.mark.parametrize(
    ("number", "year", "code"),
    [("4242424242424241", "2040", "incorrect_number"), ("4242424242424242", "2020", "invalid_expiry_year")],
)
def test_a_card_that_cannot_be_is_refused_in_the_form(
    served: Served, account: str, number: str, year: str, code: str
) -> None:
    card = {"card[number]": number, "card[exp_month]": "12", "card[exp_year]": year}

    answer = served.from_browser("/v1/payment_methods", account, type="card", **card)

    assert answer.status_code == HTTPStatus.PAYMENT_REQUIRED
    assert answer.json()["error"]["code"] == code


def test_an_intent_with_fixed_method_types_is_refused_as_in_the_pinned_version(served: Served, account: str) -> None:
    answer = served.request("POST", "/v1/setup_intents", account, **{"payment_method_types[]": "card"})

    assert answer.status_code == HTTPStatus.BAD_REQUEST
    assert answer.json()["error"]["code"] == "payment_method_types_no_longer_supported"
