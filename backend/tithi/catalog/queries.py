# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

from collections import defaultdict
from collections.abc import Collection, Sequence
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import QueryableAttribute

from tithi.catalog.errors import AddOnNotFoundError, CategoryNotFoundError, ServiceNotFoundError, TaxRateNotFoundError
from tithi.catalog.models import (
    AddOn,
    Service,
    ServiceAddOn,
    ServiceCategory,
    ServiceNeed,
    ServicePrerequisite,
    ServiceSegment,
    ServiceStaff,
    TaxRate,
)
from tithi.catalog.taxes import Tax
from tithi.platform.db import session
from tithi.platform.tenancy import current_tenant_id
from tithi.resources.models import Resource
from tithi.tenants import queries as tenants

SERVICE_FIELDS = (
    "id", "category_id", "tax_rate_id", "name", "description", "short_description", "instructions", "image_url",
    "duration_min",
    "buffer_before_min", "buffer_after_min", "slot_interval_min", "price_cents", "is_featured", "sort_order", "active",
    "version", "kind", "capacity", "online_capacity", "requires_approval", "opens_processing", "min_notice_minutes",
    "max_advance_days",
)  # fmt: skip
ADD_ON_FIELDS = (
    "id", "name", "description", "price_cents", "duration_min", "is_active", "sort_order", "version",
)  # fmt: skip

Part = TypeVar("Part", ServiceStaff, ServiceSegment, ServiceNeed, ServicePrerequisite)


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


def list_tax_rates() -> list[TaxRate]:
    statement = select(TaxRate).where(TaxRate.deleted_at.is_(None)).order_by(TaxRate.created_at, TaxRate.id)
    return list(session().scalars(statement))


def get_tax_rate(rate_id: UUID) -> TaxRate:
    """Raises TaxRateNotFound, also for one that was deleted."""
    found = session().get(TaxRate, (current_tenant_id(), rate_id))
    if found is None or found.deleted_at is not None:
        raise TaxRateNotFoundError
    return found


def tax_of(service: Service) -> Tax | None:
    """The tax that holds for a service now: its own while that is active, else the default one."""
    own = TaxRate.id == service.tax_rate_id
    statement = select(TaxRate).where(TaxRate.is_active, own | TaxRate.is_default).order_by(own.desc().nulls_last())
    found = session().scalars(statement.limit(1)).one_or_none()
    return Tax(found.id, found.name, found.basis_points, found.is_inclusive) if found else None


def get_service(service_id: UUID) -> Service:
    """Raises ServiceNotFound, also for one that was deleted."""
    found = session().get(Service, (current_tenant_id(), service_id))
    if found is None or found.deleted_at is not None:
        raise ServiceNotFoundError
    return found


def refuse_unknown_services(service_ids: Collection[UUID]) -> None:
    """Raises ServiceNotFound when one of them is unknown or was deleted; one statement."""
    wanted = set(service_ids)
    known = session().scalars(select(Service.id).where(Service.id.in_(wanted), Service.deleted_at.is_(None))).all()
    if len(known) < len(wanted):
        raise ServiceNotFoundError


def list_add_ons() -> list[dict[str, Any]]:
    statement = select(AddOn).where(AddOn.deleted_at.is_(None)).order_by(AddOn.sort_order, AddOn.name, AddOn.id)
    currency = tenants.get_tenant().currency
    return [_shown_add_on(one, currency) for one in session().scalars(statement)]


def get_add_on(add_on_id: UUID) -> AddOn:
    """Raises AddOnNotFound, also for one that was deleted."""
    found = session().get(AddOn, (current_tenant_id(), add_on_id))
    if found is None or found.deleted_at is not None:
        raise AddOnNotFoundError
    return found


def show_add_on(add_on_id: UUID) -> dict[str, Any]:
    return _shown_add_on(get_add_on(add_on_id), tenants.get_tenant().currency)


def refuse_unknown_add_ons(add_on_ids: Collection[UUID]) -> None:
    """Raises AddOnNotFound when one of them is unknown or was deleted; one statement."""
    wanted = set(add_on_ids)
    known = session().scalars(select(AddOn.id).where(AddOn.id.in_(wanted), AddOn.deleted_at.is_(None))).all()
    if len(known) < len(wanted):
        raise AddOnNotFoundError


def _shown_add_on(add_on: AddOn, currency: str) -> dict[str, Any]:
    return {**{name: getattr(add_on, name) for name in ADD_ON_FIELDS}, "currency": currency}


