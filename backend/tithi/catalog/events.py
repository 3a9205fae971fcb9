# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from tithi.platform.events import Event, fact


@fact
@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceCreated(Event):
    code: ClassVar[str] = "service.created"
    aggregate: ClassVar[str] = "service_id"
    service_id: UUID


@fact
@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceChanged(Event):
    code: ClassVar[str] = "service.changed"
    aggregate: ClassVar[str] = "service_id"
    service_id: UUID
