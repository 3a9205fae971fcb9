# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""Who brought whom, and what both get for it."""

from typing import Any
from uuid import UUID

from sqlalchemy import select

from tithi.platform import paging
from tithi.platform.db import session
from tithi.promotions.codes import normalise
from tithi.promotions.errors import ReferralCodeNotFoundError
from tithi.promotions.models import Referral, ReferralCode, ReferralProgram


def program(*, lock: bool = False) -> ReferralProgram | None:
    statement = select(ReferralProgram)
    return session().scalars(statement.with_for_update() if lock else statement).one_or_none()


def show_program() -> dict[str, Any]:
    """What both get; nothing while the business has said nothing."""
    found = program()
    if found is None:
        return {"is_active": False, "kind": "percent", "value": 1000, "valid_days": None, "version": 0}
    return {name: getattr(found, name) for name in ("is_active", "kind", "value", "valid_days", "version")}


def code_of_customer(customer_id: UUID) -> ReferralCode | None:
    return session().scalars(select(ReferralCode).where(ReferralCode.customer_id == customer_id)).one_or_none()


def referrer_of(code: str) -> UUID:
    """Raises ReferralCodeNotFound, also while the business rewards no referrals."""
    found = session().scalars(select(ReferralCode).where(ReferralCode.code == normalise(code))).one_or_none()
    known = program()
    if found is None or known is None or not known.is_active:
        raise ReferralCodeNotFoundError
    return found.customer_id


def open_referral_of(referred_id: UUID) -> Referral | None:
    """How a customer came, locked, while nobody was rewarded for it."""
    statement = select(Referral).where(Referral.referred_id == referred_id, Referral.rewarded_at.is_(None))
    return session().scalars(statement.with_for_update()).one_or_none()


def list_referrals(*, limit: int, cursor: str | None) -> dict[str, Any]:
    """Newest first."""
    statement = select(Referral)
    if cursor:
        at, last_id = paging.decode_instant_and_id(cursor)
        statement = statement.where(
            (Referral.created_at < at) | ((Referral.created_at == at) & (Referral.id < last_id))
        )
    statement = statement.order_by(Referral.created_at.desc(), Referral.id.desc()).limit(limit + 1)
    found, more = paging.split(session().scalars(statement).all(), limit)
    next_cursor = paging.encode(found[-1].created_at, found[-1].id) if more else None
    return {"referrals": found, "next_cursor": next_cursor}
