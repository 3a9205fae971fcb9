# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""Routes of the waitlist: of staff, of the public site, and behind the customer's own link."""

from typing import Any
from uuid import UUID

from flask import request

from tithi.availability.errors import HoldExpiredError, SlotUnavailableError
from tithi.bookings import errors, links, service, waitlist_queries
from tithi.bookings.schemas import CustomersBookingOut
from tithi.bookings.waitlist_schemas import (
    AcceptIn,
    OfferIn,
    OwnWishOut,
    PublicWishIn,
    StaffWishIn,
    WaitlistEntryFullOut,
    WaitlistList,
    WaitlistQuery,
)
from tithi.catalog.errors import ServiceNotFoundError
from tithi.customers.errors import CustomerBlockedError, CustomerNotFoundError
from tithi.platform import access, clock
from tithi.platform.http import Room, caller_address
from tithi.platform.schemas import minutes_of
from tithi.team.errors import TeamMemberNotFoundError

blueprint = Room("waitlist", description="Who waits for a time that is taken, and what they are offered.")

LONGEST_AGENT = 300
NOT_SOLD = (ServiceNotFoundError, TeamMemberNotFoundError, errors.NotBookableError)
RULES = (errors.CustomerCapReachedError, errors.StaffCapReachedError, errors.PrerequisiteMissingError)


@blueprint.get("/waitlist", access="viewer", query=WaitlistQuery, returns=WaitlistList, ready=True)
def list_waitlist(query: dict[str, Any]) -> dict[str, Any]:
    """List the waitlist, the longest waiting first."""
    return waitlist_queries.list_entries(limit=query.pop("limit"), cursor=query.pop("cursor", None), filters=query)


@blueprint.post(
    "/waitlist",
    access="staff",
    body=StaffWishIn,
    returns=WaitlistEntryFullOut,
    status=201,
    idempotent="optional",
    ready=True,
    limit="bookings",
    errors=(*NOT_SOLD, CustomerNotFoundError),
    entitlement="new_bookings",
)
def add_to_waitlist(body: dict[str, Any]) -> dict[str, Any]:
    """Put a customer on the waitlist."""
    return waitlist_queries.show(_join(body, by_staff=True))


@blueprint.get(
    "/waitlist/<uuid:entry_id>",
    access="viewer",
    returns=WaitlistEntryFullOut,
    ready=True,
    errors=(errors.WaitlistEntryNotFoundError,),
)
def get_waitlist_entry(entry_id: UUID) -> dict[str, Any]:
    """Show an entry of the waitlist with all its offers."""
    return waitlist_queries.show(entry_id)


@blueprint.delete(
    "/waitlist/<uuid:entry_id>",
    access="staff",
    status=204,
    errors=(errors.WaitlistEntryNotFoundError, errors.WaitlistStateConflictError, errors.OfferClosedError),
    entitlement="always",
)
def remove_from_waitlist(entry_id: UUID) -> None:
    """Take a customer off the waitlist; a time that is kept for them goes to the next."""
    service.leave_waitlist(entry_id=entry_id)


@blueprint.post(
    "/waitlist/<uuid:entry_id>/offer",
    access="staff",
    body=OfferIn,
    returns=WaitlistEntryFullOut,
    status=201,
    idempotent="required",
    ready=True,
    limit="bookings",
    errors=(
        errors.WaitlistEntryNotFoundError,
        errors.WaitlistStateConflictError,
        errors.OfferTooLateError,
        errors.NotBookableError,
        *RULES,
        ServiceNotFoundError,
        TeamMemberNotFoundError,
        SlotUnavailableError,
    ),
    entitlement="new_bookings",
)
def offer_time(entry_id: UUID, body: dict[str, Any]) -> dict[str, Any]:
    """Offer somebody a free time now, whoever else waits, also in quiet hours; it is held for them as any offer."""
    return service.offer_by_staff(
        entry_id=entry_id, starts_at=body["start_time"], team_member_id=body["team_member_id"]
    )


@blueprint.post(
    "/public/<slug>/waitlist",
    access="public",
    body=PublicWishIn,
    returns=OwnWishOut,
    status=201,
    idempotent="optional",
    ready=True,
    limit="public_booking",
    errors=(*NOT_SOLD, errors.BookingClosedError, CustomerBlockedError),
    entitlement="new_bookings",
)
def join_waitlist(body: dict[str, Any]) -> dict[str, Any]:
    """Wait for a time that is taken; whoever waits is told by mail when it becomes free."""
    _refuse_unless_open()
    return waitlist_queries.show_own(_join(body, by_staff=False))


@blueprint.get("/waitlist/own/<waitlist_token>", access="link", returns=OwnWishOut, ready=True, limit="public_booking")
def show_own_wish() -> dict[str, Any]:
    """Show the customer their own entry, and the time that is kept for them."""
    return waitlist_queries.show_own(links.entry_of(access.link()).id)


@blueprint.post(
    "/waitlist/own/<waitlist_token>/accept",
    access="link",
    body=AcceptIn,
    returns=CustomersBookingOut,
    status=201,
    idempotent="required",
    phased=True,
    ready=True,
    limit="public_booking",
    errors=(
        errors.OfferClosedError,
        errors.BookingClosedError,
        errors.ConsentMissingError,
        errors.NotBookableError,
        *RULES,
        ServiceNotFoundError,
        TeamMemberNotFoundError,
        SlotUnavailableError,
        HoldExpiredError,
    ),
    entitlement="new_bookings",
)
def accept_offer(body: dict[str, Any]) -> dict[str, Any]:
    """Book the time that is kept. A card is kept, or a deposit taken, where the policy asks for it."""
    _refuse_unless_open()
    return service.accept_offer(
        target=access.link(),
        payment_method_ref=body.get("payment_method", {}).get("stripe_payment_method_id"),
        accepts_policy=body["accepts_policy"],
        consent={
            "given_at": clock.now(),
            "address": caller_address(),
            "agent": request.headers.get("User-Agent", "")[:LONGEST_AGENT],
        },
    )


@blueprint.post(
    "/waitlist/own/<waitlist_token>/decline",
    access="link",
    returns=OwnWishOut,
    ready=True,
    limit="public_booking",
    errors=(errors.OfferClosedError,),
    entitlement="always",
)
def decline_offer() -> dict[str, Any]:
    """Decline the time that is kept; it is not offered to this customer again, and they go on waiting."""
    return service.decline_offer(target=access.link())


@blueprint.post(
    "/waitlist/own/<waitlist_token>/leave",
    access="link",
    returns=OwnWishOut,
    ready=True,
    limit="public_booking",
    errors=(errors.WaitlistStateConflictError, errors.OfferClosedError),
    entitlement="always",
)
def leave_waitlist() -> dict[str, Any]:
    """Leave the waitlist; a time that is kept goes to the next."""
    entry = links.entry_of(access.link())
    service.leave_waitlist(entry_id=entry.id)
    return waitlist_queries.show_own(entry.id)


def _join(body: dict[str, Any], *, by_staff: bool) -> UUID:
    named = {name: body.pop(name, None) for name in ("customer_id", "customer_info")}
    minutes = {"from_minute": minutes_of(body.pop("from_time")), "until_minute": minutes_of(body.pop("until_time"))}
    return service.join_waitlist(
        wish={**body, **minutes},
        customer_id=named["customer_id"],
        customer=named["customer_info"],
        by_staff=by_staff,
    )


def _refuse_unless_open() -> None:
    if access.tenant().status != "active":
        raise errors.BookingClosedError
