# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""What is told when a visit is moved or made shorter, and of visits that recur."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from tithi.bookings import queries as bookings
from tithi.notifications import rendering, templates
from tithi.notifications.service.visits import Visit, calendar_file_of, queue, visit_of
from tithi.notifications.template_parts import CUSTOMER

STANDING = ("pending", "confirmed")


def tell_rescheduled(*, booking_id: UUID, move_id: UUID | None, from_starts_at: datetime, moved_by: str) -> None:
    """Tell the new time, with a calendar file in place of the first; not for a visit that was called off meanwhile."""
    visit = visit_of(booking_id)
    if visit.shown["status"] not in STANDING:
        return
    is_confirmed = visit.shown["status"] == "confirmed"
    moved = next((move for move in bookings.moves_of(booking_id) if move.id == move_id), None)
    queue(
        visit,
        "booking_rescheduled",
        {
            "before": rendering.moment(from_starts_at, visit.shown["timezone"]),
            "note": templates.NEW_FILE if is_confirmed else "",
            "actor": "the customer" if moved_by == CUSTOMER else visit.business_name,
            "reason": (moved.reason if moved else None) or "",
        },
        about=move_id,
        attachment=calendar_file_of(visit) if is_confirmed else None,
    )


def tell_item_canceled(*, booking_id: UUID, item_id: UUID) -> None:
    """Tell which service was taken out of a visit; not for a visit that was called off meanwhile."""
    visit = visit_of(booking_id)
    taken_out = next((item for item in visit.shown["items"] if str(item["id"]) == str(item_id)), None)
    if visit.shown["status"] in {"canceled", "failed"} or taken_out is None:
        return
    is_confirmed = visit.shown["status"] == "confirmed"
    queue(
        visit,
        "booking_item_canceled",
        {
            "lines": rendering.one_line(taken_out["service_name"]),
            "note": templates.NEW_FILE if is_confirmed else "",
        },
        about=item_id,
        attachment=calendar_file_of(visit) if is_confirmed else None,
    )


def tell_series_booked(*, series_id: UUID, booking_id: UUID) -> None:
    """Tell all visits of a series at once, with one calendar file."""
    visits = _standing(series_id)
    if visits:
        queue(visit_of(booking_id), "series_booked", _dates(visits), attachment=calendar_file_of(*visits))


def tell_series_rescheduled(*, series_id: UUID, booking_id: UUID, change_id: UUID) -> None:
    """Tell the visits of a series that are ahead after several of them were moved."""
    visits = _standing(series_id)
    if visits:
        queue(
            visit_of(booking_id),
            "series_rescheduled",
            {**_dates(visits), "note": templates.NEW_FILE},
            about=change_id,
            attachment=calendar_file_of(*visits),
        )


def tell_series_canceled(*, series_id: UUID, booking_id: UUID, change_id: UUID) -> None:
    """Tell which visits of a series were called off together with the first of them."""
    first = visit_of(booking_id)
    together = [
        visit_of(booking.id)
        for booking in bookings.bookings_of_series(series_id)
        if booking.status == "canceled" and booking.canceled_at == first.shown["canceled_at"]
    ]
    said = {**_dates(together), "reason": first.shown["cancel_reason"] or ""}
    queue(first, "series_canceled", said, about=change_id)


def _standing(series_id: UUID) -> list[Visit]:
    return [visit_of(one.id) for one in bookings.bookings_of_series(series_id) if one.status in STANDING]


def _dates(visits: Sequence[Visit]) -> dict[str, str]:
    days = [rendering.moment(visit.shown["start_time"], visit.shown["timezone"]) for visit in visits]
    return {"count": str(len(visits)), "dates": "\n".join(days)}
