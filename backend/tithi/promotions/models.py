# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from tithi.platform.db import Cents, TenantModel


class Coupon(TenantModel):
    """A code that lowers the price of a visit; `value` is basis points of a per cent, or minor units of an amount.

    `used_count` is counted under the row's lock. A voucher keeps its code as a keyed hash and the end of it in clear.
    """

    __tablename__ = "coupons"
    __table_args__ = (
        ForeignKeyConstraint(
            ["tenant_id", "customer_id"], ["customers.tenant_id", "customers.id"], ondelete="RESTRICT"
        ),
        CheckConstraint("kind IN ('percent', 'fixed', 'free_item')", name="kind"),
        CheckConstraint("value >= 0 AND (kind <> 'percent' OR value BETWEEN 1 AND 10000)", name="value"),
        CheckConstraint("used_count >= 0 AND used_count <= max_uses", name="used"),
        CheckConstraint("max_uses > 0 AND max_uses_per_customer > 0 AND min_amount_cents >= 0", name="limits"),
        CheckConstraint("valid_until > valid_from", name="validity"),
        Index(None, "tenant_id", "code_normalized", unique=True, postgresql_where="deleted_at IS NULL"),
        Index(None, "tenant_id", "customer_id"),
    )

    code: Mapped[str]
    code_normalized: Mapped[str]
    name: Mapped[str | None]
    kind: Mapped[str]
    value: Mapped[Cents] = mapped_column(server_default="0")
    is_voucher: Mapped[bool] = mapped_column(server_default="false")
    max_uses: Mapped[int | None]
    max_uses_per_customer: Mapped[int | None]
    used_count: Mapped[int] = mapped_column(server_default="0")
    valid_from: Mapped[datetime | None]
    valid_until: Mapped[datetime | None]
    first_visit_only: Mapped[bool] = mapped_column(server_default="false")
    min_amount_cents: Mapped[Cents] = mapped_column(server_default="0")
    service_ids: Mapped[list[str]] = mapped_column(server_default=text("'[]'::jsonb"))
    category_ids: Mapped[list[str]] = mapped_column(server_default=text("'[]'::jsonb"))
    customer_id: Mapped[UUID | None]
    is_active: Mapped[bool] = mapped_column(server_default="true")
    version: Mapped[int] = mapped_column(server_default="1")
    created_at: Mapped[datetime]
    deleted_at: Mapped[datetime | None]


class CouponUse(TenantModel):
    """A coupon that a visit has taken, with the terms that it froze."""

    __tablename__ = "coupon_uses"
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "coupon_id"], ["coupons.tenant_id", "coupons.id"], ondelete="RESTRICT"),
        ForeignKeyConstraint(
            ["tenant_id", "customer_id"], ["customers.tenant_id", "customers.id"], ondelete="RESTRICT"
        ),
        Index(None, "tenant_id", "coupon_id", "owner_id", unique=True),
        Index(None, "tenant_id", "owner_id"),
        Index(None, "tenant_id", "customer_id"),
    )

    coupon_id: Mapped[UUID]
    owner_id: Mapped[UUID]
    customer_id: Mapped[UUID]
    discount_cents: Mapped[Cents]
    terms: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]
    given_back_at: Mapped[datetime | None]


class GiftCardSale(TenantModel):
    """A gift card that was sold or given away: of money, kept by `payments`, or a voucher of so many per cent."""

    __tablename__ = "gift_card_sales"
    __table_args__ = (
        ForeignKeyConstraint(
            ["tenant_id", "gift_card_id"], ["gift_cards.tenant_id", "gift_cards.id"], ondelete="RESTRICT"
        ),
        ForeignKeyConstraint(["tenant_id", "coupon_id"], ["coupons.tenant_id", "coupons.id"], ondelete="RESTRICT"),
        CheckConstraint("num_nonnulls(gift_card_id, coupon_id) > 0", name="one"),
        CheckConstraint("paid_by IN ('gift', 'cash', 'other')", name="paid_by"),
        CheckConstraint("price_cents >= 0 AND (paid_by <> 'gift' OR price_cents = 0)", name="price"),
        Index(None, "tenant_id", "gift_card_id"),
        Index(None, "tenant_id", "coupon_id"),
        Index(None, "tenant_id", "created_at", "id"),
    )

    gift_card_id: Mapped[UUID | None]
    coupon_id: Mapped[UUID | None]
    price_cents: Mapped[Cents]
    paid_by: Mapped[str]
    sender_name: Mapped[str | None]
    recipient_name: Mapped[str | None]
    recipient_email: Mapped[str | None]
    message: Mapped[str | None]
    deliver_at: Mapped[datetime | None]
    delivered_at: Mapped[datetime | None]
    created_at: Mapped[datetime]


