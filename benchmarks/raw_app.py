# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""The reference: three routes with Flask, psycopg2 and orjson, no ORM, under the same row-level security.

It reads and writes the rows that Tithi's routes read and write, without limits, logs, figures or messages of errors.
"""

import hashlib
import os
import secrets
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import jwt
import orjson
import psycopg2
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from flask import Flask, Response, request
from psycopg2.extensions import cursor as Cursor  # noqa: N812 - psycopg2 names its classes in lower case
from uuid_utils.compat import uuid7

app = Flask("raw", static_folder=None)
_local = threading.local()
_key: Any = load_pem_private_key(os.environ["TITHI_TOKEN_SIGNING_KEY"].encode(), None)


@contextmanager
def _transaction() -> Iterator[Cursor]:
    if not hasattr(_local, "connection"):
        _local.connection = psycopg2.connect(os.environ["TITHI_DATABASE_URL"])
    with _local.connection, _local.connection.cursor() as cursor:
        yield cursor


def _json(content: object, status: int = 200) -> Response:
    return Response(orjson.dumps(content), status=status, content_type="application/json")


@lru_cache(maxsize=1024)
def _claims(token: str) -> tuple[str, str, int]:
    claims = jwt.decode(token, _key.public_key(), algorithms=["ES256"], audience="authenticated")
    return claims["sub"], claims["session_id"], claims["exp"]


def _member(cursor: Cursor, least: tuple[str, ...]) -> str:
    """Bind the transaction to the caller's tenant; the role is read on each request."""
    user_id, session_id, expires = _claims(request.headers["Authorization"][7:])
    if expires < datetime.now(UTC).timestamp():
        raise PermissionError
    cursor.execute("SELECT set_config('app.user_id', %s, true)", (user_id,))
    cursor.execute(
        "SELECT m.tenant_id, m.role, s.revoked_at FROM auth_sessions s JOIN memberships m ON m.user_id = s.user_id"
        " WHERE s.id = %s AND s.user_id = %s",
        (session_id, user_id),
    )
    tenant_id, role, revoked_at = cursor.fetchone() or (None, None, None)
    if role not in least or revoked_at is not None:
        raise PermissionError
    cursor.execute(
        "SELECT set_config('app.tenant_id', %s, true), set_config('app.actor', %s, true)",
        (tenant_id, f"user:{user_id}"),
    )
    return str(tenant_id)


@lru_cache(maxsize=4096)
def _tenant_of(slug: str) -> str:
    with _transaction() as cursor:
        cursor.execute("SELECT id FROM directory_tenant_by_slug(%s)", (slug,))
        found = cursor.fetchone()
    return str(found[0]) if found else ""


@lru_cache(maxsize=65536)
def _instant(zone: str, ordinal: int, minute: int) -> int:
    wall = datetime.combine(date.fromordinal(ordinal), datetime.min.time(), ZoneInfo(zone)) + timedelta(minutes=minute)
    return int(wall.timestamp()) // 60


@lru_cache(maxsize=65536)
def _text(zone: str, minute: int) -> str:
    return datetime.fromtimestamp(minute * 60, ZoneInfo(zone)).isoformat()


def _person(cursor: Cursor, tenant_id: str, service_id: str, member_id: str) -> tuple[Any, ...]:
    cursor.execute(
        "SELECT s.name, s.price_cents, s.duration_min, coalesce(s.slot_interval_min, t.slot_interval_minutes),"
        " t.currency, m.resource_id, l.timezone, m.location_id, t.policy, t.policy_version, m.display_name"
        " FROM services s JOIN tenants t ON t.id = s.tenant_id JOIN team_members m ON m.tenant_id = s.tenant_id"
        " JOIN locations l ON l.tenant_id = m.tenant_id AND l.id = m.location_id"
        " JOIN resources r ON r.tenant_id = m.tenant_id AND r.id = m.resource_id"
        " WHERE s.tenant_id = %s AND s.id = %s AND m.id = %s AND s.active AND m.is_active AND r.is_active",
        (tenant_id, service_id, member_id),
    )
    found: tuple[Any, ...] = cursor.fetchone() or ()
    return found


