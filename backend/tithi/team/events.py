# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from tithi.platform.events import Event, fact


@fact
@dataclass(frozen=True, slots=True, kw_only=True)
class TeamMemberAdded(Event):
    code: ClassVar[str] = "team_member.added"
    aggregate: ClassVar[str] = "team_member_id"
    team_member_id: UUID


@fact
@dataclass(frozen=True, slots=True, kw_only=True)
class TeamMemberRemoved(Event):
    code: ClassVar[str] = "team_member.removed"
    aggregate: ClassVar[str] = "team_member_id"
    team_member_id: UUID
