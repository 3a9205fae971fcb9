# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""What coupons there are."""

from typing import Any
from uuid import UUID

from sqlalchemy.exc import IntegrityError

from tithi.catalog import queries as catalog
from tithi.catalog.taxes import BASIS_POINTS
from tithi.platform import clock
from tithi.platform.db import session
from tithi.platform.errors import InvalidError, PreconditionFailedError
from tithi.platform.ids import new_id
from tithi.platform.tenancy import current_tenant_id
from tithi.promotions import discounts, queries
from tithi.promotions.codes import normalise
from tithi.promotions.errors import CouponExistsError
from tithi.promotions.models import Coupon

DEFAULTS: dict[str, Any] = {
    "value": 0,
    "first_visit_only": False,
    "min_amount_cents": 0,
    "service_ids": [],
    "category_ids": [],
    "is_active": True,
}


def create_coupon(*, details: dict[str, Any]) -> Coupon:
    """Add a coupon.

    Raises:
        CouponExists: its code is taken, whatever its case.
        ServiceNotFound, CategoryNotFound: it names what the business does not have.
    """
    coupon = Coupon(
        tenant_id=current_tenant_id(),
        id=new_id(),
        code_normalized=normalise(details["code"]),
        is_voucher=False,
        used_count=0,
        version=1,
        created_at=clock.now(),
        **{**DEFAULTS, **_targets(details)},
    )
    _check(coupon)
    try:
        with session().begin_nested():
            session().add(coupon)
    except IntegrityError as error:
        raise CouponExistsError from error
    return coupon


def update_coupon(*, coupon_id: UUID, details: dict[str, Any], expected_version: int | None) -> Coupon:
    """Change a coupon; visits that are booked keep the terms that they froze."""
    coupon = _locked(coupon_id, expected_version)
    for name, value in _targets(details).items():
        setattr(coupon, name, value)
    _check(coupon)
    coupon.version += 1
    session().flush()
    return coupon


def delete_coupon(*, coupon_id: UUID) -> None:
    """Delete a coupon; visits that are booked with it keep it, and its code is free again."""
    coupon = _locked(coupon_id, None)
    coupon.deleted_at = clock.now()
    coupon.is_active = False
    coupon.version += 1


def _locked(coupon_id: UUID, expected_version: int | None) -> Coupon:
    coupon = queries.get_coupon(coupon_id)
    session().refresh(coupon, with_for_update=True)
    if expected_version is not None and coupon.version != expected_version:
        raise PreconditionFailedError
    return coupon


def _targets(details: dict[str, Any]) -> dict[str, Any]:
    """The fields with the ids of services and categories as they are kept, all of them known."""
    given = dict(details)
    catalog.refuse_unknown_services(given.get("service_ids", ()))
    for category_id in given.get("category_ids", ()):
        catalog.get_category(category_id)
    for name in ("service_ids", "category_ids"):
        if name in given:
            given[name] = sorted({str(one) for one in given[name]})
    return given


def _check(coupon: Coupon) -> None:
    if coupon.kind == discounts.PERCENT and not discounts.ONE_PER_CENT <= coupon.value <= BASIS_POINTS:
        raise InvalidError(errors={"value": ["is from 100 basis points, one per cent, to 10000"]})
    if coupon.kind == discounts.FIXED and coupon.value < 1:
        raise InvalidError(errors={"value": ["is an amount in minor units"]})
    if coupon.valid_from and coupon.valid_until and coupon.valid_until <= coupon.valid_from:
        raise InvalidError(errors={"valid_until": ["is after valid_from"]})
    if coupon.max_uses is not None and coupon.used_count > coupon.max_uses:
        raise InvalidError(errors={"max_uses": [f"is at least {coupon.used_count}, as often as it was used"]})