def _open_mask(cursor: Cursor, tenant_id: str, resource_id: str, zone: str, first: date, days: int) -> tuple[int, int]:
    """Open minutes as one integer, from midnight of the first day, and that midnight."""
    cursor.execute(
        "SELECT weekday, start_minute, end_minute FROM availability_rules WHERE tenant_id = %s AND resource_id = %s"
        " AND (valid_from IS NULL OR valid_from <= %s) AND (valid_to IS NULL OR valid_to >= %s)",
        (tenant_id, resource_id, first + timedelta(days=days), first),
    )
    rules = cursor.fetchall()
    cursor.execute(
        "SELECT kind, extract(epoch FROM starts_local AT TIME ZONE %s)::bigint / 60,"
        " extract(epoch FROM ends_local AT TIME ZONE %s)::bigint / 60 FROM availability_exceptions"
        " WHERE tenant_id = %s AND (resource_id = %s OR resource_id IS NULL) AND starts_local < %s AND ends_local > %s",
        (zone, zone, tenant_id, resource_id, first + timedelta(days=days + 1), first),
    )
    return _mask(rules, cursor.fetchall(), zone, first, days)


def _mask(
    rules: Sequence[tuple[Any, ...]], exceptions: Sequence[tuple[Any, ...]], zone: str, first: date, days: int
) -> tuple[int, int]:
    origin = _instant(zone, first.toordinal(), 0)
    mask = 0
    for ordinal in range(first.toordinal(), first.toordinal() + days):
        for weekday, start, end in rules:
            if weekday == (ordinal - 1) % 7 + 1:
                opens, closes = _instant(zone, ordinal, start) - origin, _instant(zone, ordinal, end) - origin
                mask |= ((1 << (closes - opens)) - 1) << opens
    for kind, starts, ends in exceptions:
        span = ((1 << (ends - starts)) - 1) << max(0, starts - origin)
        mask = mask | span if kind == "open" else mask & ~span
    return mask, origin


@app.get("/health/ready")
def ready() -> Response:
    with _transaction() as cursor:
        cursor.execute("SELECT 1")
    return _json({"status": "ok"})


@app.post("/api/v1/public/<slug>/availability")
def availability(slug: str) -> Response:
    body = orjson.loads(request.get_data())
    tenant_id = _tenant_of(slug)
    first = date.fromisoformat(body["start_date"])
    days = (date.fromisoformat(body["end_date"]) - first).days + 1
    if "team_member_id" not in body:
        return _json(_of_all(tenant_id, str(UUID(body["service_id"])), first, days))
    service_id, member_id = str(UUID(body["service_id"])), str(UUID(body["team_member_id"]))
    with _transaction() as cursor:
        cursor.execute("SELECT set_config('app.tenant_id', %s, true)", (tenant_id,))
        found = _person(cursor, tenant_id, service_id, member_id)
        _, price, length, step, currency, resource_id, zone = found[:7]
        free, origin = _open_mask(cursor, tenant_id, resource_id, zone, first, days)
        cursor.execute(
            "SELECT extract(epoch FROM starts_at)::bigint / 60, extract(epoch FROM ends_at)::bigint / 60 FROM claims"
            " WHERE tenant_id = %s AND resource_id = %s AND active AND starts_at >= to_timestamp(%s)"
            " AND starts_at < to_timestamp(%s) AND (expires_at IS NULL OR expires_at > now())",
            (tenant_id, resource_id, (origin - 1440) * 60, (origin + days * 1440) * 60),
        )
        for start, end in cursor.fetchall():
            free &= ~(((1 << (end - start)) - 1) << (start - origin)) if start >= origin else -1
    for shift in _shifts(length):
        free &= free >> shift
    slots = [
        {
            "start_time": _text(zone, origin + minute),
            "end_time": _text(zone, origin + minute + length),
            "team_member_id": member_id,
            "resource_id": resource_id,
        }
        for minute in range(0, days * 1440, step)
        if free >> minute & 1
    ]
    return _json({"service_id": service_id, "currency": currency, "price_cents": price, "slots": slots})


