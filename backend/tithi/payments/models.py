# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index
from sqlalchemy.orm import Mapped, mapped_column

from tithi.payments import amounts
from tithi.payments.book_models import BalanceMovement, Dispute, LedgerEntry, PaymentBreak, Payout
from tithi.platform.db import Cents, TenantModel

__all__ = [
    "BalanceMovement",
    "Card",
    "CardSetup",
    "Dispute",
    "GiftCard",
    "GiftCardMove",
    "LedgerEntry",
    "PayingCustomer",
    "Payment",
    "PaymentAttempt",
    "PaymentBreak",
    "PaymentRecovery",
    "Payout",
    "PayoutAccount",
    "Receipt",
    "ReceiptCounter",
    "Refund",
]

LIVE_ATTEMPT = "status IN ('created', 'submitted', 'authorized', 'capture_submitted', 'needs_customer', 'unknown')"


class PayoutAccount(TenantModel):
    """The business's own account at the processor, as last seen there; `activated_at`: it charges since."""

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
    activated_at: Mapped[datetime | None]
    withdrawn_at: Mapped[datetime | None]
    requirements_due: Mapped[int] = mapped_column(server_default="0")
    requirements_due_by: Mapped[datetime | None]


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
    """A card on its way to being kept: `submitted` before the answer, then what became of it.

    Where a payment takes money at the same time, the card is kept by that payment, and `setup_ref` stays empty.
    """

    __tablename__ = "card_setups"
    __table_args__ = (
        ForeignKeyConstraint(
            ["tenant_id", "customer_id"], ["customers.tenant_id", "customers.id"], ondelete="RESTRICT"
        ),
        CheckConstraint("status IN ('submitted', 'card_pending', 'card_on_file', 'card_failed')", name="status"),
        Index(None, "tenant_id", "owner_id", "created_at"),
        ForeignKeyConstraint(["tenant_id", "payment_id"], ["payments.tenant_id", "payments.id"], ondelete="RESTRICT"),
        Index(None, "tenant_id", "setup_ref"),
        Index(None, "tenant_id", "customer_id"),
        Index(None, "tenant_id", "payment_id"),
    )

    owner_id: Mapped[UUID]
    customer_id: Mapped[UUID]
    account_ref: Mapped[str]
    given_method_ref: Mapped[str | None]
    payment_id: Mapped[UUID | None]
    setup_ref: Mapped[str | None]
    status: Mapped[str] = mapped_column(server_default="submitted")
    decline_code: Mapped[str | None]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class Card(TenantModel):
    """A card that may be charged later: account, customer and method are one key at the processor.

    It is `unreachable` while the business has withdrawn the account that it is kept on.
    """

    __tablename__ = "cards"
    __table_args__ = (
        ForeignKeyConstraint(
            ["tenant_id", "customer_id"], ["customers.tenant_id", "customers.id"], ondelete="RESTRICT"
        ),
        CheckConstraint("status IN ('card_on_file', 'detached', 'unreachable')", name="status"),
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
    chosen_at: Mapped[datetime | None]
    created_at: Mapped[datetime]


class Payment(TenantModel):
    """What is owed for one purpose of one owner; amounts in minor units of `currency`, the tip in `amount_cents`.

    `gift_card_cents` is what a gift card has paid of it; what was captured and refunded includes that.
    `deposit_cents` is what the deposit, a payment of its own, has paid of it; `tax_cents` is the tax in the rest.
    """

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
        CheckConstraint("deposit_cents >= 0", name="deposit"),
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
    gift_card_cents: Mapped[Cents] = mapped_column(server_default="0")
    deposit_cents: Mapped[Cents] = mapped_column(server_default="0")
    tip_cents: Mapped[Cents] = mapped_column(server_default="0")
    captured_cents: Mapped[Cents] = mapped_column(server_default="0")
    refunded_cents: Mapped[Cents] = mapped_column(server_default="0")
    application_fee_cents: Mapped[Cents] = mapped_column(server_default="0")
    tax_cents: Mapped[Cents] = mapped_column(server_default="0")
    note: Mapped[str | None]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]

    @property
    def own_cents(self) -> int:
        """What the deposit leaves to be paid."""
        return self.amount_cents - self.deposit_cents

    @property
    def card_cents(self) -> int:
        """What the deposit and the gift card leave to be charged."""
        return self.own_cents - self.gift_card_cents

    @property
    def gift_card_tax_cents(self) -> int:
        """The tax in what the gift card has paid; the rest of it is in what the rest was paid with."""
        return amounts.tax_of_part(self.tax_cents, part_cents=self.gift_card_cents, whole_cents=self.own_cents)


