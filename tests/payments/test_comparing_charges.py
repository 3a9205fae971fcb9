# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""Each difference between our charges and the processor's, one at a time, and what is done about it."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest

from tests.payments.two_sides import (
    ASKED,
    ATTEMPT,
    CAPTURED,
    CHARGE,
    DAY,
    LINES,
    MOVED,
    OTHER_ATTEMPT,
    PAID,
    PAYMENT,
    PROCESSED,
    TAKEN,
    found,
    known,
    shown,
)
from tithi.integrations.stripe.contract import ChargeStatus
from tithi.payments.comparing import Act, Step, compare
from tithi.payments.splits import Lines


def test_books_that_agree_need_no_step() -> None:
    assert compare(shown(), known()) == []


@pytest.mark.parametrize("status", ["needs_customer", "needs_method", "authorized", "canceled", "processing"])
@pytest.mark.parametrize("ours", ["declined_final", "declined_retryable", "canceled"])
def test_a_try_that_came_to_nothing_on_both_sides_needs_no_step(ours: str, status: ChargeStatus) -> None:
    open_payment = replace(PAID, is_settled=False, captured_cents=0)
    here = known(attempts=(replace(TAKEN, status=ours),), payments={PAYMENT: open_payment}, lines={})
    assert compare(shown(charges=(replace(CHARGE, status=status, captured_cents=0, balance=None),)), here) == []


WAITING = ["created", "submitted", "authorized", "capture_submitted", "unknown", "needs_customer"]


@pytest.mark.parametrize("ours", WAITING)
@pytest.mark.parametrize(("status", "is_ended"), [("succeeded", True), ("canceled", True), ("authorized", False)])
def test_a_try_that_waits_is_moved_on_once_the_processor_has_ended_it(
    ours: str, status: ChargeStatus, *, is_ended: bool
) -> None:
    here = known(attempts=(replace(TAKEN, status=ours),), lines={})
    charge = replace(CHARGE, status=status)
    step = Step(act="apply_charge", charge=charge, source_id=ATTEMPT)
    assert compare(shown(charges=(charge,)), here) == ([step] if is_ended else [])


@pytest.mark.parametrize(("is_settled", "act"), [(False, "apply_charge"), (True, None)])
def test_a_charge_that_we_had_given_up_is_applied_where_nothing_else_settled_the_payment(
    is_settled: bool,  # noqa: FBT001 - a parameter of the test
    act: Act | None,
) -> None:
    here = known(
        attempts=(replace(TAKEN, status="declined_retryable"),),
        payments={PAYMENT: replace(PAID, is_settled=is_settled, captured_cents=0)},
        lines={},
    )
    finding = found("status_differs", 0, 5000)
    assert compare(shown(), here) == [Step(act=act, finding=finding, charge=CHARGE, source_id=ATTEMPT)]


def test_a_charge_that_we_call_paid_and_the_processor_does_not_is_told_with_what_we_tried() -> None:
    charge = replace(CHARGE, status="canceled", captured_cents=0)
    finding = found("status_differs", 5000, 0)
    assert compare(shown(charges=(charge,)), known()) == [Step(finding=finding, source_id=ATTEMPT)]


def test_a_charge_of_ours_is_known_by_its_metadata_where_we_never_heard_its_reference() -> None:
    here = known(attempts=(replace(TAKEN, intent_ref=None, status="unknown"),), lines={})
    charge = replace(CHARGE, metadata={"attempt_id": str(ATTEMPT)})
    assert compare(shown(charges=(charge,)), here) == [Step(act="apply_charge", charge=charge, source_id=ATTEMPT)]


def test_a_capture_that_was_not_posted_is_posted_whole() -> None:
    here = known(lines={("processor_fee", ATTEMPT): PROCESSED})
    assert compare(shown(), here) == [Step(act="post_capture", charge=CHARGE, source_id=ATTEMPT)]


def test_the_processors_fee_is_posted_once_it_is_known() -> None:
    here = known(lines={("capture", ATTEMPT): CAPTURED})
    assert compare(shown(), here) == [Step(act="post_processing", charge=CHARGE, source_id=ATTEMPT)]
    assert compare(shown(charges=(replace(CHARGE, balance=None),)), here) == []
    free = replace(CHARGE, balance=replace(MOVED, processor_fee_cents=0))
    assert compare(shown(charges=(free,)), here) == []


def test_a_fee_of_the_processor_that_differs_is_corrected() -> None:
    lines = {**LINES, ("processor_fee", ATTEMPT): {"business": -100, "processor": 100}}
    finding = found("fee_differs", 100, 175)
    step = Step(act="correct_processing", finding=finding, charge=CHARGE, source_id=ATTEMPT)
    assert compare(shown(), known(lines=lines)) == [step]
    nothing = {**LINES, ("processor_fee", ATTEMPT): {"business": 0}}
    step = Step(
        act="correct_processing", finding=found("fee_differs", 0, 175), charge=CHARGE, source_id=ATTEMPT
    )  # fmt: skip
    assert compare(shown(), known(lines=nothing)) == [step]


