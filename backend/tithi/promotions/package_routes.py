# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""Routes of packages of sessions."""

from typing import Any
from uuid import UUID

from tithi.catalog.errors import ServiceNotFoundError
from tithi.customers.errors import CustomerNotFoundError
from tithi.platform.http import Room, expected_version
from tithi.promotions import service
from tithi.promotions.errors import PackageInactiveError, PackageNotFoundError
from tithi.promotions.models import Package, SoldPackage
from tithi.promotions.package_schemas import (
    PackageChange,
    PackageIn,
    PackageList,
    PackageOut,
    PackageSaleIn,
    SoldPackageList,
    SoldPackageOut,
    SoldPackageQuery,
)
from tithi.promotions.queries import packages

blueprint = Room("packages", description="Packages: so many sessions at one price.")


@blueprint.get("/packages", access="viewer", returns=PackageList)
def list_packages() -> dict[str, Any]:
    """List the packages that the business sells."""
    found = packages.list_packages()
    return {"packages": found, "total": len(found), "next_cursor": None}


@blueprint.post(
    "/packages",
    access="admin",
    body=PackageIn,
    returns=PackageOut,
    status=201,
    idempotent="optional",
    errors=(ServiceNotFoundError,),
    entitlement="changes",
)
def create_package(body: dict[str, Any]) -> Package:
    """Add a package."""
    return service.create_package(details=body)


@blueprint.get(
    "/packages/<uuid:package_id>", access="viewer", returns=PackageOut, etag=True, errors=(PackageNotFoundError,)
)
def get_package(package_id: UUID) -> Package:
    """Show a package."""
    return packages.get_package(package_id)


@blueprint.put(
    "/packages/<uuid:package_id>",
    access="admin",
    body=PackageChange,
    returns=PackageOut,
    etag=True,
    errors=(PackageNotFoundError, ServiceNotFoundError),
    entitlement="changes",
)
def update_package(package_id: UUID, body: dict[str, Any]) -> Package:
    """Change a package; those that were sold stay as they were sold."""
    return service.update_package(package_id=package_id, details=body, expected_version=expected_version())


@blueprint.delete(
    "/packages/<uuid:package_id>", access="admin", status=204, errors=(PackageNotFoundError,), entitlement="changes"
)
def delete_package(package_id: UUID) -> None:
    """Sell a package no more; those that were sold stay."""
    service.delete_package(package_id=package_id)


@blueprint.post(
    "/packages/<uuid:package_id>/sell",
    access="staff",
    body=PackageSaleIn,
    returns=SoldPackageOut,
    status=201,
    idempotent="required",
    limit="payments",
    errors=(PackageNotFoundError, PackageInactiveError, CustomerNotFoundError),
    entitlement="changes",
)
def sell_package(package_id: UUID, body: dict[str, Any]) -> SoldPackage:
    """Sell a package to a customer at the desk."""
    return service.sell_package(
        package_id=package_id,
        customer_id=body["customer_id"],
        paid_by=body["paid_by"],
        price_cents=body.get("price_cents"),
    )


@blueprint.get("/sold-packages", access="staff", query=SoldPackageQuery, returns=SoldPackageList)
def list_sold_packages(query: dict[str, Any]) -> dict[str, Any]:
    """List the packages of customers, with the sessions that are left."""
    return packages.list_sold(limit=query["limit"], cursor=query.get("cursor"), customer_id=query.get("customer_id"))
