# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index
from sqlalchemy.orm import Mapped, mapped_column

from tithi.platform.db import Cents, TenantModel


class ServiceCategory(TenantModel):
    __tablename__ = "service_categories"

    name: Mapped[str]
    description: Mapped[str | None]
    color: Mapped[str | None]
    sort_order: Mapped[int] = mapped_column(server_default="0")
    version: Mapped[int] = mapped_column(server_default="1")
    created_at: Mapped[datetime]
    deleted_at: Mapped[datetime | None]


class Service(TenantModel):
    """Durations and buffers in minutes, the price in minor units of the tenant's currency."""

    __tablename__ = "services"
    __table_args__ = (
        ForeignKeyConstraint(
            ["tenant_id", "category_id"], ["service_categories.tenant_id", "service_categories.id"], ondelete="RESTRICT"
        ),
        CheckConstraint("duration_min BETWEEN 1 AND 1440", name="duration"),
        CheckConstraint("price_cents >= 0", name="price"),
        CheckConstraint("buffer_before_min BETWEEN 0 AND 480 AND buffer_after_min BETWEEN 0 AND 480", name="buffers"),
        Index(None, "tenant_id", "category_id"),
    )

    category_id: Mapped[UUID | None]
    name: Mapped[str]
    description: Mapped[str | None]
    short_description: Mapped[str | None]
    instructions: Mapped[str | None]
    image_url: Mapped[str | None]
    duration_min: Mapped[int]
    buffer_before_min: Mapped[int] = mapped_column(server_default="0")
    buffer_after_min: Mapped[int] = mapped_column(server_default="0")
    slot_interval_min: Mapped[int | None]
    price_cents: Mapped[Cents]
    is_featured: Mapped[bool] = mapped_column(server_default="false")
    sort_order: Mapped[int] = mapped_column(server_default="0")
    active: Mapped[bool] = mapped_column(server_default="true")
    version: Mapped[int] = mapped_column(server_default="1")
    created_at: Mapped[datetime]
    deleted_at: Mapped[datetime | None]


class ServiceStaff(TenantModel):
    """Who can do a service; a service without rows can be done by everybody."""

    __tablename__ = "service_staff"
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "service_id"], ["services.tenant_id", "services.id"], ondelete="RESTRICT"),
        ForeignKeyConstraint(
            ["tenant_id", "team_member_id"], ["team_members.tenant_id", "team_members.id"], ondelete="RESTRICT"
        ),
        Index(None, "tenant_id", "service_id", "team_member_id", unique=True),
        Index(None, "tenant_id", "team_member_id"),
    )

    service_id: Mapped[UUID]
    team_member_id: Mapped[UUID]
