# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""A payment that was taken, as our books and the processor's agree on it; each test changes one thing."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from tithi.integrations.stripe.bookkeeping import DisputeState, PayoutState
from tithi.integrations.stripe.contract import BalanceEntry, ChargeState, RefundState
from tithi.payments.comparing import (
    Finding,
    Known,
    KnownAttempt,
    KnownDispute,
    KnownPayment,
    KnownRefund,
    Shown,
)

DAY = datetime(2030, 1, 2, 12, tzinfo=UTC)
ASKED = DAY - timedelta(minutes=1)
PAYMENT, OTHER_PAYMENT, ATTEMPT, OTHER_ATTEMPT, REFUND = (UUID(int=number) for number in range(1, 6))
MOVED = BalanceEntry(
    entry_ref="txn_1",
    kind="charge",
    source_ref="ch_1",
    amount_cents=5000,
    processor_fee_cents=175,
    application_fee_cents=50,
    net_cents=4775,
    currency="EUR",
    occurred_at=DAY,
)
CHARGE = ChargeState(
    intent_ref="pi_1",
    status="succeeded",
    amount_cents=5000,
    captured_cents=5000,
    capturable_cents=0,
    application_fee_cents=50,
    charge_ref="ch_1",
    client_secret="",
    capture_before=None,
    decline=None,
    refunded_cents=0,
    balance=MOVED,
    currency="EUR",
    created_at=DAY,
    metadata={},
    payment_method_ref=None,
    card=None,
    live=False,
)
RETURNED = replace(
    MOVED,
    entry_ref="txn_2",
    kind="refund",
    amount_cents=-2000,
    processor_fee_cents=0,
    application_fee_cents=-20,
    net_cents=-1980,
)
GIVEN_BACK = RefundState(
    refund_ref="re_1",
    status="succeeded",
    amount_cents=2000,
    failure_reason=None,
    intent_ref="pi_1",
    balance=RETURNED,
    failure_balance=None,
    created_at=DAY,
    metadata={},
)
DISPUTED = DisputeState(
    dispute_ref="dp_1",
    status="needs_response",
    reason="fraudulent",
    amount_cents=5000,
    currency="EUR",
    charge_ref="ch_1",
    intent_ref="pi_1",
    due_by=None,
    has_evidence=False,
    submissions=0,
    entries=(
        replace(MOVED, kind="adjustment", net_cents=-6500),
        replace(MOVED, kind="adjustment", net_cents=5000),
    ),
    created_at=DAY,
    metadata={},
    live=False,
)
PAID_OUT = PayoutState(
    payout_ref="po_1",
    status="paid",
    amount_cents=4775,
    currency="EUR",
    arrives_on=DAY,
    is_automatic=True,
    entry_ref="txn_3",
    failure_reason=None,
    created_at=DAY,
)
TAKEN = KnownAttempt(
    id=ATTEMPT, payment_id=PAYMENT, intent_ref="pi_1", status="succeeded", amount_cents=5000, submitted_at=ASKED
)
PAID = KnownPayment(
    id=PAYMENT, currency="EUR", is_settled=True, captured_cents=5000, gift_card_cents=0, refunded_cents=0
)
RETURN = KnownRefund(
    id=REFUND,
    payment_id=PAYMENT,
    refund_ref="re_1",
    status="succeeded",
    amount_cents=2000,
    currency="EUR",
    submitted_at=ASKED,
)
CAPTURED = {"customer": -5000, "business": 4950, "platform": 50}
PROCESSED = {"business": -175, "processor": 175}
REFUNDED = {"customer": 2000, "business": -1980, "platform": -20}
LINES = {("capture", ATTEMPT): CAPTURED, ("processor_fee", ATTEMPT): PROCESSED}
REFUND_LINES = {("refund", REFUND): REFUNDED}


def known(**others: Any) -> Known:
    """Our side of one payment that was taken by card, as the processor shows it too."""
    values: dict[str, Any] = {
        "attempts": (TAKEN,), "payments": {PAYMENT: PAID}, "refunds": (), "disputes": {}, "payouts": {}, "lines": LINES,
    }  # fmt: skip
    return Known(**{**values, **others})


def shown(**others: Any) -> Shown:
    values: dict[str, Any] = {
        "charges": (CHARGE,), "refunds": (), "disputes": (), "payouts": (), "payout_entries": {}, "entries": (),
    }  # fmt: skip
    return Shown(**{**values, **others})


def found(kind: str, here: int, there: int, **others: Any) -> Finding:
    values: dict[str, Any] = {"reference": "pi_1", "payment_id": PAYMENT, "currency": "EUR", "occurred_at": DAY}
    return Finding(kind=kind, ledger_cents=here, processor_cents=there, **{**values, **others})


def with_refund(row: KnownRefund | None = RETURN, **others: Any) -> Known:
    return known(refunds=() if row is None else (row,), **{"lines": {**LINES, **REFUND_LINES}, **others})


def paid_out(payout: PayoutState = PAID_OUT, *entries: int) -> Shown:
    movements = tuple(replace(MOVED, net_cents=cents) for cents in entries or (4775,))
    return shown(payouts=(payout,), payout_entries={payout.payout_ref: movements})


KNOWN_DISPUTE = KnownDispute(status="needs_response", amount_cents=5000, payment_id=PAYMENT)
