# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import or_, select

from tithi.platform.db import session
from tithi.platform.tenancy import current_tenant_id
from tithi.resources.errors import ResourceNotFoundError
from tithi.resources.models import Resource


def list_resources(*, kind: str | None = None, location_id: UUID | None = None) -> list[Resource]:
    """With a location those that can be used there: its own, and those that belong to none."""
    statement = select(Resource).where(Resource.removed_at.is_(None))
    if kind is not None:
        statement = statement.where(Resource.kind == kind)
    if location_id is not None:
        statement = statement.where(or_(Resource.location_id == location_id, Resource.location_id.is_(None)))
    return list(session().scalars(statement.order_by(Resource.kind, Resource.name, Resource.id)))


def get_resource(resource_id: UUID) -> Resource:
    """Raises ResourceNotFound, also for one that was removed."""
    found = session().get(Resource, (current_tenant_id(), resource_id))
    if found is None or found.removed_at is not None:
        raise ResourceNotFoundError
    return found


def get_resources(resource_ids: Collection[UUID]) -> list[Resource]:
    """All of them in one statement; raises ResourceNotFound when one is unknown or was removed."""
    wanted = set(resource_ids)
    if not wanted:
        return []
    found = list(session().scalars(select(Resource).where(Resource.id.in_(wanted), Resource.removed_at.is_(None))))
    if len(found) < len(wanted):
        raise ResourceNotFoundError
    return found
