# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

from typing import Any

import pytest

from tests.integrations.stripe.conftest import HELD_CENTS, Authorize, Served
from tithi.integrations.stripe.client import StripeProcessor
from tithi.integrations.stripe.contract import ChargeState, RefusedError

HOUR = 3600


def captured(
    authorize: Authorize,
    processor: StripeProcessor,
    account: str,
    *,
    card: str = "pm_card_visa",
    amount: int = 10_000,
    fee: int | None = 100,
) -> ChargeState:
    """Hold 100.00 and capture the amount."""
    charge = authorize(card, fee=fee)
    return processor.capture(
        account=account, key="capture", intent_ref=charge.intent_ref, amount_cents=amount, application_fee_cents=fee
    )


def test_a_full_refund_gives_back_amount_and_fee(
    authorize: Authorize, processor: StripeProcessor, account: str, served: Served
) -> None:
    charge = captured(authorize, processor, account)

    refund = processor.refund(
        account=account, key="refund", intent_ref=charge.intent_ref, amount_cents=10_000, metadata={"refund": "1"}
    )

    assert (refund.status, refund.amount_cents, refund.failure_reason) == ("succeeded", 10_000, None)
    assert processor.fetch_refund(account=account, refund_ref=refund.refund_ref) == refund
    assert processor.fetch_charge(account=account, intent_ref=charge.intent_ref).refunded_cents == HELD_CENTS
    (fee,) = served.state.objects("application_fees")
    assert (fee["amount_refunded"], fee["refunded"]) == (100, True)


def test_partial_refunds_return_the_fee_in_proportion_to_the_last_cent(
    authorize: Authorize, processor: StripeProcessor, account: str, served: Served
) -> None:
    charge = captured(authorize, processor, account)

    for number, amount in enumerate((3_333, 3_333, 3_334)):
        processor.refund(
            account=account, key=f"refund-{number}", intent_ref=charge.intent_ref, amount_cents=amount, metadata={}
        )

    returned = [body["amount"] for body in reversed(served.state.objects("fee_refunds"))]
    assert returned == [33, 34, 33]
    assert processor.fetch_charge(account=account, intent_ref=charge.intent_ref).refunded_cents == HELD_CENTS


def test_the_released_part_of_a_hold_is_no_refund(
    authorize: Authorize, processor: StripeProcessor, account: str
) -> None:
    charge = captured(authorize, processor, account, amount=4_000, fee=40)

    processor.refund(account=account, key="refund", intent_ref=charge.intent_ref, amount_cents=1_000, metadata={})

    again = processor.fetch_charge(account=account, intent_ref=charge.intent_ref)
    assert (again.captured_cents, again.refunded_cents) == (4_000, 1_000)


def test_more_than_what_is_left_cannot_be_refunded(
    authorize: Authorize, processor: StripeProcessor, account: str, served: Served
) -> None:
    charge = captured(authorize, processor, account, amount=4_000, fee=40)

    with pytest.raises(RefusedError):
        processor.refund(account=account, key="refund", intent_ref=charge.intent_ref, amount_cents=4_001, metadata={})

    assert served.state.objects("refunds") == []


def test_what_was_refunded_in_full_cannot_be_refunded_again(
    authorize: Authorize, processor: StripeProcessor, account: str
) -> None:
    charge = captured(authorize, processor, account)
    arguments: dict[str, Any] = {
        "account": account,
        "intent_ref": charge.intent_ref,
        "amount_cents": 10_000,
        "metadata": {},
    }
    processor.refund(key="first", **arguments)

    with pytest.raises(RefusedError) as refusal:
        processor.refund(key="second", **arguments)

    assert refusal.value.code == "charge_already_refunded"


def test_the_fee_can_stay_with_the_platform(
    authorize: Authorize, processor: StripeProcessor, account: str, served: Served
) -> None:
    charge = captured(authorize, processor, account)

    processor.refund(
        account=account,
        key="refund",
        intent_ref=charge.intent_ref,
        amount_cents=10_000,
        refund_application_fee=False,
        metadata={},
    )

    assert served.state.objects("fee_refunds") == []


def test_a_fee_that_was_never_taken_cannot_be_returned(
    authorize: Authorize, processor: StripeProcessor, account: str, served: Served
) -> None:
    charge = captured(authorize, processor, account, fee=None)
    arguments: dict[str, Any] = {
        "account": account,
        "intent_ref": charge.intent_ref,
        "amount_cents": 500,
        "metadata": {},
    }

    with pytest.raises(RefusedError):
        processor.refund(key="with-fee", **arguments)

    assert served.state.objects("refunds") == []
    assert processor.refund(key="without", refund_application_fee=False, **arguments).status == "succeeded"


def test_a_hold_that_was_not_captured_cannot_be_refunded(
    authorize: Authorize, processor: StripeProcessor, account: str
) -> None:
    charge = authorize()

    with pytest.raises(RefusedError):
        processor.refund(account=account, key="refund", intent_ref=charge.intent_ref, amount_cents=500, metadata={})


@pytest.mark.parametrize(
    ("card", "at_first", "at_last", "refunded"),
    [
        ("pm_card_pendingRefund", "pending", "succeeded", 10_000),
        ("pm_card_refundFail", "succeeded", "failed", 0),
    ],
)
def test_a_refund_can_end_later_than_it_was_made(
    authorize: Authorize,
    processor: StripeProcessor,
    account: str,
    served: Served,
    card: str,
    at_first: str,
    at_last: str,
    refunded: int,
) -> None:
    charge = captured(authorize, processor, account, card=card)
    refund = processor.refund(
        account=account, key="refund", intent_ref=charge.intent_ref, amount_cents=10_000, metadata={}
    )
    assert refund.status == at_first

    served.state.advance(2 * HOUR)

    late = processor.fetch_refund(account=account, refund_ref=refund.refund_ref)
    assert late.status == at_last
    assert (late.failure_reason is not None) is (at_last == "failed")
    assert processor.fetch_charge(account=account, intent_ref=charge.intent_ref).refunded_cents == refunded
