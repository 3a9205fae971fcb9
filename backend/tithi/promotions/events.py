# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from tithi.platform.events import Event, fact


@fact
@dataclass(frozen=True, slots=True, kw_only=True)
class GiftCardHandedOver(Event):
    """A gift card that is to reach its recipient now."""

    code: ClassVar[str] = "gift_card.handed_over"
    aggregate: ClassVar[str] = "sale_id"
    sale_id: UUID
    handed_over_at: datetime
