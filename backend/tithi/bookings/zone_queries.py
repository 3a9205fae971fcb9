# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""Visits to come whose instant is no longer the wall-clock time that was agreed, because a zone's rules changed."""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from itertools import islice
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sqlalchemy import text

from tithi.platform import clock, paging
from tithi.platform.db import session
from tithi.platform.tenancy import current_tenant_id

BATCH = 2000
FIRST = UUID(int=0)
_AHEAD = text(
    """
    SELECT a.kind, a.id, a.timezone, a.local_start, a.starts_at FROM (
        SELECT 'booking' AS kind, b.id, b.timezone, b.local_start, b.starts_at FROM bookings b
        WHERE b.tenant_id = :tenant_id AND b.status IN ('pending', 'confirmed') AND b.local_start IS NOT NULL
        AND (b.starts_at, b.id) > (:at, :id)
        UNION ALL
        SELECT 'class_session', s.id, s.timezone, s.local_start, s.starts_at FROM class_sessions s
        WHERE s.tenant_id = :tenant_id AND s.status = 'scheduled' AND (s.starts_at, s.id) > (:at, :id)
    ) AS a
    ORDER BY a.starts_at, a.id LIMIT :limit
    """
)


def list_changes(*, limit: int, cursor: str | None) -> dict[str, Any]:
    """By start; `now_local` is None where the zone is no longer known."""
    after = paging.decode_instant_and_id(cursor) if cursor else (clock.now(), FIRST)
    found, more = paging.split(list(islice(_changes(*after), limit + 1)), limit)
    last = found[-1] if found else None
    return {
        "zone_changes": [_shown(row) for row in found],
        "next_cursor": paging.encode(last.starts_at, last.id) if more and last else None,
    }


def count_changes() -> Counter[str]:
    """How many bookings and class sessions to come are meant, by their kind."""
    return Counter(row.kind for row in _changes(clock.now(), FIRST))


def _changes(at: datetime, row_id: UUID) -> Iterator[Any]:
    while True:
        parameters = {"tenant_id": current_tenant_id(), "at": at, "id": row_id, "limit": BATCH}
        rows = session().execute(_AHEAD, parameters).all()
        yield from (row for row in rows if _local(row) != row.local_start)
        if len(rows) < BATCH:
            return
        at, row_id = rows[-1].starts_at, rows[-1].id


def _local(row: Any) -> datetime | None:  # noqa: ANN401 - a row
    try:
        zone = ZoneInfo(row.timezone)
    except ZoneInfoNotFoundError:
        return None
    found: datetime = row.starts_at.astimezone(zone).replace(tzinfo=None)
    return found


def _shown(row: Any) -> dict[str, Any]:  # noqa: ANN401 - a row
    return {
        "booking_id": row.id if row.kind == "booking" else None,
        "class_session_id": row.id if row.kind == "class_session" else None,
        "timezone": row.timezone,
        "agreed_local": row.local_start,
        "now_local": _local(row),
        "start_time": row.starts_at,
    }
