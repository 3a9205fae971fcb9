# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""Coupons and who holds them."""

from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, select

from tithi.payments.gift_codes import hash_of
from tithi.platform import paging
from tithi.platform.db import session
from tithi.platform.tenancy import current_tenant_id
from tithi.promotions.codes import normalise
from tithi.promotions.errors import CouponNotFoundError
from tithi.promotions.models import Coupon, CouponUse


def get_coupon(coupon_id: UUID) -> Coupon:
    """Raises CouponNotFound, also for one that was deleted."""
    found = session().get(Coupon, (current_tenant_id(), coupon_id))
    if found is None or found.deleted_at is not None:
        raise CouponNotFoundError
    return found


def _one(statement: Select[Coupon], *, lock: bool) -> Coupon | None:
    if lock:
        statement = statement.with_for_update().execution_options(populate_existing=True)
    return session().scalars(statement).one_or_none()


def coupon_by_code(code: str, *, lock: bool = False) -> Coupon:
    """Raises CouponNotFound, also for one that was deleted."""
    statement = select(Coupon).where(
        Coupon.code_normalized == normalise(code), Coupon.deleted_at.is_(None), ~Coupon.is_voucher
    )
    found = _one(statement, lock=lock)
    if found is None:
        raise CouponNotFoundError
    return found


def voucher_by_code(code: str, *, lock: bool = False) -> Coupon | None:
    """The voucher that a gift card's code belongs to, or None where the card is money, or unknown."""
    hashed = hash_of(current_tenant_id(), code)
    statement = select(Coupon).where(Coupon.code_normalized == hashed, Coupon.deleted_at.is_(None), Coupon.is_voucher)
    return _one(statement, lock=lock)


def list_coupons(*, limit: int, cursor: str | None) -> dict[str, Any]:
    """Newest first."""
    statement = select(Coupon).where(Coupon.deleted_at.is_(None), ~Coupon.is_voucher)
    if cursor:
        at, last_id = paging.decode_instant_and_id(cursor)
        statement = statement.where((Coupon.created_at < at) | ((Coupon.created_at == at) & (Coupon.id < last_id)))
    statement = statement.order_by(Coupon.created_at.desc(), Coupon.id.desc()).limit(limit + 1)
    found, more = paging.split(session().scalars(statement).all(), limit)
    next_cursor = paging.encode(found[-1].created_at, found[-1].id) if more else None
    return {"coupons": found, "next_cursor": next_cursor}


def locked_uses_of(owner_id: UUID) -> list[CouponUse]:
    """The coupons that a visit holds, those given back left out, vouchers last."""
    statement = (
        select(CouponUse)
        .join(Coupon, (Coupon.tenant_id == CouponUse.tenant_id) & (Coupon.id == CouponUse.coupon_id))
        .where(CouponUse.owner_id == owner_id, CouponUse.given_back_at.is_(None))
        .order_by(Coupon.is_voucher, CouponUse.coupon_id)
        .with_for_update(of=CouponUse)
    )
    return list(session().scalars(statement))


def count_uses(coupon_id: UUID, customer_id: UUID) -> int:
    """How often a customer holds a coupon."""
    statement = select(func.count()).where(
        CouponUse.coupon_id == coupon_id, CouponUse.customer_id == customer_id, CouponUse.given_back_at.is_(None)
    )
    return session().execute(statement).scalar_one()
