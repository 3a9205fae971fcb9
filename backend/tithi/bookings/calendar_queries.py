# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""The calendar: what people and rooms have on some days, in five statements however many they are."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping, text

from tithi.availability import hours, slots
from tithi.availability.queries.places import Facts, facts_of
from tithi.availability.slots import Span
from tithi.bookings import calendar_days
from tithi.platform import clock
from tithi.platform.db import session
from tithi.platform.tenancy import current_tenant_id
from tithi.tenants.errors import LocationNotFoundError

LONGEST_CLAIM = timedelta(hours=48)
LONGEST_VISIT = timedelta(days=3)
Rows = Sequence[RowMapping]


@dataclass(frozen=True, slots=True)
class Column:
    """Somebody or something whose time is shown, where and in which zone."""

    resource_id: UUID
    kind: str
    name: str
    lanes: int
    team_member_id: UUID | None
    location_id: UUID | None
    zone: str
    working: list[Span]


def show(
    *, view: str, day: date, location_id: UUID | None = None, resource_ids: Collection[UUID] | None = None
) -> dict[str, Any]:
    """The calendar of the day, week or month around a day; at one place, or at all.

    Raises:
        LocationNotFound: there is no such place.
    """
    first, last = calendar_days.period(view, day)
    found = _read_places(first, last, resource_ids)
    facts = facts_of(found)
    if location_id is not None and str(location_id) not in dict(facts.locations):
        raise LocationNotFoundError
    columns = list(_columns(found["resources"] or (), facts, location_id, first, last))
    period = {"view": view, "first_date": first.isoformat(), "last_date": last.isoformat()}
    return {**period, "columns": _filled(columns, first, last) if columns else []}


# Hours of one service alone bound that service; here they would bound everything.
_PLACES = text(
    """
    SELECT json_build_object(
        'locations', (SELECT json_agg(json_build_array(l.id, l.timezone) ORDER BY l.created_at, l.id)
            FROM locations l WHERE l.tenant_id = :tenant_id),
        'resources', (SELECT json_agg(json_build_array(r.id, r.kind, coalesce(m.display_name, r.name), r.capacity,
                m.id, coalesce(m.location_id, r.location_id))
                ORDER BY r.kind DESC, coalesce(m.display_name, r.name), r.id)
            FROM resources r LEFT JOIN team_members m ON m.tenant_id = r.tenant_id AND m.resource_id = r.id
            WHERE r.tenant_id = :tenant_id AND r.kind IN ('staff', 'room') AND r.is_active AND r.removed_at IS NULL
            AND m.removed_at IS NULL
            AND (CAST(:resource_ids AS uuid[]) IS NULL OR r.id = ANY (CAST(:resource_ids AS uuid[])))),
        'rules', (SELECT json_agg(json_build_array(h.id, h.kind, h.resource_id, h.location_id, h.service_id, h.weekday,
                h.start_minute, h.end_minute, h.valid_from, h.valid_to))
            FROM availability_rules h WHERE h.tenant_id = :tenant_id
            AND (h.service_id IS NULL OR (h.kind = 'open' AND h.resource_id IS NOT NULL))
            AND (h.valid_from IS NULL OR h.valid_from <= CAST(:last AS date) + 1)
            AND (h.valid_to IS NULL OR h.valid_to >= CAST(:first AS date) - 2)),
        'exceptions', (SELECT json_agg(json_build_array(x.id, x.kind, x.resource_id, x.location_id, x.starts_local,
                x.ends_local, x.repeats, x.repeats_until))
            FROM availability_exceptions x WHERE x.tenant_id = :tenant_id
            AND x.starts_local < CAST(:last AS date) + 2
            AND (x.ends_local > CAST(:first AS date) - 2 OR x.repeats IS NOT NULL
                AND (x.repeats_until IS NULL OR x.repeats_until >= CAST(:first AS date) - 2)))
    ) AS found
    """
)


def _read_places(first: date, last: date, resource_ids: Collection[UUID] | None) -> dict[str, Any]:
    wanted = None if resource_ids is None else [str(one) for one in resource_ids]
    parameters = {"tenant_id": current_tenant_id(), "first": first, "last": last, "resource_ids": wanted}
    found: dict[str, Any] = session().execute(_PLACES, parameters).scalar_one()
    return found


