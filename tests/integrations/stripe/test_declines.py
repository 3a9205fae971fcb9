# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

import pytest

from tests.integrations.stripe.conftest import Authorize, Served
from tithi.integrations.stripe.client import StripeProcessor


def test_a_bank_that_wants_the_customer_back_is_an_answer_with_the_intent_to_confirm(
    authorize: Authorize, processor: StripeProcessor, account: str
) -> None:
    charge = authorize("pm_card_authenticationRequired")

    assert charge.status == "needs_customer"
    assert charge.intent_ref.startswith("pi_")
    assert charge.client_secret.startswith(charge.intent_ref)
    assert charge.decline is not None
    assert charge.decline.code == "authentication_required"
    assert processor.fetch_charge(account=account, intent_ref=charge.intent_ref) == charge


def test_the_customer_confirms_the_same_intent_in_the_browser(
    authorize: Authorize, processor: StripeProcessor, account: str, served: Served
) -> None:
    charge = authorize("pm_card_authenticationRequired")
    (kept,) = [body for body in served.state.objects("payment_methods") if body["customer"]]
    path = f"/v1/payment_intents/{charge.intent_ref}/confirm"

    confirmed = served.from_browser(path, account, payment_method=kept["id"], client_secret=charge.client_secret)

    assert confirmed.json()["status"] == "requires_action"
    assert confirmed.json()["next_action"]["type"] == "use_stripe_sdk"
    assert processor.fetch_charge(account=account, intent_ref=charge.intent_ref).status == "needs_customer"
    served.state.authenticate("payment_intents", charge.intent_ref, succeeds=True)
    paid = processor.fetch_charge(account=account, intent_ref=charge.intent_ref)
    assert (paid.status, paid.decline) == ("authorized", None)


def test_a_customer_who_fails_the_proof_of_a_charge_needs_another_card(
    authorize: Authorize, processor: StripeProcessor, account: str, served: Served
) -> None:
    charge = authorize("pm_card_authenticationRequired")
    (kept,) = [body for body in served.state.objects("payment_methods") if body["customer"]]
    path = f"/v1/payment_intents/{charge.intent_ref}/confirm"
    served.from_browser(
        path,
        account,
        payment_method=kept["id"],
        client_secret=charge.client_secret,
        return_url="https://salon.test/back",
    )

    served.state.authenticate("payment_intents", charge.intent_ref, succeeds=False)

    failed = processor.fetch_charge(account=account, intent_ref=charge.intent_ref)
    assert failed.status == "needs_method"
    assert failed.decline is not None
    assert failed.decline.code == "payment_intent_authentication_failure"


def test_a_bank_may_decline_also_when_its_customer_has_proved_themselves(
    authorize: Authorize, processor: StripeProcessor, account: str, served: Served
) -> None:
    charge = authorize("pm_card_authenticationRequired")
    other = "pm_card_authenticationRequiredChargeDeclinedInsufficientFunds"
    path = f"/v1/payment_intents/{charge.intent_ref}/confirm"
    served.from_browser(path, account, payment_method=other, client_secret=charge.client_secret)

    served.state.authenticate("payment_intents", charge.intent_ref, succeeds=True)

    declined = processor.fetch_charge(account=account, intent_ref=charge.intent_ref)
    assert (declined.status, declined.captured_cents) == ("needs_method", 0)
    assert declined.decline is not None
    assert declined.decline.decline_code == "insufficient_funds"


@pytest.mark.parametrize(
    ("name", "decline_code", "advice"),
    [
        ("pm_card_chargeCustomerFail", "generic_decline", "try_again_later"),
        ("pm_card_authenticationRequiredChargeDeclinedInsufficientFunds", "insufficient_funds", "try_again_later"),
    ],
)
def test_a_kept_card_can_be_declined_when_it_is_charged(
    authorize: Authorize, served: Served, name: str, decline_code: str, advice: str
) -> None:
    charge = authorize(name)

    assert (charge.status, charge.captured_cents) == ("needs_method", 0)
    assert charge.decline is not None
    assert (charge.decline.code, charge.decline.decline_code) == ("card_declined", decline_code)
    assert charge.decline.advice_code == advice
    assert [body["status"] for body in served.state.objects("charges")] == ["failed"]


@pytest.mark.parametrize(
    "name", ["pm_card_authenticationRequiredOnSetup", "pm_card_authenticationRequiredSetupForOffSession"]
)
def test_a_card_that_was_set_up_is_charged_without_its_customer(authorize: Authorize, name: str) -> None:
    assert authorize(name).status == "authorized"


def test_a_card_never_set_up_asks_for_its_customer_when_charged(
    processor: StripeProcessor, account: str, customer: str
) -> None:
    charge = processor.authorize(
        account=account,
        key="unprepared",
        customer_ref=customer,
        payment_method_ref="pm_card_authenticationRequiredOnSetup",
        amount_cents=5_000,
        currency="usd",
        application_fee_cents=50,
        metadata={},
        description=None,
    )

    assert charge.status == "needs_customer"


def test_a_declined_intent_is_paid_with_another_card(
    authorize: Authorize, processor: StripeProcessor, account: str, served: Served
) -> None:
    charge = authorize("pm_card_chargeCustomerFail")

    path = f"/v1/payment_intents/{charge.intent_ref}/confirm"
    served.from_browser(path, account, payment_method="pm_card_visa", client_secret=charge.client_secret)

    paid = processor.fetch_charge(account=account, intent_ref=charge.intent_ref)
    assert (paid.status, paid.decline) == ("authorized", None)


def test_the_same_key_repeats_a_decline_without_a_second_try_on_the_card(authorize: Authorize, served: Served) -> None:
    first, second = authorize("pm_card_chargeCustomerFail"), authorize("pm_card_chargeCustomerFail")

    assert first == second
    assert len(served.state.objects("charges")) == 1
