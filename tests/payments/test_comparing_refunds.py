# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""Each difference in refunds, disputes and payouts from the processor's, one at a time, and what is done about it."""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from tests.payments.two_sides import (
    ASKED,
    DAY,
    DISPUTED,
    GIVEN_BACK,
    KNOWN_DISPUTE,
    LINES,
    MOVED,
    OTHER_ATTEMPT,
    OTHER_PAYMENT,
    PAID,
    PAID_OUT,
    PAYMENT,
    REFUND,
    REFUND_LINES,
    RETURN,
    RETURNED,
    TAKEN,
    found,
    known,
    paid_out,
    shown,
    with_refund,
)
from tithi.integrations.stripe.contract import RefundStatus
from tithi.payments.comparing import KnownAttempt, Step, compare


def test_a_refund_that_both_know_needs_no_step() -> None:
    assert compare(shown(refunds=(GIVEN_BACK,)), with_refund()) == []


def test_a_refund_that_only_the_processor_knows_is_kept() -> None:
    finding = found("refund_missing_here", 0, 2000, reference="re_1")
    step = Step(act="keep_refund", finding=finding, refund=GIVEN_BACK)
    assert compare(shown(refunds=(GIVEN_BACK,)), with_refund(None)) == [step]
    assert compare(shown(refunds=(replace(GIVEN_BACK, intent_ref="pi_9"),)), with_refund(None)) == []


def test_a_refund_is_kept_with_the_payment_of_its_own_charge() -> None:
    other = KnownAttempt(
        id=OTHER_ATTEMPT,
        payment_id=OTHER_PAYMENT,
        intent_ref="pi_2",
        status="declined_final",
        amount_cents=5000,
        submitted_at=ASKED,
    )
    payments = {PAYMENT: PAID, OTHER_PAYMENT: replace(PAID, id=OTHER_PAYMENT, currency="CHF")}
    refund = replace(GIVEN_BACK, intent_ref="pi_2")
    here = with_refund(None, attempts=(TAKEN, other), payments=payments)
    finding = found("refund_missing_here", 0, 2000, reference="re_1", payment_id=OTHER_PAYMENT, currency="CHF")
    step = Step(act="keep_refund", finding=finding, refund=refund)
    assert compare(shown(refunds=(refund,)), here) == [step]


@pytest.mark.parametrize("status", ["pending", "succeeded", "needs_action"])
@pytest.mark.parametrize(("refund_ref", "reference"), [("re_1", "re_1"), (None, str(REFUND))])
def test_a_refund_that_only_we_know_is_told(status: str, refund_ref: str | None, reference: str) -> None:
    row = replace(RETURN, status=status, refund_ref=refund_ref, currency="CHF")
    finding = found("refund_missing_there", 2000, 0, reference=reference, currency="CHF", occurred_at=ASKED)
    assert compare(shown(), with_refund(row)) == [Step(finding=finding, source_id=REFUND)]


@pytest.mark.parametrize("status", ["submitted", "unknown", "failed", "refused"])
def test_a_refund_that_was_not_made_is_not_missed(status: str) -> None:
    assert compare(shown(), with_refund(replace(RETURN, status=status))) == []


def test_a_refund_of_ours_is_known_by_its_metadata_where_we_never_heard_its_reference() -> None:
    refund = replace(GIVEN_BACK, metadata={"refund_id": str(REFUND)})
    step = Step(act="keep_refund", refund=refund)
    assert compare(shown(refunds=(refund,)), with_refund(replace(RETURN, refund_ref=None))) == [step]


@pytest.mark.parametrize("ours", ["pending", "submitted", "failed"])
def test_a_refund_whose_state_differs_is_kept_again(ours: str) -> None:
    step = Step(act="keep_refund", refund=GIVEN_BACK)
    assert compare(shown(refunds=(GIVEN_BACK,)), with_refund(replace(RETURN, status=ours))) == [step]