def _columns(
    resources: Iterable[Sequence[Any]], facts: Facts, location_id: UUID | None, first: date, last: date
) -> Iterable[Column]:
    zones = dict(facts.locations)
    shown_at = str(location_id) if location_id else None
    for resource_id, kind, name, lanes, member_id, home in resources:
        place = shown_at or home or next(iter(zones))
        if member_id is not None:
            at = [one for one in facts.places(resource_id, home) if shown_at in {None, one[0]}]
            if not at:
                continue
            working = _working_of_staff(facts, resource_id, home, at, first, last)
        elif shown_at in {None, home} or home is None:
            room = facts.hours_of_room(resource_id, zones[place])
            opens, closes = slots.day_bounds(zones[place], first, last)
            working = list(hours.windows(room, first, last)) if room else [(opens, closes)]
        else:
            continue
        yield Column(
            resource_id=UUID(resource_id),
            kind=kind,
            name=name,
            lanes=lanes,
            team_member_id=UUID(member_id) if member_id else None,
            location_id=UUID(place) if shown_at or home else None,
            zone=zones[place],
            working=working,
        )


def _working_of_staff(
    facts: Facts, resource_id: str, home: str, at: Sequence[tuple[str, str]], first: date, last: date
) -> list[Span]:
    return slots.merge(
        span
        for place, zone in at
        for span in hours.windows(facts.hours_of_staff(resource_id, place, home, zone), first, last)
    )


_CLAIMS = text(
    """
    SELECT c.resource_id, c.lane, c.starts_at, c.ends_at, c.kind, c.owner_id, c.item_id, c.soft, c.expires_at,
        c.override, c.override_reason, o.entry_id
    FROM claims c
    LEFT JOIN waitlist_offers o ON o.tenant_id = c.tenant_id AND o.hold_id = c.owner_id AND c.kind = 'hold'
    WHERE c.tenant_id = :tenant_id AND c.resource_id = ANY (CAST(:ids AS uuid[])) AND c.active
    AND c.starts_at < :until AND c.starts_at > :long_before AND c.ends_at > :since
    AND (c.expires_at IS NULL OR c.expires_at > :now)
    ORDER BY c.starts_at, c.lane, c.id
    """
)
_VISITS = text(
    """
    SELECT i.id AS item_id, i.booking_id, i.resource_id, i.room_id, i.service_id,
        i.service_snapshot ->> 'name' AS service_name, i.starts_at, i.ends_at, b.status, b.confirmation_number,
        b.awaits_approval, b.customer_id, c.display_name AS customer_name
    FROM bookings b
    JOIN booking_items i ON i.tenant_id = b.tenant_id AND i.booking_id = b.id
    JOIN customers c ON c.tenant_id = b.tenant_id AND c.id = b.customer_id
    WHERE b.tenant_id = :tenant_id AND b.starts_at < :until AND b.starts_at > :visits_after
    AND b.status NOT IN ('canceled', 'failed') AND b.class_session_id IS NULL AND i.status = 'booked'
    AND i.starts_at < :until AND i.ends_at > :since
    ORDER BY i.starts_at, i.id
    """
)
_CLASSES = text(
    """
    SELECT s.id, s.resource_id, s.room_id, s.service_id, v.name AS service_name, s.starts_at, s.ends_at, s.capacity,
        s.booked_seats
    FROM class_sessions s JOIN services v ON v.tenant_id = s.tenant_id AND v.id = s.service_id
    WHERE s.tenant_id = :tenant_id AND s.status = 'scheduled' AND s.starts_at < :until
    AND s.starts_at > :long_before AND s.ends_at > :since
    ORDER BY s.starts_at, s.id
    """
)
_BLOCKS = text(
    """
    SELECT t.id, t.resource_id, t.kind, t.starts_at, t.ends_at, t.reason FROM time_blocks t
    WHERE t.tenant_id = :tenant_id AND t.resource_id = ANY (CAST(:ids AS uuid[])) AND t.starts_at < :until
    AND t.ends_at > :since
    ORDER BY t.starts_at, t.id
    """
)


