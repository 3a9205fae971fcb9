# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

from typing import Any
from uuid import UUID

from tithi.catalog import queries, service
from tithi.catalog.errors import AddOnNotFoundError, CategoryNotFoundError, ServiceNotFoundError, TaxRateNotFoundError
from tithi.catalog.models import ServiceCategory, TaxRate
from tithi.catalog.schemas import (
    AddOnChange,
    AddOnIn,
    AddOnList,
    AddOnOut,
    CategoryChange,
    CategoryIn,
    CategoryList,
    CategoryOut,
    PublicServiceList,
    ServiceChange,
    ServiceIn,
    ServiceList,
    ServiceOut,
    ServiceQuery,
    TaxRateChange,
    TaxRateIn,
    TaxRateList,
    TaxRateOut,
)
from tithi.platform.http import Room, expected_version
from tithi.resources.errors import ResourceNotFoundError
from tithi.team.errors import TeamMemberNotFoundError

blueprint = Room("catalog", description="What the business sells.")

PART_ERRORS = (
    ServiceNotFoundError,
    TeamMemberNotFoundError,
    ResourceNotFoundError,
    AddOnNotFoundError,
    TaxRateNotFoundError,
)


@blueprint.get("/service-categories", access="viewer", returns=CategoryList)
def list_categories() -> dict[str, Any]:
    """List the categories."""
    found = queries.list_categories()
    return {"service_categories": found, "total": len(found), "next_cursor": None}


@blueprint.post(
    "/service-categories",
    access="admin",
    body=CategoryIn,
    returns=CategoryOut,
    status=201,
    idempotent="optional",
    entitlement="changes",
)
def create_category(body: dict[str, Any]) -> ServiceCategory:
    """Add a category."""
    return service.create_category(details=body)


@blueprint.get(
    "/service-categories/<uuid:category_id>",
    access="viewer",
    returns=CategoryOut,
    etag=True,
    errors=(CategoryNotFoundError,),
)
def get_category(category_id: UUID) -> ServiceCategory:
    """Show a category."""
    return queries.get_category(category_id)


@blueprint.put(
    "/service-categories/<uuid:category_id>",
    access="admin",
    body=CategoryChange,
    returns=CategoryOut,
    etag=True,
    errors=(CategoryNotFoundError,),
    entitlement="changes",
)
def update_category(category_id: UUID, body: dict[str, Any]) -> ServiceCategory:
    """Change a category."""
    return service.update_category(category_id=category_id, details=body, expected_version=expected_version())


@blueprint.delete(
    "/service-categories/<uuid:category_id>",
    access="admin",
    status=204,
    errors=(CategoryNotFoundError,),
    entitlement="changes",
)
def delete_category(category_id: UUID) -> None:
    """Delete a category; its services stay, without one."""
    service.delete_category(category_id=category_id)


@blueprint.get("/services", access="viewer", query=ServiceQuery, returns=ServiceList)
def list_services(query: dict[str, Any]) -> dict[str, Any]:
    """List the services."""
    found = queries.list_services(active_only=query["active"], category_id=query.get("category_id"))
    return {"services": found, "total": len(found), "next_cursor": None}


@blueprint.post(
    "/services",
    access="admin",
    body=ServiceIn,
    returns=ServiceOut,
    status=201,
    idempotent="optional",
    errors=(CategoryNotFoundError, *PART_ERRORS),
    entitlement="changes",
)
def create_service(body: dict[str, Any]) -> dict[str, Any]:
    """Add a service."""
    return service.create_service(details=body)


@blueprint.get(
    "/services/<uuid:service_id>", access="viewer", returns=ServiceOut, etag=True, errors=(ServiceNotFoundError,)
)
def get_service(service_id: UUID) -> dict[str, Any]:
    """Show a service."""
    return queries.show_service(service_id)


@blueprint.put(
    "/services/<uuid:service_id>",
    access="admin",
    body=ServiceChange,
    returns=ServiceOut,
    etag=True,
    errors=(CategoryNotFoundError, *PART_ERRORS),
    entitlement="changes",
)
def update_service(service_id: UUID, body: dict[str, Any]) -> dict[str, Any]:
    """Change a service; visits that are booked keep their price and length."""
    return service.update_service(service_id=service_id, details=body, expected_version=expected_version())


