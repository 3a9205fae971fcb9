# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index
from sqlalchemy.orm import Mapped, mapped_column

from tithi.platform.db import Cents, TenantModel

MAY_FOLLOW: dict[str, frozenset[str]] = {
    "pending": frozenset({"confirmed", "canceled", "failed", "completed", "no_show", "checked_in"}),
    "confirmed": frozenset({"checked_in", "completed", "no_show", "canceled"}),
    "checked_in": frozenset({"completed", "no_show", "canceled"}),
    "completed": frozenset(),
    "no_show": frozenset(),
    "canceled": frozenset(),
    "failed": frozenset(),
}


class Booking(TenantModel):
    """What was agreed is frozen here: price, policy and services never change with today's settings."""

    __tablename__ = "bookings"
    __table_args__ = (
        ForeignKeyConstraint(
            ["tenant_id", "customer_id"], ["customers.tenant_id", "customers.id"], ondelete="RESTRICT"
        ),
        ForeignKeyConstraint(
            ["tenant_id", "location_id"], ["locations.tenant_id", "locations.id"], ondelete="RESTRICT"
        ),
        CheckConstraint(
            "status IN ('pending', 'confirmed', 'checked_in', 'completed', 'no_show', 'canceled', 'failed')",
            name="status",
        ),
        CheckConstraint("canceled_by IN ('customer', 'business')", name="canceled_by"),
        CheckConstraint("source IN ('public', 'staff')", name="source"),
        CheckConstraint("ends_at > starts_at", name="order"),
        Index(None, "tenant_id", "confirmation_number", unique=True),
        Index(None, "tenant_id", "starts_at", "id"),
        Index(None, "tenant_id", "customer_id", "starts_at"),
        Index(None, "tenant_id", "location_id"),
    )

    confirmation_number: Mapped[str]
    customer_id: Mapped[UUID]
    location_id: Mapped[UUID]
    status: Mapped[str]
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    timezone: Mapped[str]
    currency: Mapped[str]
    amount_cents: Mapped[Cents]
    policy_snapshot: Mapped[dict[str, Any]]
    consent: Mapped[dict[str, Any] | None]
    special_requests: Mapped[str | None]
    source: Mapped[str]
    attendee_count: Mapped[int] = mapped_column(server_default="1")
    link_version: Mapped[int] = mapped_column(server_default="1")
    canceled_by: Mapped[str | None]
    cancel_reason: Mapped[str | None]
    confirmed_at: Mapped[datetime | None]
    checked_in_at: Mapped[datetime | None]
    completed_at: Mapped[datetime | None]
    no_show_at: Mapped[datetime | None]
    canceled_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(server_default="1")
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]

    def may_become(self, status: str) -> bool:
        return status in MAY_FOLLOW[self.status]


class BookingItem(TenantModel):
    """One service of a visit, with who does it, when, and its price."""

    __tablename__ = "booking_items"
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "booking_id"], ["bookings.tenant_id", "bookings.id"], ondelete="RESTRICT"),
        ForeignKeyConstraint(["tenant_id", "service_id"], ["services.tenant_id", "services.id"], ondelete="RESTRICT"),
        ForeignKeyConstraint(
            ["tenant_id", "team_member_id"], ["team_members.tenant_id", "team_members.id"], ondelete="RESTRICT"
        ),
        ForeignKeyConstraint(
            ["tenant_id", "resource_id"], ["resources.tenant_id", "resources.id"], ondelete="RESTRICT"
        ),
        Index(None, "tenant_id", "booking_id", "position", unique=True),
        Index(None, "tenant_id", "service_id"),
        Index(None, "tenant_id", "team_member_id"),
        Index(None, "tenant_id", "resource_id"),
    )

    booking_id: Mapped[UUID]
    position: Mapped[int]
    service_id: Mapped[UUID]
    team_member_id: Mapped[UUID]
    resource_id: Mapped[UUID]
    service_snapshot: Mapped[dict[str, Any]]
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    price_cents: Mapped[Cents]
