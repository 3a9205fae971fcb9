# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""Writing a visit down, with all that it froze, in one statement."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import orjson
from sqlalchemy import text

from tithi.availability import slots
from tithi.bookings.pricing import Price
from tithi.bookings.service.wanted import PlacedItem, Visit, Wanted
from tithi.platform import clock
from tithi.platform.db import session
from tithi.platform.ids import new_id
from tithi.platform.tenancy import current_tenant_id

NUMBER_ALPHABET = "ABCDEFGHJKMNPQRSTVWXYZ23456789"
NUMBER_LENGTH = 8


@dataclass(frozen=True, slots=True)
class Record:
    """A visit that has its time, about to be written."""

    booking_id: UUID
    customer_id: UUID
    visit: Visit
    price: Price
    terms: dict[str, Any]
    is_confirmed: bool
    awaits_approval: bool


LINES = """
    INSERT INTO booking_lines (tenant_id, id, booking_id, position, kind, label, amount_cents, item_id, source_id,
        basis_points, is_included)
    SELECT :tenant_id, l.id, :id, l.position, l.kind, l.label, l.amount_cents, l.item_id, l.source_id, l.basis_points,
        l.is_included
    FROM jsonb_to_recordset(CAST(:lines AS jsonb)) AS l(id uuid, position int, kind text, label text,
        amount_cents bigint, item_id uuid, source_id uuid, basis_points int, is_included boolean)
"""
_ITEMS = """
    INSERT INTO booking_items (tenant_id, id, booking_id, position, service_id, team_member_id, resource_id, room_id,
        service_snapshot, starts_at, ends_at, price_cents)
    SELECT :tenant_id, i.id, :id, i.position, i.service_id, i.team_member_id, i.resource_id, i.room_id, i.service,
        i.starts_at, i.ends_at, i.price_cents
    FROM jsonb_to_recordset(CAST(:items AS jsonb)) AS i(id uuid, position int, service_id uuid, team_member_id uuid,
        resource_id uuid, room_id uuid, service jsonb, starts_at timestamptz, ends_at timestamptz, price_cents bigint)
"""
_VISIT = """
    WITH visit AS (
        INSERT INTO bookings (tenant_id, id, confirmation_number, customer_id, location_id, status, starts_at, ends_at,
            timezone, currency, amount_cents, discount_cents, tax_cents, policy_snapshot, consent, special_requests,
            source, confirmed_at, created_at, updated_at, awaits_approval, local_start, bypassed, series_id)
        VALUES (:tenant_id, :id, :number, :customer_id, :location_id, :status, :starts_at, :ends_at, :timezone,
            :currency, :amount, :discount, :tax, CAST(:policy AS jsonb), CAST(:consent AS jsonb), :special_requests,
            :source, :confirmed_at, :now, :now, :awaits_approval, :local_start, CAST(:bypassed AS jsonb), :series_id)
    )
"""
_INSERT = text(f"{_VISIT} {_ITEMS}")
_INSERT_PRICED = text(f"{_VISIT}, priced AS ({LINES}) {_ITEMS}")


def insert(wanted: Wanted, record: Record) -> None:
    """Write the visit with its items and lines; they freeze the price, the policy and what was asked of whom."""
    now = clock.now()
    first = record.visit.items[0]
    offered, zone = first.offered, first.candidate.zone
    session().execute(
        _INSERT_PRICED if record.price.lines else _INSERT,
        {
            "tenant_id": current_tenant_id(),
            "id": record.booking_id,
            "number": "".join(secrets.choice(NUMBER_ALPHABET) for _ in range(NUMBER_LENGTH)),
            "customer_id": record.customer_id,
            "location_id": first.candidate.location_id,
            "status": "confirmed" if record.is_confirmed else "pending",
            "starts_at": record.visit.starts_at,
            "ends_at": record.visit.ends_at,
            "timezone": zone,
            "currency": offered.currency,
            **price_columns(record.price),
            "policy": dumps(record.terms),
            "consent": dumps(wanted.consent) if wanted.consent else None,
            "special_requests": wanted.special_requests,
            "source": wanted.source,
            "confirmed_at": now if record.is_confirmed else None,
            "now": now,
            "awaits_approval": record.awaits_approval,
            "local_start": record.visit.starts_at.astimezone(ZoneInfo(zone)).replace(tzinfo=None),
            "bypassed": dumps(record.visit.bypassed),
            "series_id": wanted.series_id,
            "items": dumps(item_rows(record.visit.items)),
        },
    )


