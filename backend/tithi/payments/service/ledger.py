# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""Posting money facts: balanced entries, once per source, in the transaction in which the fact becomes known."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from sqlalchemy import exists, select, text

from tithi.integrations.stripe.contract import BalanceEntry, ChargeState
from tithi.payments import splits
from tithi.payments.models import GiftCard, LedgerEntry, Payment, Refund
from tithi.platform import clock
from tithi.platform.db import session
from tithi.platform.ids import new_id
from tithi.platform.tenancy import current_tenant_id

_POST = text(
    """
    INSERT INTO ledger_entries (tenant_id, id, fact_id, kind, source_id, owner_id, payment_id, account, amount_cents,
        currency, occurred_at, balance_transaction_ref, created_at)
    SELECT :tenant_id, l.id, :fact_id, :kind, :source_id, :owner_id, :payment_id, l.account, l.amount_cents,
        :currency, :occurred_at, :balance_transaction_ref, :now
    FROM unnest(CAST(:ids AS uuid[]), CAST(:accounts AS text[]), CAST(:amounts AS bigint[]))
        AS l(id, account, amount_cents)
    WHERE NOT EXISTS (SELECT FROM ledger_entries e
        WHERE e.tenant_id = :tenant_id AND e.kind = :kind AND e.source_id = :source_id)
    ON CONFLICT (tenant_id, kind, source_id, account) DO NOTHING
    """
)


def post(
    *,
    kind: str,
    source_id: UUID,
    owner_id: UUID | None,
    payment_id: UUID | None,
    currency: str,
    lines: Mapping[str, int],
    occurred_at: datetime | None = None,
    balance_transaction_ref: str | None = None,
) -> None:
    """Add the lines of a fact, in the caller's transaction; a fact that was posted before is left as it is.

    What flows to an account is positive. The database refuses, when the transaction ends, lines that do not sum to
    nothing.
    """
    given = {account: cents for account, cents in lines.items() if cents}
    if not given:
        return
    now = clock.now()
    session().execute(
        _POST,
        {
            "tenant_id": current_tenant_id(),
            "fact_id": new_id(),
            "kind": kind,
            "source_id": source_id,
            "owner_id": owner_id,
            "payment_id": payment_id,
            "currency": currency,
            "occurred_at": occurred_at or now,
            "balance_transaction_ref": balance_transaction_ref,
            "now": now,
            "ids": [str(new_id()) for _ in given],
            "accounts": list(given),
            "amounts": list(given.values()),
        },
    )


def is_posted(kind: str, source_id: UUID) -> bool:
    found = exists().where(LedgerEntry.kind == kind, LedgerEntry.source_id == source_id)
    return bool(session().execute(select(found)).scalar_one())


def post_capture(payment: Payment, attempt_id: UUID, found: ChargeState) -> None:
    """Money was taken from a card; the processor's own fee where it is known already."""
    balance, fee = found.balance, found.application_fee_cents or 0
    tax = min(payment.tax_cents - payment.gift_card_tax_cents, found.captured_cents)
    lines = (
        splits.of_deposit(amount=found.captured_cents, fee=fee)
        if payment.purpose == "deposit"
        else splits.of_capture(amount=found.captured_cents, fee=fee, tax=tax)
    )
    post(
        kind="capture",
        source_id=attempt_id,
        owner_id=payment.owner_id,
        payment_id=payment.id,
        currency=payment.currency,
        lines=lines,
        occurred_at=balance.occurred_at if balance else None,
        balance_transaction_ref=balance.entry_ref if balance else None,
    )
    if balance is not None:
        post(
            kind="processor_fee",
            source_id=attempt_id,
            owner_id=payment.owner_id,
            payment_id=payment.id,
            currency=payment.currency,
            lines=splits.of_processing(balance.processor_fee_cents),
            occurred_at=balance.occurred_at,
            balance_transaction_ref=balance.entry_ref,
        )


def post_settled_elsewhere(payment: Payment) -> None:
    """The customer paid at the desk."""
    amount = payment.captured_cents - payment.gift_card_cents
    tax = min(payment.tax_cents - payment.gift_card_tax_cents, amount)
    lines = splits.of_capture(amount=amount, fee=0, tax=tax)
    post(
        kind="settled_elsewhere",
        source_id=payment.id,
        owner_id=payment.owner_id,
        payment_id=payment.id,
        currency=payment.currency,
        lines=lines,
    )


def post_refund(row: Refund, payment: Payment, balance: BalanceEntry | None, *, owed_cents: int) -> None:
    """Money left for the customer, `owed_cents` of it theirs; the parts of the others are on the refund's row."""
    _post_refund(
        "refund",
        row,
        payment,
        balance,
        splits.of_refund(
            amount=row.amount_cents,
            returned=splits.Returned(row.application_fee_refunded_cents, row.tax_cents, owed_cents),
            processor_fee=balance.processor_fee_cents if balance else 0,
        ),
    )


def post_failed_refund(row: Refund, payment: Payment, balance: BalanceEntry | None) -> None:
    """The money came back; the platform's fee only where the processor says so."""
    _post_refund(
        "refund_failed",
        row,
        payment,
        balance,
        splits.of_failed_refund(
            amount=row.amount_cents,
            returned=splits.Returned(
                balance.application_fee_cents if balance else 0, row.tax_cents, _posted_owed("refund", row.id)
            ),
            processor_fee=balance.processor_fee_cents if balance else 0,
        ),
    )


def _posted_owed(kind: str, source_id: UUID) -> int:
    """What of a refund was posted as the customer's own."""
    statement = select(LedgerEntry.amount_cents).where(
        LedgerEntry.kind == kind,
        LedgerEntry.source_id == source_id,
        LedgerEntry.account == splits.DEPOSIT_LIABILITY,
    )
    return -(session().execute(statement).scalar() or 0)


def _post_refund(kind: str, row: Refund, payment: Payment, balance: BalanceEntry | None, lines: splits.Lines) -> None:
    post(
        kind=kind,
        source_id=row.id,
        owner_id=payment.owner_id,
        payment_id=payment.id,
        currency=payment.currency,
        lines=lines,
        occurred_at=balance.occurred_at if balance else None,
        balance_transaction_ref=balance.entry_ref if balance else None,
    )


def post_gift_card(card: GiftCard, kind: str, lines: Mapping[str, int]) -> None:
    """A gift card was sold, or closed with something left on it."""
    post(kind=kind, source_id=card.id, owner_id=None, payment_id=None, currency=card.currency, lines=lines)


def post_spent(payment: Payment, *, cents: int, tax_cents: int) -> None:
    """A gift card has paid so much of a payment, or, less than nothing, has so much of it back."""
    post(
        kind="gift_card_taken" if cents > 0 else "gift_card_returned",
        source_id=new_id(),
        owner_id=payment.owner_id,
        payment_id=payment.id,
        currency=payment.currency,
        lines=splits.of_gift_card(amount=cents, tax=tax_cents),
    )


def post_restored(row: Refund, payment: Payment) -> None:
    """A refund went back to the gift card that paid."""
    post(
        kind="gift_card_restored",
        source_id=row.id,
        owner_id=payment.owner_id,
        payment_id=payment.id,
        currency=payment.currency,
        lines=splits.of_gift_card(amount=-row.amount_cents, tax=-row.tax_cents),
    )
