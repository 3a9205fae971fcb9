# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from tithi.platform.events import Event, fact


@fact
@dataclass(frozen=True, slots=True, kw_only=True)
class HoldCreated(Event):
    code: ClassVar[str] = "hold.created"
    aggregate: ClassVar[str] = "hold_id"
    hold_id: UUID
    expires_at: datetime


@fact
@dataclass(frozen=True, slots=True, kw_only=True)
class HoldExpiredFact(Event):
    code: ClassVar[str] = "hold.expired"
    aggregate: ClassVar[str] = "hold_id"
    hold_id: UUID
