# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

from typing import Any
from uuid import UUID

from sqlalchemy.exc import IntegrityError

from tithi.platform import clock
from tithi.platform.db import session
from tithi.platform.errors import PreconditionFailedError
from tithi.platform.events import publish
from tithi.platform.ids import new_id
from tithi.platform.tenancy import current_tenant_id
from tithi.tenants import queries, scheduling, slugs
from tithi.tenants.errors import SlugFixedError, SlugTakenError, SlugUnusableError, StatusConflictError
from tithi.tenants.events import LocationsChanged, TenantActivated, TenantCreated
from tithi.tenants.models import Location, Tenant
from tithi.tenants.policy import DEFAULT_POLICY


def usable_slug(text: str) -> str:
    slug = slugs.normalise(text)
    if not slugs.is_usable(slug):
        raise SlugUnusableError(errors={"slug": [SlugUnusableError.title]})
    return slug


def create(*, tenant_id: UUID, details: dict[str, Any]) -> Tenant:
    """Insert the business and its first location, inside the scope of `tenant_id`."""
    now = clock.now()
    location = details.pop("location")
    tenant = Tenant(
        id=tenant_id,
        slug=usable_slug(details.pop("slug")),
        status="onboarding",
        policy=DEFAULT_POLICY,
        scheduling={},
        policy_version=1,
        version=1,
        slot_interval_minutes=details.pop("slot_interval_minutes", 15),
        created_at=now,
        updated_at=now,
        **details,
    )
    session().add(tenant)
    try:
        session().flush()
    except IntegrityError as error:
        raise SlugTakenError from error
    _insert_location(location)
    publish(TenantCreated(tenant_id=tenant_id))
    return tenant


def update(*, details: dict[str, Any], expected_version: int | None) -> Tenant:
    tenant = _locked(expected_version)
    was_active = tenant.status == "active"
    if details.get("status") == "ready" and tenant.status != "onboarding":
        raise StatusConflictError(details={"status": tenant.status})
    if "slug" in details:
        details["slug"] = usable_slug(details["slug"])
        if details["slug"] != tenant.slug and tenant.status not in {"onboarding", "ready"}:
            raise SlugFixedError
    for name, value in details.items():
        setattr(tenant, name, value)
    tenant.version += 1
    tenant.updated_at = clock.now()
    try:
        session().flush()
    except IntegrityError as error:
        raise SlugTakenError from error
    if tenant.status == "active" and not was_active:
        publish(TenantActivated(tenant_id=tenant.id))
    queries.directory.forget()
    return tenant


def update_policy(*, changes: dict[str, Any], expected_version: int | None) -> Tenant:
    """Change the policy; bookings made before keep the one that they froze."""
    tenant = _locked(expected_version)
    tenant.policy = {**tenant.policy, **changes}
    tenant.policy_version += 1
    tenant.version += 1
    tenant.updated_at = clock.now()
    return tenant


def update_scheduling(*, changes: dict[str, Any], expected_version: int | None) -> Tenant:
    tenant = _locked(expected_version)
    tenant.scheduling = scheduling.merged(tenant.scheduling, changes)
    tenant.version += 1
    tenant.updated_at = clock.now()
    return tenant


def add_location(*, details: dict[str, Any]) -> Location:
    location = _insert_location(details)
    publish(LocationsChanged(tenant_id=location.tenant_id, location_id=location.id))
    return location


def _insert_location(details: dict[str, Any]) -> Location:
    location = Location(
        id=new_id(),
        tenant_id=current_tenant_id(),
        name=details["name"],
        timezone=details["timezone"],
        address=details.get("address", {}),
        phone=details.get("phone"),
        is_active=True,
        version=1,
        created_at=clock.now(),
    )
    session().add(location)
    session().flush()
    return location


def update_location(*, location_id: UUID, details: dict[str, Any], expected_version: int | None) -> Location:
    location = queries.get_location(location_id)
    session().refresh(location, with_for_update=True)
    if expected_version is not None and location.version != expected_version:
        raise PreconditionFailedError
    was_active = location.is_active
    for name, value in details.items():
        setattr(location, name, value)
    location.version += 1
    session().flush()
    if location.is_active != was_active:
        publish(LocationsChanged(tenant_id=location.tenant_id, location_id=location.id))
    return location


def _locked(expected_version: int | None) -> Tenant:
    tenant = queries.get_tenant()
    session().refresh(tenant, with_for_update=True)
    if expected_version is not None and tenant.version != expected_version:
        raise PreconditionFailedError
    return tenant
