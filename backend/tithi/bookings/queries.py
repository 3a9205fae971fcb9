# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import Row, TextClause, select, text

from tithi.bookings.errors import BookingNotFoundError
from tithi.bookings.links import manage_url
from tithi.bookings.models import Booking, BookingItem, BookingMove
from tithi.catalog import queries as catalog
from tithi.customers import queries as customers
from tithi.payments import status as payment_statuses
from tithi.platform import clock, paging
from tithi.platform.db import session
from tithi.platform.tenancy import current_tenant_id
from tithi.team import queries as team
from tithi.tenants import queries as tenants

_SELECT = """
    SELECT b.id{text}, b.confirmation_number, b.status, b.starts_at, b.ends_at, b.timezone, b.currency, b.amount_cents,
        b.special_requests, b.source, b.attendee_count, b.canceled_by, b.cancel_reason, b.confirmed_at, b.checked_in_at,
        b.completed_at, b.no_show_at, b.canceled_at, b.version, b.created_at, b.location_id{text}, b.link_version,
        b.series_id{text}, b.class_session_id{text}, b.awaits_approval, b.moved_count, b.bypassed,
        c.id{text} AS customer_id, c.display_name, c.email, c.phone,
        p.id{text} AS payment_id, p.status AS payment_state, p.amount_cents AS due_cents, p.captured_cents,
        p.refunded_cents, p.reason AS payment_reason, m.captured AS more_captured_cents,
        m.refunded AS more_refunded_cents, m.deposit_state, m.deposit_cents, m.deposit_captured_cents,
        m.deposit_refunded_cents,
        (SELECT CASE WHEN s.status <> 'card_on_file' OR EXISTS (SELECT FROM cards k WHERE k.tenant_id = s.tenant_id
                AND k.customer_id = s.customer_id AND k.status = 'card_on_file') THEN s.status ELSE 'card_failed' END
            FROM card_setups s WHERE s.tenant_id = b.tenant_id AND s.owner_id = b.id
            ORDER BY s.created_at DESC, s.id DESC LIMIT 1) AS card_state,
        (SELECT json_agg(json_build_array(i.id, i.service_id, i.service_snapshot ->> 'name', i.team_member_id,
            m.display_name, i.starts_at, i.ends_at, i.price_cents, i.status, i.room_id,
            coalesce(i.service_snapshot -> 'add_ons', '[]'::jsonb)) ORDER BY i.position)
            FROM booking_items i JOIN team_members m ON m.tenant_id = i.tenant_id AND m.id = i.team_member_id
            WHERE i.tenant_id = b.tenant_id AND i.booking_id = b.id) AS items,
        (SELECT json_agg(json_build_array(l.kind, l.label, l.amount_cents, l.item_id, l.basis_points, l.is_included)
            ORDER BY l.position) FROM booking_lines l
            WHERE l.tenant_id = b.tenant_id AND l.booking_id = b.id) AS lines, b.discount_cents, b.tax_cents{terms}
    FROM bookings b
    JOIN customers c ON c.tenant_id = b.tenant_id AND c.id = b.customer_id
    LEFT JOIN payments p ON p.tenant_id = b.tenant_id AND p.owner_id = b.id AND p.purpose = 'outcome'
    LEFT JOIN LATERAL (
        SELECT sum(x.captured_cents)::bigint AS captured, sum(x.refunded_cents)::bigint AS refunded,
            max(x.status) FILTER (WHERE x.purpose = 'deposit') AS deposit_state,
            max(x.amount_cents) FILTER (WHERE x.purpose = 'deposit') AS deposit_cents,
            max(x.captured_cents) FILTER (WHERE x.purpose = 'deposit') AS deposit_captured_cents,
            max(x.refunded_cents) FILTER (WHERE x.purpose = 'deposit') AS deposit_refunded_cents
        FROM payments x WHERE x.tenant_id = b.tenant_id AND x.owner_id = b.id AND x.purpose <> 'outcome'
    ) m ON true
    WHERE b.tenant_id = :tenant_id
"""
_SHOW = text(_SELECT.format(text="", terms="") + " AND b.id = :id")
_SHOW_WITH_TERMS = text(_SELECT.format(text="", terms=", b.policy_snapshot, b.late_since") + " AND b.id = :id")
# A page has hundreds of ids that only go out again: as text they cost nothing here.
_PAGE = _SELECT.format(text="::text", terms="")
_FILTERS = {
    "status": " AND b.status = :status",
    "since": " AND b.starts_at >= :since",
    "until": " AND b.starts_at < :until",
    "customer_id": " AND b.customer_id = :customer_id",
    "team_member_id": (
        " AND EXISTS (SELECT FROM booking_items i WHERE i.tenant_id = b.tenant_id AND i.booking_id = b.id"
        " AND i.team_member_id = :team_member_id)"
    ),
}
_LACKS_CARD = """
    AND b.status IN ('pending', 'confirmed') AND b.starts_at > :now
    AND EXISTS (SELECT FROM card_setups s WHERE s.tenant_id = b.tenant_id AND s.owner_id = b.id)
    AND NOT EXISTS (SELECT FROM cards k WHERE k.tenant_id = b.tenant_id AND k.customer_id = b.customer_id
        AND k.status = 'card_on_file' AND make_date(k.exp_year, k.exp_month, 1) + interval '1 month'
        > b.starts_at AT TIME ZONE 'UTC')
"""
_IDS_LACKING_CARD = text(f"SELECT b.id FROM bookings b WHERE b.tenant_id = :tenant_id {_LACKS_CARD}")  # noqa: S608
_ORDER = {
    "starts_at": " ORDER BY b.starts_at, b.id LIMIT :limit",
    "-starts_at": " ORDER BY b.starts_at DESC, b.id DESC LIMIT :limit",
}
_AFTER = {
    "starts_at": " AND (b.starts_at, b.id) > (:after_at, :after_id)",
    "-starts_at": " AND (b.starts_at, b.id) < (:after_at, :after_id)",
}


