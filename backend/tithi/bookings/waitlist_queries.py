# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""Who waits for what, what they were offered, and which time became free."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping, TextClause, select, text

from tithi.bookings import links
from tithi.bookings.errors import WaitlistEntryNotFoundError
from tithi.bookings.models import BookingMove, WaitlistEntry, WaitlistOffer
from tithi.platform import clock, paging
from tithi.platform.db import session
from tithi.platform.tenancy import current_tenant_id
from tithi.tenants import queries as tenants
from tithi.tenants import scheduling

MOST_CONSIDERED = 500


@dataclass(frozen=True, slots=True)
class FreedTime:
    """Time of a team member that somebody gave back, buffers included."""

    team_member_id: UUID
    starts_at: datetime
    ends_at: datetime


# What has run out is decided here, too: an offer past its deadline shows as lapsed before any timer has run.
_SELECT = """
    SELECT e.id, CASE WHEN e.status = 'offered' AND o.id IS NULL THEN 'waiting' ELSE e.status END AS status,
        e.service_id, v.name AS service_name, e.team_member_id, e.first_date, e.last_date, e.from_minute,
        e.until_minute, e.accepts_late, e.value_cents, t.currency, e.offer_count, e.created_at, c.id AS customer_id,
        c.display_name, c.email, c.phone, e.link_version,
        CASE WHEN o.id IS NOT NULL THEN json_build_object('id', o.id, 'status', o.status, 'origin', o.origin,
            'team_member_id', o.team_member_id, 'team_member_name', m.display_name, 'start_time', o.starts_at,
            'end_time', o.ends_at, 'expires_at', o.expires_at, 'booking_id', o.booking_id) END AS offer
    FROM waitlist_entries e
    JOIN tenants t ON t.id = e.tenant_id
    JOIN services v ON v.tenant_id = e.tenant_id AND v.id = e.service_id
    JOIN customers c ON c.tenant_id = e.tenant_id AND c.id = e.customer_id
    LEFT JOIN waitlist_offers o ON o.tenant_id = e.tenant_id AND o.entry_id = e.id AND o.status = 'open'
        AND o.expires_at > :now
    LEFT JOIN team_members m ON m.tenant_id = o.tenant_id AND m.id = o.team_member_id
    WHERE e.tenant_id = :tenant_id
"""
_SHOW = text(_SELECT + " AND e.id = :id")
_FILTERS = {
    "status": " AND CASE WHEN e.status = 'offered' AND o.id IS NULL THEN 'waiting' ELSE e.status END = :status",
    "service_id": " AND e.service_id = :service_id",
    "customer_id": " AND e.customer_id = :customer_id",
}
_OFFERS = text(
    """
    SELECT o.id, CASE WHEN o.status = 'open' AND o.expires_at <= :now THEN 'lapsed' ELSE o.status END AS status,
        o.origin, o.team_member_id, m.display_name AS team_member_name, o.starts_at AS start_time,
        o.ends_at AS end_time, o.expires_at, o.booking_id
    FROM waitlist_offers o JOIN team_members m ON m.tenant_id = o.tenant_id AND m.id = o.team_member_id
    WHERE o.tenant_id = :tenant_id AND o.entry_id = :id ORDER BY o.created_at, o.id
    """
)


def get_entry(entry_id: UUID, *, lock: bool = False) -> WaitlistEntry:
    found = session().get(WaitlistEntry, (current_tenant_id(), entry_id), with_for_update=lock, populate_existing=lock)
    if found is None:
        raise WaitlistEntryNotFoundError
    return found


def get_offer(offer_id: UUID) -> WaitlistOffer | None:
    return session().get(WaitlistOffer, (current_tenant_id(), offer_id), populate_existing=True)


def open_offer(entry_id: UUID) -> WaitlistOffer | None:
    return _offer(WaitlistOffer.entry_id == entry_id, WaitlistOffer.status == "open")


def offer_of_hold(hold_id: UUID) -> WaitlistOffer | None:
    return _offer(WaitlistOffer.hold_id == hold_id)


def offer_of_booking(booking_id: UUID) -> WaitlistOffer | None:
    return _offer(WaitlistOffer.booking_id == booking_id, WaitlistOffer.status == "accepted")


