# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Computed, DateTime, ForeignKeyConstraint, Index
from sqlalchemy.dialects.postgresql import TSTZRANGE, ExcludeConstraint
from sqlalchemy.orm import Mapped, mapped_column

from tithi.platform.db import TenantModel


class AvailabilityRule(TenantModel):
    """Weekly hours in wall-clock time: `weekday` is ISO (1 Monday), minutes count from that day's midnight."""

    __tablename__ = "availability_rules"
    __table_args__ = (
        ForeignKeyConstraint(
            ["tenant_id", "resource_id"], ["resources.tenant_id", "resources.id"], ondelete="RESTRICT"
        ),
        ForeignKeyConstraint(["tenant_id", "service_id"], ["services.tenant_id", "services.id"], ondelete="RESTRICT"),
        CheckConstraint("weekday BETWEEN 1 AND 7", name="weekday"),
        CheckConstraint("start_minute BETWEEN 0 AND 1439 AND end_minute BETWEEN 1 AND 2880", name="minutes"),
        CheckConstraint("end_minute > start_minute", name="order"),
        Index(None, "tenant_id", "resource_id", "weekday"),
        Index(None, "tenant_id", "service_id"),
    )

    resource_id: Mapped[UUID]
    service_id: Mapped[UUID | None]
    weekday: Mapped[int]
    start_minute: Mapped[int]
    end_minute: Mapped[int]
    valid_from: Mapped[date | None]
    valid_to: Mapped[date | None]
    version: Mapped[int] = mapped_column(server_default="1")
    created_at: Mapped[datetime]


class AvailabilityException(TenantModel):
    """Hours out of the ordinary, in the location's wall-clock time; without a resource, the whole business's."""

    __tablename__ = "availability_exceptions"
    __table_args__ = (
        ForeignKeyConstraint(
            ["tenant_id", "resource_id"], ["resources.tenant_id", "resources.id"], ondelete="RESTRICT"
        ),
        CheckConstraint("kind IN ('closed', 'open')", name="kind"),
        CheckConstraint("ends_local > starts_local", name="order"),
        Index(None, "tenant_id", "starts_local"),
        Index(None, "tenant_id", "resource_id"),
    )

    resource_id: Mapped[UUID | None]
    kind: Mapped[str]
    starts_local: Mapped[datetime] = mapped_column(DateTime(timezone=False))
    ends_local: Mapped[datetime] = mapped_column(DateTime(timezone=False))
    reason: Mapped[str | None]
    version: Mapped[int] = mapped_column(server_default="1")
    created_at: Mapped[datetime]


class Claim(TenantModel):
    """Time taken on one lane of a resource; the exclusion constraint refuses a second taker."""

    __tablename__ = "claims"
    __table_args__ = (
        ForeignKeyConstraint(
            ["tenant_id", "resource_id"], ["resources.tenant_id", "resources.id"], ondelete="RESTRICT"
        ),
        ExcludeConstraint(
            ("resource_id", "="),
            ("lane", "="),
            ("during", "&&"),
            where="active AND NOT override",
            using="gist",
            name="claims_no_overlap",
        ),
        CheckConstraint("kind IN ('booking', 'hold', 'block', 'class', 'external')", name="kind"),
        CheckConstraint("ends_at > starts_at AND ends_at <= starts_at + interval '48 hours'", name="length"),
        CheckConstraint("lane BETWEEN 0 AND 99", name="lane"),
        Index(
            "ix_claims_live",
            "tenant_id",
            "resource_id",
            "starts_at",
            postgresql_include=["ends_at", "lane", "expires_at"],
            postgresql_where="active",
        ),
        Index(None, "tenant_id", "owner_id"),
    )

    resource_id: Mapped[UUID]
    lane: Mapped[int]
    during: Mapped[Any] = mapped_column(TSTZRANGE, Computed("tstzrange(starts_at, ends_at)", persisted=True))
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    kind: Mapped[str]
    owner_id: Mapped[UUID]
    expires_at: Mapped[datetime | None]
    active: Mapped[bool] = mapped_column(server_default="true")
    override: Mapped[bool] = mapped_column(server_default="false")
    override_reason: Mapped[str | None]
    override_by: Mapped[UUID | None]
