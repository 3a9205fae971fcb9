# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from tithi.platform.events import Event, fact


@fact
@dataclass(frozen=True, slots=True, kw_only=True)
class ResourceCapacityChanged(Event):
    code: ClassVar[str] = "resource.capacity_changed"
    aggregate: ClassVar[str] = "resource_id"
    resource_id: UUID
    capacity: int
