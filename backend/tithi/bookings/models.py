# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, DateTime, ForeignKeyConstraint, Index, text
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
    """What was agreed is frozen here: price, policy and services never change with today's settings.

    `local_start` is the wall-clock start that was agreed; `late_since` is when a move inside the cancellation window
    was made, which no later move undoes; `bypassed` names the rules that staff passed over.
    """

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
        ForeignKeyConstraint(
            ["tenant_id", "series_id"], ["booking_series.tenant_id", "booking_series.id"], ondelete="RESTRICT"
        ),
        ForeignKeyConstraint(
            ["tenant_id", "class_session_id"], ["class_sessions.tenant_id", "class_sessions.id"], ondelete="RESTRICT"
        ),
        Index(None, "tenant_id", "confirmation_number", unique=True),
        Index(None, "tenant_id", "series_id", "starts_at", postgresql_where="series_id IS NOT NULL"),
        Index(None, "tenant_id", "class_session_id", postgresql_where="class_session_id IS NOT NULL"),
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
    discount_cents: Mapped[Cents] = mapped_column(server_default="0")
    tax_cents: Mapped[Cents] = mapped_column(server_default="0")
    policy_snapshot: Mapped[dict[str, Any]]
    consent: Mapped[dict[str, Any] | None]
    special_requests: Mapped[str | None]
    source: Mapped[str]
    attendee_count: Mapped[int] = mapped_column(server_default="1")
    series_id: Mapped[UUID | None]
    class_session_id: Mapped[UUID | None]
    awaits_approval: Mapped[bool] = mapped_column(server_default="false")
    local_start: Mapped[datetime | None] = mapped_column(DateTime(timezone=False))
    late_since: Mapped[datetime | None]
    moved_count: Mapped[int] = mapped_column(server_default="0")
    bypassed: Mapped[list[str]] = mapped_column(server_default=text("'[]'::jsonb"))
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
    """One service of a visit, with who does it, where, when, and its price with add-ons."""

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
        ForeignKeyConstraint(["tenant_id", "room_id"], ["resources.tenant_id", "resources.id"], ondelete="RESTRICT"),
        CheckConstraint("status IN ('booked', 'canceled')", name="status"),
        Index(None, "tenant_id", "room_id"),
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
    room_id: Mapped[UUID | None]
    status: Mapped[str] = mapped_column(server_default="booked")
    service_snapshot: Mapped[dict[str, Any]]
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    price_cents: Mapped[Cents]


class BookingLine(TenantModel):
    """What stands between the prices of a visit's items and what is paid; what is taken off is negative.

    `source_id` is the coupon, tax rate or gift card that it came from; what `is_included` is part of the prices.
    """

    __tablename__ = "booking_lines"
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "booking_id"], ["bookings.tenant_id", "bookings.id"], ondelete="RESTRICT"),
        ForeignKeyConstraint(
            ["tenant_id", "item_id"], ["booking_items.tenant_id", "booking_items.id"], ondelete="RESTRICT"
        ),
        CheckConstraint("kind IN ('discount', 'tax', 'gift_card')", name="kind"),
        CheckConstraint("CASE kind WHEN 'tax' THEN amount_cents >= 0 ELSE amount_cents < 0 END", name="amount"),
        Index(None, "tenant_id", "booking_id", "position"),
        Index(None, "tenant_id", "item_id"),
    )

    booking_id: Mapped[UUID]
    position: Mapped[int]
    kind: Mapped[str]
    label: Mapped[str]
    amount_cents: Mapped[Cents]
    item_id: Mapped[UUID | None]
    source_id: Mapped[UUID | None]
    basis_points: Mapped[int | None]
    is_included: Mapped[bool] = mapped_column(server_default="false")