def _offer(*conditions: Any) -> WaitlistOffer | None:
    statement = select(WaitlistOffer).where(WaitlistOffer.tenant_id == current_tenant_id(), *conditions)
    return session().scalars(statement.execution_options(populate_existing=True)).one_or_none()


def latest_offer(entry_id: UUID) -> WaitlistOffer | None:
    statement = select(WaitlistOffer).where(
        WaitlistOffer.tenant_id == current_tenant_id(), WaitlistOffer.entry_id == entry_id
    )
    return session().scalars(statement.order_by(WaitlistOffer.created_at.desc(), WaitlistOffer.id).limit(1)).first()


def overdue_offers() -> Sequence[UUID]:
    """The open offers whose deadline has passed."""
    statement = select(WaitlistOffer.id).where(
        WaitlistOffer.tenant_id == current_tenant_id(),
        WaitlistOffer.status == "open",
        WaitlistOffer.expires_at <= clock.now(),
    )
    return session().scalars(statement.order_by(WaitlistOffer.expires_at, WaitlistOffer.id)).all()


def waiting(*, order: str) -> Sequence[WaitlistEntry]:
    """Those who wait and have no open offer, in the order in which they are offered free time."""
    by_age = (WaitlistEntry.created_at, WaitlistEntry.id)
    ranks = (WaitlistEntry.value_cents.desc(), *by_age) if order == "value" else by_age
    statement = select(WaitlistEntry).where(
        WaitlistEntry.tenant_id == current_tenant_id(), WaitlistEntry.status == "waiting"
    )
    statement = statement.order_by(*ranks).limit(MOST_CONSIDERED).execution_options(populate_existing=True)
    return session().scalars(statement).all()


def anybody_waits() -> bool:
    """Whether somebody waits, or has an open offer whose deadline may have passed."""
    statement = select(WaitlistEntry.id).where(
        WaitlistEntry.tenant_id == current_tenant_id(), WaitlistEntry.status.in_(("waiting", "offered"))
    )
    return session().scalars(statement.limit(1)).first() is not None


def offered_before(entry_id: UUID) -> set[tuple[datetime, UUID]]:
    """The slots, by start and team member, that an entry was offered and did not take."""
    statement = select(WaitlistOffer.starts_at, WaitlistOffer.team_member_id).where(
        WaitlistOffer.tenant_id == current_tenant_id(), WaitlistOffer.entry_id == entry_id
    )
    return {(row.starts_at, row.team_member_id) for row in session().execute(statement)}


_TOLD = text(
    """
    SELECT count(*) FROM waitlist_offers o JOIN waitlist_entries e ON e.tenant_id = o.tenant_id AND e.id = o.entry_id
    WHERE o.tenant_id = :tenant_id AND e.customer_id = :customer_id AND o.created_at >= :since AND o.created_at < :until
    """
)


def offers_made(customer_id: UUID, since: datetime, until: datetime) -> int:
    """How many offers a customer got between two instants."""
    parameters = {"tenant_id": current_tenant_id(), "customer_id": customer_id, "since": since, "until": until}
    return int(session().execute(_TOLD, parameters).scalar_one())


_BOOKED = text(
    """
    SELECT b.id FROM bookings b JOIN booking_items i ON i.tenant_id = b.tenant_id AND i.booking_id = b.id
    WHERE b.tenant_id = :tenant_id AND b.customer_id = :customer_id AND i.service_id = :service_id
    AND i.team_member_id = :member_id AND i.starts_at = :starts_at AND b.created_at >= :since AND b.status <> 'failed'
    ORDER BY b.created_at LIMIT 1
    """
)


def booking_out_of(entry: WaitlistEntry, offer: WaitlistOffer) -> UUID | None:
    """The booking that an offer became: the customer's, of the same service, person and start, made since."""
    found = session().execute(
        _BOOKED,
        {
            "tenant_id": current_tenant_id(),
            "customer_id": entry.customer_id,
            "service_id": entry.service_id,
            "member_id": offer.team_member_id,
            "starts_at": offer.starts_at,
            "since": offer.created_at,
        },
    )
    return found.scalar()


