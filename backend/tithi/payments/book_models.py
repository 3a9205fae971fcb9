# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""The books: what was posted, and what the processor's own books say, mirrored."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKeyConstraint, Index
from sqlalchemy.orm import Mapped, mapped_column

from tithi.platform.db import Cents, TenantModel


class LedgerEntry(TenantModel):
    """One line of a money fact: what flows to a party is positive, and the lines of a fact sum to nothing."""

    __tablename__ = "ledger_entries"
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "payment_id"], ["payments.tenant_id", "payments.id"], ondelete="RESTRICT"),
        CheckConstraint(
            "account IN ('customer', 'business', 'bank', 'platform', 'processor', 'gift_card_liability',"
            " 'deposit_liability', 'tax')",
            name="account",
        ),
        CheckConstraint("amount_cents <> 0", name="amount"),
        Index(None, "tenant_id", "kind", "source_id", "account", unique=True),
        Index(None, "tenant_id", "fact_id"),
        Index(None, "tenant_id", "occurred_at"),
        Index(None, "tenant_id", "owner_id"),
        Index(None, "tenant_id", "payment_id"),
    )

    fact_id: Mapped[UUID]
    kind: Mapped[str]
    source_id: Mapped[UUID]
    owner_id: Mapped[UUID | None]
    payment_id: Mapped[UUID | None]
    account: Mapped[str]
    amount_cents: Mapped[Cents]
    currency: Mapped[str]
    occurred_at: Mapped[datetime]
    balance_transaction_ref: Mapped[str | None]
    created_at: Mapped[datetime]


class BalanceMovement(TenantModel):
    """One movement of the business's balance at the processor; `fact_kind` and `source_id` name our fact of it."""

    __tablename__ = "balance_movements"
    __table_args__ = (
        Index(None, "tenant_id", "entry_ref", unique=True),
        Index(None, "tenant_id", "occurred_at"),
        Index(None, "tenant_id", "payout_ref"),
        Index(None, "tenant_id", "source_id"),
    )

    entry_ref: Mapped[str]
    kind: Mapped[str]
    source_ref: Mapped[str | None]
    fact_kind: Mapped[str | None]
    source_id: Mapped[UUID | None]
    amount_cents: Mapped[Cents]
    processor_fee_cents: Mapped[Cents]
    application_fee_cents: Mapped[Cents]
    net_cents: Mapped[Cents]
    currency: Mapped[str]
    payout_ref: Mapped[str | None]
    occurred_at: Mapped[datetime]
    created_at: Mapped[datetime]


class Dispute(TenantModel):
    """A charge that the customer's bank takes back; `submission` is `elsewhere` where it was answered without us."""

    __tablename__ = "disputes"
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "payment_id"], ["payments.tenant_id", "payments.id"], ondelete="RESTRICT"),
        CheckConstraint(
            "status IN ('needs_response', 'under_review', 'won', 'lost', 'warning', 'closed')", name="status"
        ),
        CheckConstraint("submission IN ('none', 'submitting', 'submitted', 'elsewhere')", name="submission"),
        CheckConstraint("amount_cents > 0", name="amount"),
        Index(None, "tenant_id", "dispute_ref", unique=True),
        Index(None, "tenant_id", "payment_id"),
        Index(None, "tenant_id", "opened_at", "id"),
    )

    payment_id: Mapped[UUID | None]
    owner_id: Mapped[UUID | None]
    account_ref: Mapped[str]
    dispute_ref: Mapped[str]
    charge_ref: Mapped[str]
    status: Mapped[str]
    reason: Mapped[str]
    amount_cents: Mapped[Cents]
    fee_cents: Mapped[Cents] = mapped_column(server_default="0")
    currency: Mapped[str]
    due_by: Mapped[datetime | None]
    submission: Mapped[str] = mapped_column(server_default="none")
    submitted_evidence: Mapped[dict[str, Any] | None]
    submitted_by: Mapped[str | None]
    submitted_at: Mapped[datetime | None]
    opened_at: Mapped[datetime]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class PaymentBreak(TenantModel):
    """Where our books and the processor's differ; found again, it is the same row."""

    __tablename__ = "payment_breaks"
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "payment_id"], ["payments.tenant_id", "payments.id"], ondelete="RESTRICT"),
        CheckConstraint(
            "kind IN ('missing_payment', 'missing_charge', 'amount_differs', 'fee_differs', 'refund_missing_here',"
            " 'refund_missing_there', 'dispute_missing_here', 'ledger_unbalanced_day', 'payout_differs',"
            " 'duplicate_charge', 'status_differs')",
            name="kind",
        ),
        CheckConstraint("status IN ('open', 'resolved')", name="status"),
        CheckConstraint("(status = 'resolved') = (resolved_at IS NOT NULL)", name="resolution"),
        Index(None, "tenant_id", "kind", "reference", unique=True),
        Index(None, "tenant_id", "found_at", "id"),
        Index(None, "tenant_id", "payment_id"),
    )

    kind: Mapped[str]
    reference: Mapped[str]
    payment_id: Mapped[UUID | None]
    ledger_cents: Mapped[int | None] = mapped_column(BigInteger)
    processor_cents: Mapped[int | None] = mapped_column(BigInteger)
    currency: Mapped[str]
    status: Mapped[str] = mapped_column(server_default="open")
    resolution: Mapped[str | None]
    resolved_by: Mapped[str | None]
    occurred_at: Mapped[datetime]
    found_at: Mapped[datetime]
    resolved_at: Mapped[datetime | None]


class Payout(TenantModel):
    """Money from the business's balance at the processor to its bank, as last seen there."""

    __tablename__ = "payouts"
    __table_args__ = (
        CheckConstraint("status IN ('pending', 'in_transit', 'paid', 'failed', 'canceled')", name="status"),
        Index(None, "tenant_id", "initiated_at", "id"),
        Index(None, "tenant_id", "payout_ref", unique=True),
    )

    payout_ref: Mapped[str]
    status: Mapped[str]
    amount_cents: Mapped[Cents]
    currency: Mapped[str]
    is_automatic: Mapped[bool]
    failure_reason: Mapped[str | None]
    arrives_on: Mapped[datetime]
    initiated_at: Mapped[datetime]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
