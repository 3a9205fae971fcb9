# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""Packages, and the sessions that customers have of them."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select

from tithi.platform import paging
from tithi.platform.db import session
from tithi.platform.tenancy import current_tenant_id
from tithi.promotions.codes import normalise
from tithi.promotions.errors import PackageNotFoundError
from tithi.promotions.models import Package, PackageUse, SoldPackage


def list_packages() -> list[Package]:
    statement = select(Package).where(Package.deleted_at.is_(None)).order_by(Package.created_at, Package.id)
    return list(session().scalars(statement))


def get_package(package_id: UUID, *, lock: bool = False) -> Package:
    """Raises PackageNotFound, also for one that was deleted."""
    found = session().get(Package, (current_tenant_id(), package_id), with_for_update=lock, populate_existing=lock)
    if found is None or found.deleted_at is not None:
        raise PackageNotFoundError
    return found


def get_sold(sold_package_id: UUID, *, lock: bool = False) -> SoldPackage:
    """Raises PackageNotFound."""
    found = session().get(
        SoldPackage, (current_tenant_id(), sold_package_id), with_for_update=lock, populate_existing=lock
    )
    if found is None:
        raise PackageNotFoundError
    return found


def sold_by_code(code: str, *, lock: bool = False) -> SoldPackage:
    """Raises PackageNotFound."""
    statement = select(SoldPackage).where(SoldPackage.code_normalized == normalise(code))
    found = session().scalars(statement.with_for_update() if lock else statement).one_or_none()
    if found is None:
        raise PackageNotFoundError
    return found


def list_sold(*, limit: int, cursor: str | None, customer_id: UUID | None) -> dict[str, Any]:
    """Newest first."""
    statement = select(SoldPackage)
    if customer_id is not None:
        statement = statement.where(SoldPackage.customer_id == customer_id)
    if cursor:
        at, last_id = paging.decode_instant_and_id(cursor)
        statement = statement.where(
            (SoldPackage.sold_at < at) | ((SoldPackage.sold_at == at) & (SoldPackage.id < last_id))
        )
    statement = statement.order_by(SoldPackage.sold_at.desc(), SoldPackage.id.desc()).limit(limit + 1)
    found, more = paging.split(session().scalars(statement).all(), limit)
    next_cursor = paging.encode(found[-1].sold_at, found[-1].id) if more else None
    return {"sold_packages": found, "next_cursor": next_cursor}


def locked_uses_of(owner_id: UUID) -> Sequence[PackageUse]:
    """The sessions that a visit holds, those given back left out."""
    statement = select(PackageUse).where(PackageUse.owner_id == owner_id, PackageUse.given_back_at.is_(None))
    return session().scalars(statement.order_by(PackageUse.item_id).with_for_update()).all()
