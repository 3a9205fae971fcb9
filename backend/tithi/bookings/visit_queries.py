# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""What the search for time asks about visits: implements `tithi.availability.visits.Visits`."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy import text

from tithi.availability.queries import Stay
from tithi.platform import clock
from tithi.platform.db import session
from tithi.platform.tenancy import current_tenant_id

_STARTS = text(
    """
    SELECT i.team_member_id, i.starts_at
    FROM booking_items i JOIN bookings b ON b.tenant_id = i.tenant_id AND b.id = i.booking_id
    WHERE i.tenant_id = :tenant_id AND i.team_member_id = ANY(CAST(:member_ids AS uuid[])) AND i.status = 'booked'
    AND b.status NOT IN ('canceled', 'failed') AND b.id <> :except_owner
    AND i.starts_at >= :since AND i.starts_at < :until
    """
)


def starts_of_staff(
    *, member_ids: Collection[UUID], since: datetime, until: datetime, except_owner: UUID
) -> dict[UUID, list[datetime]]:
    found: dict[UUID, list[datetime]] = {member_id: [] for member_id in member_ids}
    parameters = {"member_ids": [str(one) for one in member_ids], "since": since, "until": until}
    rows = session().execute(_STARTS, {"tenant_id": current_tenant_id(), "except_owner": except_owner, **parameters})
    for row in rows:
        found[row.team_member_id].append(row.starts_at)
    return found


_STAYS = text(
    """
    SELECT c.owner_id, c.item_id, i.service_id, b.location_id, c.resource_id, c.lane,
        extract(epoch FROM i.starts_at)::bigint AS start, extract(epoch FROM i.ends_at)::bigint AS until,
        array_agg(extract(epoch FROM c.starts_at)::bigint) AS starts,
        array_agg(extract(epoch FROM c.ends_at)::bigint) AS ends
    FROM claims c
    JOIN booking_items i ON i.tenant_id = c.tenant_id AND i.id = c.item_id
    JOIN bookings b ON b.tenant_id = c.tenant_id AND b.id = c.owner_id
    WHERE c.tenant_id = :tenant_id AND c.resource_id = ANY(CAST(:rooms AS uuid[])) AND c.active AND NOT c.override
    AND c.kind = 'booking' AND c.starts_at > CAST(:since AS timestamptz) - interval '48 hours'
    AND c.starts_at < CAST(:until AS timestamptz) + interval '48 hours'
    AND (c.expires_at IS NULL OR c.expires_at > :now) AND c.owner_id <> :except_owner
    AND i.starts_at < :until AND i.ends_at > :since
    AND b.starts_at > :now AND b.status IN ('pending', 'confirmed')
    GROUP BY c.owner_id, c.item_id, i.service_id, b.location_id, c.resource_id, c.lane, i.starts_at, i.ends_at
    ORDER BY i.starts_at, c.item_id
    """
)


def stays_in(*, rooms: Collection[UUID], since: datetime, until: datetime, except_owner: UUID) -> list[Stay]:
    rows = session().execute(
        _STAYS,
        {
            "tenant_id": current_tenant_id(),
            "rooms": [str(room) for room in rooms],
            "since": since,
            "until": until,
            "now": clock.now(),
            "except_owner": except_owner,
        },
    )
    return [
        Stay(
            owner_id=row.owner_id,
            item_id=row.item_id,
            service_id=row.service_id,
            location_id=row.location_id,
            place=(row.resource_id, row.lane),
            start=row.start // 60,
            end=-(-row.until // 60),
            spans=tuple((start // 60, -(-end // 60)) for start, end in zip(row.starts, row.ends, strict=True)),
        )
        for row in rows
    ]