def _of_all(tenant_id: str, service_id: str, first: date, days: int) -> dict[str, Any]:
    """The free times of everybody: the people, their hours, their exceptions and their claims, a statement each."""
    with _transaction() as cursor:
        cursor.execute("SELECT set_config('app.tenant_id', %s, true)", (tenant_id,))
        cursor.execute(
            "SELECT m.id::text, m.resource_id::text, l.timezone, s.price_cents, s.duration_min,"
            " coalesce(s.slot_interval_min, t.slot_interval_minutes), t.currency FROM services s"
            " JOIN tenants t ON t.id = s.tenant_id JOIN team_members m ON m.tenant_id = s.tenant_id"
            " JOIN locations l ON l.tenant_id = m.tenant_id AND l.id = m.location_id"
            " WHERE s.tenant_id = %s AND s.id = %s AND s.active AND m.is_active ORDER BY m.created_at, m.id",
            (tenant_id, service_id),
        )
        people = cursor.fetchall()
        resources = [one[1] for one in people]
        zone = people[0][2]
        cursor.execute(
            "SELECT resource_id::text, weekday, start_minute, end_minute FROM availability_rules"
            " WHERE tenant_id = %s AND resource_id = ANY(%s::uuid[])",
            (tenant_id, resources),
        )
        rules = cursor.fetchall()
        cursor.execute(
            "SELECT resource_id::text, kind, extract(epoch FROM starts_local AT TIME ZONE %s)::bigint / 60,"
            " extract(epoch FROM ends_local AT TIME ZONE %s)::bigint / 60 FROM availability_exceptions"
            " WHERE tenant_id = %s AND starts_local < %s AND ends_local > %s",
            (zone, zone, tenant_id, first + timedelta(days=days + 1), first),
        )
        exceptions = cursor.fetchall()
        origin = _instant(zone, first.toordinal(), 0)
        cursor.execute(
            "SELECT resource_id::text, array_agg(extract(epoch FROM starts_at)::bigint / 60),"
            " array_agg(extract(epoch FROM ends_at)::bigint / 60) FROM claims WHERE tenant_id = %s"
            " AND resource_id = ANY(%s::uuid[]) AND active AND starts_at >= to_timestamp(%s)"
            " AND starts_at < to_timestamp(%s) AND (expires_at IS NULL OR expires_at > now()) GROUP BY resource_id",
            (tenant_id, resources, origin * 60, (origin + days * 1440) * 60),
        )
        taken = {resource_id: zip(starts, ends, strict=True) for resource_id, starts, ends in cursor.fetchall()}
    found: list[tuple[int, str, str]] = []
    for member_id, resource_id, _, _, length, step, _ in people:
        own = [(weekday, start, end) for owner, weekday, start, end in rules if owner == resource_id]
        special = [one[1:] for one in exceptions if one[0] in {resource_id, None}]
        free, _ = _mask(own, special, zone, first, days)
        for start, end in taken.get(resource_id, ()):
            free &= ~(((1 << (end - start)) - 1) << (start - origin))
        for shift in _shifts(length):
            free &= free >> shift
        found.extend((minute, member_id, resource_id) for minute in range(0, days * 1440, step) if free >> minute & 1)
    length, currency, price = people[0][4], people[0][6], people[0][3]
    slots = [
        {
            "start_time": _text(zone, origin + minute),
            "end_time": _text(zone, origin + minute + length),
            "team_member_id": member_id,
            "resource_id": resource_id,
        }
        for minute, member_id, resource_id in sorted(found)
    ]
    return {"service_id": service_id, "currency": currency, "price_cents": price, "slots": slots}


@lru_cache(maxsize=64)
def _shifts(length: int) -> tuple[int, ...]:
    """Shifts whose ands leave the bits from which `length` bits are set."""
    shifts, covered = [], 1
    while covered < length:
        shift = min(covered, length - covered)
        shifts.append(shift)
        covered += shift
    return tuple(shifts)


