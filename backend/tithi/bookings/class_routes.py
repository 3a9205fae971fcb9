# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""Routes of class sessions and their seats."""

from typing import Any
from uuid import UUID

from flask import request

from tithi.availability.errors import ResourceNotFoundError, SlotUnavailableError
from tithi.bookings import class_queries, errors, service
from tithi.bookings.class_schemas import (
    ClassCancelIn,
    ClassSessionChange,
    ClassSessionFullOut,
    ClassSessionIn,
    ClassSessionList,
    ClassSessionOut,
    ClassSessionQuery,
    PublicClassList,
    PublicClassQuery,
    PublicSeatsIn,
    ScheduledOut,
    StaffSeatsIn,
)
from tithi.bookings.schemas import CustomersBookingOut
from tithi.bookings.service import SeatsWanted
from tithi.catalog.errors import ServiceNotFoundError
from tithi.customers.errors import CustomerBlockedError, CustomerNotFoundError
from tithi.payments.errors import PaymentInProgressError
from tithi.platform import access, clock
from tithi.platform.http import Room, caller_address, expected_version
from tithi.promotions.codes import codes_of
from tithi.promotions.errors import CODE_REFUSALS
from tithi.team.errors import TeamMemberNotFoundError

blueprint = Room("class_sessions", description="Classes: scheduled group events with seats.")

LONGEST_AGENT = 300
SEATS = (errors.ClassSessionNotFoundError, errors.ClassFullError, errors.ClassClosedError, *CODE_REFUSALS)


@blueprint.get("/class-sessions", access="viewer", query=ClassSessionQuery, returns=ClassSessionList, ready=True)
def list_class_sessions(query: dict[str, Any]) -> dict[str, Any]:
    """List class sessions by their start."""
    return class_queries.list_sessions(limit=query.pop("limit"), cursor=query.pop("cursor", None), filters=query)


@blueprint.post(
    "/class-sessions",
    access="admin",
    body=ClassSessionIn,
    returns=ScheduledOut,
    status=201,
    idempotent="required",
    ready=True,
    limit="bookings",
    errors=(ServiceNotFoundError, TeamMemberNotFoundError, ResourceNotFoundError, SlotUnavailableError),
    entitlement="changes",
)
def schedule_class(body: dict[str, Any]) -> dict[str, Any]:
    """Schedule a class, once or each week at the same wall-clock time; taken times are named in `conflicts`."""
    weeks = body.pop("repeat", {"count": 1})["count"]
    return {"class_sessions": service.schedule_class(details=_renamed(body), weeks=weeks)}


@blueprint.get(
    "/class-sessions/<uuid:class_session_id>",
    access="staff",
    returns=ClassSessionFullOut,
    ready=True,
    etag=True,
    errors=(errors.ClassSessionNotFoundError,),
)
def get_class_session(class_session_id: UUID) -> dict[str, Any]:
    """Show a class session with its attendees."""
    return class_queries.show_with_attendees(class_session_id)


@blueprint.put(
    "/class-sessions/<uuid:class_session_id>",
    access="admin",
    body=ClassSessionChange,
    returns=ClassSessionOut,
    ready=True,
    etag=True,
    errors=(
        errors.ClassSessionNotFoundError,
        errors.ClassClosedError,
        errors.SeatsBookedError,
        TeamMemberNotFoundError,
        ResourceNotFoundError,
        SlotUnavailableError,
    ),
    entitlement="changes",
)
def change_class_session(class_session_id: UUID, body: dict[str, Any]) -> dict[str, Any]:
    """Change a class session; when it moves, the visits of those who booked move with it."""
    return service.change_class(
        session_id=class_session_id, details=_renamed(body), expected_version=expected_version()
    )


@blueprint.post(
    "/class-sessions/<uuid:class_session_id>/cancel",
    access="admin",
    body=ClassCancelIn,
    returns=ClassSessionOut,
    idempotent="required",
    phased=True,
    ready=True,
    limit="bookings",
    errors=(errors.ClassSessionNotFoundError, errors.ClassClosedError, PaymentInProgressError),
    entitlement="always",
)
def cancel_class_session(class_session_id: UUID, body: dict[str, Any]) -> dict[str, Any]:
    """Call a class session off: everybody's visit is canceled by the business, at no cost, and they are told."""
    return service.call_off_class(session_id=class_session_id, reason=body.get("reason"))


@blueprint.post(
    "/class-sessions/<uuid:class_session_id>/bookings",
    access="staff",
    body=StaffSeatsIn,
    returns=CustomersBookingOut,
    status=201,
    idempotent="required",
    phased=True,
    ready=True,
    limit="bookings",
    errors=(*SEATS, CustomerNotFoundError),
    entitlement="new_bookings",
)
def book_seats(class_session_id: UUID, body: dict[str, Any]) -> dict[str, Any]:
    """Book seats for a customer; staff may book all seats, until the class is over."""
    return service.book_seats(
        SeatsWanted(
            class_session_id=class_session_id,
            seats=body["seats"],
            source="staff",
            customer_id=body.get("customer_id"),
            customer=body.get("customer_info"),
            payment_method_ref=body.get("payment_method", {}).get("stripe_payment_method_id"),
            special_requests=body.get("special_requests"),
            codes=codes_of(body),
        )
    )


@blueprint.get(
    "/public/<slug>/class-sessions", access="public", query=PublicClassQuery, returns=PublicClassList, ready=True
)
def list_public_classes(query: dict[str, Any]) -> dict[str, Any]:
    """List the classes to come, with the seats that can be booked online."""
    return class_queries.list_public(
        limit=query["limit"], cursor=query.get("cursor"), since=query.get("since"), until=query.get("until")
    )


@blueprint.post(
    "/public/<slug>/class-sessions/<uuid:class_session_id>/bookings",
    access="public",
    body=PublicSeatsIn,
    returns=CustomersBookingOut,
    status=201,
    idempotent="required",
    phased=True,
    ready=True,
    limit="public_booking",
    errors=(*SEATS, errors.BookingClosedError, errors.ConsentMissingError, CustomerBlockedError),
    entitlement="new_bookings",
)
def book_public_seats(class_session_id: UUID, body: dict[str, Any]) -> dict[str, Any]:
    """Book seats of a class. A card is kept, or a deposit taken, where the policy asks for it."""
    if access.tenant().status != "active":
        raise errors.BookingClosedError
    return service.book_seats(
        SeatsWanted(
            class_session_id=class_session_id,
            seats=body["seats"],
            source="public",
            customer=body["customer_info"],
            payment_method_ref=body.get("payment_method", {}).get("stripe_payment_method_id"),
            special_requests=body.get("special_requests"),
            codes=codes_of(body),
            accepts_policy=body["accepts_policy"],
            consent={
                "given_at": clock.now(),
                "address": caller_address(),
                "agent": request.headers.get("User-Agent", "")[:LONGEST_AGENT],
            },
        )
    )


def _renamed(body: dict[str, Any]) -> dict[str, Any]:
    return {"starts_at" if name == "start_time" else name: value for name, value in body.items()}
