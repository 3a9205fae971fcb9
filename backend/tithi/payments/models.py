# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index
from sqlalchemy.orm import Mapped, mapped_column

from tithi.payments.book_models import BalanceMovement, Dispute, LedgerEntry, PaymentBreak, Payout
from tithi.platform.db import Cents, TenantModel

__all__ = [
    "BalanceMovement",
    "Card",
    "CardSetup",
    "Dispute",
    "LedgerEntry",
    "PayingCustomer",
    "Payment",
    "PaymentAttempt",
    "PaymentBreak",
    "Payout",
    "PayoutAccount",
    "Refund",
]

LIVE_ATTEMPT = "status IN ('created', 'submitted', 'authorized', 'capture_submitted', 'needs_customer', 'unknown')"


class PayoutAccount(TenantModel):
    """The business's own account at the processor, as last seen there."""

    __tablename__ = "payout_accounts"
    __table_args__ = (
        Index(None, "tenant_id", unique=True),
        Index(None, "account_ref", unique=True),
    )

    account_ref: Mapped[str | None]
    card_payments: Mapped[str] = mapped_column(server_default="inactive")
    payouts: Mapped[str] = mapped_column(server_default="inactive")
    details_submitted: Mapped[bool] = mapped_column(server_default="false")
    live: Mapped[bool] = mapped_column(server_default="false")
    created_at: Mapped[datetime]
    refreshed_at: Mapped[datetime | None]
    withdrawn_at: Mapped[datetime | None]


class PayingCustomer(TenantModel):
    """A customer as the processor knows them on the business's account; `id` is the customer's."""

    __tablename__ = "paying_customers"
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "id"], ["customers.tenant_id", "customers.id"], ondelete="RESTRICT"),
    )

    account_ref: Mapped[str]
    customer_ref: Mapped[str]
    created_at: Mapped[datetime]


class CardSetup(TenantModel):
    """A card on its way to being kept: `created` and `submitted` before the answer, then what became of it."""

    __tablename__ = "card_setups"
    __table_args__ = (
        ForeignKeyConstraint(
            ["tenant_id", "customer_id"], ["customers.tenant_id", "customers.id"], ondelete="RESTRICT"
        ),
        CheckConstraint("status IN ('submitted', 'card_pending', 'card_on_file', 'card_failed')", name="status"),
        Index(None, "tenant_id", "owner_id", "created_at"),
        Index(None, "tenant_id", "setup_ref"),
        Index(None, "tenant_id", "customer_id"),
    )

    owner_id: Mapped[UUID]
    customer_id: Mapped[UUID]
    account_ref: Mapped[str]
    given_method_ref: Mapped[str | None]
    setup_ref: Mapped[str | None]
    status: Mapped[str] = mapped_column(server_default="submitted")
    decline_code: Mapped[str | None]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class Card(TenantModel):
    """A card that may be charged later: account, customer and method are one key at the processor."""

    __tablename__ = "cards"
    __table_args__ = (
        ForeignKeyConstraint(
            ["tenant_id", "customer_id"], ["customers.tenant_id", "customers.id"], ondelete="RESTRICT"
        ),
        CheckConstraint("status IN ('card_on_file', 'detached')", name="status"),
        Index(None, "tenant_id", "account_ref", "customer_ref", "method_ref", unique=True),
        Index(None, "tenant_id", "customer_id", "created_at"),
    )

    customer_id: Mapped[UUID]
    account_ref: Mapped[str]
    customer_ref: Mapped[str]
    method_ref: Mapped[str]
    brand: Mapped[str]
    last4: Mapped[str]
    exp_month: Mapped[int]
    exp_year: Mapped[int]
    status: Mapped[str] = mapped_column(server_default="card_on_file")
    created_at: Mapped[datetime]


