# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

from typing import Any
from uuid import UUID

from tithi.platform import clock
from tithi.platform.db import session
from tithi.platform.errors import PreconditionFailedError
from tithi.platform.events import publish
from tithi.platform.ids import new_id
from tithi.platform.tenancy import current_tenant_id
from tithi.resources import queries
from tithi.resources.errors import ResourceIsStaffError
from tithi.resources.events import ResourceCapacityChanged
from tithi.resources.models import Resource
from tithi.tenants import queries as tenants

STAFF = "staff"


def create(
    *, kind: str, name: str, capacity: int = 1, location_id: UUID | None = None, is_active: bool = True
) -> Resource:
    if location_id is not None:
        tenants.get_location(location_id)
    resource = Resource(
        tenant_id=current_tenant_id(),
        id=new_id(),
        kind=kind,
        name=name,
        capacity=capacity,
        location_id=location_id,
        is_active=is_active,
        version=1,
        created_at=clock.now(),
    )
    session().add(resource)
    session().flush()
    return resource


def update_room(*, resource_id: UUID, details: dict[str, Any], expected_version: int | None) -> Resource:
    """Change a room or equipment; visits that have it keep it."""
    resource = _locked_room(resource_id, expected_version)
    if details.get("location_id"):
        tenants.get_location(details["location_id"])
    _change(resource, details)
    return resource


def remove_room(*, resource_id: UUID) -> None:
    resource = _locked_room(resource_id, None)
    resource.removed_at = clock.now()
    _change(resource, {"is_active": False})


def update_staff(*, resource_id: UUID, details: dict[str, Any]) -> None:
    """Follow the team member that the resource stands for."""
    resource = queries.get_resource(resource_id)
    session().refresh(resource, with_for_update=True)
    _change(resource, details)


def remove_staff(*, resource_id: UUID) -> None:
    resource = queries.get_resource(resource_id)
    resource.removed_at = clock.now()
    _change(resource, {"is_active": False})


def _change(resource: Resource, details: dict[str, Any]) -> None:
    before = resource.capacity
    for name, value in details.items():
        setattr(resource, name, value)
    resource.version += 1
    session().flush()
    if resource.capacity != before:
        publish(ResourceCapacityChanged(resource_id=resource.id, capacity=resource.capacity))


def _locked_room(resource_id: UUID, expected_version: int | None) -> Resource:
    resource = queries.get_resource(resource_id)
    if resource.kind == STAFF:
        raise ResourceIsStaffError
    session().refresh(resource, with_for_update=True)
    if expected_version is not None and resource.version != expected_version:
        raise PreconditionFailedError
    return resource
