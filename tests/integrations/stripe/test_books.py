# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""What a business's balance went through: lists of it, payouts, disputes, and events nobody took."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.integrations.stripe.conftest import Authorize, Served
from tests.integrations.stripe.test_refunds import captured
from tithi.integrations.stripe.client import StripeProcessor
from tithi.integrations.stripe.contract import ChargeState, RefusedError

DAY = 24 * 3600
PAST = datetime(2000, 1, 1, tzinfo=UTC)
FUTURE = datetime(2100, 1, 1, tzinfo=UTC)


def read_the_books(processor: StripeProcessor, served: Served, account: str, charge: ChargeState) -> None:
    """Ask once for everything that the books are kept from."""
    assert charge.charge_ref is not None
    served.state.advance(3 * DAY)
    dispute = served.state.dispute(charge.charge_ref, reason="general")
    for listing in (
        processor.list_charges,
        processor.list_refunds,
        processor.list_balance_entries,
        processor.list_payouts,
        processor.list_disputes,
    ):
        assert listing(account=account, since=PAST, until=FUTURE)
    processor.list_refunds_of(account=account, intent_ref=charge.intent_ref)
    (payout,) = processor.list_payouts(account=account, since=PAST, until=FUTURE)
    processor.fetch_payout(account=account, payout_ref=payout.payout_ref)
    processor.list_payout_entries(account=account, payout_ref=payout.payout_ref)
    processor.fetch_dispute(account=account, dispute_ref=dispute["id"])
    processor.submit_evidence(
        account=account, key="evidence", dispute_ref=dispute["id"], evidence={"customer_name": "Jane"}, metadata={}
    )
    assert processor.list_undelivered_events(account=account, since=PAST) == []


def _charge_ref(charge: ChargeState) -> str:
    assert charge.charge_ref is not None
    return charge.charge_ref


def test_a_list_goes_on_over_all_its_pages_and_keeps_to_its_time(
    authorize: Authorize, processor: StripeProcessor, account: str, served: Served
) -> None:
    charge = captured(authorize, processor, account, amount=2_000, fee=None)
    for number in range(120):
        processor.refund(
            account=account,
            key=f"refund-{number}",
            intent_ref=charge.intent_ref,
            amount_cents=1,
            refund_application_fee=False,
            metadata={"number": str(number)},
        )
    found = processor.list_refunds(account=account, since=PAST, until=FUTURE)
    assert [one.metadata["number"] for one in found] == [str(number) for number in reversed(range(120))]
    assert processor.list_refunds_of(account=account, intent_ref=charge.intent_ref) == found
    now = datetime.fromtimestamp(served.state.now(), UTC)
    assert processor.list_refunds(account=account, since=now + timedelta(hours=1), until=FUTURE) == []
    assert processor.list_refunds(account=account, since=PAST, until=now - timedelta(hours=1)) == []


def test_a_charge_in_a_list_says_what_it_did_to_the_balance(
    authorize: Authorize, processor: StripeProcessor, account: str
) -> None:
    captured(authorize, processor, account)
    (charge,) = processor.list_charges(account=account, since=PAST, until=FUTURE)
    (entry,) = processor.list_balance_entries(account=account, since=PAST, until=FUTURE)
    assert charge.balance == entry
    assert (entry.amount_cents, entry.processor_fee_cents, entry.application_fee_cents) == (10_000, 320, 100)
    assert (entry.net_cents, entry.currency, entry.source_ref) == (9_580, "USD", charge.charge_ref)


def test_what_can_be_paid_out_goes_after_two_days_and_arrives_two_days_later(
    authorize: Authorize, processor: StripeProcessor, account: str, served: Served
) -> None:
    charge = captured(authorize, processor, account)
    processor.refund(account=account, key="refund", intent_ref=charge.intent_ref, amount_cents=5_000, metadata={})
    served.state.advance(2 * DAY + 5)

    (payout,) = processor.list_payouts(account=account, since=PAST, until=FUTURE)
    entries = processor.list_payout_entries(account=account, payout_ref=payout.payout_ref)
    assert (payout.status, payout.amount_cents, payout.is_automatic) == ("in_transit", 4_630, True)
    assert sum(entry.net_cents for entry in entries) == payout.amount_cents
    assert sorted(entry.kind for entry in entries) == ["charge", "refund"]
    assert sum(one.net_cents for one in processor.list_balance_entries(account=account, since=PAST, until=FUTURE)) == 0

    served.state.advance(2 * DAY)
    assert processor.fetch_payout(account=account, payout_ref=payout.payout_ref).status == "paid"
    assert len(processor.list_payouts(account=account, since=PAST, until=FUTURE)) == 1


def test_a_payout_that_the_bank_sends_back_is_on_the_balance_again(
    authorize: Authorize, processor: StripeProcessor, account: str, served: Served
) -> None:
    captured(authorize, processor, account)
    served.state.advance(2 * DAY + 5)
    (payout,) = processor.list_payouts(account=account, since=PAST, until=FUTURE)
    served.state.fail_payout(payout.payout_ref)

    failed = processor.fetch_payout(account=account, payout_ref=payout.payout_ref)
    assert (failed.status, failed.failure_reason) == ("failed", "account_closed")
    entries = processor.list_balance_entries(account=account, since=PAST, until=FUTURE)
    assert sum(entry.net_cents for entry in entries) == 9_580