class Payment(TenantModel):
    """What is owed for one purpose of one owner; amounts in minor units of `currency`, the tip in `amount_cents`."""

    __tablename__ = "payments"
    __table_args__ = (
        ForeignKeyConstraint(
            ["tenant_id", "customer_id"], ["customers.tenant_id", "customers.id"], ondelete="RESTRICT"
        ),
        CheckConstraint("purpose IN ('outcome', 'deposit', 'tip', 'balance')", name="purpose"),
        CheckConstraint("reason IN ('completion', 'no_show', 'late_cancel')", name="reason"),
        CheckConstraint(
            "status IN ('open', 'authorized', 'capture_submitted', 'succeeded', 'needs_customer', 'declined_retryable',"
            " 'declined_final', 'unknown', 'settled_elsewhere', 'waived', 'written_off', 'canceled')",
            name="status",
        ),
        CheckConstraint("method IN ('card', 'cash', 'other')", name="method"),
        CheckConstraint("amount_cents >= 0", name="amount"),
        CheckConstraint("refunded_cents BETWEEN 0 AND captured_cents", name="refunded"),
        CheckConstraint("tax_cents >= 0", name="tax"),
        Index(None, "tenant_id", "owner_id", "purpose", unique=True),
        Index(None, "tenant_id", "customer_id"),
    )

    owner_id: Mapped[UUID]
    customer_id: Mapped[UUID]
    purpose: Mapped[str]
    reason: Mapped[str | None]
    status: Mapped[str] = mapped_column(server_default="open")
    method: Mapped[str] = mapped_column(server_default="card")
    currency: Mapped[str]
    amount_cents: Mapped[Cents]
    tip_cents: Mapped[Cents] = mapped_column(server_default="0")
    captured_cents: Mapped[Cents] = mapped_column(server_default="0")
    refunded_cents: Mapped[Cents] = mapped_column(server_default="0")
    application_fee_cents: Mapped[Cents] = mapped_column(server_default="0")
    tax_cents: Mapped[Cents] = mapped_column(server_default="0")
    note: Mapped[str | None]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class PaymentAttempt(TenantModel):
    """One try to charge a payment; its row, with its keys, is committed before each call."""

    __tablename__ = "payment_attempts"
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "payment_id"], ["payments.tenant_id", "payments.id"], ondelete="RESTRICT"),
        CheckConstraint(
            "status IN ('created', 'submitted', 'authorized', 'capture_submitted', 'succeeded', 'needs_customer',"
            " 'declined_retryable', 'declined_final', 'unknown', 'settled_elsewhere', 'canceled')",
            name="status",
        ),
        Index("uq_payment_attempts_live", "tenant_id", "payment_id", unique=True, postgresql_where=LIVE_ATTEMPT),
        Index(None, "tenant_id", "payment_id", "created_at"),
        Index(None, "tenant_id", "intent_ref"),
        Index(None, "tenant_id", "charge_ref"),
    )

    payment_id: Mapped[UUID]
    account_ref: Mapped[str]
    customer_ref: Mapped[str]
    method_ref: Mapped[str]
    currency: Mapped[str]
    amount_cents: Mapped[Cents]
    application_fee_cents: Mapped[Cents]
    status: Mapped[str] = mapped_column(server_default="submitted")
    intent_ref: Mapped[str | None]
    charge_ref: Mapped[str | None]
    decline_code: Mapped[str | None]
    capture_before: Mapped[datetime | None]
    submitted_at: Mapped[datetime]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class PaymentRecovery(TenantModel):
    """How far the ladder is climbed for a payment that could not be taken; `id` is the payment's."""

    __tablename__ = "payment_recoveries"
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "id"], ["payments.tenant_id", "payments.id"], ondelete="RESTRICT"),
        CheckConstraint("step BETWEEN 0 AND 4", name="step"),
    )

    step: Mapped[int] = mapped_column(server_default="0")
    began_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class Refund(TenantModel):
    """Money given back; `origin` says whether it was asked for here or in the processor's own dashboard."""

    __tablename__ = "refunds"
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "payment_id"], ["payments.tenant_id", "payments.id"], ondelete="RESTRICT"),
        CheckConstraint("refund_type IN ('full', 'partial', 'no_show_fee_only')", name="refund_type"),
        CheckConstraint(
            "status IN ('submitted', 'pending', 'succeeded', 'failed', 'needs_action', 'unknown')", name="status"
        ),
        CheckConstraint("amount_cents > 0", name="amount"),
        CheckConstraint("origin IN ('tithi', 'processor')", name="origin"),
        Index(None, "tenant_id", "payment_id"),
        Index(None, "tenant_id", "refund_ref"),
    )

    payment_id: Mapped[UUID]
    amount_cents: Mapped[Cents]
    refund_type: Mapped[str]
    reason: Mapped[str | None]
    status: Mapped[str] = mapped_column(server_default="submitted")
    refund_ref: Mapped[str | None]
    failure_reason: Mapped[str | None]
    application_fee_refunded_cents: Mapped[Cents] = mapped_column(server_default="0")
    tax_cents: Mapped[Cents] = mapped_column(server_default="0")
    origin: Mapped[str] = mapped_column(server_default="tithi")
    submitted_at: Mapped[datetime]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
