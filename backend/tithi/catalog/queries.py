# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

from collections import defaultdict
from typing import Any
from uuid import UUID

from sqlalchemy import select

from tithi.catalog.errors import CategoryNotFoundError, ServiceNotFoundError
from tithi.catalog.models import Service, ServiceCategory, ServiceStaff
from tithi.platform.db import session
from tithi.platform.tenancy import current_tenant_id
from tithi.tenants import queries as tenants

SERVICE_FIELDS = (
    "id", "category_id", "name", "description", "short_description", "instructions", "image_url", "duration_min",
    "buffer_before_min", "buffer_after_min", "slot_interval_min", "price_cents", "is_featured", "sort_order", "active",
    "version",
)  # fmt: skip


def list_categories() -> list[ServiceCategory]:
    statement = (
        select(ServiceCategory)
        .where(ServiceCategory.deleted_at.is_(None))
        .order_by(ServiceCategory.sort_order, ServiceCategory.name, ServiceCategory.id)
    )
    return list(session().scalars(statement))


def get_category(category_id: UUID) -> ServiceCategory:
    found = session().get(ServiceCategory, (current_tenant_id(), category_id))
    if found is None or found.deleted_at is not None:
        raise CategoryNotFoundError
    return found


def get_service(service_id: UUID) -> Service:
    """Raises ServiceNotFound, also for one that was deleted."""
    found = session().get(Service, (current_tenant_id(), service_id))
    if found is None or found.deleted_at is not None:
        raise ServiceNotFoundError
    return found


def list_services(*, active_only: bool = False, category_id: UUID | None = None) -> list[dict[str, Any]]:
    statement = select(Service).where(Service.deleted_at.is_(None))
    if active_only:
        statement = statement.where(Service.active)
    if category_id is not None:
        statement = statement.where(Service.category_id == category_id)
    found = session().scalars(statement.order_by(Service.sort_order, Service.name, Service.id)).all()
    currency = tenants.get_tenant().currency
    staff = _staff_by_service()
    return [_shown(service, currency, staff.get(service.id, [])) for service in found]


def show_service(service_id: UUID) -> dict[str, Any]:
    return _shown(
        get_service(service_id), tenants.get_tenant().currency, _staff_by_service(service_id).get(service_id, [])
    )


def _shown(service: Service, currency: str, team_member_ids: list[UUID]) -> dict[str, Any]:
    fields = {name: getattr(service, name) for name in SERVICE_FIELDS}
    return {**fields, "currency": currency, "team_member_ids": team_member_ids}


def _staff_by_service(service_id: UUID | None = None) -> dict[UUID, list[UUID]]:
    statement = select(ServiceStaff.service_id, ServiceStaff.team_member_id).order_by(ServiceStaff.id)
    if service_id is not None:
        statement = statement.where(ServiceStaff.service_id == service_id)
    grouped: defaultdict[UUID, list[UUID]] = defaultdict(list)
    for row in session().execute(statement):
        grouped[row.service_id].append(row.team_member_id)
    return grouped