_ITEM = (
    "id", "service_id", "service_name", "team_member_id", "team_member_name", "start_time", "end_time", "price_cents",
    "status", "room_id", "add_ons",
)  # fmt: skip
_LINE = ("kind", "label", "amount_cents", "item_id", "basis_points", "is_included")


_TRAIL = text(
    "SELECT at, action, actor, new_values FROM audit_logs WHERE table_name = 'bookings' AND row_id = :id"
    " ORDER BY at, id"
)


@lru_cache(maxsize=128)
def _prepared(statement: str) -> TextClause:
    return text(statement)


def get_booking(booking_id: UUID, *, lock: bool = False) -> Booking:
    found = session().get(Booking, (current_tenant_id(), booking_id), with_for_update=lock, populate_existing=lock)
    if found is None:
        raise BookingNotFoundError
    return found


def items_of(booking_id: UUID) -> list[BookingItem]:
    """All items of a visit, also the canceled, by their start."""
    statement = select(BookingItem).where(BookingItem.booking_id == booking_id)
    return list(session().scalars(statement.order_by(BookingItem.starts_at, BookingItem.position)))


_EARLIER_VISIT = text(
    """
    SELECT true FROM bookings WHERE tenant_id = :tenant_id AND customer_id = :customer_id AND id <> :id
    AND status NOT IN ('canceled', 'failed') LIMIT 1
    """
)


def is_first_visit(customer_id: UUID, *, booking_id: UUID) -> bool:
    """Whether the customer has no other visit than this, behind them or ahead."""
    whose = {"tenant_id": current_tenant_id(), "customer_id": customer_id, "id": booking_id}
    return session().execute(_EARLIER_VISIT, whose).scalar() is None


def moves_of(booking_id: UUID) -> list[BookingMove]:
    """Raises BookingNotFound."""
    get_booking(booking_id)
    statement = select(BookingMove).where(BookingMove.booking_id == booking_id)
    return list(session().scalars(statement.order_by(BookingMove.created_at, BookingMove.id)))


