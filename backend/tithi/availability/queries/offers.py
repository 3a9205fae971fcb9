# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import text

from tithi.availability import slots
from tithi.availability.slots import Demand, Span, WeeklyHours
from tithi.catalog.errors import ServiceNotFoundError
from tithi.platform import clock
from tithi.platform.db import session
from tithi.platform.tenancy import current_tenant_id
from tithi.team.errors import TeamMemberNotFoundError

LONGEST_CLAIM = timedelta(hours=48)
LONGEST_PERIOD_DAYS = 62
MOST_ALTERNATIVES = 5
ALTERNATIVE_DAYS = 7


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody who can do the service: a resource with its lanes, at a location's time zone."""

    team_member_id: UUID
    resource_id: UUID
    location_id: UUID
    name: str
    zone: str
    lanes: int
    rules: tuple[WeeklyHours, ...]
    opened: tuple[tuple[datetime, datetime], ...]
    closed: tuple[tuple[datetime, datetime], ...]


@dataclass(frozen=True, slots=True)
class Offer:
    """A service as it can be booked now, with everybody who can do it; money in minor units of `currency`."""

    service_id: UUID
    name: str
    price_cents: int
    currency: str
    demand: Demand
    policy: dict[str, Any]
    policy_version: int
    candidates: tuple[Candidate, ...]

    def bounds(self, *, staff: bool = False) -> tuple[int, int]:
        """The earliest and latest start that notice and advance allow, in epoch minutes."""
        now = clock.now()
        notice = 0 if staff else int(self.policy["min_notice_minutes"])
        earliest = -(-int(now.timestamp()) // 60) + notice
        return earliest, slots.to_epoch_minute(now + timedelta(days=int(self.policy["max_advance_days"])))


_OFFER = text(
    """
    WITH staff AS MATERIALIZED (
        SELECT m.id, m.resource_id, m.location_id, m.display_name, l.timezone, r.capacity, m.created_at
        FROM team_members m
        JOIN locations l ON l.tenant_id = m.tenant_id AND l.id = m.location_id
        JOIN resources r ON r.tenant_id = m.tenant_id AND r.id = m.resource_id
        WHERE m.tenant_id = :tenant_id AND m.is_active AND m.removed_at IS NULL AND r.is_active AND l.is_active
        AND (CAST(:member_id AS uuid) IS NULL OR m.id = :member_id)
        AND coalesce(m.id = ANY(CAST((SELECT array_agg(a.team_member_id) FROM service_staff a
            WHERE a.tenant_id = :tenant_id AND a.service_id = :service_id) AS uuid[])), true)
    )
    SELECT s.name, s.price_cents, s.duration_min, s.buffer_before_min, s.buffer_after_min,
        coalesce(s.slot_interval_min, t.slot_interval_minutes) AS step, t.currency, t.policy, t.policy_version,
        (SELECT json_agg(json_build_array(id, resource_id, location_id, display_name, timezone, capacity)
            ORDER BY created_at, id) FROM staff) AS staff,
        (SELECT json_agg(json_build_array(
            h.resource_id, h.weekday, h.start_minute, h.end_minute, h.valid_from, h.valid_to))
            FROM availability_rules h JOIN staff USING (resource_id) WHERE h.tenant_id = :tenant_id
            AND (h.service_id IS NULL OR h.service_id = :service_id)
            AND (h.valid_from IS NULL OR h.valid_from <= CAST(:last AS date) + 1)
            AND (h.valid_to IS NULL OR h.valid_to >= CAST(:first AS date) - 2)) AS rules,
        (SELECT json_agg(json_build_array(x.resource_id, x.kind, x.starts_local, x.ends_local))
            FROM availability_exceptions x WHERE x.tenant_id = :tenant_id
            AND (x.resource_id IS NULL OR x.resource_id IN (SELECT resource_id FROM staff))
            AND x.starts_local < CAST(:last AS date) + 2 AND x.ends_local > CAST(:first AS date) - 2) AS exceptions
    FROM services s JOIN tenants t ON t.id = s.tenant_id
    WHERE s.tenant_id = :tenant_id AND s.id = :service_id AND s.active AND s.deleted_at IS NULL
    """
)


def offer(*, service_id: UUID, team_member_id: UUID | None, first: date, last: date) -> Offer:
    """The service, and who can do it with their hours from `first` to `last`, in one statement.

    Raises:
        ServiceNotFound: there is no such service, or it cannot be booked.
        TeamMemberNotFound: the named person does not do it.
    """
    row = (
        session()
        .execute(
            _OFFER,
            {
                "tenant_id": current_tenant_id(),
                "service_id": service_id,
                "member_id": team_member_id,
                "first": first,
                "last": last,
            },
        )
        .one_or_none()
    )
    if row is None:
        raise ServiceNotFoundError
    if team_member_id is not None and not row.staff:
        raise TeamMemberNotFoundError
    return Offer(
        service_id=service_id,
        name=row.name,
        price_cents=row.price_cents,
        currency=row.currency,
        demand=Demand(row.duration_min, row.buffer_before_min, row.buffer_after_min, row.step),
        policy=row.policy,
        policy_version=row.policy_version,
        candidates=_candidates(row.staff or [], row.rules or [], row.exceptions or []),
    )


def _candidates(staff: list[Any], rules: list[Any], exceptions: list[Any]) -> tuple[Candidate, ...]:
    hours: defaultdict[str, list[WeeklyHours]] = defaultdict(list)
    for resource_id, weekday, start, end, valid_from, valid_to in rules:
        hours[resource_id].append(WeeklyHours(weekday, start, end, _date(valid_from), _date(valid_to)))
    spans: dict[str, defaultdict[str | None, list[tuple[datetime, datetime]]]] = {
        "open": defaultdict(list),
        "closed": defaultdict(list),
    }
    for resource_id, kind, starts, ends in exceptions:
        spans[kind][resource_id].append((datetime.fromisoformat(starts), datetime.fromisoformat(ends)))
    return tuple(
        Candidate(
            team_member_id=UUID(member_id),
            resource_id=UUID(resource_id),
            location_id=UUID(location_id),
            name=name,
            zone=zone,
            lanes=capacity,
            rules=tuple(hours[resource_id]),
            opened=tuple(spans["open"][resource_id] + spans["open"][None]),
            closed=tuple(spans["closed"][resource_id] + spans["closed"][None]),
        )
        for member_id, resource_id, location_id, name, zone, capacity in staff
    )


@lru_cache(maxsize=4096)
def _date(value: str | None) -> date | None:
    return date.fromisoformat(value) if value else None


def windows(candidate: Candidate, first: date, last: date) -> list[Span]:
    """When the candidate works, from the evening before `first` to `last`, in epoch minutes."""
    spans = slots.windows_of_rules(candidate.rules, candidate.zone, first - timedelta(days=1), last)
    if candidate.opened:
        spans = slots.merge([*spans, *_local_spans(candidate.opened, candidate.zone)])
    if candidate.closed:
        spans = slots.subtract(spans, slots.merge(_local_spans(candidate.closed, candidate.zone)))
    return spans


def _local_spans(spans: Iterable[tuple[datetime, datetime]], zone: str) -> list[Span]:
    found = [(slots.local_minute(start, zone), slots.local_minute(end, zone)) for start, end in spans]
    return [span for span in found if span[0] < span[1]]


_TAKEN = text(
    """
    SELECT c.resource_id, c.lane, array_agg(extract(epoch FROM c.starts_at)::bigint) AS starts,
        array_agg(extract(epoch FROM c.ends_at)::bigint) AS ends
    FROM claims c
    WHERE c.tenant_id = :tenant_id AND c.resource_id = ANY(CAST(:resource_ids AS uuid[])) AND c.active
    AND c.starts_at < :until AND c.starts_at > :long_before AND c.ends_at > :since
    AND (c.expires_at IS NULL OR c.expires_at > :now)
    GROUP BY c.resource_id, c.lane
    """
)


def taken(resource_ids: Sequence[UUID], since: datetime, until: datetime) -> dict[tuple[UUID, int], list[Span]]:
    """The claimed spans of each lane of the resources between two instants, in one statement."""
    rows = session().execute(
        _TAKEN,
        {
            "tenant_id": current_tenant_id(),
            "resource_ids": [str(resource_id) for resource_id in resource_ids],
            "since": since,
            "until": until,
            "long_before": since - LONGEST_CLAIM,
            "now": clock.now(),
        },
    )
    return {
        (row.resource_id, row.lane): [
            (start // 60, -(-end // 60)) for start, end in zip(row.starts, row.ends, strict=True)
        ]
        for row in rows
    }
