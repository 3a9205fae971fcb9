# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKeyConstraint, Index
from sqlalchemy.orm import Mapped, mapped_column

from tithi.platform.db import Cents, TenantModel


class Customer(TenantModel):
    __tablename__ = "customers"
    __table_args__ = (
        Index(None, "tenant_id", "email_normalized", unique=True, postgresql_where="email_normalized IS NOT NULL"),
        Index(None, "tenant_id", "created_at", "id"),
    )

    display_name: Mapped[str]
    email: Mapped[str | None]
    email_normalized: Mapped[str | None]
    phone: Mapped[str | None]
    marketing_opt_in: Mapped[bool] = mapped_column(server_default="false")
    notes: Mapped[str | None]
    tags: Mapped[list[str]]
    blocked_at: Mapped[datetime | None]
    block_reason: Mapped[str | None]
    is_blocked_until_paid: Mapped[bool] = mapped_column(server_default="false")
    version: Mapped[int] = mapped_column(server_default="1")
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class CustomerStats(TenantModel):
    """What a customer's visits add up to, kept from facts; `id` is the customer's."""

    __tablename__ = "customer_stats"
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "id"], ["customers.tenant_id", "customers.id"], ondelete="RESTRICT"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, sort_order=-2)
    visit_count: Mapped[int] = mapped_column(server_default="0")
    no_show_count: Mapped[int] = mapped_column(server_default="0")
    cancel_count: Mapped[int] = mapped_column(server_default="0")
    spent_cents: Mapped[Cents] = mapped_column(server_default="0")
    first_visit_at: Mapped[datetime | None]
    last_visit_at: Mapped[datetime | None]
