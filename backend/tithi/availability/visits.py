# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""What a search asks about the visits that there are, which are kept on a higher floor."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from flask import current_app

from tithi.availability.slots import Span


@dataclass(frozen=True, slots=True)
class Stay:
    """What one item of a visit to come takes of one lane of a room; spans are in epoch minutes."""

    owner_id: UUID
    item_id: UUID
    service_id: UUID
    location_id: UUID
    place: tuple[UUID, int]
    start: int
    end: int
    spans: tuple[Span, ...]


class Visits(Protocol):
    """The bounds are instants, the end excluded; what belongs to `except_owner` is left out."""

    def starts_of_staff(
        self, *, member_ids: Collection[UUID], since: datetime, until: datetime, except_owner: UUID
    ) -> dict[UUID, list[datetime]]:
        """When the visits of some people begin, by person, in one statement."""
        ...

    def stays_in(self, *, rooms: Collection[UUID], since: datetime, until: datetime, except_owner: UUID) -> list[Stay]:
        """What visits to come take of some rooms, in one statement."""
        ...


def visits() -> Visits:
    found: Visits = current_app.extensions["tithi.visits"]
    return found
