# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

from uuid import UUID

from tithi.platform import clock
from tithi.platform.db import session
from tithi.platform.ids import new_id
from tithi.platform.tenancy import current_tenant_id
from tithi.resources.models import Resource


def create(*, kind: str, name: str, capacity: int = 1) -> Resource:
    resource = Resource(
        tenant_id=current_tenant_id(),
        id=new_id(),
        kind=kind,
        name=name,
        capacity=capacity,
        is_active=True,
        created_at=clock.now(),
    )
    session().add(resource)
    session().flush()
    return resource


def update(*, resource_id: UUID, name: str, is_active: bool) -> None:
    resource = session().get_one(Resource, (current_tenant_id(), resource_id))
    resource.name = name
    resource.is_active = is_active