class Package(TenantModel):
    """So many sessions of some services at one price, to be used within so many days of the sale."""

    __tablename__ = "packages"
    __table_args__ = (
        CheckConstraint("session_count BETWEEN 1 AND 1000 AND price_cents >= 0 AND valid_days > 0", name="amounts"),
    )

    name: Mapped[str]
    price_cents: Mapped[Cents]
    session_count: Mapped[int]
    service_ids: Mapped[list[str]]
    valid_days: Mapped[int | None]
    is_active: Mapped[bool] = mapped_column(server_default="true")
    version: Mapped[int] = mapped_column(server_default="1")
    created_at: Mapped[datetime]
    deleted_at: Mapped[datetime | None]


class SoldPackage(TenantModel):
    """A package of one customer, as it was sold; `sessions_left` is counted under the row's lock."""

    __tablename__ = "sold_packages"
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "package_id"], ["packages.tenant_id", "packages.id"], ondelete="RESTRICT"),
        ForeignKeyConstraint(
            ["tenant_id", "customer_id"], ["customers.tenant_id", "customers.id"], ondelete="RESTRICT"
        ),
        CheckConstraint("sessions_left BETWEEN 0 AND sessions_total", name="sessions"),
        CheckConstraint("paid_by IN ('gift', 'cash', 'other')", name="paid_by"),
        Index(None, "tenant_id", "code_normalized", unique=True),
        Index(None, "tenant_id", "package_id"),
        Index(None, "tenant_id", "customer_id", "sold_at"),
    )

    package_id: Mapped[UUID]
    customer_id: Mapped[UUID]
    name: Mapped[str]
    code: Mapped[str]
    code_normalized: Mapped[str]
    price_cents: Mapped[Cents]
    paid_by: Mapped[str]
    sessions_total: Mapped[int]
    sessions_left: Mapped[int]
    service_ids: Mapped[list[str]]
    expires_at: Mapped[datetime | None]
    sold_at: Mapped[datetime]


class PackageUse(TenantModel):
    """A session of a package that an item of a visit has taken."""

    __tablename__ = "package_uses"
    __table_args__ = (
        ForeignKeyConstraint(
            ["tenant_id", "sold_package_id"], ["sold_packages.tenant_id", "sold_packages.id"], ondelete="RESTRICT"
        ),
        Index(None, "tenant_id", "sold_package_id"),
        Index(None, "tenant_id", "item_id", unique=True),
        Index(None, "tenant_id", "owner_id"),
    )

    sold_package_id: Mapped[UUID]
    owner_id: Mapped[UUID]
    item_id: Mapped[UUID]
    created_at: Mapped[datetime]
    given_back_at: Mapped[datetime | None]


class ReferralProgram(TenantModel):
    """What both get when somebody comes on a customer's word; one row for each business that does this."""

    __tablename__ = "referral_programs"
    __table_args__ = (
        CheckConstraint("kind IN ('percent', 'fixed')", name="kind"),
        CheckConstraint("value > 0 AND (kind <> 'percent' OR value <= 10000)", name="value"),
        CheckConstraint("valid_days > 0", name="valid_days"),
        Index(None, "tenant_id", unique=True),
    )

    is_active: Mapped[bool]
    kind: Mapped[str]
    value: Mapped[Cents]
    valid_days: Mapped[int | None]
    version: Mapped[int] = mapped_column(server_default="1")


class ReferralCode(TenantModel):
    """The code that a customer gives to others."""

    __tablename__ = "referral_codes"
    __table_args__ = (
        ForeignKeyConstraint(
            ["tenant_id", "customer_id"], ["customers.tenant_id", "customers.id"], ondelete="RESTRICT"
        ),
        Index(None, "tenant_id", "customer_id", unique=True),
        Index(None, "tenant_id", "code", unique=True),
    )

    customer_id: Mapped[UUID]
    code: Mapped[str]
    created_at: Mapped[datetime]


class Referral(TenantModel):
    """That one customer brought another; both are rewarded once, after the other's first completed visit."""

    __tablename__ = "referrals"
    __table_args__ = (
        ForeignKeyConstraint(
            ["tenant_id", "referrer_id"], ["customers.tenant_id", "customers.id"], ondelete="RESTRICT"
        ),
        ForeignKeyConstraint(
            ["tenant_id", "referred_id"], ["customers.tenant_id", "customers.id"], ondelete="RESTRICT"
        ),
        CheckConstraint("referrer_id <> referred_id", name="other"),
        Index(None, "tenant_id", "referred_id", unique=True),
        Index(None, "tenant_id", "referrer_id"),
        Index(None, "tenant_id", "created_at", "id"),
    )

    referrer_id: Mapped[UUID]
    referred_id: Mapped[UUID]
    created_at: Mapped[datetime]
    rewarded_at: Mapped[datetime | None]