class BookingMove(TenantModel):
    """That a visit was moved: by whom, from when to when."""

    __tablename__ = "booking_moves"
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "booking_id"], ["bookings.tenant_id", "bookings.id"], ondelete="RESTRICT"),
        CheckConstraint("moved_by IN ('customer', 'business')", name="moved_by"),
        Index(None, "tenant_id", "booking_id", "created_at"),
    )

    booking_id: Mapped[UUID]
    moved_by: Mapped[str]
    from_starts_at: Mapped[datetime]
    to_starts_at: Mapped[datetime]
    from_items: Mapped[list[Any]]
    reason: Mapped[str | None]
    created_at: Mapped[datetime]


class BookingSeries(TenantModel):
    """A visit that recurs in wall-clock time of its location.

    `rule` is `{frequency: "daily"|"weekly"|"monthly", interval, count}`; `items` is what each occurrence books.
    """

    __tablename__ = "booking_series"
    __table_args__ = (
        ForeignKeyConstraint(
            ["tenant_id", "customer_id"], ["customers.tenant_id", "customers.id"], ondelete="RESTRICT"
        ),
        CheckConstraint("status IN ('active', 'canceled')", name="status"),
        Index(None, "tenant_id", "customer_id"),
    )

    customer_id: Mapped[UUID]
    status: Mapped[str] = mapped_column(server_default="active")
    rule: Mapped[dict[str, Any]]
    items: Mapped[list[Any]]
    timezone: Mapped[str]
    starts_local: Mapped[datetime] = mapped_column(DateTime(timezone=False))
    version: Mapped[int] = mapped_column(server_default="1")
    created_at: Mapped[datetime]


class ClassSession(TenantModel):
    """A scheduled group event; seats are counted under its row's lock and never exceed what the checks allow."""

    __tablename__ = "class_sessions"
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "service_id"], ["services.tenant_id", "services.id"], ondelete="RESTRICT"),
        ForeignKeyConstraint(
            ["tenant_id", "team_member_id"], ["team_members.tenant_id", "team_members.id"], ondelete="RESTRICT"
        ),
        ForeignKeyConstraint(
            ["tenant_id", "resource_id"], ["resources.tenant_id", "resources.id"], ondelete="RESTRICT"
        ),
        ForeignKeyConstraint(["tenant_id", "room_id"], ["resources.tenant_id", "resources.id"], ondelete="RESTRICT"),
        ForeignKeyConstraint(
            ["tenant_id", "location_id"], ["locations.tenant_id", "locations.id"], ondelete="RESTRICT"
        ),
        CheckConstraint("status IN ('scheduled', 'canceled')", name="status"),
        CheckConstraint("ends_at > starts_at", name="order"),
        CheckConstraint("capacity BETWEEN 1 AND 1000 AND online_capacity BETWEEN 0 AND capacity", name="capacity"),
        CheckConstraint("booked_seats BETWEEN 0 AND capacity", name="seats"),
        CheckConstraint("online_seats BETWEEN 0 AND least(online_capacity, booked_seats)", name="online_seats"),
        CheckConstraint("price_cents >= 0", name="price"),
        Index(None, "tenant_id", "starts_at", "id"),
        Index(None, "tenant_id", "service_id", "starts_at"),
        Index(None, "tenant_id", "team_member_id"),
        Index(None, "tenant_id", "resource_id"),
        Index(None, "tenant_id", "room_id"),
        Index(None, "tenant_id", "location_id"),
    )

    service_id: Mapped[UUID]
    team_member_id: Mapped[UUID]
    resource_id: Mapped[UUID]
    room_id: Mapped[UUID | None]
    location_id: Mapped[UUID]
    status: Mapped[str] = mapped_column(server_default="scheduled")
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    local_start: Mapped[datetime] = mapped_column(DateTime(timezone=False))
    timezone: Mapped[str]
    capacity: Mapped[int]
    online_capacity: Mapped[int]
    booked_seats: Mapped[int] = mapped_column(server_default="0")
    online_seats: Mapped[int] = mapped_column(server_default="0")
    price_cents: Mapped[Cents]
    version: Mapped[int] = mapped_column(server_default="1")
    created_at: Mapped[datetime]


