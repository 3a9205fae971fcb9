# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""What to do about each difference between what the processor shows and what is known here."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal
from uuid import UUID

from tithi.integrations.stripe.bookkeeping import DisputeState, PayoutState
from tithi.integrations.stripe.contract import BalanceEntry, ChargeState, RefundState
from tithi.payments.splits import CUSTOMER, PLATFORM, PROCESSOR, Lines

Act = Literal[
    "apply_charge", "post_capture", "post_processing", "correct_capture", "correct_processing", "keep_refund",
    "correct_refund", "keep_dispute", "keep_payout",
]  # fmt: skip
WAITING = frozenset({"created", "submitted", "authorized", "capture_submitted", "unknown", "needs_customer"})
REFUNDS_MADE = frozenset({"pending", "succeeded", "needs_action"})


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownAttempt:
    id: UUID
    payment_id: UUID
    intent_ref: str | None
    status: str
    amount_cents: int
    submitted_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownPayment:
    """`is_settled` when nothing more is owed, however that came about.

    `captured_cents` is what cards paid, `gift_card_cents` what a gift card did; `refunded_cents` is of both.
    """

    id: UUID
    currency: str
    is_settled: bool
    captured_cents: int
    gift_card_cents: int
    refunded_cents: int


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownRefund:
    id: UUID
    payment_id: UUID
    refund_ref: str | None
    status: str
    amount_cents: int
    currency: str
    submitted_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownDispute:
    status: str
    amount_cents: int
    payment_id: UUID | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """Our side of a stretch of time; `lines` are what was posted for a source, by kind, corrections included."""

    attempts: tuple[KnownAttempt, ...]
    payments: Mapping[UUID, KnownPayment]
    refunds: tuple[KnownRefund, ...]
    disputes: Mapping[str, KnownDispute]
    payouts: Mapping[str, tuple[str, int]]
    lines: Mapping[tuple[str, UUID], Lines]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """The processor's side; of a payout also the entries that it pays out."""

    charges: tuple[ChargeState, ...]
    refunds: tuple[RefundState, ...]
    disputes: tuple[DisputeState, ...]
    payouts: tuple[PayoutState, ...]
    payout_entries: Mapping[str, tuple[BalanceEntry, ...]]
    entries: tuple[BalanceEntry, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A difference: `reference` is the processor's word for what it is about, or our own where it knows none."""

    kind: str
    reference: str
    payment_id: UUID | None
    ledger_cents: int | None
    processor_cents: int | None
    currency: str
    occurred_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What to do about one thing: an act, a finding, or a finding that the act repairs."""

    act: Act | None = None
    finding: Finding | None = None
    charge: ChargeState | None = None
    refund: RefundState | None = None
    dispute: DisputeState | None = None
    payout: PayoutState | None = None
    source_id: UUID | None = None


@dataclass(slots=True)
class _Charges:
    """The walk over the charges, oldest first; `paid` are the payments that one was found for."""

    known: Known
    by_intent: dict[str, KnownAttempt] = field(default_factory=dict)
    by_id: dict[str, KnownAttempt] = field(default_factory=dict)
    paid: set[UUID] = field(default_factory=set)

    def attempt_of(self, found: ChargeState) -> KnownAttempt | None:
        return self.by_intent.get(found.intent_ref) or self.by_id.get(found.metadata.get("attempt_id", ""))


def compare(shown: Shown, known: Known) -> list[Step]:
    """Every step that makes our books the processor's, or says where they cannot be."""
    return [
        *_charges(shown, known),
        *_refunds(shown, known),
        *_disputes(shown, known),
        *_payouts(shown, known),
    ]


def _charges(shown: Shown, known: Known) -> Iterator[Step]:
    walk = _Charges(
        known,
        {one.intent_ref: one for one in known.attempts if one.intent_ref},
        {str(one.id): one for one in known.attempts},
    )
    seen: set[UUID] = set()
    matched = [(found, walk.attempt_of(found)) for found in reversed(shown.charges)]
    for found, attempt in matched:
        if attempt is not None:
            seen.add(attempt.id)
            yield from _own_charge(walk, found, attempt)
    for found, attempt in matched:
        if attempt is None and found.captured_cents:
            yield _strange_charge(walk, found)
    for attempt in known.attempts:
        if attempt.status == "succeeded" and attempt.id not in seen:
            yield _missing_charge(known, attempt)


def _own_charge(walk: _Charges, found: ChargeState, attempt: KnownAttempt) -> Iterator[Step]:
    payment = walk.known.payments[attempt.payment_id]
    is_paid = found.status == "succeeded"
    if is_paid and payment.id in walk.paid:
        yield Step(finding=_finding("duplicate_charge", found, payment.id, found.captured_cents))
        return
    if is_paid:
        walk.paid.add(payment.id)
    if attempt.status == "succeeded" and is_paid:
        yield from _captured(walk.known, found, attempt, payment)
    elif attempt.status == "succeeded":
        finding = _finding("status_differs", found, payment.id, attempt.amount_cents)
        yield Step(finding=finding, source_id=attempt.id)
    elif attempt.status in WAITING:
        if is_paid or found.status == "canceled":
            yield Step(act="apply_charge", charge=found, source_id=attempt.id)
    elif is_paid:
        act: Act | None = None if payment.is_settled else "apply_charge"
        finding = _finding("status_differs", found, payment.id, 0)
        yield Step(act=act, finding=finding, charge=found, source_id=attempt.id)


def _captured(known: Known, found: ChargeState, attempt: KnownAttempt, payment: KnownPayment) -> Iterator[Step]:
    posted = known.lines.get(("capture", attempt.id))
    if posted is None:
        yield Step(act="post_capture", charge=found, source_id=attempt.id)
        return
    ledger = -posted.get(CUSTOMER, 0)
    fee = found.balance.application_fee_cents if found.balance else found.application_fee_cents or 0
    if ledger != found.captured_cents or payment.captured_cents < found.captured_cents:
        captured = max(payment.captured_cents + found.captured_cents - ledger, found.captured_cents)
        is_enough = captured + payment.gift_card_cents >= payment.refunded_cents
        act: Act | None = "correct_capture" if is_enough else None
        here = ledger if ledger != found.captured_cents else payment.captured_cents
        finding = _finding("amount_differs", found, payment.id, here)
        yield Step(act=act, finding=finding, charge=found, source_id=attempt.id)
    elif posted.get(PLATFORM, 0) != fee:
        finding = _finding("fee_differs", found, payment.id, posted.get(PLATFORM, 0), fee)
        yield Step(act="correct_capture", finding=finding, charge=found, source_id=attempt.id)
    if found.balance is None:
        return
    processing = known.lines.get(("processor_fee", attempt.id))
    kept = found.balance.processor_fee_cents
    if processing is None and kept:
        yield Step(act="post_processing", charge=found, source_id=attempt.id)
    elif processing is not None and processing.get(PROCESSOR, 0) != kept:
        finding = _finding("fee_differs", found, payment.id, processing.get(PROCESSOR, 0), kept)
        yield Step(act="correct_processing", finding=finding, charge=found, source_id=attempt.id)


def _strange_charge(walk: _Charges, found: ChargeState) -> Step:
    """A charge that no attempt of ours made: a second one for a payment that is paid, or one that nobody knows."""
    owed = next((one for one in walk.known.payments if str(one) == found.metadata.get("payment_id")), None)
    if owed is not None and (owed in walk.paid or walk.known.payments[owed].is_settled):
        return Step(finding=_finding("duplicate_charge", found, owed, walk.known.payments[owed].captured_cents))
    return Step(finding=_finding("missing_payment", found, owed, 0))


def _missing_charge(known: Known, attempt: KnownAttempt) -> Step:
    payment = known.payments[attempt.payment_id]
    posted = known.lines.get(("capture", attempt.id), {})
    return Step(
        source_id=attempt.id,
        finding=Finding(
            kind="missing_charge",
            reference=attempt.intent_ref or str(attempt.id),
            payment_id=payment.id,
            ledger_cents=-posted.get(CUSTOMER, 0),
            processor_cents=0,
            currency=payment.currency,
            occurred_at=attempt.submitted_at,
        ),
    )


def _refunds(shown: Shown, known: Known) -> Iterator[Step]:
    by_ref = {one.refund_ref: one for one in known.refunds if one.refund_ref}
    by_id = {str(one.id): one for one in known.refunds}
    intents = {one.intent_ref for one in known.attempts}
    seen: set[UUID] = set()
    for found in reversed(shown.refunds):
        row = by_ref.get(found.refund_ref) or by_id.get(found.metadata.get("refund_id", ""))
        if row is not None:
            seen.add(row.id)
            yield from _own_refund(known, found, row)
        elif found.intent_ref in intents:
            payment_id = next(one.payment_id for one in known.attempts if one.intent_ref == found.intent_ref)
            finding = _refund_finding(
                "refund_missing_here", found, payment_id, 0, found.amount_cents, known.payments[payment_id].currency
            )
            yield Step(act="keep_refund", finding=finding, refund=found)
    for row in known.refunds:
        if row.status in REFUNDS_MADE and row.id not in seen:
            yield Step(
                source_id=row.id,
                finding=Finding(
                    kind="refund_missing_there",
                    reference=row.refund_ref or str(row.id),
                    payment_id=row.payment_id,
                    ledger_cents=row.amount_cents,
                    processor_cents=0,
                    currency=row.currency,
                    occurred_at=row.submitted_at,
                ),
            )


def _own_refund(known: Known, found: RefundState, row: KnownRefund) -> Iterator[Step]:
    posted = known.lines.get(("refund", row.id))
    status = "failed" if found.status == "canceled" else found.status
    is_behind = status == "failed" and posted is not None and ("refund_failed", row.id) not in known.lines
    if row.status != status or row.refund_ref is None or is_behind or (posted is None and found.balance is not None):
        yield Step(act="keep_refund", refund=found)
    if posted is None:
        return
    here, fee_here = posted.get(CUSTOMER, 0), -posted.get(PLATFORM, 0)
    fee = -found.balance.application_fee_cents if found.balance else fee_here
    if here != found.amount_cents:
        finding = _refund_finding("amount_differs", found, row.payment_id, here, found.amount_cents, row.currency)
        yield Step(act="correct_refund", finding=finding, refund=found, source_id=row.id)
    elif fee_here != fee:
        finding = _refund_finding("fee_differs", found, row.payment_id, fee_here, fee, row.currency)
        yield Step(act="correct_refund", finding=finding, refund=found, source_id=row.id)


def _disputes(shown: Shown, known: Known) -> Iterator[Step]:
    payment_of = {one.intent_ref: one.payment_id for one in known.attempts if one.intent_ref}
    for found in shown.disputes:
        row = known.disputes.get(found.dispute_ref)
        payment_id = payment_of.get(found.intent_ref or "")
        if row is None:
            finding = Finding(
                kind="dispute_missing_here",
                reference=found.dispute_ref,
                payment_id=payment_id,
                ledger_cents=0,
                processor_cents=sum(entry.net_cents for entry in found.entries),
                currency=found.currency,
                occurred_at=found.created_at,
            )
            yield Step(act="keep_dispute", finding=finding, dispute=found)
        elif row != KnownDispute(status=found.status, amount_cents=found.amount_cents, payment_id=payment_id):
            yield Step(act="keep_dispute", dispute=found)


def _payouts(shown: Shown, known: Known) -> Iterator[Step]:
    for found in shown.payouts:
        row = known.payouts.get(found.payout_ref)
        paid_out = sum(entry.net_cents for entry in shown.payout_entries.get(found.payout_ref, ()))
        if found.is_automatic and paid_out != found.amount_cents:
            yield Step(finding=_payout_finding(found, paid_out), payout=found)
        elif row is not None and row[1] != found.amount_cents:
            yield Step(act="keep_payout", finding=_payout_finding(found, row[1]), payout=found)
            continue
        if row != (found.status, found.amount_cents):
            yield Step(act="keep_payout", payout=found)


def _payout_finding(found: PayoutState, here: int) -> Finding:
    return Finding(
        kind="payout_differs",
        reference=found.payout_ref,
        payment_id=None,
        ledger_cents=here,
        processor_cents=found.amount_cents,
        currency=found.currency,
        occurred_at=found.created_at,
    )


def _finding(kind: str, found: ChargeState, payment_id: UUID | None, here: int, there: int | None = None) -> Finding:
    return Finding(
        kind=kind,
        reference=found.intent_ref,
        payment_id=payment_id,
        ledger_cents=here,
        processor_cents=found.captured_cents if there is None else there,
        currency=found.currency,
        occurred_at=found.created_at,
    )


def _refund_finding(kind: str, found: RefundState, payment_id: UUID, here: int, there: int, currency: str) -> Finding:
    return Finding(
        kind=kind,
        reference=found.refund_ref,
        payment_id=payment_id,
        ledger_cents=here,
        processor_cents=there,
        currency=currency,
        occurred_at=found.created_at,
    )
