# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""Charges that customers' banks take back: mirrored, posted, and answered once."""

from uuid import UUID

from sqlalchemy import select

from tithi.integrations.stripe.bookkeeping import DisputeState
from tithi.payments import queries, splits
from tithi.payments.events import PaymentDisputeClosed, PaymentDisputed
from tithi.payments.models import Dispute
from tithi.payments.service import ledger
from tithi.platform import clock
from tithi.platform.db import session
from tithi.platform.events import publish
from tithi.platform.ids import new_id
from tithi.platform.tenancy import current_tenant_id

WON = "won"
DECIDED = frozenset({WON, "lost"})


def keep_dispute(account_ref: str, found: DisputeState) -> UUID:
    """Mirror a dispute and post what it took or brought back, in the caller's transaction."""
    now = clock.now()
    statement = select(Dispute).where(Dispute.dispute_ref == found.dispute_ref).with_for_update()
    row = session().scalars(statement).one_or_none()
    if row is None:
        row = Dispute(
            tenant_id=current_tenant_id(),
            id=new_id(),
            account_ref=account_ref,
            dispute_ref=found.dispute_ref,
            charge_ref=found.charge_ref,
            submission="none",
            opened_at=found.created_at,
            created_at=now,
        )
    is_newly_ours = row.payment_id is None and _link(row, found)
    was_decided = row.status in DECIDED and not is_newly_ours
    row.status = found.status
    row.reason = found.reason
    row.amount_cents = found.amount_cents
    row.fee_cents = sum(entry.processor_fee_cents for entry in found.entries)
    row.currency = found.currency
    row.due_by = found.due_by
    row.updated_at = now
    if found.submissions and row.submission == "none":
        row.submission = "elsewhere"
    session().add(row)
    session().flush()
    _post(row, found)
    if is_newly_ours:
        _tell(row)
    if row.status in DECIDED and not was_decided:
        _tell_decided(row)
    return row.id


def _link(row: Dispute, found: DisputeState) -> bool:
    """Say whose payment it is about, once that is known."""
    attempt = queries.attempt_of_charge(found.charge_ref)
    if attempt is None and found.intent_ref is not None:
        attempt = queries.attempt_of_intent(found.intent_ref)
    if attempt is None:
        return False
    payment = queries.get_payment(attempt.payment_id)
    row.payment_id = payment.id
    row.owner_id = payment.owner_id
    return True


def _tell(row: Dispute) -> None:
    if row.payment_id is None or row.owner_id is None:
        return
    publish(
        PaymentDisputed(
            owner_id=row.owner_id,
            payment_id=row.payment_id,
            dispute_id=row.id,
            reason=row.reason,
            amount_cents=row.amount_cents,
            currency=row.currency,
            due_by=row.due_by,
        )
    )


def _tell_decided(row: Dispute) -> None:
    if row.payment_id is None or row.owner_id is None:
        return
    publish(
        PaymentDisputeClosed(
            owner_id=row.owner_id, payment_id=row.payment_id, dispute_id=row.id, is_won=row.status == WON
        )
    )


def _post(row: Dispute, found: DisputeState) -> None:
    for entry in found.entries:
        ledger.post(
            kind="dispute" if entry.amount_cents < 0 else "dispute_returned",
            source_id=row.id,
            owner_id=row.owner_id,
            payment_id=row.payment_id,
            currency=row.currency,
            lines=splits.of_dispute(amount=-entry.amount_cents, fee=entry.processor_fee_cents),
            occurred_at=entry.occurred_at,
            balance_transaction_ref=entry.entry_ref,
        )
