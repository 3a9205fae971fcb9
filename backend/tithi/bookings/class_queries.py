# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""Class sessions: how they are shown, and how their seats are counted."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select, text

from tithi.bookings.errors import ClassSessionNotFoundError
from tithi.bookings.models import Booking, ClassSession
from tithi.platform import clock, paging
from tithi.platform.db import session
from tithi.platform.tenancy import current_tenant_id

GIVEN_UP = ("canceled", "failed")
LONGEST_VIEW = timedelta(days=92)

_SELECT = """
    SELECT s.id, s.service_id, v.name AS service_name, s.team_member_id, m.display_name AS team_member_name, s.room_id,
        s.location_id, s.status, s.starts_at AS start_time, s.ends_at AS end_time, s.timezone, s.capacity,
        s.online_capacity, s.booked_seats, s.online_seats, s.capacity - s.booked_seats AS remaining_seats,
        least(s.online_capacity - s.online_seats, s.capacity - s.booked_seats) AS remaining_online_seats,
        s.price_cents, t.currency, s.version, s.created_at
    FROM class_sessions s
    JOIN tenants t ON t.id = s.tenant_id
    JOIN services v ON v.tenant_id = s.tenant_id AND v.id = s.service_id
    JOIN team_members m ON m.tenant_id = s.tenant_id AND m.id = s.team_member_id
    WHERE s.tenant_id = :tenant_id
"""
_SHOW = text(_SELECT + " AND s.id = :id")
_FILTERS = {
    "since": " AND s.starts_at >= :since",
    "until": " AND s.starts_at < :until",
    "service_id": " AND s.service_id = :service_id",
    "status": " AND s.status = :status",
}
_PUBLIC_FIELDS = (
    "id", "service_id", "service_name", "team_member_id", "team_member_name", "location_id", "start_time", "end_time",
    "timezone", "price_cents", "currency", "remaining_online_seats",
)  # fmt: skip
_ATTENDEES = text(
    """
    SELECT b.id AS booking_id, b.confirmation_number, b.status, b.source, b.attendee_count AS seats, b.customer_id,
        c.display_name, b.amount_cents, b.created_at
    FROM bookings b JOIN customers c ON c.tenant_id = b.tenant_id AND c.id = b.customer_id
    WHERE b.tenant_id = :tenant_id AND b.class_session_id = :id
    ORDER BY b.created_at, b.id
    """
)
_RECOUNT = text(
    """
    UPDATE class_sessions s SET booked_seats = n.seats, online_seats = n.online
    FROM (
        SELECT coalesce(sum(attendee_count), 0) AS seats,
            coalesce(sum(attendee_count) FILTER (WHERE source = 'public'), 0) AS online
        FROM bookings WHERE tenant_id = :tenant_id AND class_session_id = :id AND id <> :without
        AND status NOT IN ('canceled', 'failed')
    ) n
    WHERE s.tenant_id = :tenant_id AND s.id = :id
    """
)


def get_session(session_id: UUID, *, lock: bool = False) -> ClassSession:
    """Raises ClassSessionNotFound; with `lock` its seats stay as they are until the transaction ends."""
    found = session().get(ClassSession, (current_tenant_id(), session_id), with_for_update=lock, populate_existing=lock)
    if found is None:
        raise ClassSessionNotFoundError
    return found


def recount_seats(session_id: UUID, *, without: UUID) -> None:
    """Count the seats anew under the session's lock, from the bookings that stand besides `without`."""
    get_session(session_id, lock=True)
    session().execute(_RECOUNT, {"tenant_id": current_tenant_id(), "id": session_id, "without": without})


def standing_bookings(session_id: UUID) -> Sequence[UUID]:
    """The bookings of a session that are neither canceled nor failed nor over."""
    statement = (
        select(Booking.id)
        .where(
            Booking.tenant_id == current_tenant_id(),
            Booking.class_session_id == session_id,
            Booking.status.in_(("pending", "confirmed", "checked_in")),
        )
        .order_by(Booking.id)
    )
    return session().scalars(statement).all()


def lock_bookings(session_id: UUID) -> None:
    """Lock the session's bookings, in the order in which canceling one takes its locks: bookings first."""
    statement = (
        select(Booking.id)
        .where(Booking.tenant_id == current_tenant_id(), Booking.class_session_id == session_id)
        .order_by(Booking.id)
        .with_for_update()
    )
    session().execute(statement)


def show(session_id: UUID) -> dict[str, Any]:
    """A session as the API shows it."""
    row = session().execute(_SHOW, {"tenant_id": current_tenant_id(), "id": session_id}).mappings().one_or_none()
    if row is None:
        raise ClassSessionNotFoundError
    return dict(row)


def show_with_attendees(session_id: UUID) -> dict[str, Any]:
    """A session with everybody who booked seats, those who gave them back included."""
    shown = show(session_id)
    rows = session().execute(_ATTENDEES, {"tenant_id": current_tenant_id(), "id": session_id}).mappings()
    return {**shown, "attendees": [dict(row) for row in rows]}


def list_sessions(*, limit: int, cursor: str | None, filters: Mapping[str, Any]) -> dict[str, Any]:
    """Sessions by their start, in one statement."""
    given = {name: value for name, value in filters.items() if value is not None and name in _FILTERS}
    parameters: dict[str, Any] = {"tenant_id": current_tenant_id(), "limit": limit + 1, **given}
    statement = _SELECT + "".join(_FILTERS[name] for name in given)
    if cursor:
        parameters["after_at"], parameters["after_id"] = paging.decode_instant_and_id(cursor)
        statement += " AND (s.starts_at, s.id) > (:after_at, :after_id)"
    rows = session().execute(text(f"{statement} ORDER BY s.starts_at, s.id LIMIT :limit"), parameters).mappings()
    found, more = paging.split(rows.all(), limit)
    return {
        "class_sessions": [dict(row) for row in found],
        "next_cursor": paging.encode(found[-1]["start_time"], found[-1]["id"]) if more else None,
    }


def list_public(*, limit: int, cursor: str | None, since: datetime | None, until: datetime | None) -> dict[str, Any]:
    """The sessions to come that a customer may see, with the seats they may book."""
    first = max(since or clock.now(), clock.now())
    shown = list_sessions(
        limit=limit,
        cursor=cursor,
        filters={"since": first, "until": until or first + LONGEST_VIEW, "status": "scheduled"},
    )
    sessions = [{name: one[name] for name in _PUBLIC_FIELDS} for one in shown["class_sessions"]]
    return {**shown, "class_sessions": sessions}