class WaitlistEntry(TenantModel):
    """Somebody who wants a time that is taken; minutes are the location's time of day."""

    __tablename__ = "waitlist_entries"
    __table_args__ = (
        ForeignKeyConstraint(
            ["tenant_id", "customer_id"], ["customers.tenant_id", "customers.id"], ondelete="RESTRICT"
        ),
        ForeignKeyConstraint(["tenant_id", "service_id"], ["services.tenant_id", "services.id"], ondelete="RESTRICT"),
        ForeignKeyConstraint(
            ["tenant_id", "team_member_id"], ["team_members.tenant_id", "team_members.id"], ondelete="RESTRICT"
        ),
        CheckConstraint("status IN ('waiting', 'offered', 'booked', 'left', 'expired')", name="status"),
        CheckConstraint("last_date >= first_date AND last_date <= first_date + 92", name="dates"),
        CheckConstraint("from_minute BETWEEN 0 AND 1439 AND until_minute BETWEEN 1 AND 1440", name="minutes"),
        CheckConstraint("until_minute > from_minute", name="order"),
        Index(None, "tenant_id", "service_id", "created_at", postgresql_where="status IN ('waiting', 'offered')"),
        Index(None, "tenant_id", "customer_id"),
        Index(None, "tenant_id", "team_member_id"),
    )

    customer_id: Mapped[UUID]
    service_id: Mapped[UUID]
    team_member_id: Mapped[UUID | None]
    status: Mapped[str] = mapped_column(server_default="waiting")
    first_date: Mapped[date]
    last_date: Mapped[date]
    from_minute: Mapped[int] = mapped_column(server_default="0")
    until_minute: Mapped[int] = mapped_column(server_default="1440")
    accepts_late: Mapped[bool] = mapped_column(server_default="false")
    value_cents: Mapped[Cents] = mapped_column(server_default="0")
    offer_count: Mapped[int] = mapped_column(server_default="0")
    link_version: Mapped[int] = mapped_column(server_default="1")
    version: Mapped[int] = mapped_column(server_default="1")
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class WaitlistOffer(TenantModel):
    """A time offered to somebody on the waitlist; it is held for them until its deadline."""

    __tablename__ = "waitlist_offers"
    __table_args__ = (
        ForeignKeyConstraint(
            ["tenant_id", "entry_id"], ["waitlist_entries.tenant_id", "waitlist_entries.id"], ondelete="RESTRICT"
        ),
        ForeignKeyConstraint(
            ["tenant_id", "team_member_id"], ["team_members.tenant_id", "team_members.id"], ondelete="RESTRICT"
        ),
        ForeignKeyConstraint(["tenant_id", "booking_id"], ["bookings.tenant_id", "bookings.id"], ondelete="RESTRICT"),
        CheckConstraint("status IN ('open', 'accepted', 'declined', 'lapsed', 'withdrawn')", name="status"),
        CheckConstraint("origin IN ('automatic', 'staff')", name="origin"),
        CheckConstraint("ends_at > starts_at", name="order"),
        Index("ix_waitlist_offers_open", "tenant_id", "entry_id", unique=True, postgresql_where="status = 'open'"),
        Index(None, "tenant_id", "entry_id", "created_at"),
        Index(None, "tenant_id", "hold_id"),
        Index(None, "tenant_id", "team_member_id"),
        Index(None, "tenant_id", "booking_id"),
    )

    entry_id: Mapped[UUID]
    hold_id: Mapped[UUID]
    team_member_id: Mapped[UUID]
    booking_id: Mapped[UUID | None]
    status: Mapped[str] = mapped_column(server_default="open")
    origin: Mapped[str]
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    created_at: Mapped[datetime]
    decided_at: Mapped[datetime | None]