@pytest.mark.parametrize("theirs", ["failed", "canceled"])
def test_a_refund_that_failed_is_kept_until_the_money_that_came_back_is_posted(theirs: RefundStatus) -> None:
    refund, row = replace(GIVEN_BACK, status=theirs), replace(RETURN, status="failed")
    assert compare(shown(refunds=(refund,)), with_refund(row)) == [Step(act="keep_refund", refund=refund)]
    lines = {**LINES, **REFUND_LINES, ("refund_failed", REFUND): {"customer": -2000, "business": 2000}}
    assert compare(shown(refunds=(refund,)), with_refund(row, lines=lines)) == []
    assert compare(shown(refunds=(replace(refund, balance=None),)), with_refund(row, lines=LINES)) == []


def test_a_refund_is_posted_once_it_moved_the_balance() -> None:
    here = with_refund(lines=LINES)
    assert compare(shown(refunds=(GIVEN_BACK,)), here) == [Step(act="keep_refund", refund=GIVEN_BACK)]
    assert compare(shown(refunds=(replace(GIVEN_BACK, balance=None),)), here) == []


def test_a_refund_whose_amount_differs_is_corrected() -> None:
    refund = replace(GIVEN_BACK, amount_cents=2500)
    finding = found("amount_differs", 2000, 2500, reference="re_1", currency="CHF")
    step = Step(act="correct_refund", finding=finding, refund=refund, source_id=REFUND)
    assert compare(shown(refunds=(refund,)), with_refund(replace(RETURN, currency="CHF"))) == [step]
    lines = {**LINES, ("refund", REFUND): {"platform": -20}}
    finding = found("amount_differs", 0, 2000, reference="re_1")
    step = Step(act="correct_refund", finding=finding, refund=GIVEN_BACK, source_id=REFUND)
    assert compare(shown(refunds=(GIVEN_BACK,)), with_refund(lines=lines)) == [step]


def test_a_refund_whose_fee_differs_is_corrected_by_what_was_moved() -> None:
    refund = replace(GIVEN_BACK, balance=replace(RETURNED, application_fee_cents=-30))
    finding = found("fee_differs", 20, 30, reference="re_1", currency="CHF")
    step = Step(act="correct_refund", finding=finding, refund=refund, source_id=REFUND)
    assert compare(shown(refunds=(refund,)), with_refund(replace(RETURN, currency="CHF"))) == [step]
    assert compare(shown(refunds=(replace(refund, balance=None),)), with_refund()) == []


def test_a_refund_that_no_fee_came_back_with_differs_by_all_that_did() -> None:
    lines = {**LINES, ("refund", REFUND): {"customer": 2000, "business": -2000}}
    finding = found("fee_differs", 0, 20, reference="re_1")
    step = Step(act="correct_refund", finding=finding, refund=GIVEN_BACK, source_id=REFUND)
    assert compare(shown(refunds=(GIVEN_BACK,)), with_refund(lines=lines)) == [step]
    without = replace(GIVEN_BACK, balance=replace(RETURNED, application_fee_cents=0))
    assert compare(shown(refunds=(without,)), with_refund(lines=lines)) == []
    assert compare(shown(refunds=(replace(GIVEN_BACK, balance=None),)), with_refund(lines=lines)) == []


def test_refunds_are_walked_through_from_the_oldest_on() -> None:
    newer = replace(GIVEN_BACK, refund_ref="re_2", created_at=DAY + timedelta(hours=1))
    steps = compare(shown(refunds=(newer, GIVEN_BACK)), with_refund(None))
    assert [one.refund.refund_ref for one in steps if one.refund] == ["re_1", "re_2"]


def test_a_dispute_that_both_know_needs_no_step() -> None:
    assert compare(shown(disputes=(DISPUTED,)), known(disputes={"dp_1": KNOWN_DISPUTE})) == []


