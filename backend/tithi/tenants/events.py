# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from tithi.platform.events import Event, fact


@fact
@dataclass(frozen=True, slots=True, kw_only=True)
class TenantCreated(Event):
    code: ClassVar[str] = "tenant.created"
    aggregate: ClassVar[str] = "tenant_id"
    tenant_id: UUID


@fact
@dataclass(frozen=True, slots=True, kw_only=True)
class LocationsChanged(Event):
    """A location was added to the business, closed or opened again."""

    code: ClassVar[str] = "tenant.locations_changed"
    aggregate: ClassVar[str] = "tenant_id"
    tenant_id: UUID
    location_id: UUID


@fact
@dataclass(frozen=True, slots=True, kw_only=True)
class TenantActivated(Event):
    code: ClassVar[str] = "tenant.activated"
    aggregate: ClassVar[str] = "tenant_id"
    tenant_id: UUID
