# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""Payouts and movements of the balance, mirrored from the processor."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from tithi.integrations.stripe.bookkeeping import PayoutState
from tithi.payments import reconcile_queries, splits
from tithi.payments.comparing import Shown
from tithi.payments.models import BalanceMovement, Payout
from tithi.payments.service import ledger
from tithi.platform import clock
from tithi.platform.db import session
from tithi.platform.ids import new_id
from tithi.platform.tenancy import current_tenant_id

RETURNED = frozenset({"failed", "canceled"})
DISPUTES = ("dp_", "du_")
IN_OTHER_LISTS = frozenset(
    {
        "charge", "payment", "payment_failure_refund", "payment_refund", "payment_reversal", "payout", "payout_cancel",
        "payout_failure", "refund", "refund_failure",
    }
)  # fmt: skip
"""Movements of what stands in a list of its own; where we know nothing of it, a break says so."""


def keep_payout(found: PayoutState) -> None:
    """Mirror a payout and post it, in the caller's transaction; one that failed is back on the balance."""
    now = clock.now()
    row = session().scalars(select(Payout).where(Payout.payout_ref == found.payout_ref)).one_or_none()
    if row is None:
        row = Payout(
            tenant_id=current_tenant_id(),
            id=new_id(),
            payout_ref=found.payout_ref,
            currency=found.currency,
            is_automatic=found.is_automatic,
            initiated_at=found.created_at,
            created_at=now,
        )
        session().add(row)
    row.status = found.status
    row.amount_cents = found.amount_cents
    row.arrives_on = found.arrives_on
    row.failure_reason = found.failure_reason
    row.updated_at = now
    session().flush()
    _post(row, "payout", found.amount_cents, found.created_at, found.entry_ref)
    if found.status in RETURNED:
        _post(row, "payout_returned", -found.amount_cents, now, None)
    _correct(row, found)


def keep_movements(shown: Shown) -> None:
    """Mirror what the balance went through, in the caller's transaction, each with the fact of ours that it is.

    What is no fact of a payment, a fee of the processor for one, is posted as it is.
    """
    known = reconcile_queries.facts_of_movements(shown)
    payouts = {entry.entry_ref: payout for payout, entries in shown.payout_entries.items() for entry in entries}
    mirrored = reconcile_queries.mirrored_entries(entry.entry_ref for entry in shown.entries)
    now = clock.now()
    for entry in shown.entries:
        row = mirrored.get(entry.entry_ref)
        if row is None:
            row = BalanceMovement(
                tenant_id=current_tenant_id(),
                id=new_id(),
                entry_ref=entry.entry_ref,
                kind=entry.kind,
                source_ref=entry.source_ref,
                currency=entry.currency,
                occurred_at=entry.occurred_at,
                created_at=now,
            )
            session().add(row)
        row.amount_cents = entry.amount_cents
        row.processor_fee_cents = entry.processor_fee_cents
        row.application_fee_cents = entry.application_fee_cents
        row.net_cents = entry.net_cents
        row.payout_ref = payouts.get(entry.entry_ref, row.payout_ref)
        row.fact_kind, row.source_id = _fact(row, known)
    session().flush()


def _fact(row: BalanceMovement, known: Mapping[str, tuple[str, UUID]]) -> tuple[str | None, UUID | None]:
    if row.entry_ref in known:
        return known[row.entry_ref]
    if row.kind in IN_OTHER_LISTS or (row.source_ref or "").startswith(DISPUTES):
        return None, None
    ledger.post(
        kind="balance_adjusted",
        source_id=row.id,
        owner_id=None,
        payment_id=None,
        currency=row.currency,
        lines=splits.of_processing(-row.net_cents),
        occurred_at=row.occurred_at,
        balance_transaction_ref=row.entry_ref,
    )
    return "balance_adjusted", row.id


def _correct(row: Payout, found: PayoutState) -> None:
    posted = reconcile_queries.lines_of([row.id]).get(("payout", row.id), {})
    lines = splits.correction(right={splits.BANK: found.amount_cents}, posted=posted)
    ledger.post(
        kind="payout_corrected",
        source_id=row.id,
        owner_id=None,
        payment_id=None,
        currency=row.currency,
        lines=lines,
        balance_transaction_ref=found.entry_ref,
    )


def _post(row: Payout, kind: str, amount: int, occurred_at: datetime, entry_ref: str | None) -> None:
    ledger.post(
        kind=kind,
        source_id=row.id,
        owner_id=None,
        payment_id=None,
        currency=row.currency,
        lines=splits.of_payout(amount),
        occurred_at=occurred_at,
        balance_transaction_ref=entry_ref,
    )
