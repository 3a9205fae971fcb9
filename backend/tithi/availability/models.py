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
    """Weekly hours in wall-clock time: `weekday` is ISO (1 Monday), minutes count from that day's midnight.

    Of a resource they say when it can be had (staff: also where, by location); of a location or a service alone they
    limit everybody; a break takes time away.
    """

    __tablename__ = "availability_rules"
    __table_args__ = (
        ForeignKeyConstraint(
            ["tenant_id", "resource_id"], ["resources.tenant_id", "resources.id"], ondelete="RESTRICT"
        ),
        ForeignKeyConstraint(["tenant_id", "service_id"], ["services.tenant_id", "services.id"], ondelete="RESTRICT"),
        ForeignKeyConstraint(
            ["tenant_id", "location_id"], ["locations.tenant_id", "locations.id"], ondelete="RESTRICT"
        ),
        CheckConstraint("kind IN ('open', 'break')", name="kind"),
        CheckConstraint("num_nonnulls(resource_id, location_id, service_id) > 0", name="subject"),
        CheckConstraint("weekday BETWEEN 1 AND 7", name="weekday"),
        CheckConstraint("start_minute BETWEEN 0 AND 1439 AND end_minute BETWEEN 1 AND 2880", name="minutes"),
        CheckConstraint("end_minute > start_minute", name="order"),
        Index(None, "tenant_id", "resource_id", "weekday"),
        Index(None, "tenant_id", "service_id"),
        Index(None, "tenant_id", "location_id"),
    )

    resource_id: Mapped[UUID | None]
    location_id: Mapped[UUID | None]
    service_id: Mapped[UUID | None]
    kind: Mapped[str] = mapped_column(server_default="open")
    weekday: Mapped[int]
    start_minute: Mapped[int]
    end_minute: Mapped[int]
    valid_from: Mapped[date | None]
    valid_to: Mapped[date | None]
    version: Mapped[int] = mapped_column(server_default="1")
    created_at: Mapped[datetime]


class AvailabilityException(TenantModel):
    """Hours out of the ordinary, in the location's wall-clock time, once or repeating.

    Without a resource it is the location's, without a location too the whole business's.
    """

    __tablename__ = "availability_exceptions"
    __table_args__ = (
        ForeignKeyConstraint(
            ["tenant_id", "resource_id"], ["resources.tenant_id", "resources.id"], ondelete="RESTRICT"
        ),
        ForeignKeyConstraint(
            ["tenant_id", "location_id"], ["locations.tenant_id", "locations.id"], ondelete="RESTRICT"
        ),
        CheckConstraint("kind IN ('closed', 'open')", name="kind"),
        CheckConstraint("repeats IN ('weekly', 'yearly')", name="repeats"),
        CheckConstraint("ends_local > starts_local", name="order"),
        Index(None, "tenant_id", "location_id"),
        Index(None, "tenant_id", "starts_local"),
        Index(None, "tenant_id", "resource_id"),
    )

    resource_id: Mapped[UUID | None]
    location_id: Mapped[UUID | None]
    kind: Mapped[str]
    repeats: Mapped[str | None]
    repeats_until: Mapped[date | None]
    starts_local: Mapped[datetime] = mapped_column(DateTime(timezone=False))
    ends_local: Mapped[datetime] = mapped_column(DateTime(timezone=False))
    reason: Mapped[str | None]
    version: Mapped[int] = mapped_column(server_default="1")
    created_at: Mapped[datetime]


class Claim(TenantModel):
    """Time taken on one lane of a resource; the exclusion constraint refuses a second taker.

    A soft claim is a buffer that may overlap other buffers, but no work: it is kept from work by a lock.
    """

    __tablename__ = "claims"
    __table_args__ = (
        ForeignKeyConstraint(
            ["tenant_id", "resource_id"], ["resources.tenant_id", "resources.id"], ondelete="RESTRICT"
        ),
        ExcludeConstraint(
            ("resource_id", "="),
            ("lane", "="),
            ("during", "&&"),
            where="active AND NOT override AND NOT soft",
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
    item_id: Mapped[UUID | None]
    soft: Mapped[bool] = mapped_column(server_default="false")
    expires_at: Mapped[datetime | None]
    active: Mapped[bool] = mapped_column(server_default="true")
    override: Mapped[bool] = mapped_column(server_default="false")
    override_reason: Mapped[str | None]
    override_by: Mapped[UUID | None]


class TimeBlock(TenantModel):
    """Time that somebody keeps for themselves, or that another calendar has: stored as received.

    Its claims cover what was free of it; an overlap with a visit is reported, not refused.
    """

    __tablename__ = "time_blocks"
    __table_args__ = (
        ForeignKeyConstraint(
            ["tenant_id", "resource_id"], ["resources.tenant_id", "resources.id"], ondelete="RESTRICT"
        ),
        CheckConstraint("kind IN ('block', 'external')", name="kind"),
        CheckConstraint("ends_at > starts_at AND ends_at <= starts_at + interval '31 days'", name="length"),
        Index(None, "tenant_id", "resource_id", "starts_at"),
    )

    resource_id: Mapped[UUID]
    kind: Mapped[str]
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    reason: Mapped[str | None]
    version: Mapped[int] = mapped_column(server_default="1")
    created_at: Mapped[datetime]