def _filled(columns: Sequence[Column], first: date, last: date) -> list[dict[str, Any]]:
    bounds = [slots.day_bounds(zone, first, last) for zone in {column.zone for column in columns}]
    since = slots.from_epoch_minute(min(start for start, _ in bounds))
    parameters = {
        "tenant_id": current_tenant_id(),
        "ids": [str(column.resource_id) for column in columns],
        "since": since,
        "until": slots.from_epoch_minute(max(end for _, end in bounds)),
        "long_before": since - LONGEST_CLAIM,
        "visits_after": since - LONGEST_VISIT,
        "now": clock.now(),
    }
    claims = session().execute(_CLAIMS, parameters).mappings().all()
    visits = session().execute(_VISITS, parameters).mappings().all()
    classes = session().execute(_CLASSES, parameters).mappings().all()
    blocks = session().execute(_BLOCKS, parameters).mappings().all()
    claims_of = _by_resource(claims)
    visits_of = _visits_by_resource(visits, claims)
    classes_of = _by_resource(classes, "resource_id", "room_id")
    blocks_of = _by_resource(blocks)
    return [
        _shown(
            column,
            calendar_days.days(
                column.zone, first, last, working=column.working, lanes=_taken(column, claims_of[column.resource_id])
            ),
            claims=claims_of[column.resource_id],
            visits=visits_of[column.resource_id],
            classes=classes_of[column.resource_id],
            blocks=blocks_of[column.resource_id],
        )
        for column in columns
    ]


def _by_resource(rows: Rows, *names: str) -> defaultdict[UUID, list[RowMapping]]:
    found: defaultdict[UUID, list[RowMapping]] = defaultdict(list)
    for row in rows:
        for name in names or ("resource_id",):
            if row[name] is not None:
                found[row[name]].append(row)
    return found


def _visits_by_resource(visits: Rows, claims: Rows) -> defaultdict[UUID, list[RowMapping]]:
    """A visit stands with who does it, and with each room and piece of equipment that it claims."""
    claimed: defaultdict[UUID, set[UUID]] = defaultdict(set)
    for claim in claims:
        if claim["item_id"] is not None:
            claimed[claim["item_id"]].add(claim["resource_id"])
    found: defaultdict[UUID, list[RowMapping]] = defaultdict(list)
    for visit in visits:
        for resource_id in {visit["resource_id"], visit["room_id"], *claimed[visit["item_id"]]} - {None}:
            found[resource_id].append(visit)
    return found


def _taken(column: Column, claims: Rows) -> list[list[Span]]:
    lanes: list[list[Span]] = [[] for _ in range(column.lanes)]
    for claim in claims:
        if claim["lane"] < column.lanes:
            lanes[claim["lane"]].append(
                (int(claim["starts_at"].timestamp()) // 60, -(-int(claim["ends_at"].timestamp()) // 60))
            )
    return [slots.merge(lane) for lane in lanes]


def _shown(
    column: Column, days: list[dict[str, Any]], *, claims: Rows, visits: Rows, classes: Rows, blocks: Rows
) -> dict[str, Any]:
    overrides = {claim["item_id"] or claim["owner_id"]: claim for claim in claims if claim["override"]}
    return {
        "resource_id": column.resource_id,
        "kind": column.kind,
        "name": column.name,
        "lanes": column.lanes,
        "team_member_id": column.team_member_id,
        "location_id": column.location_id,
        "timezone": column.zone,
        "days": days,
        "visits": [_visit(one, overrides.get(one["item_id"]) or overrides.get(one["booking_id"])) for one in visits],
        "classes": [_timed(one, "id", "service_id", "service_name", "capacity", "booked_seats") for one in classes],
        "holds": [
            {**_timed(one, "expires_at"), "id": one["owner_id"], "waitlist_entry_id": one["entry_id"]}
            for one in claims
            if one["kind"] == "hold"
        ],
        "blocks": [_timed(one, "id", "kind", "reason") for one in blocks],
        "claims": [_timed(one, "kind", "owner_id", "item_id", "lane", "soft", "override") for one in claims],
    }


def _visit(row: RowMapping, override: RowMapping | None) -> dict[str, Any]:
    names = ("booking_id", "item_id", "confirmation_number", "service_id", "service_name", "customer_id",
             "customer_name", "status", "awaits_approval")  # fmt: skip
    reason = override["override_reason"] if override else None
    return {**_timed(row, *names), "override": override is not None, "override_reason": reason}


def _timed(row: RowMapping, *names: str) -> dict[str, Any]:
    return {**{name: row[name] for name in names}, "start_time": row["starts_at"], "end_time": row["ends_at"]}