@app.get("/api/v1/bookings")
def list_bookings() -> Response:
    limit = int(request.args.get("limit", "50"))
    with _transaction() as cursor:
        tenant_id = _member(cursor, ("viewer", "staff", "admin", "owner"))
        cursor.execute(
            "SELECT b.id, b.confirmation_number, b.status, b.starts_at, b.ends_at, b.timezone, b.currency,"
            " b.amount_cents, b.special_requests, b.source, b.attendee_count, b.canceled_by, b.cancel_reason,"
            " b.confirmed_at, b.checked_in_at, b.completed_at, b.no_show_at, b.canceled_at, b.version, b.created_at,"
            " b.location_id, c.id AS customer_id, c.display_name, c.email, c.phone, p.id AS payment_id,"
            " p.status AS payment_status, p.amount_cents AS due_cents, p.captured_cents, p.refunded_cents, p.reason,"
            " (SELECT s.status FROM card_setups s WHERE s.tenant_id = b.tenant_id AND s.owner_id = b.id"
            " ORDER BY s.created_at DESC LIMIT 1) AS card_status FROM bookings b"
            " JOIN customers c ON c.tenant_id = b.tenant_id AND c.id = b.customer_id"
            " LEFT JOIN payments p ON p.tenant_id = b.tenant_id AND p.owner_id = b.id AND p.purpose = 'outcome'"
            " WHERE b.tenant_id = %s ORDER BY b.starts_at DESC, b.id DESC LIMIT %s",
            (tenant_id, limit + 1),
        )
        names = [column.name for column in cursor.description or ()]
        rows = cursor.fetchall()[:limit]
        cursor.execute(
            "SELECT i.booking_id, i.service_id, i.service_snapshot ->> 'name', i.team_member_id, m.display_name,"
            " i.starts_at, i.ends_at, i.price_cents FROM booking_items i"
            " JOIN team_members m ON m.tenant_id = i.tenant_id AND m.id = i.team_member_id"
            " WHERE i.tenant_id = %s AND i.booking_id = ANY(%s::uuid[]) ORDER BY i.position",
            (tenant_id, [row[0] for row in rows]),
        )
        items: dict[str, list[dict[str, Any]]] = {}
        fields = ("service_id", "service_name", "team_member_id", "team_member_name", "start_time", "end_time", "price")
        for booking_id, *item in cursor.fetchall():
            items.setdefault(booking_id, []).append(dict(zip(fields, item, strict=True)))
    bookings = [{**dict(zip(names, row, strict=True)), "items": items.get(row[0], [])} for row in rows]
    return _json({"bookings": bookings, "next_cursor": None})


