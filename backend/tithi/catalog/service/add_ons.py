# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

from typing import Any
from uuid import UUID

from tithi.catalog import queries
from tithi.catalog.models import AddOn
from tithi.catalog.service.rows import lock
from tithi.platform import clock
from tithi.platform.db import session
from tithi.platform.ids import new_id
from tithi.platform.tenancy import current_tenant_id


def create_add_on(*, details: dict[str, Any]) -> dict[str, Any]:
    defaults = {"duration_min": 0, "is_active": True, "sort_order": 0}
    add_on = AddOn(
        tenant_id=current_tenant_id(), id=new_id(), version=1, created_at=clock.now(), **{**defaults, **details}
    )
    session().add(add_on)
    session().flush()
    return queries.show_add_on(add_on.id)


def update_add_on(*, add_on_id: UUID, details: dict[str, Any], expected_version: int | None) -> dict[str, Any]:
    """Change an add-on; visits that are booked with it keep its price and length."""
    add_on = queries.get_add_on(add_on_id)
    lock(add_on, expected_version)
    for name, value in details.items():
        setattr(add_on, name, value)
    add_on.version += 1
    session().flush()
    return queries.show_add_on(add_on_id)


def delete_add_on(*, add_on_id: UUID) -> None:
    """Take an add-on off every service; visits that are booked with it keep it."""
    add_on = queries.get_add_on(add_on_id)
    lock(add_on, None)
    add_on.deleted_at = clock.now()
    add_on.is_active = False
    add_on.version += 1
