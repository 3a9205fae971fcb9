# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

import time
from dataclasses import dataclass
from threading import Lock
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, text

from tithi.platform import pipeline
from tithi.platform.access import Dues, TenantInfo, TenantNotFoundError
from tithi.platform.db import session, transaction
from tithi.platform.tenancy import current_tenant_id, scope_without_tenant
from tithi.tenants import policy, scheduling
from tithi.tenants.errors import LocationNotFoundError
from tithi.tenants.models import Location, Tenant

CACHE_SECONDS = 5.0
MOST_CACHED = 10_000
FOUND = "SELECT id, slug, status, created_at, subscription_status, trial_ends_at, past_due_since FROM"


@dataclass(frozen=True, slots=True)
class _Cached:
    tenant: TenantInfo
    until: float


class TenantDirectory:
    """Finds a tenant before any is known; what it found is kept for five seconds."""

    def __init__(self) -> None:
        self._cache: dict[str | UUID, _Cached] = {}
        self._lock = Lock()

    def by_slug(self, slug: str) -> TenantInfo | None:
        if len(slug) > 63 or not slug.isascii() or "\x00" in slug:  # noqa: PLR2004 - the longest DNS label
            return None
        return self._find(slug, f"{FOUND} directory_tenant_by_slug(:key)")

    def by_id(self, tenant_id: UUID) -> TenantInfo | None:
        return self._find(tenant_id, f"{FOUND} directory_tenant_by_id(:key)")

    def forget(self) -> None:
        with self._lock:
            self._cache.clear()

    def _find(self, key: str | UUID, statement: str) -> TenantInfo | None:
        cached = self._cache.get(key)
        if cached is not None and cached.until > time.monotonic():
            return cached.tenant
        with scope_without_tenant(), transaction() as current:
            row = current.execute(text(statement), {"key": key}).one_or_none()
        if row is None:
            return None
        dues = Dues(row.subscription_status, row.trial_ends_at, row.past_due_since)
        found = TenantInfo(row.id, row.slug, row.status, row.created_at, dues)
        with self._lock:
            if len(self._cache) >= MOST_CACHED:
                self._cache.clear()
            self._cache[key] = _Cached(found, time.monotonic() + CACHE_SECONDS)
        return found


directory = TenantDirectory()


def get_tenant() -> Tenant:
    """The tenant of the open scope."""
    found = session().get(Tenant, current_tenant_id())
    if found is None:
        raise TenantNotFoundError
    return found


def list_locations() -> list[Location]:
    return list(session().scalars(select(Location).order_by(Location.created_at, Location.id)))


def count_active_locations() -> int:
    return session().execute(select(func.count()).select_from(Location).where(Location.is_active)).scalar_one()


def get_location(location_id: UUID) -> Location:
    found = session().get(Location, (current_tenant_id(), location_id))
    if found is None:
        raise LocationNotFoundError
    return found


def first_location() -> Location:
    """The location that work without a named one belongs to."""
    statement = select(Location).where(Location.is_active).order_by(Location.created_at, Location.id).limit(1)
    found = session().scalars(statement).one_or_none()
    if found is None:
        raise LocationNotFoundError
    return found


def tenants_of_user() -> list[dict[str, Any]]:
    """The businesses of the open scope's user, with the role in each."""
    rows = session().execute(text("SELECT * FROM directory_tenants_of_current_user() ORDER BY name, id")).mappings()
    return [dict(row) for row in rows]


def public_info() -> dict[str, Any]:
    """What anybody who asks for its site may know of the business."""
    tenant = get_tenant()
    location = first_location()
    return {
        "tenant_id": tenant.id,
        "slug": tenant.slug,
        "name": tenant.name,
        "description": tenant.description,
        "email": tenant.email,
        "phone": tenant.phone,
        "currency": tenant.currency,
        "timezone": location.timezone,
        "address": location.address,
        "accepts_bookings": tenant.status == "active" and pipeline.is_entitled("new_bookings"),
    }


def show_policy() -> dict[str, Any]:
    tenant = get_tenant()
    return {**policy.effective(tenant.policy), "version": tenant.version}


def show_scheduling() -> dict[str, Any]:
    tenant = get_tenant()
    return {**scheduling.effective(tenant.scheduling), "version": tenant.version}


def public_policy() -> dict[str, Any]:
    """The policy as a booking made now would freeze it."""
    tenant = get_tenant()
    return policy.snapshot(tenant.policy, tenant.policy_version)