_FREED_BY_VISIT = text(
    """
    SELECT i.team_member_id,
        i.starts_at - make_interval(mins => (i.service_snapshot ->> 'buffer_before_min')::int) AS starts_at,
        i.ends_at + make_interval(mins => (i.service_snapshot ->> 'buffer_after_min')::int) AS ends_at
    FROM booking_items i JOIN bookings b ON b.tenant_id = i.tenant_id AND b.id = i.booking_id
    WHERE i.tenant_id = :tenant_id AND i.booking_id = :id AND b.class_session_id IS NULL AND i.status = 'booked'
    ORDER BY i.position
    """
)


def freed_by_visit(booking_id: UUID) -> list[FreedTime]:
    """The time that a visit had; seats of a class free none."""
    return _freed(_FREED_BY_VISIT, booking_id)


def _freed(statement: TextClause, owner_id: UUID) -> list[FreedTime]:
    rows = session().execute(statement, {"tenant_id": current_tenant_id(), "id": owner_id})
    return [FreedTime(row.team_member_id, row.starts_at, row.ends_at) for row in rows]


_FREED_BY_MOVE = text(
    """
    SELECT (f ->> 'team_member_id')::uuid AS team_member_id,
        (f ->> 'start_time')::timestamptz
            - make_interval(mins => (i.service_snapshot ->> 'buffer_before_min')::int) AS starts_at,
        (f ->> 'start_time')::timestamptz + (i.ends_at - i.starts_at)
            + make_interval(mins => (i.service_snapshot ->> 'buffer_after_min')::int) AS ends_at
    FROM booking_moves v
    CROSS JOIN LATERAL jsonb_array_elements(v.from_items) f
    JOIN booking_items i ON i.tenant_id = v.tenant_id AND i.booking_id = v.booking_id AND i.id = (f ->> 'id')::uuid
    JOIN bookings b ON b.tenant_id = v.tenant_id AND b.id = v.booking_id
    WHERE v.tenant_id = :tenant_id AND v.id = :id AND b.class_session_id IS NULL
    """
)
_FREED_BY_ITEM = text(
    """
    SELECT i.team_member_id,
        i.starts_at - make_interval(mins => (i.service_snapshot ->> 'buffer_before_min')::int) AS starts_at,
        i.ends_at + make_interval(mins => (i.service_snapshot ->> 'buffer_after_min')::int) AS ends_at
    FROM booking_items i WHERE i.tenant_id = :tenant_id AND i.id = :id AND i.status = 'canceled'
    """
)
_FREED_BY_CLASS = text(
    """
    SELECT s.team_member_id, s.starts_at, s.ends_at FROM class_sessions s
    WHERE s.tenant_id = :tenant_id AND s.id = :id AND s.status = 'canceled'
    """
)


def freed_by_move(move_id: UUID) -> list[FreedTime]:
    """The time that a visit had before it was moved."""
    return _freed(_FREED_BY_MOVE, move_id)


def freed_by_item(item_id: UUID) -> list[FreedTime]:
    """The time of an item that was taken out of its visit."""
    return _freed(_FREED_BY_ITEM, item_id)


def freed_by_class(session_id: UUID) -> list[FreedTime]:
    """The time of a class that was called off."""
    return _freed(_FREED_BY_CLASS, session_id)


def moves_between(booking_id: UUID, from_starts_at: datetime, to_starts_at: datetime) -> Sequence[UUID]:
    """The moves of a visit from one start to another."""
    statement = select(BookingMove.id).where(
        BookingMove.tenant_id == current_tenant_id(),
        BookingMove.booking_id == booking_id,
        BookingMove.from_starts_at == from_starts_at,
        BookingMove.to_starts_at == to_starts_at,
    )
    return session().scalars(statement.order_by(BookingMove.created_at, BookingMove.id)).all()


def settings() -> dict[str, Any]:
    """The business's own settings of the waitlist, with the defaults of all else."""
    found: dict[str, Any] = scheduling.effective(tenants.get_tenant().scheduling)["waitlist"]
    return found