def trail_of(booking_id: UUID) -> list[dict[str, Any]]:
    """What was done to a visit, by whom, in order; personal values are masked in it."""
    rows = session().execute(_TRAIL, {"id": str(booking_id)}).mappings()
    return [dict(row) for row in rows]


def ids_ahead_of(customer_id: UUID) -> list[UUID]:
    """The visits of a customer that are still to come, by their start."""
    statement = select(Booking.id).where(
        Booking.customer_id == customer_id,
        Booking.status.in_(("pending", "confirmed")),
        Booking.starts_at > clock.now(),
    )
    return list(session().scalars(statement.order_by(Booking.starts_at, Booking.id)))


def ids_lacking_card() -> list[UUID]:
    """The visits ahead that a card was given for and that have none that will do: out of reach, gone, or too old."""
    rows = session().execute(_IDS_LACKING_CARD, {"tenant_id": current_tenant_id(), "now": clock.now()})
    return list(rows.scalars())


def bookings_of_series(series_id: UUID) -> list[Booking]:
    """The visits of a series by their start, also the canceled."""
    statement = select(Booking).where(Booking.series_id == series_id).order_by(Booking.starts_at, Booking.id)
    return list(session().scalars(statement))


def customer_link(booking_id: UUID) -> str:
    """The customer's own link to a booking, as it goes into a mail."""
    return manage_url(booking_id, get_booking(booking_id).link_version)


def flush() -> None:
    """Write what changed, so that the statements after it see it."""
    session().flush()


@dataclass(frozen=True, slots=True)
class Terms:
    """What bounds a customer's own choices: the frozen policy, and whether a move left the visit late."""

    link_version: int
    policy: dict[str, Any]
    late_since: datetime | None


def show_booking(booking_id: UUID) -> dict[str, Any]:
    """A booking as the API shows it, in one statement."""
    return _shown(_row_of(_SHOW, booking_id))


def show_with_terms(booking_id: UUID) -> tuple[dict[str, Any], Terms]:
    """A booking as the API shows it, and what its customer may do by, in one statement."""
    row = _row_of(_SHOW_WITH_TERMS, booking_id)
    return _shown(row[:-2]), Terms(row.link_version, row.policy_snapshot, row.late_since)


def _row_of(statement: TextClause, booking_id: UUID) -> Row[Any]:
    row = session().execute(statement, {"tenant_id": current_tenant_id(), "id": booking_id}).one_or_none()
    if row is None:
        raise BookingNotFoundError
    return row


def list_bookings(*, limit: int, cursor: str | None, sort: str, filters: Mapping[str, Any]) -> dict[str, Any]:
    """Bookings by their start, in one statement at any page size."""
    given = {name: value for name, value in filters.items() if value is not None and name in _FILTERS}
    return _page("".join(_FILTERS[name] for name in given), given, limit=limit, cursor=cursor, sort=sort)


def list_lacking_card(*, limit: int, cursor: str | None) -> dict[str, Any]:
    """The visits ahead whose card will not do, by their start; see `ids_lacking_card`."""
    return _page(_LACKS_CARD, {"now": clock.now()}, limit=limit, cursor=cursor, sort="starts_at")


def _page(where: str, given: Mapping[str, Any], *, limit: int, cursor: str | None, sort: str) -> dict[str, Any]:
    parameters: dict[str, Any] = {"tenant_id": current_tenant_id(), "limit": limit + 1, **given}
    statement = _PAGE + where
    if cursor:
        parameters["after_at"], parameters["after_id"] = paging.decode_instant_and_id(cursor)
        statement += _AFTER[sort]
    rows = session().execute(_prepared(statement + _ORDER[sort]), parameters).all()
    found, more = paging.split(rows, limit)
    next_cursor = paging.encode(found[-1].starts_at, found[-1].id) if more else None
    return {"bookings": [_shown(row) for row in found], "next_cursor": next_cursor}


