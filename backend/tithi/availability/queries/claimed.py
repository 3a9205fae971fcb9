# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""What is taken, by whom."""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import text

from tithi.availability.queries.offers import LONGEST_CLAIM, Taken
from tithi.availability.slots import Span
from tithi.platform import clock
from tithi.platform.db import session
from tithi.platform.tenancy import current_tenant_id

# A day of many people has hundreds of claims: their ids as text cost nothing.
_CLAIMED = text(
    """
    SELECT c.resource_id::text, c.lane, extract(epoch FROM c.starts_at)::bigint AS starts,
        extract(epoch FROM c.ends_at)::bigint AS ends, c.soft, c.kind, c.owner_id::text, c.expires_at
    FROM claims c
    WHERE c.tenant_id = :tenant_id AND c.resource_id = ANY(CAST(:resource_ids AS uuid[])) AND c.active
    AND c.starts_at < :until AND c.starts_at > :long_before AND c.ends_at > :since
    AND (c.expires_at IS NULL OR c.expires_at > :now)
    """
)


class Claimed(NamedTuple):
    """Time taken on one lane, in epoch minutes; `owner_id` is the booking, hold, block or session that has it."""

    resource_id: UUID
    lane: int
    start: int
    end: int
    soft: bool
    kind: str
    owner_id: str
    expires_at: datetime | None

    @property
    def span(self) -> Span:
        return self.start, self.end


def claimed(resource_ids: Iterable[UUID], since: datetime, until: datetime) -> list[Claimed]:
    """The claims that `taken` sees, each with its owner, in one statement."""
    by_text = {str(resource_id): resource_id for resource_id in resource_ids}
    rows = session().execute(
        _CLAIMED,
        {
            "tenant_id": current_tenant_id(),
            "resource_ids": list(by_text),
            "since": since,
            "until": until,
            "long_before": since - LONGEST_CLAIM,
            "now": clock.now(),
        },
    )
    return [
        Claimed(
            by_text[row.resource_id],
            row.lane,
            row.starts // 60,
            -(-row.ends // 60),
            row.soft,
            row.kind,
            row.owner_id,
            row.expires_at,
        )
        for row in rows
    ]


def taken_by(claims: Iterable[Claimed]) -> dict[tuple[UUID, int], Taken]:
    """The same as the search sees it."""
    hard: dict[tuple[UUID, int], list[Span]] = {}
    soft: dict[tuple[UUID, int], list[Span]] = {}
    for one in claims:
        (soft if one.soft else hard).setdefault((one.resource_id, one.lane), []).append(one.span)
    return {lane: Taken(tuple(hard.get(lane, ())), tuple(soft.get(lane, ()))) for lane in hard.keys() | soft.keys()}