def test_a_dispute_takes_the_charge_and_a_fee_and_brings_the_charge_back_when_it_is_won(
    authorize: Authorize, processor: StripeProcessor, account: str, served: Served
) -> None:
    charge = captured(authorize, processor, account)
    served.state.dispute(_charge_ref(charge), reason="product_not_received")

    (dispute,) = processor.list_disputes(account=account, since=PAST, until=FUTURE)
    (withdrawn,) = dispute.entries
    assert (dispute.status, dispute.reason, dispute.amount_cents) == ("needs_response", "product_not_received", 10_000)
    assert (withdrawn.amount_cents, withdrawn.processor_fee_cents, withdrawn.net_cents) == (-10_000, 1_500, -11_500)
    assert dispute.due_by == dispute.created_at + timedelta(days=7)

    served.state.decide_dispute(dispute.dispute_ref, is_won=True)
    won = processor.fetch_dispute(account=account, dispute_ref=dispute.dispute_ref)
    assert (won.status, [entry.net_cents for entry in won.entries]) == ("won", [-11_500, 10_000])


@pytest.mark.parametrize(("words", "status"), [("winning_evidence", "won"), ("losing_evidence", "lost")])
def test_evidence_is_taken_once(
    authorize: Authorize, processor: StripeProcessor, account: str, served: Served, words: str, status: str
) -> None:
    charge = captured(authorize, processor, account)
    dispute = served.state.dispute(_charge_ref(charge), reason="fraudulent")["id"]
    for _ in range(2):
        answer = processor.submit_evidence(
            account=account, key="evidence", dispute_ref=dispute, evidence={"uncategorized_text": words}, metadata={}
        )
        assert (answer.status, answer.has_evidence, answer.submissions) == (status, True, 1)
    with pytest.raises(RefusedError) as refusal:
        processor.submit_evidence(
            account=account, key="again", dispute_ref=dispute, evidence={"uncategorized_text": words}, metadata={}
        )
    assert refusal.value.code == "dispute_not_updatable"


def test_a_dispute_that_nobody_answers_is_lost_when_its_time_is_over(
    authorize: Authorize, processor: StripeProcessor, account: str, served: Served
) -> None:
    charge = captured(authorize, processor, account)
    dispute = served.state.dispute(_charge_ref(charge), reason="fraudulent")["id"]
    served.state.advance(7 * DAY + 1)
    assert processor.fetch_dispute(account=account, dispute_ref=dispute).status == "lost"


@pytest.mark.parametrize(
    ("card", "reason", "status"),
    [
        ("pm_card_createDispute", "fraudulent", "needs_response"),
        ("pm_card_createDisputeProductNotReceived", "product_not_received", "needs_response"),
        ("pm_card_createDisputeInquiry", "fraudulent", "warning"),
    ],
)
def test_a_test_card_disputes_what_is_taken_from_it(
    authorize: Authorize, processor: StripeProcessor, account: str, card: str, reason: str, status: str
) -> None:
    held = authorize(card)
    processor.capture(
        account=account, key="capture", intent_ref=held.intent_ref, amount_cents=10_000, application_fee_cents=100
    )
    (dispute,) = processor.list_disputes(account=account, since=PAST, until=FUTURE)
    assert (dispute.reason, dispute.status) == (reason, status)
    assert len(dispute.entries) == (status == "needs_response")


def test_events_that_some_endpoint_has_not_taken_are_listed(
    authorize: Authorize, processor: StripeProcessor, account: str, served: Served
) -> None:
    charge = captured(authorize, processor, account)
    (event,) = [one for one in served.state.objects("events") if one["type"] == "payment_intent.succeeded"]
    served.state.change("events", event["id"], {"pending_webhooks": 1})
    (found,) = processor.list_undelivered_events(account=account, since=PAST)
    assert (found.event_id, found.object_ref, found.account_ref) == (event["id"], charge.intent_ref, account)


def test_an_object_can_be_changed_or_lost_behind_everybodys_back(
    authorize: Authorize, processor: StripeProcessor, account: str, served: Served
) -> None:
    charge = captured(authorize, processor, account)
    events = len(served.state.objects("events"))
    page = f"/_sandbox/objects/payment_intents/{charge.intent_ref}"
    assert served.session.post(served.url + page, json={"amount_received": 1}, timeout=10).ok
    assert processor.fetch_charge(account=account, intent_ref=charge.intent_ref).captured_cents == 1
    assert served.session.delete(served.url + page, timeout=10).ok
    with pytest.raises(RefusedError) as refusal:
        processor.fetch_charge(account=account, intent_ref=charge.intent_ref)
    assert refusal.value.code == "resource_missing"
    assert len(served.state.objects("events")) == events


def test_the_control_pages_pay_out_dispute_and_decide(
    authorize: Authorize, processor: StripeProcessor, account: str, served: Served
) -> None:
    def command(path: str, **fields: str) -> dict[str, Any]:
        answer = served.session.post(f"{served.url}/_sandbox{path}", json=fields, timeout=10)
        assert answer.ok, answer.text
        return dict(answer.json())

    charge = captured(authorize, processor, account)
    payout = command(f"/accounts/{account}/payouts", currency="usd")["payout"]
    assert (payout["status"], payout["amount"]) == ("in_transit", 9_580)
    assert command(f"/payouts/{payout['id']}/fail")["status"] == "failed"
    dispute = command(f"/charges/{charge.charge_ref}/dispute", reason="duplicate", inquiry="true")
    assert (dispute["status"], dispute["balance_transactions"]) == ("warning_needs_response", [])
    assert command(f"/disputes/{dispute['id']}/decide", outcome="lost")["status"] == "warning_closed"
    closed = served.session.post(f"{served.url}/_sandbox/disputes/{dispute['id']}/decide", json={}, timeout=10)
    assert closed.json()["error"]["code"] == "dispute_unexpected_state"