class PaymentAttempt(TenantModel):
    """One try to charge a payment; its row, with its keys, is committed before each call.

    On session the customer is there: the money is taken at once, the card is kept, and it may be named only later. A
    hold stops when the amount is authorized, until an outcome captures what it needs of it.
    """

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
    customer_ref: Mapped[str | None]
    method_ref: Mapped[str | None]
    is_on_session: Mapped[bool] = mapped_column(server_default="false")
    is_hold: Mapped[bool] = mapped_column(server_default="false")
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

    @property
    def is_held(self) -> bool:
        """Whether money is held that nobody is about to capture."""
        return self.is_hold and self.status == "authorized"


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
    """Money given back; `origin` says whether it was asked for here or in the processor's own dashboard.

    What goes back to a gift card, or of another payment, is a row of its own, `part_of` the refund that was asked for.
    """

    __tablename__ = "refunds"
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "payment_id"], ["payments.tenant_id", "payments.id"], ondelete="RESTRICT"),
        CheckConstraint("refund_type IN ('full', 'partial', 'no_show_fee_only')", name="refund_type"),
        CheckConstraint(
            "status IN ('submitted', 'pending', 'succeeded', 'failed', 'needs_action', 'unknown')", name="status"
        ),
        CheckConstraint("amount_cents > 0", name="amount"),
        CheckConstraint("gift_card_cents IN (0, amount_cents)", name="gift_card"),
        CheckConstraint("origin IN ('tithi', 'processor')", name="origin"),
        ForeignKeyConstraint(["tenant_id", "part_of"], ["refunds.tenant_id", "refunds.id"], ondelete="RESTRICT"),
        Index(None, "tenant_id", "payment_id"),
        Index(None, "tenant_id", "refund_ref"),
        Index(None, "tenant_id", "part_of"),
    )

    payment_id: Mapped[UUID]
    amount_cents: Mapped[Cents]
    gift_card_cents: Mapped[Cents] = mapped_column(server_default="0")
    part_of: Mapped[UUID | None]
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


class GiftCard(TenantModel):
    """Money that was paid before; `balance_cents` is free to spend, `reserved_cents` is kept for visits to come.

    The code is derived from the id and is kept as a keyed hash, to be found by.
    """

    __tablename__ = "gift_cards"
    __table_args__ = (
        CheckConstraint("status IN ('active', 'expired', 'void')", name="status"),
        CheckConstraint("initial_cents > 0 AND balance_cents >= 0 AND reserved_cents >= 0", name="amounts"),
        CheckConstraint("balance_cents + reserved_cents <= initial_cents", name="balance"),
        Index(None, "tenant_id", "code_hash", unique=True),
    )

    code_hash: Mapped[str]
    last4: Mapped[str]
    status: Mapped[str] = mapped_column(server_default="active")
    currency: Mapped[str]
    initial_cents: Mapped[Cents]
    balance_cents: Mapped[Cents]
    reserved_cents: Mapped[Cents] = mapped_column(server_default="0")
    expires_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class GiftCardMove(TenantModel):
    """Why a gift card's balance is what it is; nobody changes a row of it."""

    __tablename__ = "gift_card_moves"
    __table_args__ = (
        ForeignKeyConstraint(
            ["tenant_id", "gift_card_id"], ["gift_cards.tenant_id", "gift_cards.id"], ondelete="RESTRICT"
        ),
        CheckConstraint("kind IN ('issue', 'reserve', 'take', 'release', 'restore', 'expire', 'void')", name="kind"),
        CheckConstraint("amount_cents > 0", name="amount"),
        Index(None, "tenant_id", "gift_card_id", "created_at"),
        Index(None, "tenant_id", "owner_id"),
    )

    gift_card_id: Mapped[UUID]
    owner_id: Mapped[UUID | None]
    kind: Mapped[str]
    amount_cents: Mapped[Cents]
    created_at: Mapped[datetime]


class ReceiptCounter(TenantModel):
    """The number of the last receipt of a business; its row's lock keeps the numbers without gaps."""

    __tablename__ = "receipt_counters"
    __table_args__ = (Index(None, "tenant_id", unique=True),)

    last_number: Mapped[Cents]


class Receipt(TenantModel):
    """What was paid for what, or given back, as it was written down; nobody changes a row of it.

    A `reversal` takes a credit note back whose refund failed after it was numbered.

    The customer is named by id alone, so that their name can be erased while the receipt stays.
    """

    __tablename__ = "receipts"
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "payment_id"], ["payments.tenant_id", "payments.id"], ondelete="RESTRICT"),
        ForeignKeyConstraint(["tenant_id", "refund_id"], ["refunds.tenant_id", "refunds.id"], ondelete="RESTRICT"),
        ForeignKeyConstraint(
            ["tenant_id", "customer_id"], ["customers.tenant_id", "customers.id"], ondelete="RESTRICT"
        ),
        CheckConstraint("kind IN ('receipt', 'credit_note', 'reversal')", name="kind"),
        CheckConstraint("CASE kind WHEN 'credit_note' THEN total_cents < 0 ELSE total_cents >= 0 END", name="total"),
        Index(None, "tenant_id", "number", unique=True),
        Index("ix_receipts_payment", "tenant_id", "payment_id", unique=True, postgresql_where="kind = 'receipt'"),
        Index(None, "tenant_id", "payment_id"),
        Index(None, "tenant_id", "refund_id", "kind", unique=True),
        Index(None, "tenant_id", "owner_id"),
        Index(None, "tenant_id", "customer_id"),
    )

    number: Mapped[Cents]
    kind: Mapped[str]
    payment_id: Mapped[UUID]
    refund_id: Mapped[UUID | None]
    owner_id: Mapped[UUID]
    customer_id: Mapped[UUID]
    currency: Mapped[str]
    total_cents: Mapped[Cents]
    tax_cents: Mapped[Cents]
    content: Mapped[dict[str, Any]]
    issued_at: Mapped[datetime]
