# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from tithi.platform.db import Model, TenantModel


class Tenant(Model):
    __tablename__ = "tenants"
    __table_args__ = (
        CheckConstraint("status IN ('onboarding', 'ready', 'active', 'paused', 'closed')", name="status"),
        CheckConstraint("slug ~ '^[a-z0-9](?:[a-z0-9-]{1,61}[a-z0-9])$'", name="slug"),
        CheckConstraint("currency ~ '^[A-Z]{3}$'", name="currency"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    email: Mapped[str]
    phone: Mapped[str | None]
    legal_name: Mapped[str | None]
    tax_number: Mapped[str | None]
    category: Mapped[str | None]
    description: Mapped[str | None]
    country: Mapped[str]
    currency: Mapped[str]
    status: Mapped[str] = mapped_column(server_default="onboarding")
    policy: Mapped[dict[str, Any]]
    policy_version: Mapped[int] = mapped_column(server_default="1")
    slot_interval_minutes: Mapped[int] = mapped_column(server_default="15")
    scheduling: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'::jsonb"))
    version: Mapped[int] = mapped_column(server_default="1")
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class Location(TenantModel):
    __tablename__ = "locations"
    __table_args__ = (Index(None, "tenant_id", "created_at"),)

    tenant_id: Mapped[UUID] = mapped_column(
        ForeignKey("tenants.id", ondelete="RESTRICT"), primary_key=True, sort_order=-3
    )
    name: Mapped[str]
    timezone: Mapped[str]
    address: Mapped[dict[str, Any]]
    phone: Mapped[str | None]
    is_active: Mapped[bool] = mapped_column(server_default="true")
    version: Mapped[int] = mapped_column(server_default="1")
    created_at: Mapped[datetime]
