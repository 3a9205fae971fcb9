# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

from typing import Any
from uuid import UUID

from tithi.platform.errors import InvalidError
from tithi.platform.http import Room, expected_version
from tithi.tenants import queries, service
from tithi.tenants.errors import (
    LocationNotFoundError,
    SlugFixedError,
    SlugTakenError,
    SlugUnusableError,
    StatusConflictError,
)
from tithi.tenants.models import Location, Tenant
from tithi.tenants.schemas import (
    LocationChange,
    LocationIn,
    LocationList,
    LocationOut,
    PolicyChange,
    PolicyOut,
    PublicPolicyOut,
    PublicTenantOut,
    SchedulingChange,
    SchedulingOut,
    TenantChange,
    TenantOut,
)

blueprint = Room("tenants", description="Businesses, their locations and their booking policy.")


@blueprint.get("/tenants/<uuid:tenant_id>", access="viewer", returns=TenantOut, etag=True)
def get_tenant() -> Tenant:
    """Show a business."""
    return queries.get_tenant()


@blueprint.put(
    "/tenants/<uuid:tenant_id>",
    access="owner",
    body=TenantChange,
    returns=TenantOut,
    etag=True,
    errors=(SlugTakenError, SlugUnusableError, SlugFixedError, StatusConflictError),
    entitlement="changes",
)
def update_tenant(body: dict[str, Any]) -> Tenant:
    """Change a business; `status: active` makes its booking site public."""
    return service.update(details=body, expected_version=expected_version())


@blueprint.get("/tenants/<uuid:tenant_id>/policies", access="viewer", returns=PolicyOut, etag=True)
def get_policies() -> dict[str, Any]:
    """Show the booking policy."""
    return queries.show_policy()


@blueprint.put(
    "/tenants/<uuid:tenant_id>/policies",
    access="owner",
    body=PolicyChange,
    returns=PolicyOut,
    etag=True,
    errors=(InvalidError,),
    entitlement="changes",
)
def update_policies(body: dict[str, Any]) -> dict[str, Any]:
    """Change the booking policy. Bookings made before keep the policy that they were made under."""
    service.update_policy(changes=body, expected_version=expected_version())
    return queries.show_policy()


@blueprint.get("/tenants/<uuid:tenant_id>/scheduling", access="viewer", returns=SchedulingOut, etag=True)
def get_scheduling() -> dict[str, Any]:
    """Show how free time and the waitlist are offered."""
    return queries.show_scheduling()


@blueprint.put(
    "/tenants/<uuid:tenant_id>/scheduling",
    access="admin",
    body=SchedulingChange,
    returns=SchedulingOut,
    etag=True,
    entitlement="changes",
)
def update_scheduling(body: dict[str, Any]) -> dict[str, Any]:
    """Change how free time and the waitlist are offered; what is not named stays."""
    service.update_scheduling(changes=body, expected_version=expected_version())
    return queries.show_scheduling()


@blueprint.get("/tenants/<uuid:tenant_id>/locations", access="viewer", returns=LocationList)
def list_locations() -> dict[str, Any]:
    """List the locations of a business."""
    found = queries.list_locations()
    return {"locations": found, "total": len(found), "next_cursor": None}


@blueprint.post(
    "/tenants/<uuid:tenant_id>/locations",
    access="admin",
    body=LocationIn,
    returns=LocationOut,
    status=201,
    idempotent="optional",
    entitlement="changes",
)
def add_location(body: dict[str, Any]) -> Location:
    """Add a location."""
    return service.add_location(details=body)


@blueprint.put(
    "/tenants/<uuid:tenant_id>/locations/<uuid:location_id>",
    access="admin",
    body=LocationChange,
    returns=LocationOut,
    etag=True,
    errors=(LocationNotFoundError,),
    entitlement="changes",
)
def update_location(location_id: UUID, body: dict[str, Any]) -> Location:
    """Change a location."""
    return service.update_location(location_id=location_id, details=body, expected_version=expected_version())


@blueprint.get("/public/<slug>/info", access="public", returns=PublicTenantOut, errors=(LocationNotFoundError,))
def public_info() -> dict[str, Any]:
    """Show the business to its customers."""
    return queries.public_info()


@blueprint.get("/public/<slug>/policies", access="public", returns=PublicPolicyOut)
def public_policies() -> dict[str, Any]:
    """Show the policy that a booking made now is under."""
    return queries.public_policy()
