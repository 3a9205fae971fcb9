# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""Routes of coupons."""

from typing import Any
from uuid import UUID

from tithi.catalog.errors import CategoryNotFoundError, ServiceNotFoundError
from tithi.customers.errors import CustomerNotFoundError
from tithi.platform.http import Room, expected_version
from tithi.promotions import queries, service
from tithi.promotions.errors import COUPON_REFUSALS, CouponExistsError, CouponNotFoundError
from tithi.promotions.models import Coupon
from tithi.promotions.schemas import (
    CouponChange,
    CouponCheckIn,
    CouponCheckOut,
    CouponIn,
    CouponList,
    CouponOut,
    CouponQuery,
    StaffCouponCheckIn,
)

blueprint = Room("promotions", description="What lowers a price: coupons, vouchers, packages; gift cards.")

TARGETS = (ServiceNotFoundError, CategoryNotFoundError)


@blueprint.get("/coupons", access="viewer", query=CouponQuery, returns=CouponList)
def list_coupons(query: dict[str, Any]) -> dict[str, Any]:
    """List the coupons, newest first."""
    return queries.list_coupons(limit=query["limit"], cursor=query.get("cursor"))


@blueprint.post(
    "/coupons",
    access="admin",
    body=CouponIn,
    returns=CouponOut,
    status=201,
    idempotent="optional",
    errors=(*TARGETS, CouponExistsError),
    entitlement="changes",
)
def create_coupon(body: dict[str, Any]) -> Coupon:
    """Add a coupon; its code is the same in capitals and small letters."""
    return service.create_coupon(details=body)


@blueprint.get(
    "/coupons/<uuid:coupon_id>", access="viewer", returns=CouponOut, etag=True, errors=(CouponNotFoundError,)
)
def get_coupon(coupon_id: UUID) -> Coupon:
    """Show a coupon, with how often it was used."""
    return queries.get_coupon(coupon_id)


@blueprint.put(
    "/coupons/<uuid:coupon_id>",
    access="admin",
    body=CouponChange,
    returns=CouponOut,
    etag=True,
    errors=(*TARGETS, CouponNotFoundError),
    entitlement="changes",
)
def update_coupon(coupon_id: UUID, body: dict[str, Any]) -> Coupon:
    """Change a coupon; visits that are booked keep the terms that they froze."""
    return service.update_coupon(coupon_id=coupon_id, details=body, expected_version=expected_version())


@blueprint.delete(
    "/coupons/<uuid:coupon_id>", access="admin", status=204, errors=(CouponNotFoundError,), entitlement="changes"
)
def delete_coupon(coupon_id: UUID) -> None:
    """Delete a coupon; visits that are booked with it keep it."""
    service.delete_coupon(coupon_id=coupon_id)


@blueprint.post(
    "/coupons/validate",
    access="staff",
    body=StaffCouponCheckIn,
    returns=CouponCheckOut,
    errors=(*COUPON_REFUSALS, ServiceNotFoundError, CustomerNotFoundError),
    entitlement="always",
)
def validate_coupon(body: dict[str, Any]) -> dict[str, Any]:
    """Say what a coupon would take off services at their list prices, or why it gives nothing."""
    return service.check_coupon(**body)


@blueprint.post(
    "/public/<slug>/coupons/validate",
    access="public",
    body=CouponCheckIn,
    returns=CouponCheckOut,
    limit="public_booking",
    errors=(*COUPON_REFUSALS, ServiceNotFoundError),
    entitlement="always",
)
def validate_public_coupon(body: dict[str, Any]) -> dict[str, Any]:
    """Say what a coupon would take off services at their list prices, or why it gives nothing."""
    return service.check_coupon(**body)