@blueprint.delete(
    "/services/<uuid:service_id>", access="admin", status=204, errors=(ServiceNotFoundError,), entitlement="changes"
)
def delete_service(service_id: UUID) -> None:
    """Delete a service; visits that are booked stay."""
    service.delete_service(service_id=service_id)


@blueprint.get("/add-ons", access="viewer", returns=AddOnList)
def list_add_ons() -> dict[str, Any]:
    """List what can be added to services."""
    found = queries.list_add_ons()
    return {"add_ons": found, "total": len(found), "next_cursor": None}


@blueprint.post(
    "/add-ons", access="admin", body=AddOnIn, returns=AddOnOut, status=201, idempotent="optional", entitlement="changes"
)
def create_add_on(body: dict[str, Any]) -> dict[str, Any]:
    """Add an add-on; a service offers it once it names it."""
    return service.create_add_on(details=body)


@blueprint.get("/add-ons/<uuid:add_on_id>", access="viewer", returns=AddOnOut, etag=True, errors=(AddOnNotFoundError,))
def get_add_on(add_on_id: UUID) -> dict[str, Any]:
    """Show an add-on."""
    return queries.show_add_on(add_on_id)


@blueprint.put(
    "/add-ons/<uuid:add_on_id>",
    access="admin",
    body=AddOnChange,
    returns=AddOnOut,
    etag=True,
    errors=(AddOnNotFoundError,),
    entitlement="changes",
)
def update_add_on(add_on_id: UUID, body: dict[str, Any]) -> dict[str, Any]:
    """Change an add-on; visits that are booked with it keep its price and length."""
    return service.update_add_on(add_on_id=add_on_id, details=body, expected_version=expected_version())


@blueprint.delete(
    "/add-ons/<uuid:add_on_id>", access="admin", status=204, errors=(AddOnNotFoundError,), entitlement="changes"
)
def delete_add_on(add_on_id: UUID) -> None:
    """Delete an add-on: no service offers it any more; visits that are booked with it keep it."""
    service.delete_add_on(add_on_id=add_on_id)


@blueprint.get("/tax-rates", access="viewer", returns=TaxRateList)
def list_tax_rates() -> dict[str, Any]:
    """List the taxes that the business charges."""
    found = queries.list_tax_rates()
    return {"tax_rates": found, "total": len(found), "next_cursor": None}


@blueprint.post(
    "/tax-rates",
    access="admin",
    body=TaxRateIn,
    returns=TaxRateOut,
    status=201,
    idempotent="optional",
    entitlement="changes",
)
def create_tax_rate(body: dict[str, Any]) -> TaxRate:
    """Add a tax rate; as the default it holds for every service without a rate of its own."""
    return service.create_tax_rate(details=body)


@blueprint.get(
    "/tax-rates/<uuid:tax_rate_id>", access="viewer", returns=TaxRateOut, etag=True, errors=(TaxRateNotFoundError,)
)
def get_tax_rate(tax_rate_id: UUID) -> TaxRate:
    """Show a tax rate."""
    return queries.get_tax_rate(tax_rate_id)


@blueprint.put(
    "/tax-rates/<uuid:tax_rate_id>",
    access="admin",
    body=TaxRateChange,
    returns=TaxRateOut,
    etag=True,
    errors=(TaxRateNotFoundError,),
    entitlement="changes",
)
def update_tax_rate(tax_rate_id: UUID, body: dict[str, Any]) -> TaxRate:
    """Change a tax rate; visits that are booked keep the rate that they froze."""
    return service.update_tax_rate(rate_id=tax_rate_id, details=body, expected_version=expected_version())


@blueprint.delete(
    "/tax-rates/<uuid:tax_rate_id>", access="admin", status=204, errors=(TaxRateNotFoundError,), entitlement="changes"
)
def delete_tax_rate(tax_rate_id: UUID) -> None:
    """Take a tax rate out of use; its services fall back to the default rate."""
    service.delete_tax_rate(rate_id=tax_rate_id)


@blueprint.get("/public/<slug>/services", access="public", returns=PublicServiceList)
def public_services() -> dict[str, Any]:
    """List what can be booked, with the categories."""
    found = queries.public_services()
    return {
        "services": found,
        "service_categories": queries.list_categories(),
        "total": len(found),
        "next_cursor": None,
    }
