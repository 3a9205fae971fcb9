# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index
from sqlalchemy.orm import Mapped, mapped_column

from tithi.platform.db import Cents, TenantModel


class Subscription(TenantModel):
    """What the business pays Tithi, as the processor had it at `refreshed_at`; without a status it was never there."""

    __tablename__ = "subscriptions"
    __table_args__ = (
        CheckConstraint(
            "status IN ('incomplete', 'incomplete_expired', 'trialing', 'active', 'past_due', 'canceled', 'unpaid',"
            " 'paused')",
            name="status",
        ),
        CheckConstraint("quantity >= 0", name="quantity"),
        Index(None, "tenant_id", unique=True),
    )

    customer_ref: Mapped[str | None]
    subscription_ref: Mapped[str | None]
    item_ref: Mapped[str | None]
    status: Mapped[str | None]
    quantity: Mapped[int]
    unit_amount_cents: Mapped[Cents]
    currency: Mapped[str]
    trial_ends_at: Mapped[datetime]
    period_ends_at: Mapped[datetime | None]
    cancels_at_period_end: Mapped[bool] = mapped_column(server_default="false")
    canceled_at: Mapped[datetime | None]
    past_due_since: Mapped[datetime | None]
    owed_cents: Mapped[Cents] = mapped_column(server_default="0")
    card_brand: Mapped[str | None]
    card_last4: Mapped[str | None]
    card_exp_month: Mapped[int | None]
    card_exp_year: Mapped[int | None]
    trial_end_told: Mapped[datetime | None]
    refreshed_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class SubscriptionChange(TenantModel):
    """One thing asked of the processor: `submitted` until it answered, a card `waiting` for its holder, then closed."""

    __tablename__ = "subscription_changes"
    __table_args__ = (
        ForeignKeyConstraint(
            ["tenant_id", "subscription_id"], ["subscriptions.tenant_id", "subscriptions.id"], ondelete="RESTRICT"
        ),
        CheckConstraint(
            "kind IN ('start', 'quantity', 'end_trial', 'pause', 'resume', 'pay', 'end_later', 'stay', 'end_now',"
            " 'card')",
            name="kind",
        ),
        CheckConstraint("status IN ('submitted', 'waiting', 'done', 'refused', 'lapsed')", name="status"),
        Index(None, "tenant_id", "subscription_id", "created_at"),
        Index(
            "ix_subscription_changes_open",
            "tenant_id",
            "kind",
            unique=True,
            postgresql_where="status = 'submitted' AND kind <> 'card'",
        ),
    )

    subscription_id: Mapped[UUID]
    kind: Mapped[str]
    status: Mapped[str] = mapped_column(server_default="submitted")
    parameters: Mapped[dict[str, Any]]
    setup_ref: Mapped[str | None]
    refusal_code: Mapped[str | None]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
