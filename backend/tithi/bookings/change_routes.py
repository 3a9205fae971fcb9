# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""Routes of change: moving a visit, taking a service out of it, and visits that recur."""

from typing import Any
from uuid import UUID

from tithi.availability.errors import AddOnNotOfferedError, SlotUnavailableError
from tithi.bookings import errors, links, queries, service
from tithi.bookings.change_schemas import (
    ItemCancelIn,
    MoveIn,
    MoveList,
    OwnMoveIn,
    SeriesBookedOut,
    SeriesCancelIn,
    SeriesIn,
    SeriesMoveIn,
    SeriesOut,
)
from tithi.bookings.policy import BUSINESS, CUSTOMER
from tithi.bookings.schemas import BookingOut, CustomersBookingOut
from tithi.bookings.service import Move, override_of, wanted_of
from tithi.catalog.errors import ServiceNotFoundError
from tithi.customers.errors import CustomerNotFoundError
from tithi.payments import errors as payments
from tithi.platform import access
from tithi.platform.http import Room
from tithi.team.errors import TeamMemberNotFoundError

blueprint = Room("booking_changes", description="Moving visits, parts of visits, and series.")

NOT_FREE = (ServiceNotFoundError, TeamMemberNotFoundError, SlotUnavailableError, errors.NotBookableError)
RULES = (errors.StaffCapReachedError, errors.CustomerCapReachedError, errors.PrerequisiteMissingError)
MOVE = (*NOT_FREE, *RULES, errors.BookingStateConflictError, errors.TooLateError)
SERIES = (errors.SeriesNotFoundError, errors.BookingStateConflictError)


@blueprint.post(
    "/bookings/<uuid:booking_id>/reschedule",
    access="staff",
    body=MoveIn,
    returns=BookingOut,
    idempotent="required",
    ready=True,
    limit="bookings",
    errors=(errors.BookingNotFoundError, *MOVE),
    entitlement="changes",
)
def reschedule(booking_id: UUID, body: dict[str, Any]) -> dict[str, Any]:
    """Move a visit to another time, or to another person; what was agreed stays, and the move is kept."""
    return service.move(booking_id=booking_id, to=_move(body))


@blueprint.get(
    "/bookings/<uuid:booking_id>/moves", access="viewer", returns=MoveList, errors=(errors.BookingNotFoundError,)
)
def list_moves(booking_id: UUID) -> dict[str, Any]:
    """List when a visit was moved, and by whom."""
    found = queries.moves_of(booking_id)
    return {"moves": found, "total": len(found), "next_cursor": None}


@blueprint.post(
    "/manage/<token>/reschedule",
    access="link",
    body=OwnMoveIn,
    returns=CustomersBookingOut,
    ready=True,
    limit="public_booking",
    errors=MOVE,
    entitlement="changes",
)
def reschedule_own(body: dict[str, Any]) -> dict[str, Any]:
    """Move one's own visit. Inside the cancellation window the visit stays late: canceling it costs the fee."""
    booking = links.booking_of(access.link())
    return service.move_by_customer(
        booking_id=booking.id,
        to=Move(
            starts_at=body["start_time"],
            moved_by=CUSTOMER,
            to_anybody=body["to_anybody"],
            reason=body.get("reason"),
        ),
    )


@blueprint.post(
    "/bookings/<uuid:booking_id>/items/<uuid:item_id>/cancel",
    access="staff",
    body=ItemCancelIn,
    returns=BookingOut,
    idempotent="required",
    ready=True,
    limit="bookings",
    errors=(
        errors.BookingNotFoundError,
        errors.BookingItemNotFoundError,
        errors.LastItemError,
        errors.BookingStateConflictError,
        payments.PaymentInProgressError,
    ),
    entitlement="always",
)
def cancel_item(booking_id: UUID, item_id: UUID, body: dict[str, Any]) -> dict[str, Any]:
    """Take one service out of a visit; its time is given back and the price is lower by it."""
    return service.cancel_item(booking_id=booking_id, item_id=item_id, canceled_by=body["canceled_by"])


@blueprint.post(
    "/series",
    access="staff",
    body=SeriesIn,
    returns=SeriesBookedOut,
    status=201,
    idempotent="required",
    ready=True,
    limit="bookings",
    errors=(*NOT_FREE, AddOnNotOfferedError, CustomerNotFoundError, errors.SeriesConflictError),
    entitlement="new_bookings",
)
def book_series(body: dict[str, Any]) -> dict[str, Any]:
    """Book a visit that recurs at the same time on the wall clock; every occurrence is checked."""
    return service.book_series(
        wanted_of(body, source="staff"),
        rule={"interval": 1, **body["rule"]},
        book_rest=body["book_rest"],
    )


@blueprint.get(
    "/series/<uuid:series_id>", access="viewer", returns=SeriesOut, ready=True, errors=(errors.SeriesNotFoundError,)
)
def get_series(series_id: UUID) -> dict[str, Any]:
    """Show a series with its visits."""
    return service.show_series(series_id)


@blueprint.post(
    "/series/<uuid:series_id>/reschedule",
    access="staff",
    body=SeriesMoveIn,
    returns=SeriesOut,
    idempotent="required",
    ready=True,
    limit="bookings",
    errors=(errors.SeriesNotFoundError, *MOVE, errors.SeriesConflictError),
    entitlement="changes",
)
def reschedule_series(series_id: UUID, body: dict[str, Any]) -> dict[str, Any]:
    """Move one visit of a series, it and those after it, or all that are ahead, by the same time on the wall clock."""
    return service.move_series(series_id=series_id, booking_id=body["booking_id"], scope=body["scope"], to=_move(body))


@blueprint.post(
    "/series/<uuid:series_id>/cancel",
    access="staff",
    body=SeriesCancelIn,
    returns=SeriesOut,
    idempotent="required",
    ready=True,
    limit="bookings",
    errors=(*SERIES, payments.PaymentInProgressError),
    entitlement="always",
)
def cancel_series(series_id: UUID, body: dict[str, Any]) -> dict[str, Any]:
    """Call off one visit of a series, it and those after it, or all that are ahead, free of charge."""
    return service.cancel_series(
        series_id=series_id, booking_id=body["booking_id"], scope=body["scope"], reason=body.get("reason")
    )


def _move(body: dict[str, Any]) -> Move:
    return Move(
        starts_at=body["start_time"],
        moved_by=body.get("moved_by", BUSINESS),
        team_member_id=body.get("team_member_id"),
        to_anybody=body["to_anybody"],
        reason=body.get("reason"),
        bypass=frozenset(body.get("bypass", ())),
        override=override_of(body),
    )
