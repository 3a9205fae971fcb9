# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""Carrying out what a comparison found: each act is one transaction, and says whether it made the books right."""

from collections.abc import Callable, Mapping
from uuid import UUID

from tithi.integrations.stripe.contract import ChargeState
from tithi.payments import queries, reconcile_queries, splits
from tithi.payments.comparing import Act, Step
from tithi.payments.models import Payment, PaymentAttempt
from tithi.payments.service import ledger
from tithi.payments.service.charging import apply_charge
from tithi.payments.service.disputes import keep_dispute
from tithi.payments.service.payouts import keep_payout
from tithi.payments.service.refunds import keep_refund
from tithi.platform.db import session, transaction
from tithi.platform.tenancy import current_tenant_id


def carry_out(step: Step, account_ref: str) -> bool:
    """Do what a step says; true when there is nothing more to do about it."""
    if step.act is None:
        return False
    with transaction():
        if step.dispute is not None:
            keep_dispute(account_ref, step.dispute)
            return True
        return _ACTS[step.act](step)


def _apply_charge(step: Step) -> bool:
    attempt_id, found = _charge_of(step)
    apply_charge(attempt_id, found)
    return True


def _post_capture(step: Step) -> bool:
    attempt_id, found = _charge_of(step)
    ledger.post_capture(_locked_payment(attempt_id), attempt_id, found)
    return True


def _correct_capture(step: Step) -> bool:
    attempt_id, found = _charge_of(step)
    payment = _locked_payment(attempt_id)
    posted = reconcile_queries.lines_of([attempt_id]).get(("capture", attempt_id), {})
    fee = found.balance.application_fee_cents if found.balance else found.application_fee_cents or 0
    captured = payment.captured_cents + found.captured_cents + posted.get(splits.CUSTOMER, 0)
    lines = splits.correction(right={splits.CUSTOMER: -found.captured_cents, splits.PLATFORM: fee}, posted=posted)
    if not _post_correction("capture", attempt_id, payment, lines):
        return False
    payment.captured_cents = max(captured, found.captured_cents + payment.gift_card_cents)
    payment.application_fee_cents = fee
    return True


def _correct_processing(step: Step) -> bool:
    attempt_id, found = _charge_of(step)
    posted = reconcile_queries.lines_of([attempt_id]).get(("processor_fee", attempt_id), {})
    kept = found.balance.processor_fee_cents if found.balance else 0
    lines = splits.correction(right={splits.PROCESSOR: kept}, posted=posted)
    return _post_correction("processor_fee", attempt_id, _locked_payment(attempt_id), lines)


def _keep_refund(step: Step) -> bool:
    return step.refund is not None and keep_refund(step.refund)


def _correct_refund(step: Step) -> bool:
    found = step.refund
    if found is None or step.source_id is None:
        return False
    row = queries.get_refund(step.source_id)
    payment = session().get_one(Payment, (current_tenant_id(), row.payment_id), with_for_update=True)
    posted = reconcile_queries.lines_of([row.id]).get(("refund", row.id), {})
    fee = -found.balance.application_fee_cents if found.balance else row.application_fee_refunded_cents
    refunded = payment.refunded_cents + (found.amount_cents - row.amount_cents if row.status == "succeeded" else 0)
    if refunded > payment.captured_cents:
        return False
    lines = splits.correction(right={splits.CUSTOMER: found.amount_cents, splits.PLATFORM: -fee}, posted=posted)
    if not _post_correction("refund", row.id, payment, lines):
        return False
    row.amount_cents = found.amount_cents
    row.application_fee_refunded_cents = fee
    payment.refunded_cents = refunded
    return True


def _keep_payout(step: Step) -> bool:
    if step.payout is not None:
        keep_payout(step.payout)
    return True


def _post_correction(kind: str, source_id: UUID, payment: Payment, lines: splits.Lines) -> bool:
    """Entries are corrected once; a fact that was wrong again is for a person."""
    name = f"{kind}_corrected"
    if not any(lines.values()):
        return True
    if ledger.is_posted(name, source_id):
        return False
    ledger.post(
        kind=name,
        source_id=source_id,
        owner_id=payment.owner_id,
        payment_id=payment.id,
        currency=payment.currency,
        lines=lines,
    )
    return True


def _locked_payment(attempt_id: UUID) -> Payment:
    attempt = session().get_one(PaymentAttempt, (current_tenant_id(), attempt_id))
    return session().get_one(Payment, (current_tenant_id(), attempt.payment_id), with_for_update=True)


def _charge_of(step: Step) -> tuple[UUID, ChargeState]:
    if step.source_id is None or step.charge is None:
        raise ValueError(step.act)
    return step.source_id, step.charge


_ACTS: Mapping[Act, Callable[[Step], bool]] = {
    "apply_charge": _apply_charge,
    "post_capture": _post_capture,
    "post_processing": _post_capture,
    "correct_capture": _correct_capture,
    "correct_processing": _correct_processing,
    "keep_refund": _keep_refund,
    "correct_refund": _correct_refund,
    "keep_payout": _keep_payout,
}