@pytest.mark.parametrize("kept", [0, 1])
def test_a_fee_of_the_processor_of_which_nothing_is_left_in_the_books_is_nothing(kept: int) -> None:
    charge = replace(CHARGE, balance=replace(MOVED, processor_fee_cents=kept))
    finding = found("fee_differs", 0, kept)
    step = Step(act="correct_processing", finding=finding, charge=charge, source_id=ATTEMPT)
    lines = {**LINES, ("processor_fee", ATTEMPT): {"business": 0}}
    assert compare(shown(charges=(charge,)), known(lines=lines)) == ([step] if kept else [])


@pytest.mark.parametrize("kept", [40, 0])
def test_a_fee_of_the_platform_that_differs_is_corrected_by_what_was_moved(kept: int) -> None:
    balance = replace(MOVED, application_fee_cents=kept)
    charge = replace(CHARGE, balance=balance)
    step = Step(
        act="correct_capture", finding=found("fee_differs", 50, kept), charge=charge, source_id=ATTEMPT
    )  # fmt: skip
    assert compare(shown(charges=(charge,)), known()) == [step]


@pytest.mark.parametrize(("told", "kept"), [(40, 40), (None, 0)])
def test_before_anything_was_moved_the_fee_is_that_of_the_charge(told: int | None, kept: int) -> None:
    charge = replace(CHARGE, application_fee_cents=told, balance=None)
    step = Step(
        act="correct_capture", finding=found("fee_differs", 50, kept), charge=charge, source_id=ATTEMPT
    )  # fmt: skip
    assert compare(shown(charges=(charge,)), known()) == [step]


def test_a_fee_that_was_never_posted_is_nothing() -> None:
    lines = {**LINES, ("capture", ATTEMPT): {"customer": -5000, "business": 5000}}
    step = Step(
        act="correct_capture", finding=found("fee_differs", 0, 50), charge=CHARGE, source_id=ATTEMPT
    )  # fmt: skip
    assert compare(shown(), known(lines=lines)) == [step]
    charge = replace(CHARGE, balance=replace(MOVED, application_fee_cents=0))
    assert compare(shown(charges=(charge,)), known(lines=lines)) == []


@pytest.mark.parametrize("posted", [5100, 4000])
def test_an_amount_that_differs_is_corrected_to_what_was_captured(posted: int) -> None:
    lines = {**LINES, ("capture", ATTEMPT): {"customer": -posted, "business": posted - 50, "platform": 50}}
    finding = found("amount_differs", posted, 5000)
    step = Step(act="correct_capture", finding=finding, charge=CHARGE, source_id=ATTEMPT)
    assert compare(shown(), known(lines=lines)) == [step]


def test_a_capture_that_was_posted_without_its_customer_is_nothing_captured() -> None:
    lines = {**LINES, ("capture", ATTEMPT): {"platform": 50}}
    finding = found("amount_differs", 0, 5000)
    step = Step(act="correct_capture", finding=finding, charge=CHARGE, source_id=ATTEMPT)
    assert compare(shown(), known(lines=lines)) == [step]


def test_a_payment_that_has_less_than_was_captured_is_corrected_though_the_ledger_is_right() -> None:
    here = known(payments={PAYMENT: replace(PAID, captured_cents=4999)})
    finding = found("amount_differs", 4999, 5000)
    step = Step(act="correct_capture", finding=finding, charge=CHARGE, source_id=ATTEMPT)
    assert compare(shown(), here) == [step]
    more = known(payments={PAYMENT: replace(PAID, captured_cents=5001)})
    assert compare(shown(), more) == []


@pytest.mark.parametrize(
    ("captured", "gift_card", "refunded", "act"),
    [
        # Posted were 5000 and captured 4000: what the payment has becomes 1000 less.
        (5000, 0, 4000, "correct_capture"),
        (5000, 0, 4001, None),
        (5000, 500, 4500, "correct_capture"),
        (5000, 500, 4501, None),
        (7000, 0, 6000, "correct_capture"),
        (7000, 0, 6001, None),
        # It has at least what was captured.
        (4500, 0, 4000, "correct_capture"),
        (4500, 0, 4001, None),
    ],
)
def test_an_amount_is_not_corrected_below_what_was_given_back(
    captured: int, gift_card: int, refunded: int, act: Act | None
) -> None:
    payment = replace(PAID, captured_cents=captured, gift_card_cents=gift_card, refunded_cents=refunded)
    charge = replace(CHARGE, captured_cents=4000)
    finding = found("amount_differs", 5000, 4000)
    assert compare(shown(charges=(charge,)), known(payments={PAYMENT: payment})) == [
        Step(act=act, finding=finding, charge=charge, source_id=ATTEMPT)
    ]


