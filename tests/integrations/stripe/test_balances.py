# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

from tests.integrations.stripe.conftest import Authorize, Served, open_account
from tests.integrations.stripe.test_refunds import captured
from tithi.integrations.stripe.client import StripeProcessor


def test_a_captured_charge_costs_the_business_both_fees_and_brings_the_platform_its_own(
    authorize: Authorize, processor: StripeProcessor, account: str, served: Served
) -> None:
    captured(authorize, processor, account)

    (entry,) = served.request("GET", "/v1/balance_transactions", account).json()["data"]
    assert (entry["type"], entry["amount"], entry["fee"], entry["net"]) == ("charge", 10_000, 420, 9_580)
    assert [(part["type"], part["amount"]) for part in entry["fee_details"]] == [
        ("stripe_fee", 320),
        ("application_fee", 100),
    ]
    (own,) = served.request("GET", "/v1/balance_transactions").json()["data"]
    assert (own["type"], own["amount"], own["fee"], own["net"]) == ("application_fee", 100, 0, 100)


def test_a_partial_capture_is_charged_only_for_what_was_taken(
    authorize: Authorize, processor: StripeProcessor, account: str, served: Served
) -> None:
    captured(authorize, processor, account, amount=3_000, fee=30)

    (entry,) = served.request("GET", "/v1/balance_transactions", account).json()["data"]

    assert (entry["amount"], entry["fee"], entry["net"]) == (3_000, 147, 2_853)


def test_a_refund_returns_the_share_of_the_platform_to_the_business(
    authorize: Authorize, processor: StripeProcessor, account: str, served: Served
) -> None:
    charge = captured(authorize, processor, account)
    processor.refund(account=account, key="refund", intent_ref=charge.intent_ref, amount_cents=5_000, metadata={})

    refund, _ = served.request("GET", "/v1/balance_transactions", account).json()["data"]
    returned, _ = served.request("GET", "/v1/balance_transactions").json()["data"]

    assert (refund["type"], refund["amount"], refund["fee"], refund["net"]) == ("refund", -5_000, -50, -4_950)
    assert (returned["type"], returned["net"]) == ("application_fee_refund", -50)


def test_fees_are_listed_for_the_platform_and_for_the_account_they_were_taken_from(
    authorize: Authorize, processor: StripeProcessor, account: str, served: Served
) -> None:
    charge = captured(authorize, processor, account)
    other = open_account(processor, "other")

    (own,) = served.request("GET", "/v1/application_fees").json()["data"]
    (same,) = served.request("GET", "/v1/application_fees", account).json()["data"]

    assert own == same
    assert (own["amount"], own["account"], own["charge"]) == (100, account, charge.charge_ref)
    assert served.request("GET", "/v1/application_fees", other).json()["data"] == []


def test_a_hold_moves_no_money(authorize: Authorize, account: str, served: Served) -> None:
    authorize()

    assert served.request("GET", "/v1/balance_transactions", account).json()["data"] == []
    assert served.request("GET", "/v1/application_fees").json()["data"] == []


def test_a_charge_shows_its_balance_transaction_when_it_is_expanded(
    authorize: Authorize, processor: StripeProcessor, account: str, served: Served
) -> None:
    charge = captured(authorize, processor, account)

    path = f"/v1/payment_intents/{charge.intent_ref}?expand[]=latest_charge.balance_transaction&expand[]=customer"
    answer = served.request("GET", path, account).json()

    entry = answer["latest_charge"]["balance_transaction"]
    assert (entry["object"], entry["net"]) == ("balance_transaction", 9_580)
    assert answer["customer"]["object"] == "customer"
