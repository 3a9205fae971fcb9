# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from tithi.platform.events import Event, fact


@fact
@dataclass(frozen=True, slots=True, kw_only=True)
class MessageQueued(Event):
    code: ClassVar[str] = "message.queued"
    aggregate: ClassVar[str] = "message_id"
    message_id: UUID


@fact
@dataclass(frozen=True, slots=True, kw_only=True)
class MessageSent(Event):
    code: ClassVar[str] = "message.sent"
    aggregate: ClassVar[str] = "message_id"
    message_id: UUID


@fact
@dataclass(frozen=True, slots=True, kw_only=True)
class MessageFailed(Event):
    code: ClassVar[str] = "message.failed"
    aggregate: ClassVar[str] = "message_id"
    message_id: UUID
    reason: str