def _shown(row: Sequence[Any]) -> dict[str, Any]:
    """A row of `_SELECT`; taken apart at once, because a page has a hundred of them."""
    (
        booking_id, number, status, starts_at, ends_at, timezone, currency, amount_cents, special_requests, source,
        attendee_count, canceled_by, cancel_reason, confirmed_at, checked_in_at, completed_at, no_show_at, canceled_at,
        version, created_at, location_id, _, series_id, class_session_id, awaits_approval, moved_count, bypassed,
        customer_id, display_name, email, phone, payment_id, payment_state,
        due_cents, captured_cents, refunded_cents, payment_reason, more_captured_cents, more_refunded_cents,
        deposit_state, deposit_cents, deposit_captured_cents, deposit_refunded_cents, card_state, items, lines,
        discount_cents, tax_cents,
    ) = row  # fmt: skip
    captured_cents = (captured_cents or 0) + (more_captured_cents or 0)
    refunded_cents = (refunded_cents or 0) + (more_refunded_cents or 0)
    booked = [dict(zip(_ITEM, item, strict=True)) for item in items or ()]
    return {
        "id": booking_id,
        "confirmation_number": number,
        "status": status,
        "start_time": starts_at,
        "end_time": ends_at,
        "timezone": timezone,
        "location_id": location_id,
        "customer": {"id": customer_id, "display_name": display_name, "email": email, "phone": phone},
        "items": booked,
        **_priced(booked, lines or ()),
        "currency": currency,
        "discount_cents": discount_cents,
        "tax_cents": tax_cents,
        "amount_cents": amount_cents,
        "payment_id": payment_id,
        "payment_status": (
            payment_statuses.of_visit(payment_state, captured_cents, refunded_cents) if payment_state else "canceled"
        ),
        "payment_reason": payment_reason,
        "due_cents": due_cents or 0,
        "captured_cents": captured_cents,
        "refunded_cents": refunded_cents,
        "deposit_cents": deposit_cents or 0,
        "deposit_status": (
            payment_statuses.shown(deposit_state, deposit_captured_cents, deposit_refunded_cents)
            if deposit_state
            else "none"
        ),
        "card_status": _card_word(card_state),
        "special_requests": special_requests,
        "source": source,
        "attendee_count": attendee_count,
        "series_id": series_id,
        "class_session_id": class_session_id,
        "awaits_approval": awaits_approval,
        "moved_count": moved_count,
        "bypassed": bypassed,
        "no_show_flag": status == "no_show",
        "canceled_by": canceled_by,
        "cancel_reason": cancel_reason,
        "confirmed_at": confirmed_at,
        "checked_in_at": checked_in_at,
        "completed_at": completed_at,
        "no_show_at": no_show_at,
        "canceled_at": canceled_at,
        "version": version,
        "created_at": created_at,
    }


def _priced(items: Sequence[dict[str, Any]], lines: Sequence[Sequence[Any]]) -> dict[str, Any]:
    """The lines of a visit's price, its items first, with what they come to before promotions."""
    booked = [item for item in items if item["status"] == "booked"]
    shown = [("item", item["service_name"], item["price_cents"], item["id"], None, False) for item in booked]
    return {
        "lines": [dict(zip(_LINE, line, strict=True)) for line in (*shown, *lines)],
        "subtotal_cents": sum(item["price_cents"] for item in booked),
        "gift_card_cents": -sum(line[2] for line in lines if line[0] == "gift_card"),
    }


def _card_word(state: str | None) -> str:
    if state is None:
        return "none"
    return "card_pending" if state == "submitted" else state


def list_of_customer(
    customer_id: UUID, *, limit: int, cursor: str | None, sort: str, filters: Mapping[str, Any]
) -> dict[str, Any]:
    """Raises CustomerNotFound."""
    customers.get_customer(customer_id)
    return list_bookings(limit=limit, cursor=cursor, sort=sort, filters={**filters, "customer_id": customer_id})


def site() -> dict[str, Any]:
    """What a booking site shows before a time is chosen."""
    return {
        "tenant": tenants.public_info(),
        "policy": tenants.public_policy(),
        "service_categories": catalog.list_categories(),
        "services": catalog.list_services(active_only=True),
        "team": team.list_members(active_only=True),
    }
