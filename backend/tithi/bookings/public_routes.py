# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""Routes of customers: a business's public site, the booking flow, and the link to one's own booking."""

from typing import Any
from uuid import UUID

from flask import request

from tithi.availability.errors import AddOnNotOfferedError, HoldExpiredError, HoldNotFoundError, SlotUnavailableError
from tithi.bookings import errors, links, queries, service
from tithi.bookings.money_schemas import CardIn, PayOut
from tithi.bookings.schemas import (
    CancelIn,
    ConfirmIn,
    CustomersBookingOut,
    FlowBookingIn,
    HoldIn,
    HoldOut,
    OutcomeIn,
    PublicBookingIn,
    SiteOut,
)
from tithi.bookings.service import Wanted, wanted_of
from tithi.catalog.errors import ServiceNotFoundError
from tithi.customers.errors import CustomerBlockedError
from tithi.payments import errors as payments
from tithi.platform import access, clock
from tithi.platform.http import Room, caller_address
from tithi.promotions.errors import CODE_REFUSALS
from tithi.team.errors import TeamMemberNotFoundError
from tithi.tenants.errors import LocationNotFoundError

blueprint = Room("public_bookings", description="A business's public site.")
flow = Room("booking_flow", description="The booking flow of booking sites.", root=True)

LONGEST_AGENT = 300
NOT_FREE = (
    ServiceNotFoundError,
    TeamMemberNotFoundError,
    AddOnNotOfferedError,
    SlotUnavailableError,
    HoldExpiredError,
    errors.NotBookableError,
    errors.BookingClosedError,
)
BOOKING = (
    *NOT_FREE,
    errors.StaffCapReachedError,
    errors.CustomerCapReachedError,
    errors.PrerequisiteMissingError,
    errors.ConsentMissingError,
    *CODE_REFUSALS,
    CustomerBlockedError,
)


@blueprint.get("/public/<slug>", access="public", returns=SiteOut, errors=(LocationNotFoundError,))
def site() -> dict[str, Any]:
    """Show everything that a booking site needs before a time is chosen."""
    return queries.site()


@blueprint.post(
    "/public/<slug>/bookings",
    access="public",
    body=PublicBookingIn,
    returns=CustomersBookingOut,
    status=201,
    idempotent="required",
    phased=True,
    ready=True,
    limit="public_booking",
    errors=BOOKING,
    entitlement="new_bookings",
)
def create_booking(body: dict[str, Any]) -> dict[str, Any]:
    """Book a visit. Where the policy asks for it a card is kept, or a deposit taken; nothing else is charged."""
    return service.book(_wanted(body))


@blueprint.post(
    "/public/<slug>/holds",
    access="public",
    body=HoldIn,
    returns=HoldOut,
    status=201,
    idempotent="required",
    ready=True,
    limit="public_booking",
    errors=NOT_FREE,
    entitlement="new_bookings",
)
def hold_time(body: dict[str, Any]) -> dict[str, Any]:
    """Hold a time for 15 minutes while the customer checks out."""
    _refuse_unless_open()
    return service.hold(wanted_of(body, source="public"))


@blueprint.delete(
    "/public/<slug>/holds/<uuid:hold_id>",
    access="public",
    status=204,
    errors=(HoldNotFoundError,),
    entitlement="always",
)
def release_hold(hold_id: UUID) -> None:
    """Give a held time back."""
    service.release_hold(hold_id=hold_id)


@flow.get(
    "/booking/tenant-data/<uuid:tenant_id>",
    access="public",
    returns=SiteOut,
    enveloped=True,
    errors=(LocationNotFoundError,),
)
def tenant_data() -> dict[str, Any]:
    """Show everything that a booking site needs before a time is chosen."""
    return queries.site()


@flow.post(
    "/booking/create",
    access="public",
    body=FlowBookingIn,
    returns=CustomersBookingOut,
    status=201,
    idempotent="required",
    phased=True,
    ready=True,
    enveloped=True,
    tenant_in_body=True,
    limit="public_booking",
    errors=BOOKING,
    entitlement="new_bookings",
)
def flow_create(body: dict[str, Any]) -> dict[str, Any]:
    """Book a visit. Where the policy asks for it a card is kept, or a deposit taken; nothing else is charged."""
    return service.book(_wanted(body))


@flow.post(
    "/booking/confirm/<uuid:booking_id>",
    access="public",
    body=ConfirmIn,
    returns=CustomersBookingOut,
    phased=True,
    ready=True,
    enveloped=True,
    tenant_in_body=True,
    limit="public_booking",
    errors=(errors.BookingNotFoundError,),
    entitlement="always",
)
def flow_confirm(booking_id: UUID, body: dict[str, Any]) -> dict[str, Any]:
    """Fetch the truth about the booking's card from Stripe; confirms when it is on file, decides nothing else."""
    return service.confirm_for_customer(
        booking_id=booking_id,
        confirmation_number=body.get("confirmation_number"),
        manage_token=body.get("manage_token"),
    )


@blueprint.get(
    "/manage/<token>", access="link", returns=CustomersBookingOut, phased=True, ready=True, limit="public_booking"
)
def show_own_booking() -> dict[str, Any]:
    """Show the customer their own booking, and what they have to do next."""
    return service.show_for_customer(target=access.link())


@blueprint.post(
    "/manage/<token>/cancel",
    access="link",
    body=CancelIn,
    returns=CustomersBookingOut,
    ready=True,
    limit="public_booking",
    errors=(errors.BookingStateConflictError, errors.TooLateError, payments.PaymentInProgressError),
    entitlement="always",
)
def cancel_own_booking(body: dict[str, Any]) -> dict[str, Any]:
    """Cancel one's own booking. Inside the window the late fee is proposed to the business, which may waive it."""
    booking = links.booking_of(access.link())
    return service.cancel_by_customer(booking_id=booking.id, reason=body.get("reason"))


@blueprint.post(
    "/manage/<token>/pay",
    access="link",
    body=OutcomeIn,
    returns=PayOut,
    phased=True,
    limit="public_booking",
    errors=(payments.PaymentNotFoundError, payments.PayoutAccountMissingError, payments.ProcessorFailedError),
    entitlement="always",
)
def pay_own_booking(body: dict[str, Any]) -> dict[str, Any]:  # noqa: ARG001 - it holds the key alone
    """Carry on a payment that waits for the customer: captured when they have acted, else what they have to do."""
    return service.pay_by_link(target=access.link())


@blueprint.post(
    "/manage/<token>/card",
    access="link",
    body=CardIn,
    returns=CustomersBookingOut,
    phased=True,
    ready=True,
    limit="public_booking",
    errors=(errors.BookingStateConflictError, payments.PayoutAccountMissingError, payments.ProcessorFailedError),
    entitlement="always",
)
def give_card(body: dict[str, Any]) -> dict[str, Any]:
    """Give another card for one's own booking: with a payment method at once, else with a secret for the card form."""
    return service.give_card(
        target=access.link(), payment_method_ref=body.get("payment_method", {}).get("stripe_payment_method_id")
    )


def _wanted(body: dict[str, Any]) -> Wanted:
    _refuse_unless_open()
    return wanted_of(
        body,
        source="public",
        accepts_policy=body["accepts_policy"],
        consent={
            "given_at": clock.now(),
            "address": caller_address(),
            "agent": request.headers.get("User-Agent", "")[:LONGEST_AGENT],
        },
    )


def _refuse_unless_open() -> None:
    if access.tenant().status != "active":
        raise errors.BookingClosedError