@pytest.mark.parametrize(("intent_ref", "payment_id"), [("pi_1", PAYMENT), ("pi_9", None), (None, None)])
def test_a_dispute_that_we_have_not_heard_of_is_kept(intent_ref: str | None, payment_id: UUID | None) -> None:
    dispute = replace(DISPUTED, intent_ref=intent_ref)
    finding = found("dispute_missing_here", 0, -1500, reference="dp_1", payment_id=payment_id)
    step = Step(act="keep_dispute", finding=finding, dispute=dispute)
    assert compare(shown(disputes=(dispute,)), known()) == [step]


def test_a_dispute_of_no_charge_is_of_none_of_the_payments_without_one() -> None:
    here = known(attempts=(TAKEN, replace(TAKEN, id=OTHER_ATTEMPT, intent_ref=None, status="declined_final")))
    (step,) = compare(shown(disputes=(replace(DISPUTED, intent_ref=None),)), here)
    assert step.finding is not None
    assert step.finding.payment_id is None


@pytest.mark.parametrize(
    "other", [{"status": "won"}, {"amount_cents": 4999}, {"payment_id": None}, {"payment_id": OTHER_PAYMENT}]
)
def test_a_dispute_that_differs_is_kept_again(other: dict[str, Any]) -> None:
    here = known(disputes={"dp_1": replace(KNOWN_DISPUTE, **other)})
    assert compare(shown(disputes=(DISPUTED,)), here) == [Step(act="keep_dispute", dispute=DISPUTED)]


def test_a_payout_that_both_know_needs_no_step() -> None:
    assert compare(paid_out(PAID_OUT, 5000, -225), known(payouts={"po_1": ("paid", 4775)})) == []


@pytest.mark.parametrize("payouts", [{}, {"po_1": ("in_transit", 4775)}])
def test_a_payout_that_is_new_or_moved_on_is_kept(payouts: dict[str, tuple[str, int]]) -> None:
    assert compare(paid_out(), known(payouts=payouts)) == [Step(act="keep_payout", payout=PAID_OUT)]


def test_a_payout_that_is_not_the_sum_of_what_it_pays_out_is_told_and_kept() -> None:
    finding = found("payout_differs", 4700, 4775, reference="po_1", payment_id=None)
    told = Step(finding=finding, payout=PAID_OUT)
    both = known(payouts={"po_1": ("paid", 4775)})
    assert compare(paid_out(PAID_OUT, 4700), both) == [told]
    assert compare(paid_out(PAID_OUT, 4700), known()) == [told, Step(act="keep_payout", payout=PAID_OUT)]
    finding = found("payout_differs", 0, 4775, reference="po_1", payment_id=None)
    assert compare(shown(payouts=(PAID_OUT,)), both) == [Step(finding=finding, payout=PAID_OUT)]


def test_a_payout_that_we_kept_otherwise_is_set_to_the_processors_amount() -> None:
    finding = found("payout_differs", 4700, 4775, reference="po_1", payment_id=None)
    step = Step(act="keep_payout", finding=finding, payout=PAID_OUT)
    assert compare(paid_out(), known(payouts={"po_1": ("paid", 4700)})) == [step]


def test_a_payout_that_was_asked_for_by_hand_pays_out_nothing_in_particular() -> None:
    manual = replace(PAID_OUT, is_automatic=False)
    assert compare(shown(payouts=(manual,)), known(payouts={"po_1": ("paid", 4775)})) == []
    finding = found("payout_differs", 4700, 4775, reference="po_1", payment_id=None)
    step = Step(act="keep_payout", finding=finding, payout=manual)
    assert compare(shown(payouts=(manual,)), known(payouts={"po_1": ("paid", 4700)})) == [step]


def test_one_payout_that_differs_does_not_hide_the_next() -> None:
    second = replace(PAID_OUT, payout_ref="po_2")
    there = shown(
        payouts=(PAID_OUT, second), payout_entries={"po_1": (replace(MOVED, net_cents=4775),), "po_2": (MOVED,)}
    )
    steps = compare(there, known(payouts={"po_1": ("paid", 4700), "po_2": ("pending", 4775)}))
    assert [one.payout.payout_ref for one in steps if one.payout] == ["po_1", "po_2"]
