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


class TaxRate(TenantModel):
    """A tax in basis points of the price: contained in it (`is_inclusive`), or put on top.

    The default rate holds for the services that name no active rate of their own.
    """

    __tablename__ = "tax_rates"
    __table_args__ = (
        CheckConstraint("basis_points BETWEEN 0 AND 10000", name="basis_points"),
        CheckConstraint("NOT is_default OR is_active AND deleted_at IS NULL", name="default"),
        Index("ix_tax_rates_default", "tenant_id", unique=True, postgresql_where="is_default"),
    )

    name: Mapped[str]
    basis_points: Mapped[int]
    is_inclusive: Mapped[bool]
    is_default: Mapped[bool] = mapped_column(server_default="false")
    is_active: Mapped[bool] = mapped_column(server_default="true")
    version: Mapped[int] = mapped_column(server_default="1")
    created_at: Mapped[datetime]
    deleted_at: Mapped[datetime | None]


class Service(TenantModel):
    """Durations and buffers in minutes, the price in minor units of the tenant's currency.

    `capacity` and `online_capacity` are the seats of a class; notice and advance override the tenant's. Where
    `opens_processing` is false, processing time keeps the staff.
    """

    __tablename__ = "services"
    __table_args__ = (
        ForeignKeyConstraint(
            ["tenant_id", "category_id"], ["service_categories.tenant_id", "service_categories.id"], ondelete="RESTRICT"
        ),
        CheckConstraint("duration_min BETWEEN 1 AND 1440", name="duration"),
        CheckConstraint("price_cents >= 0", name="price"),
        CheckConstraint("buffer_before_min BETWEEN 0 AND 480 AND buffer_after_min BETWEEN 0 AND 480", name="buffers"),
        CheckConstraint("kind IN ('appointment', 'class')", name="kind"),
        CheckConstraint("capacity BETWEEN 1 AND 1000", name="capacity"),
        CheckConstraint("online_capacity BETWEEN 0 AND capacity", name="online_capacity"),
        CheckConstraint("min_notice_minutes >= 0 AND max_advance_days > 0", name="bounds"),
        ForeignKeyConstraint(
            ["tenant_id", "tax_rate_id"], ["tax_rates.tenant_id", "tax_rates.id"], ondelete="RESTRICT"
        ),
        Index(None, "tenant_id", "category_id"),
        Index(None, "tenant_id", "tax_rate_id"),
    )

    category_id: Mapped[UUID | None]
    tax_rate_id: Mapped[UUID | None]
    name: Mapped[str]
    description: Mapped[str | None]
    short_description: Mapped[str | None]
    instructions: Mapped[str | None]
    image_url: Mapped[str | None]
    duration_min: Mapped[int]
    buffer_before_min: Mapped[int] = mapped_column(server_default="0")
    buffer_after_min: Mapped[int] = mapped_column(server_default="0")
    slot_interval_min: Mapped[int | None]
    kind: Mapped[str] = mapped_column(server_default="appointment")
    capacity: Mapped[int] = mapped_column(server_default="1")
    online_capacity: Mapped[int | None]
    requires_approval: Mapped[bool] = mapped_column(server_default="false")
    opens_processing: Mapped[bool] = mapped_column(server_default="true")
    min_notice_minutes: Mapped[int | None]
    max_advance_days: Mapped[int | None]
    price_cents: Mapped[Cents]
    is_featured: Mapped[bool] = mapped_column(server_default="false")
    sort_order: Mapped[int] = mapped_column(server_default="0")
    active: Mapped[bool] = mapped_column(server_default="true")
    version: Mapped[int] = mapped_column(server_default="1")
    created_at: Mapped[datetime]
    deleted_at: Mapped[datetime | None]


class ServiceStaff(TenantModel):
    """Who can do a service, with their own duration and price; a service without rows can be done by everybody."""

    __tablename__ = "service_staff"
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "service_id"], ["services.tenant_id", "services.id"], ondelete="RESTRICT"),
        ForeignKeyConstraint(
            ["tenant_id", "team_member_id"], ["team_members.tenant_id", "team_members.id"], ondelete="RESTRICT"
        ),
        CheckConstraint("duration_min BETWEEN 1 AND 1440", name="duration"),
        CheckConstraint("price_cents >= 0", name="price"),
        Index(None, "tenant_id", "service_id", "team_member_id", unique=True),
        Index(None, "tenant_id", "team_member_id"),
    )

    service_id: Mapped[UUID]
    team_member_id: Mapped[UUID]
    duration_min: Mapped[int | None]
    price_cents: Mapped[Cents | None]


