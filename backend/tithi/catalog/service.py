# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

from typing import Any
from uuid import UUID

from sqlalchemy import delete

from tithi.catalog import queries
from tithi.catalog.events import ServiceChanged, ServiceCreated
from tithi.catalog.models import Service, ServiceCategory, ServiceStaff
from tithi.platform import clock
from tithi.platform.db import session
from tithi.platform.errors import PreconditionFailedError
from tithi.platform.events import publish
from tithi.platform.ids import new_id
from tithi.platform.tenancy import current_tenant_id
from tithi.team import queries as team


def create_category(*, details: dict[str, Any]) -> ServiceCategory:
    category = ServiceCategory(
        tenant_id=current_tenant_id(), id=new_id(), version=1, created_at=clock.now(), **{"sort_order": 0, **details}
    )
    session().add(category)
    session().flush()
    return category


def update_category(*, category_id: UUID, details: dict[str, Any], expected_version: int | None) -> ServiceCategory:
    category = queries.get_category(category_id)
    _lock(category, expected_version)
    for name, value in details.items():
        setattr(category, name, value)
    category.version += 1
    session().flush()
    return category


def delete_category(*, category_id: UUID) -> None:
    """Delete a category; its services stay, without one."""
    category = queries.get_category(category_id)
    _lock(category, None)
    category.deleted_at = clock.now()
    for service in session().query(Service).filter(Service.category_id == category_id):
        service.category_id = None
        service.version += 1


def create_service(*, details: dict[str, Any]) -> dict[str, Any]:
    team_member_ids = details.pop("team_member_ids", [])
    if details.get("category_id"):
        queries.get_category(details["category_id"])
    defaults = {
        "buffer_before_min": 0,
        "buffer_after_min": 0,
        "is_featured": False,
        "sort_order": 0,
        "active": True,
    }
    service = Service(
        tenant_id=current_tenant_id(), id=new_id(), version=1, created_at=clock.now(), **{**defaults, **details}
    )
    session().add(service)
    session().flush()
    _assign(service.id, team_member_ids)
    publish(ServiceCreated(service_id=service.id))
    return queries.show_service(service.id)


def update_service(*, service_id: UUID, details: dict[str, Any], expected_version: int | None) -> dict[str, Any]:
    """Change a service; visits that are booked keep the price and length that they froze."""
    service = queries.get_service(service_id)
    _lock(service, expected_version)
    team_member_ids = details.pop("team_member_ids", None)
    if details.get("category_id"):
        queries.get_category(details["category_id"])
    for name, value in details.items():
        setattr(service, name, value)
    service.version += 1
    if team_member_ids is not None:
        session().execute(delete(ServiceStaff).where(ServiceStaff.service_id == service_id))
        _assign(service_id, team_member_ids)
    session().flush()
    publish(ServiceChanged(service_id=service_id))
    return queries.show_service(service_id)


def delete_service(*, service_id: UUID) -> None:
    service = queries.get_service(service_id)
    _lock(service, None)
    service.deleted_at = clock.now()
    service.active = False
    service.version += 1
    publish(ServiceChanged(service_id=service_id))


def _assign(service_id: UUID, team_member_ids: list[UUID]) -> None:
    for member_id in dict.fromkeys(team_member_ids):
        team.get_member(member_id)
        session().add(
            ServiceStaff(tenant_id=current_tenant_id(), id=new_id(), service_id=service_id, team_member_id=member_id)
        )
    session().flush()


def _lock(row: Service | ServiceCategory, expected_version: int | None) -> None:
    session().refresh(row, with_for_update=True)
    if expected_version is not None and row.version != expected_version:
        raise PreconditionFailedError
