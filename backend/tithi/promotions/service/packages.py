# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""Packages of sessions: what there are, who bought them, and the sessions that visits take under the lock of each."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from tithi.catalog import queries as catalog
from tithi.customers import queries as customers
from tithi.payments.gift_codes import code_of
from tithi.platform import clock, idempotency
from tithi.platform.db import session
from tithi.platform.errors import PreconditionFailedError
from tithi.platform.ids import new_id
from tithi.platform.tenancy import current_tenant_id
from tithi.promotions import errors
from tithi.promotions.codes import normalise
from tithi.promotions.discounts import Discount, PricedItem
from tithi.promotions.models import Package, PackageUse, SoldPackage
from tithi.promotions.queries import packages as queries

PACKAGE = "package"
CODE_LENGTH = 9
GIFT = "gift"


def create_package(*, details: dict[str, Any]) -> Package:
    """Raises ServiceNotFound: it names what the business does not have."""
    package = Package(
        tenant_id=current_tenant_id(),
        id=new_id(),
        version=1,
        created_at=clock.now(),
        **{"is_active": True, **_with_services(details)},
    )
    session().add(package)
    session().flush()
    return package


def update_package(*, package_id: UUID, details: dict[str, Any], expected_version: int | None) -> Package:
    """Change a package; those that were sold stay as they were sold."""
    package = queries.get_package(package_id, lock=True)
    if expected_version is not None and package.version != expected_version:
        raise PreconditionFailedError
    for name, value in _with_services(details).items():
        setattr(package, name, value)
    package.version += 1
    session().flush()
    return package


def delete_package(*, package_id: UUID) -> None:
    """Sell a package no more; those that were sold stay."""
    package = queries.get_package(package_id, lock=True)
    package.deleted_at = clock.now()
    package.is_active = False
    package.version += 1


def sell_package(*, package_id: UUID, customer_id: UUID, paid_by: str, price_cents: int | None) -> SoldPackage:
    """Give a customer the sessions of a package, paid at the desk.

    Raises:
        PackageNotFound, CustomerNotFound: there is none.
        PackageInactive: it is not sold any more.
    """
    package = queries.get_package(package_id)
    if not package.is_active:
        raise errors.PackageInactiveError
    customers.refuse_unknown(customer_id)
    now, sold_id = clock.now(), idempotency.work_id()
    code = code_of(current_tenant_id(), sold_id)[:CODE_LENGTH]
    sold = SoldPackage(
        tenant_id=current_tenant_id(),
        id=sold_id,
        package_id=package_id,
        customer_id=customer_id,
        name=package.name,
        code=code,
        code_normalized=normalise(code),
        price_cents=_paid(package, paid_by, price_cents),
        paid_by=paid_by,
        sessions_total=package.session_count,
        sessions_left=package.session_count,
        service_ids=package.service_ids,
        expires_at=now + timedelta(days=package.valid_days) if package.valid_days else None,
        sold_at=now,
    )
    session().add(sold)
    session().flush()
    return sold


def take_sessions(
    *, code: str, owner_id: UUID, customer_id: UUID | None, items: Sequence[PricedItem], takes: bool
) -> Discount:
    """A session for each item that the package is for, as many as are left.

    Raises:
        PackageNotFound and the other refusals of packages; then no session is taken.
    """
    sold = queries.sold_by_code(code, lock=takes)
    if customer_id is not None and sold.customer_id != customer_id:
        raise errors.PackageNotYoursError
    if sold.expires_at is not None and sold.expires_at <= clock.now():
        raise errors.PackageExpiredError(details={"expires_at": sold.expires_at})
    if not sold.sessions_left:
        raise errors.PackageUsedUpError
    chosen = [item for item in items if str(item.service_id) in sold.service_ids and item.amount_cents]
    if not chosen:
        raise errors.PackageNotForServicesError
    chosen = sorted(chosen, key=lambda item: -item.amount_cents)[: sold.sessions_left]
    if takes:
        _take(sold, owner_id, chosen)
    return _discount(sold, chosen)


def keep_sessions(*, owner_id: UUID, items: Sequence[PricedItem]) -> list[Discount]:
    """The sessions of the items that are left of a visit; those of the others are given back."""
    by_id = {item.id: item for item in items}
    kept: dict[UUID, list[PricedItem]] = {}
    for use in queries.locked_uses_of(owner_id):
        if use.item_id in by_id:
            kept.setdefault(use.sold_package_id, []).append(by_id[use.item_id])
        else:
            _give_back(use)
    return [_discount(queries.get_sold(sold_id), chosen) for sold_id, chosen in kept.items()]


def give_sessions_back(*, owner_id: UUID) -> None:
    """A second time changes nothing."""
    for use in queries.locked_uses_of(owner_id):
        _give_back(use)


def _take(sold: SoldPackage, owner_id: UUID, chosen: Sequence[PricedItem]) -> None:
    sold.sessions_left -= len(chosen)
    session().add_all(
        PackageUse(
            tenant_id=current_tenant_id(),
            id=new_id(),
            sold_package_id=sold.id,
            owner_id=owner_id,
            item_id=item.id,
            created_at=clock.now(),
        )
        for item in chosen
    )
    session().flush()


def _give_back(use: PackageUse) -> None:
    use.given_back_at = clock.now()
    queries.get_sold(use.sold_package_id, lock=True).sessions_left += 1
    session().flush()


def _discount(sold: SoldPackage, chosen: Sequence[PricedItem]) -> Discount:
    shares = {item.id: item.amount_cents for item in chosen}
    return Discount(kind=PACKAGE, source_id=sold.id, label=sold.name, shares=shares)


def _paid(package: Package, paid_by: str, price_cents: int | None) -> int:
    if paid_by == GIFT:
        return 0
    return package.price_cents if price_cents is None else price_cents


def _with_services(details: dict[str, Any]) -> dict[str, Any]:
    if "service_ids" not in details:
        return details
    catalog.refuse_unknown_services(details["service_ids"])
    return {**details, "service_ids": sorted({str(one) for one in details["service_ids"]})}