class ServiceSegment(TenantModel):
    """A stretch of a service and what it holds; a transition frees the customer, all others keep them."""

    __tablename__ = "service_segments"
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "service_id"], ["services.tenant_id", "services.id"], ondelete="RESTRICT"),
        CheckConstraint("kind IN ('work', 'processing', 'finish', 'transition')", name="kind"),
        CheckConstraint("duration_min BETWEEN 1 AND 1440", name="duration"),
        Index(None, "tenant_id", "service_id", "position", unique=True),
    )

    service_id: Mapped[UUID]
    position: Mapped[int]
    kind: Mapped[str]
    duration_min: Mapped[int]
    holds_staff: Mapped[bool]
    holds_room: Mapped[bool]


class ServiceNeed(TenantModel):
    """A room or piece of equipment that serves a service: one resource of each `need` number is taken."""

    __tablename__ = "service_needs"
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "service_id"], ["services.tenant_id", "services.id"], ondelete="RESTRICT"),
        ForeignKeyConstraint(
            ["tenant_id", "resource_id"], ["resources.tenant_id", "resources.id"], ondelete="RESTRICT"
        ),
        CheckConstraint("need BETWEEN 0 AND 9", name="need"),
        Index(None, "tenant_id", "service_id", "need", "resource_id", unique=True),
        Index(None, "tenant_id", "resource_id"),
    )

    service_id: Mapped[UUID]
    need: Mapped[int]
    resource_id: Mapped[UUID]


class AddOn(TenantModel):
    """Something on top of a service, with its own price; `duration_min` lengthens the visit."""

    __tablename__ = "add_ons"
    __table_args__ = (
        CheckConstraint("duration_min BETWEEN 0 AND 480", name="duration"),
        CheckConstraint("price_cents >= 0", name="price"),
    )

    name: Mapped[str]
    description: Mapped[str | None]
    duration_min: Mapped[int] = mapped_column(server_default="0")
    price_cents: Mapped[Cents]
    is_active: Mapped[bool] = mapped_column(server_default="true")
    sort_order: Mapped[int] = mapped_column(server_default="0")
    version: Mapped[int] = mapped_column(server_default="1")
    created_at: Mapped[datetime]
    deleted_at: Mapped[datetime | None]


class ServiceAddOn(TenantModel):
    __tablename__ = "service_add_ons"
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "service_id"], ["services.tenant_id", "services.id"], ondelete="RESTRICT"),
        ForeignKeyConstraint(["tenant_id", "add_on_id"], ["add_ons.tenant_id", "add_ons.id"], ondelete="RESTRICT"),
        Index(None, "tenant_id", "service_id", "add_on_id", unique=True),
        Index(None, "tenant_id", "add_on_id"),
    )

    service_id: Mapped[UUID]
    add_on_id: Mapped[UUID]


class ServicePrerequisite(TenantModel):
    """What a customer must have had before: `required_service_id`, completed at most `within_days` days earlier."""

    __tablename__ = "service_prerequisites"
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "service_id"], ["services.tenant_id", "services.id"], ondelete="RESTRICT"),
        ForeignKeyConstraint(
            ["tenant_id", "required_service_id"], ["services.tenant_id", "services.id"], ondelete="RESTRICT"
        ),
        CheckConstraint("service_id <> required_service_id", name="other"),
        CheckConstraint("within_days BETWEEN 1 AND 3650", name="within"),
        CheckConstraint("at_least_hours BETWEEN 0 AND 8760", name="at_least"),
        Index(None, "tenant_id", "service_id", "required_service_id", unique=True),
        Index(None, "tenant_id", "required_service_id"),
    )

    service_id: Mapped[UUID]
    required_service_id: Mapped[UUID]
    within_days: Mapped[int]
    at_least_hours: Mapped[int] = mapped_column(server_default="0")
