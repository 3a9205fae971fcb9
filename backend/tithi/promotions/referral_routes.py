# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""Routes of referrals."""

from typing import Any

from tithi.customers.errors import CustomerNotFoundError
from tithi.platform.http import Room, expected_version
from tithi.promotions import service
from tithi.promotions.models import ReferralCode
from tithi.promotions.queries import referrals
from tithi.promotions.referral_schemas import (
    ReferralCodeIn,
    ReferralCodeOut,
    ReferralList,
    ReferralProgramIn,
    ReferralProgramOut,
    ReferralQuery,
)

blueprint = Room("referrals", description="Customers who bring others.")


@blueprint.get("/referrals", access="staff", query=ReferralQuery, returns=ReferralList)
def list_referrals(query: dict[str, Any]) -> dict[str, Any]:
    """List who brought whom, newest first."""
    return referrals.list_referrals(limit=query["limit"], cursor=query.get("cursor"))


@blueprint.get("/referrals/program", access="viewer", returns=ReferralProgramOut, etag=True)
def get_program() -> dict[str, Any]:
    """Show what both get when a customer brings another."""
    return referrals.show_program()


@blueprint.put(
    "/referrals/program",
    access="admin",
    body=ReferralProgramIn,
    returns=ReferralProgramOut,
    etag=True,
    entitlement="changes",
)
def set_program(body: dict[str, Any]) -> dict[str, Any]:
    """Say what both get when a customer brings another: a coupon each, after the other's first completed visit."""
    return service.set_program(details=body, expected_version=expected_version())


@blueprint.post(
    "/referrals/codes",
    access="staff",
    body=ReferralCodeIn,
    returns=ReferralCodeOut,
    errors=(CustomerNotFoundError,),
    entitlement="changes",
)
def give_code(body: dict[str, Any]) -> ReferralCode:
    """Give the code with which a customer brings others; it stays the same."""
    return service.referral_code_for(customer_id=body["customer_id"])
