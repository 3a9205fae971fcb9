# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""Customers who bring others: both get a coupon after the other's first completed visit."""

import secrets
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert

from tithi.catalog.taxes import BASIS_POINTS
from tithi.customers import queries as customers
from tithi.platform import clock
from tithi.platform.db import session
from tithi.platform.errors import InvalidError, PreconditionFailedError
from tithi.platform.ids import new_id
from tithi.platform.tenancy import current_tenant_id
from tithi.promotions import discounts, errors
from tithi.promotions.models import Coupon, Referral, ReferralCode, ReferralProgram
from tithi.promotions.queries import referrals as queries

LETTERS = "ABCDEFGHJKMNPQRSTVWXYZ23456789"
CODE_LENGTH = 8


def set_program(*, details: dict[str, Any], expected_version: int | None) -> dict[str, Any]:
    """Say what both get; what was rewarded stays."""
    found = queries.program(lock=True)
    if expected_version is not None and (found.version if found else 0) != expected_version:
        raise PreconditionFailedError
    if details["kind"] == discounts.PERCENT and not discounts.ONE_PER_CENT <= details["value"] <= BASIS_POINTS:
        raise InvalidError(errors={"value": ["is from 100 basis points, one per cent, to 10000"]})
    if found is None:
        found = ReferralProgram(tenant_id=current_tenant_id(), id=new_id(), version=0, valid_days=None)
        session().add(found)
    for name, value in details.items():
        setattr(found, name, value)
    found.version += 1
    session().flush()
    return queries.show_program()


def referral_code_for(*, customer_id: UUID) -> ReferralCode:
    """The code that a customer gives to others, made when it is asked for first.

    Raises:
        CustomerNotFound: there is none.
    """
    customers.refuse_unknown(customer_id)
    session().execute(
        insert(ReferralCode)
        .values(
            tenant_id=current_tenant_id(),
            id=new_id(),
            customer_id=customer_id,
            code=_new_code(),
            created_at=clock.now(),
        )
        .on_conflict_do_nothing(index_elements=["tenant_id", "customer_id"])
    )
    found = queries.code_of_customer(customer_id)
    if found is None:
        raise errors.ReferralCodeNotFoundError
    return found


def keep_referral(*, code: str, customer_id: UUID | None, is_first_visit: bool, keeps: bool) -> None:
    """Remember by whom a customer came.

    Raises:
        ReferralCodeNotFound: the code is nobody's.
        ReferralNotNew: they were here before, or the code is their own.
    """
    referrer_id = queries.referrer_of(code)
    if not is_first_visit or referrer_id == customer_id:
        raise errors.ReferralNotNewError
    if keeps and customer_id is not None:
        session().execute(
            insert(Referral)
            .values(
                tenant_id=current_tenant_id(),
                id=new_id(),
                referrer_id=referrer_id,
                referred_id=customer_id,
                created_at=clock.now(),
            )
            .on_conflict_do_nothing(index_elements=["tenant_id", "referred_id"])
        )


def reward_referral(*, customer_id: UUID) -> None:
    """Give a coupon to a customer who was brought and has been here now, and to who brought them, once."""
    referral, known = queries.open_referral_of(customer_id), queries.program()
    if referral is None or known is None or not known.is_active:
        return
    referral.rewarded_at = clock.now()
    for rewarded_id in (referral.referrer_id, referral.referred_id):
        session().add(_coupon(known, rewarded_id))
    session().flush()


def _coupon(known: ReferralProgram, customer_id: UUID) -> Coupon:
    now, code = clock.now(), f"THANKS-{_new_code()}"
    return Coupon(
        tenant_id=current_tenant_id(),
        id=new_id(),
        code=code,
        code_normalized=code,
        name="Thank you",
        kind=known.kind,
        value=known.value,
        is_voucher=False,
        max_uses=1,
        used_count=0,
        valid_until=now + timedelta(days=known.valid_days) if known.valid_days else None,
        first_visit_only=False,
        min_amount_cents=0,
        service_ids=[],
        category_ids=[],
        customer_id=customer_id,
        is_active=True,
        version=1,
        created_at=now,
    )


def _new_code() -> str:
    return "".join(secrets.choice(LETTERS) for _ in range(CODE_LENGTH))
