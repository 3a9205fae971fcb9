# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

from typing import Any
from uuid import UUID

from tithi.catalog import queries
from tithi.catalog.models import Service, ServiceCategory
from tithi.catalog.service.rows import lock
from tithi.platform import clock
from tithi.platform.db import session
from tithi.platform.ids import new_id
from tithi.platform.tenancy import current_tenant_id


def create_category(*, details: dict[str, Any]) -> ServiceCategory:
    category = ServiceCategory(
        tenant_id=current_tenant_id(), id=new_id(), version=1, created_at=clock.now(), **{"sort_order": 0, **details}
    )
    session().add(category)
    session().flush()
    return category


def update_category(*, category_id: UUID, details: dict[str, Any], expected_version: int | None) -> ServiceCategory:
    category = queries.get_category(category_id)
    lock(category, expected_version)
    for name, value in details.items():
        setattr(category, name, value)
    category.version += 1
    session().flush()
    return category


def delete_category(*, category_id: UUID) -> None:
    """Delete a category; its services stay, without one."""
    category = queries.get_category(category_id)
    lock(category, None)
    category.deleted_at = clock.now()
    for service in session().query(Service).filter(Service.category_id == category_id):
        service.category_id = None
        service.version += 1