def list_services(*, active_only: bool = False, category_id: UUID | None = None) -> list[dict[str, Any]]:
    """Every service with its parts; as many statements for a hundred services as for one."""
    statement = select(Service).where(Service.deleted_at.is_(None))
    if active_only:
        statement = statement.where(Service.active)
    if category_id is not None:
        statement = statement.where(Service.category_id == category_id)
    return _with_parts(session().scalars(statement.order_by(Service.sort_order, Service.name, Service.id)).all())


def public_services() -> list[dict[str, Any]]:
    """What can be booked, as customers see it."""
    found = list_services(active_only=True)
    for one in found:
        one["add_ons"] = [add_on for add_on in one["add_ons"] if add_on["is_active"]]
        own = ("duration_min", "price_cents")
        one["staff"] = [
            {**who, **{name: one[name] if who[name] is None else who[name] for name in own}} for who in one["staff"]
        ]
    return found


def show_service(service_id: UUID) -> dict[str, Any]:
    (found,) = _with_parts([get_service(service_id)])
    return found


def segments_of(service_id: UUID) -> list[dict[str, Any]]:
    rows = _rows(ServiceSegment, [service_id], ServiceSegment.position)[service_id]
    return [{"kind": one.kind, "duration_min": one.duration_min} for one in rows]


def _with_parts(services: Sequence[Service]) -> list[dict[str, Any]]:
    ids = [service.id for service in services]
    currency = tenants.get_tenant().currency
    staff = _rows(ServiceStaff, ids, ServiceStaff.id)
    segments = _rows(ServiceSegment, ids, ServiceSegment.position)
    needs = _rows(ServiceNeed, ids, ServiceNeed.id)
    prerequisites = _rows(ServicePrerequisite, ids, ServicePrerequisite.id)
    add_ons = _add_ons_by_service(ids)
    return [
        {
            **{name: getattr(service, name) for name in SERVICE_FIELDS},
            "currency": currency,
            "team_member_ids": [one.team_member_id for one in staff[service.id]],
            "staff": [
                {"team_member_id": one.team_member_id, "duration_min": one.duration_min, "price_cents": one.price_cents}
                for one in staff[service.id]
            ],
            "segments": segments[service.id],
            "needs": _grouped(needs[service.id]),
            "prerequisites": [
                {
                    "service_id": one.required_service_id,
                    "within_days": one.within_days,
                    "at_least_hours": one.at_least_hours,
                }
                for one in prerequisites[service.id]
            ],
            "add_ons": [_shown_add_on(one, currency) for one in add_ons[service.id]],
            "add_on_ids": [one.id for one in add_ons[service.id]],
        }
        for service in services
    ]


def _rows(
    part: type[Part], service_ids: Sequence[UUID], order: QueryableAttribute[Any]
) -> defaultdict[UUID, list[Part]]:
    grouped: defaultdict[UUID, list[Part]] = defaultdict(list)
    for row in session().scalars(select(part).where(part.service_id.in_(service_ids)).order_by(order)):
        grouped[row.service_id].append(row)
    return grouped


def _add_ons_by_service(service_ids: Sequence[UUID]) -> defaultdict[UUID, list[AddOn]]:
    statement = (
        select(ServiceAddOn.service_id, AddOn)
        .join(AddOn, (AddOn.tenant_id == ServiceAddOn.tenant_id) & (AddOn.id == ServiceAddOn.add_on_id))
        .where(ServiceAddOn.service_id.in_(service_ids), AddOn.deleted_at.is_(None))
        .order_by(AddOn.sort_order, AddOn.name, AddOn.id)
    )
    grouped: defaultdict[UUID, list[AddOn]] = defaultdict(list)
    for row in session().execute(statement):
        grouped[row.service_id].append(row.AddOn)
    return grouped


def _grouped(needs: Sequence[ServiceNeed]) -> list[dict[str, Any]]:
    numbers = sorted({one.need for one in needs})
    return [{"resource_ids": [one.resource_id for one in needs if one.need == number]} for number in numbers]


def staff_of(service_id: UUID) -> set[UUID]:
    """The people who are named for a service; nobody: everybody does it."""
    return set(session().scalars(select(ServiceStaff.team_member_id).where(ServiceStaff.service_id == service_id)))


def rooms_of_needs(service_id: UUID) -> list[Any]:
    """The rooms that serve each need, those that cannot be used included: rows in the order of the needs."""
    return list(
        session().execute(
            select(
                ServiceNeed.need,
                Resource.id,
                Resource.name,
                Resource.location_id,
                Resource.is_active,
                Resource.removed_at.is_not(None),
            )
            .join(Resource, (Resource.tenant_id == ServiceNeed.tenant_id) & (Resource.id == ServiceNeed.resource_id))
            .where(ServiceNeed.service_id == service_id)
            .order_by(ServiceNeed.need, Resource.created_at, Resource.id)
        )
    )
