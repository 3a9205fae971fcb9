# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

from typing import Any
from uuid import UUID

from tithi.catalog import queries, segments
from tithi.catalog.events import ServiceChanged, ServiceCreated
from tithi.catalog.models import Service
from tithi.catalog.service import parts
from tithi.catalog.service.rows import lock
from tithi.platform import clock
from tithi.platform.db import session
from tithi.platform.errors import InvalidError
from tithi.platform.events import publish
from tithi.platform.ids import new_id
from tithi.platform.tenancy import current_tenant_id

DEFAULTS: dict[str, Any] = {
    "buffer_before_min": 0,
    "buffer_after_min": 0,
    "is_featured": False,
    "sort_order": 0,
    "active": True,
    "kind": "appointment",
    "capacity": 1,
    "requires_approval": False,
    "opens_processing": True,
}


def create_service(*, details: dict[str, Any]) -> dict[str, Any]:
    """Add a service; its segments give the length where there are any."""
    given = parts.taken_from(details)
    stretches = given.get("segments") or []
    if not stretches and "duration_min" not in details:
        raise InvalidError(errors={"duration_min": ["Missing data for required field."]})
    _set_length(details, stretches)
    _refuse_unknown(details)
    service = Service(
        tenant_id=current_tenant_id(), id=new_id(), version=1, created_at=clock.now(), **{**DEFAULTS, **details}
    )
    _check_seats(service)
    session().add(service)
    session().flush()
    parts.replace(service.id, given)
    publish(ServiceCreated(service_id=service.id))
    return queries.show_service(service.id)


def update_service(*, service_id: UUID, details: dict[str, Any], expected_version: int | None) -> dict[str, Any]:
    """Change a service; visits that are booked keep the price and length that they froze."""
    service = queries.get_service(service_id)
    lock(service, expected_version)
    given = parts.taken_from(details)
    if "segments" in given:
        _set_length(details, given["segments"])
    elif "duration_min" in details:
        _set_length(details, queries.segments_of(service_id))
    _refuse_unknown(details)
    for name, value in details.items():
        setattr(service, name, value)
    _check_seats(service)
    service.version += 1
    parts.replace(service_id, given)
    session().flush()
    publish(ServiceChanged(service_id=service_id))
    return queries.show_service(service_id)


def delete_service(*, service_id: UUID) -> None:
    service = queries.get_service(service_id)
    lock(service, None)
    service.deleted_at = clock.now()
    service.active = False
    service.version += 1
    publish(ServiceChanged(service_id=service_id))


def _refuse_unknown(details: dict[str, Any]) -> None:
    if details.get("category_id"):
        queries.get_category(details["category_id"])
    if details.get("tax_rate_id"):
        queries.get_tax_rate(details["tax_rate_id"])


def _set_length(details: dict[str, Any], stretches: list[dict[str, Any]]) -> None:
    if not stretches:
        return
    total = segments.length(stretches)
    if details.get("duration_min", total) != total:
        raise InvalidError(errors={"duration_min": [f"is {total} by the segments"]})
    details["duration_min"] = total


def _check_seats(service: Service) -> None:
    if service.online_capacity is not None and service.online_capacity > service.capacity:
        raise InvalidError(errors={"online_capacity": [f"is at most the capacity, {service.capacity}"]})
