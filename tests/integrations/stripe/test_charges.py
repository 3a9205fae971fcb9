# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.integrations.stripe.conftest import Authorize, Served
from tithi.integrations.stripe.client import StripeProcessor
from tithi.integrations.stripe.contract import RefusedError


def test_an_authorized_charge_holds_money_for_four_days_and_eighteen_hours(
    authorize: Authorize, served: Served
) -> None:
    charge = authorize()

    assert (charge.status, charge.capturable_cents, charge.captured_cents) == ("authorized", 10_000, 0)
    assert charge.capture_before is not None
    held_for = charge.capture_before - datetime.fromtimestamp(served.state.now(), UTC)
    assert timedelta(days=4, hours=17, minutes=59) < held_for <= timedelta(days=4, hours=18)


def test_a_hold_on_another_brand_lasts_seven_days(authorize: Authorize, served: Served) -> None:
    charge = authorize("pm_card_mastercard")

    assert charge.capture_before is not None
    assert charge.capture_before - datetime.fromtimestamp(served.state.now(), UTC) > timedelta(days=6, hours=23)


def test_a_full_capture_takes_the_whole_amount(authorize: Authorize, processor: StripeProcessor, account: str) -> None:
    charge = authorize()

    taken = processor.capture(
        account=account, key="capture", intent_ref=charge.intent_ref, amount_cents=10_000, application_fee_cents=100
    )

    assert (taken.status, taken.captured_cents, taken.capturable_cents) == ("succeeded", 10_000, 0)
    assert (taken.application_fee_cents, taken.refunded_cents, taken.capture_before) == (100, 0, None)


def test_a_partial_capture_releases_the_rest_and_counts_nothing_as_refunded(
    authorize: Authorize, processor: StripeProcessor, account: str, served: Served
) -> None:
    charge = authorize()

    taken = processor.capture(
        account=account, key="capture", intent_ref=charge.intent_ref, amount_cents=3_000, application_fee_cents=30
    )

    assert (taken.captured_cents, taken.capturable_cents, taken.refunded_cents) == (3_000, 0, 0)
    assert (taken.status, taken.application_fee_cents) == ("succeeded", 30)
    (kept,) = served.state.objects("charges")
    assert (kept["amount_captured"], kept["amount_refunded"]) == (3_000, 7_000)


def test_a_capture_without_a_fee_keeps_the_one_of_the_hold(
    authorize: Authorize, processor: StripeProcessor, account: str
) -> None:
    charge = authorize(fee=100)

    taken = processor.capture(
        account=account, key="capture", intent_ref=charge.intent_ref, amount_cents=10_000, application_fee_cents=None
    )

    assert (taken.status, taken.application_fee_cents) == ("succeeded", 100)


def test_more_than_the_hold_cannot_be_captured(authorize: Authorize, processor: StripeProcessor, account: str) -> None:
    charge = authorize()

    with pytest.raises(RefusedError) as refusal:
        processor.capture(
            account=account,
            key="capture",
            intent_ref=charge.intent_ref,
            amount_cents=10_001,
            application_fee_cents=None,
        )

    assert refusal.value.code == "amount_too_large"
    assert processor.fetch_charge(account=account, intent_ref=charge.intent_ref).status == "authorized"


def test_a_captured_charge_cannot_be_captured_again(
    authorize: Authorize, processor: StripeProcessor, account: str
) -> None:
    charge = authorize()
    arguments: dict[str, Any] = {"account": account, "intent_ref": charge.intent_ref, "application_fee_cents": None}
    processor.capture(key="first", amount_cents=4_000, **arguments)

    with pytest.raises(RefusedError) as refusal:
        processor.capture(key="second", amount_cents=4_000, **arguments)

    assert refusal.value.code == "payment_intent_unexpected_state"


def test_cancelling_a_hold_gives_everything_back(
    authorize: Authorize, processor: StripeProcessor, account: str
) -> None:
    charge = authorize()

    canceled = processor.cancel_charge(account=account, key="cancel", intent_ref=charge.intent_ref)

    assert (canceled.status, canceled.capturable_cents, canceled.captured_cents) == ("canceled", 0, 0)
    assert canceled.refunded_cents == 0


def test_a_hold_lapses_when_its_time_is_over(
    authorize: Authorize, processor: StripeProcessor, account: str, served: Served
) -> None:
    charge = authorize()

    served.state.advance(5 * 24 * 3600)

    lapsed = processor.fetch_charge(account=account, intent_ref=charge.intent_ref)
    assert lapsed.status == "canceled"
    (intent,) = served.state.objects("payment_intents")
    assert intent["cancellation_reason"] == "automatic"
    with pytest.raises(RefusedError):
        processor.capture(
            account=account, key="late", intent_ref=charge.intent_ref, amount_cents=10_000, application_fee_cents=None
        )


def test_an_amount_below_the_currency_minimum_is_refused(authorize: Authorize, served: Served) -> None:
    with pytest.raises(RefusedError) as refusal:
        authorize(amount=49, fee=None)

    assert refusal.value.code == "amount_too_small"
    assert served.state.objects("payment_intents") == []


def test_a_charge_is_found_by_its_metadata_behind_more_than_a_page_of_others(
    authorize: Authorize, processor: StripeProcessor, account: str, customer: str, served: Served
) -> None:
    sought = authorize(key="sought")
    for _ in range(101):
        served.request("POST", "/v1/payment_intents", account, amount=500, currency="usd", customer=customer)

    arguments: dict[str, Any] = {"account": account, "customer_ref": customer, "metadata_key": "attempt"}

    assert processor.find_charge(metadata_value="sought", **arguments) == processor.fetch_charge(
        account=account, intent_ref=sought.intent_ref
    )
    assert processor.find_charge(metadata_value="another", **arguments) is None


def test_an_account_that_may_not_take_cards_yet_gets_no_money(
    authorize: Authorize, account: str, served: Served
) -> None:
    served.state.set_account(account, card_payments="restricted", payouts="restricted")

    with pytest.raises(RefusedError):
        authorize()

    assert served.state.objects("charges") == []


def test_zero_decimal_currencies_pass(processor: StripeProcessor, account: str, customer: str) -> None:
    charge = processor.authorize(
        account=account,
        key="yen",
        customer_ref=customer,
        payment_method_ref="pm_card_visa",
        amount_cents=5_000,
        currency="JPY",
        application_fee_cents=50,
        metadata={},
        description=None,
    )

    assert (charge.status, charge.amount_cents) == ("authorized", 5_000)
