# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

from typing import Any
from uuid import UUID

from tithi.platform.http import Room, expected_version
from tithi.resources import queries, service
from tithi.resources.errors import ResourceIsStaffError, ResourceNotFoundError
from tithi.resources.models import Resource
from tithi.resources.schemas import ResourceChange, ResourceIn, ResourceList, ResourceOut, ResourceQuery
from tithi.tenants.errors import LocationNotFoundError

blueprint = Room("resources", description="Rooms, equipment and people: everything whose time is scarce.")


@blueprint.get("/resources", access="viewer", query=ResourceQuery, returns=ResourceList)
def list_resources(query: dict[str, Any]) -> dict[str, Any]:
    """List rooms, equipment and people."""
    found = queries.list_resources(kind=query.get("kind"), location_id=query.get("location_id"))
    return {"resources": found, "total": len(found), "next_cursor": None}


@blueprint.post(
    "/resources",
    access="admin",
    body=ResourceIn,
    returns=ResourceOut,
    status=201,
    idempotent="optional",
    errors=(LocationNotFoundError,),
    entitlement="changes",
)
def create_resource(body: dict[str, Any]) -> Resource:
    """Add a room or equipment."""
    return service.create(**body)


@blueprint.get(
    "/resources/<uuid:resource_id>", access="viewer", returns=ResourceOut, etag=True, errors=(ResourceNotFoundError,)
)
def get_resource(resource_id: UUID) -> Resource:
    """Show a room, equipment or person."""
    return queries.get_resource(resource_id)


@blueprint.put(
    "/resources/<uuid:resource_id>",
    access="admin",
    body=ResourceChange,
    returns=ResourceOut,
    etag=True,
    errors=(ResourceNotFoundError, ResourceIsStaffError, LocationNotFoundError),
    entitlement="changes",
)
def update_resource(resource_id: UUID, body: dict[str, Any]) -> Resource:
    """Change a room or equipment; visits that have it keep it."""
    return service.update_room(resource_id=resource_id, details=body, expected_version=expected_version())


@blueprint.delete(
    "/resources/<uuid:resource_id>",
    access="admin",
    status=204,
    errors=(ResourceNotFoundError, ResourceIsStaffError),
    entitlement="changes",
)
def remove_resource(resource_id: UUID) -> None:
    """Remove a room or equipment; visits that have it keep it."""
    service.remove_room(resource_id=resource_id)