def price_columns(price: Price) -> dict[str, Any]:
    """The price of a visit as parameters of a statement, with its lines besides the items."""
    return {
        "amount": price.amount_cents,
        "discount": price.discount_cents,
        "tax": price.tax_cents,
        "lines": dumps(
            [
                {
                    "id": new_id(),
                    "position": position,
                    "kind": line.kind,
                    "label": line.label,
                    "amount_cents": line.amount_cents,
                    "item_id": line.item_id,
                    "source_id": line.source_id,
                    "basis_points": line.basis_points,
                    "is_included": line.is_included,
                }
                for position, line in enumerate(price.lines)
            ]
        ),
    }


_FORGET_LINES = text("DELETE FROM booking_lines WHERE tenant_id = :tenant_id AND booking_id = :id")
_LINES = text(LINES)


def replace_lines(booking_id: UUID, price: Price) -> None:
    """Write the lines of a visit anew."""
    whose = {"tenant_id": current_tenant_id(), "id": booking_id}
    session().execute(_FORGET_LINES, whose)
    session().execute(_LINES, {**whose, "lines": price_columns(price)["lines"]})


_MOVE = text(
    """
    UPDATE booking_items b SET position = i.position, team_member_id = i.team_member_id, resource_id = i.resource_id,
        room_id = i.room_id, starts_at = i.starts_at, ends_at = i.ends_at
    FROM jsonb_to_recordset(CAST(:items AS jsonb)) AS i(id uuid, position int, team_member_id uuid, resource_id uuid,
        room_id uuid, starts_at timestamptz, ends_at timestamptz)
    WHERE b.tenant_id = :tenant_id AND b.booking_id = :id AND b.id = i.id
    """
)


def move_items(booking_id: UUID, items: tuple[PlacedItem, ...], positions: Mapping[UUID, int]) -> None:
    """Give the items of a visit their new people, rooms and times."""
    rows = [{**row, "position": positions[row["id"]]} for row in item_rows(items)]
    session().execute(_MOVE, {"tenant_id": current_tenant_id(), "id": booking_id, "items": dumps(rows)})


def item_rows(items: tuple[PlacedItem, ...]) -> list[dict[str, Any]]:
    return [
        {
            "id": item.id,
            "position": position,
            "service_id": item.offered.service_id,
            "team_member_id": item.candidate.team_member_id,
            "resource_id": item.candidate.resource_id,
            "room_id": item.rooms[0][0] if item.rooms else None,
            "service": service_snapshot(item),
            "starts_at": slots.from_epoch_minute(item.start),
            "ends_at": slots.from_epoch_minute(item.end),
            "price_cents": item.candidate.price_cents,
        }
        for position, item in enumerate(items)
    ]


def service_snapshot(item: PlacedItem) -> dict[str, Any]:
    """What was agreed of a service; `staff`, `core` and `rooms` are what it holds, in minutes from its start."""
    demand = item.candidate.demand
    return {
        "name": item.offered.name,
        "duration_min": demand.duration,
        "buffer_before_min": item.offered.buffer_before_min,
        "buffer_after_min": item.offered.buffer_after_min,
        "price_cents": item.candidate.price_cents,
        "currency": item.offered.currency,
        "category_id": item.offered.category_id,
        "tax": item.offered.tax.shown() if item.offered.tax else None,
        "add_ons": item.offered.add_ons,
        "held": {"staff": demand.staff, "core": demand.core, "rooms": demand.rooms},
    }


def dumps(value: object) -> str:
    return orjson.dumps(value).decode()