def test_an_amount_and_the_processors_fee_that_differ_are_two_steps() -> None:
    charge = replace(CHARGE, captured_cents=4000, balance=replace(MOVED, processor_fee_cents=150))
    steps = compare(shown(charges=(charge,)), known())
    assert [(one.act, one.finding.kind if one.finding else None) for one in steps] == [
        ("correct_capture", "amount_differs"), ("correct_processing", "fee_differs"),
    ]  # fmt: skip


def test_of_two_charges_for_one_payment_the_later_is_the_second() -> None:
    second = replace(CHARGE, intent_ref="pi_2", captured_cents=4800, created_at=DAY + timedelta(hours=1))
    here = known(attempts=(TAKEN, replace(TAKEN, id=OTHER_ATTEMPT, intent_ref="pi_2", status="unknown")))
    finding = found("duplicate_charge", 4800, 4800, reference="pi_2", occurred_at=second.created_at)
    assert compare(shown(charges=(second, CHARGE)), here) == [Step(finding=finding)]


def test_a_second_try_that_was_not_paid_is_no_second_charge() -> None:
    second = replace(CHARGE, intent_ref="pi_2", status="canceled", captured_cents=0)
    waits = replace(TAKEN, id=OTHER_ATTEMPT, intent_ref="pi_2", status="unknown")
    step = Step(act="apply_charge", charge=second, source_id=OTHER_ATTEMPT)
    assert compare(shown(charges=(second, CHARGE)), known(attempts=(TAKEN, waits))) == [step]
    first = replace(second, created_at=ASKED)
    assert compare(shown(charges=(CHARGE, first)), known(attempts=(TAKEN, waits))) == [
        Step(act="apply_charge", charge=first, source_id=OTHER_ATTEMPT)
    ]


def test_a_charge_that_nobody_knows_is_money_without_a_payment() -> None:
    strange = replace(CHARGE, intent_ref="pi_9")
    finding = found("missing_payment", 0, 5000, reference="pi_9", payment_id=None)
    assert compare(shown(charges=(strange, CHARGE)), known()) == [Step(finding=finding)]
    nothing = replace(strange, captured_cents=0, status="canceled")
    assert compare(shown(charges=(nothing, CHARGE)), known()) == []


@pytest.mark.parametrize("is_settled", [True, False])
def test_a_charge_of_no_try_is_a_second_one_for_a_payment_that_is_paid(is_settled: bool) -> None:  # noqa: FBT001 - a parameter of the test
    here = known(payments={PAYMENT: replace(PAID, is_settled=is_settled, captured_cents=4700)}, attempts=(), lines={})
    strange = replace(CHARGE, intent_ref="pi_9", metadata={"payment_id": str(PAYMENT)})
    kind, cents = ("duplicate_charge", 4700) if is_settled else ("missing_payment", 0)
    finding = found(kind, cents, 5000, reference="pi_9")
    assert compare(shown(charges=(strange,)), here) == [Step(finding=finding)]


def test_a_charge_of_no_try_is_a_second_one_also_beside_one_that_is_just_found_paid() -> None:
    here = known(
        payments={PAYMENT: replace(PAID, is_settled=False, captured_cents=0)},
        attempts=(replace(TAKEN, status="unknown"),),
        lines={},
    )
    strange = replace(CHARGE, intent_ref="pi_9", metadata={"payment_id": str(PAYMENT)})
    assert compare(shown(charges=(CHARGE, strange)), here) == [
        Step(act="apply_charge", charge=CHARGE, source_id=ATTEMPT),
        Step(finding=found("duplicate_charge", 0, 5000, reference="pi_9")),
    ]


@pytest.mark.parametrize(("intent_ref", "reference"), [("pi_1", "pi_1"), (None, str(ATTEMPT))])
@pytest.mark.parametrize(("lines", "cents"), [(LINES, 5000), ({}, 0), ({("capture", ATTEMPT): {"platform": 1}}, 0)])
def test_a_charge_that_only_we_know_is_told_with_what_was_posted(
    intent_ref: str | None, reference: str, lines: dict[tuple[str, UUID], Lines], cents: int
) -> None:
    here = known(attempts=(replace(TAKEN, intent_ref=intent_ref),), lines=lines)
    finding = found("missing_charge", cents, 0, reference=reference, occurred_at=ASKED)
    assert compare(shown(charges=()), here) == [Step(finding=finding, source_id=ATTEMPT)]


def test_a_try_that_took_nothing_is_not_missed() -> None:
    here = known(attempts=(replace(TAKEN, status="declined_final"),), lines={})
    assert compare(shown(charges=()), here) == []