@app.post("/api/v1/bookings")
def create_booking() -> Response:
    data = request.get_data()
    body = orjson.loads(data)
    start = datetime.fromisoformat(body["start_time"])
    key, digest, now = request.headers["Idempotency-Key"], hashlib.sha256(data).hexdigest(), datetime.now(UTC)
    with _transaction() as cursor:
        tenant_id = _member(cursor, ("staff", "admin", "owner"))
        actor = f"user:{_claims(request.headers['Authorization'][7:])[0]}"
        cursor.execute(
            "INSERT INTO idempotency_keys (tenant_id, actor, route, key, fingerprint, leased_until, created_at)"
            " VALUES (%s, %s, 'raw', %s, %s, %s, %s) ON CONFLICT DO NOTHING RETURNING true",
            (tenant_id, actor, key, digest, now + timedelta(seconds=20), now),
        )
        if cursor.fetchone() is None:
            return _json({"code": "IN_USE"}, 409)
        found = _person(cursor, tenant_id, body["service_id"], body["team_member_id"])
        length, resource_id, zone = found[2], found[5], found[6]
        day = start.astimezone(ZoneInfo(zone)).date()
        mask, origin = _open_mask(cursor, tenant_id, resource_id, zone, day, 2)
        wanted = ((1 << length) - 1) << (int(start.timestamp()) // 60 - origin)
        cursor.execute("SELECT 1 FROM customers WHERE tenant_id = %s AND id = %s", (tenant_id, body["customer_id"]))
        if mask & wanted != wanted or cursor.fetchone() is None:
            return _json({"code": "NOT_FREE"}, 409)
        end, booking_id = start + timedelta(minutes=length), str(uuid7())
        cursor.execute(
            "INSERT INTO claims (tenant_id, id, resource_id, lane, starts_at, ends_at, kind, owner_id)"
            " VALUES (%s, %s, %s, 0, %s, %s, 'booking', %s) ON CONFLICT DO NOTHING RETURNING id",
            (tenant_id, str(uuid7()), resource_id, start, end, booking_id),
        )
        if cursor.fetchone() is None:
            cursor.connection.rollback()
            return _json({"code": "NOT_FREE"}, 409)
        answer = _write(cursor, tenant_id, body, found, booking_id, start, end, actor, now)
        content = orjson.dumps(answer)
        cursor.execute(
            "UPDATE idempotency_keys SET status = 201, body = %s"
            " WHERE tenant_id = %s AND actor = %s AND route = 'raw' AND key = %s",
            (content, tenant_id, actor, key),
        )
    return Response(content, status=201, content_type="application/json")


def _write(
    cursor: Cursor,
    tenant_id: str,
    body: dict[str, Any],
    found: tuple[Any, ...],
    booking_id: str,
    start: datetime,
    end: datetime,
    actor: str,
    now: datetime,
) -> dict[str, Any]:
    name, price, length, _, currency, resource_id, zone, location_id, policy, version, member = found
    number = "".join(secrets.choice("ABCDEFGHJKMNPQRSTVWXYZ23456789") for _ in range(8))
    frozen = orjson.dumps({**policy, "version": version}).decode()
    service = orjson.dumps({"name": name, "duration_min": length, "price_cents": price, "currency": currency}).decode()
    cursor.execute(
        "INSERT INTO bookings (tenant_id, id, confirmation_number, customer_id, location_id, status, starts_at,"
        " ends_at, timezone, currency, amount_cents, policy_snapshot, source, confirmed_at, created_at, updated_at)"
        " VALUES (%s, %s, %s, %s, %s, 'confirmed', %s, %s, %s, %s, %s, %s, 'staff', %s, %s, %s)",
        (
            tenant_id, booking_id, number, body["customer_id"], location_id, start, end, zone, currency, price, frozen,
            now, now, now,
        ),
    )  # fmt: skip
    cursor.execute(
        "INSERT INTO booking_items (tenant_id, id, booking_id, position, service_id, team_member_id, resource_id,"
        " service_snapshot, starts_at, ends_at, price_cents) VALUES (%s, %s, %s, 0, %s, %s, %s, %s, %s, %s, %s)",
        (
            tenant_id, str(uuid7()), booking_id, body["service_id"], body["team_member_id"], resource_id, service,
            start, end, price,
        ),
    )  # fmt: skip
    payment_id = str(uuid7())
    cursor.execute(
        "INSERT INTO payments (tenant_id, id, owner_id, customer_id, purpose, currency, amount_cents, created_at,"
        " updated_at) VALUES (%s, %s, %s, %s, 'outcome', %s, %s, %s, %s)",
        (tenant_id, payment_id, booking_id, body["customer_id"], currency, price, now, now),
    )
    for code, handler in (("booking.created", "tell_received"), ("booking.confirmed", "tell_confirmed")):
        _tell(cursor, tenant_id, booking_id, code, f"notifications.{handler}", body["customer_id"], actor, now)
    cursor.execute("SELECT pg_notify('tithi_outbox', '')")
    item = {"service_id": body["service_id"], "service_name": name, "team_member_id": body["team_member_id"]}
    return {
        "booking_id": booking_id,
        "status": "confirmed",
        "payment_id": payment_id,
        "confirmation_number": number,
        "start_time": start,
        "end_time": end,
        "timezone": zone,
        "items": [{**item, "team_member_name": member, "start_time": start, "end_time": end, "price_cents": price}],
        "amount_cents": price,
        "due_cents": price,
        "currency": currency,
    }


def _tell(
    cursor: Cursor,
    tenant_id: str,
    booking_id: str,
    code: str,
    handler: str,
    customer_id: str,
    actor: str,
    now: datetime,
) -> None:
    event_id = str(uuid7())
    payload = orjson.dumps({"booking_id": booking_id, "customer_id": customer_id}).decode()
    cursor.execute(
        "INSERT INTO event_outbox (tenant_id, id, code, payload, aggregate_id, actor, request_id, occurred_at)"
        " VALUES (%s, %s, %s, %s, %s, %s, '', %s)",
        (tenant_id, event_id, code, payload, booking_id, actor, now),
    )
    cursor.execute(
        "INSERT INTO deliveries (tenant_id, id, event_id, handler, network, aggregate_id, available_at, created_at)"
        " VALUES (%s, %s, %s, %s, false, %s, %s, %s)",
        (tenant_id, str(uuid7()), event_id, handler, booking_id, now, now),
    )