def show(entry_id: UUID) -> dict[str, Any]:
    """An entry as staff see it, with all its offers."""
    parameters = {"tenant_id": current_tenant_id(), "id": entry_id, "now": clock.now()}
    row = session().execute(_SHOW, parameters).mappings().one_or_none()
    if row is None:
        raise WaitlistEntryNotFoundError
    offers = [dict(one) for one in session().execute(_OFFERS, parameters).mappings()]
    return {**_shown(row), "offers": offers}


def show_own(entry_id: UUID) -> dict[str, Any]:
    """An entry as its customer sees it."""
    parameters = {"tenant_id": current_tenant_id(), "id": entry_id, "now": clock.now()}
    row = session().execute(_SHOW, parameters).mappings().one()
    shown = {name: value for name, value in _shown(row).items() if name in _OWN_FIELDS}
    return {**shown, "token": links.waitlist_token(entry_id, row["link_version"])}


_OWN_FIELDS = frozenset(
    {
        "id", "status", "service_id", "service_name", "team_member_id", "first_date", "last_date", "from_time",
        "until_time", "accepts_late", "offer", "created_at",
    }
)  # fmt: skip


def list_entries(*, limit: int, cursor: str | None, filters: Mapping[str, Any]) -> dict[str, Any]:
    """Entries, the longest waiting first, in one statement."""
    given = {name: value for name, value in filters.items() if value is not None and name in _FILTERS}
    parameters: dict[str, Any] = {"tenant_id": current_tenant_id(), "now": clock.now(), "limit": limit + 1, **given}
    statement = _SELECT + "".join(_FILTERS[name] for name in given)
    if cursor:
        parameters["after_at"], parameters["after_id"] = paging.decode_instant_and_id(cursor)
        statement += " AND (e.created_at, e.id) > (:after_at, :after_id)"
    rows = session().execute(text(f"{statement} ORDER BY e.created_at, e.id LIMIT :limit"), parameters).mappings()
    found, more = paging.split(rows.all(), limit)
    return {
        "waitlist": [_shown(row) for row in found],
        "next_cursor": paging.encode(found[-1]["created_at"], found[-1]["id"]) if more else None,
    }


def _shown(row: RowMapping) -> dict[str, Any]:
    shown = {name: row[name] for name in _ENTRY_FIELDS}
    customer = {"id": row["customer_id"], **{name: row[name] for name in ("display_name", "email", "phone")}}
    times = {"from_time": _clock(row["from_minute"]), "until_time": _clock(row["until_minute"])}
    return {**shown, **times, "customer": customer}


_ENTRY_FIELDS = (
    "id", "status", "service_id", "service_name", "team_member_id", "first_date", "last_date", "accepts_late",
    "value_cents", "currency", "offer_count", "created_at", "offer",
)  # fmt: skip


def _clock(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"


_MAIL = text(
    """
    SELECT o.status, o.starts_at, o.ends_at, o.expires_at, m.display_name AS team_member_name, v.name AS service_name,
        l.name AS location_name, l.address, l.timezone, c.display_name, c.email, c.phone, e.id AS entry_id,
        e.link_version
    FROM waitlist_offers o
    JOIN waitlist_entries e ON e.tenant_id = o.tenant_id AND e.id = o.entry_id
    JOIN services v ON v.tenant_id = e.tenant_id AND v.id = e.service_id
    JOIN customers c ON c.tenant_id = e.tenant_id AND c.id = e.customer_id
    JOIN team_members m ON m.tenant_id = o.tenant_id AND m.id = o.team_member_id
    JOIN locations l ON l.tenant_id = m.tenant_id AND l.id = m.location_id
    WHERE o.tenant_id = :tenant_id AND o.id = :id
    """
)


def offer_to_tell(offer_id: UUID) -> dict[str, Any] | None:
    """What a message says of an open offer, with the customer's own link; None when it is not open any more."""
    row = session().execute(_MAIL, {"tenant_id": current_tenant_id(), "id": offer_id}).mappings().one_or_none()
    if row is None or row["status"] != "open" or row["expires_at"] <= clock.now():
        return None
    return {**row, "link": links.waitlist_url(row["entry_id"], row["link_version"])}
