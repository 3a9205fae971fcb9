# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""What a visit would cost, asked with the body that would book it."""

from typing import Any

from tithi.availability.errors import AddOnNotOfferedError, HoldExpiredError, SlotUnavailableError
from tithi.bookings import errors, service
from tithi.bookings.quote_schemas import PublicQuoteIn, QuoteOut, StaffQuoteIn
from tithi.bookings.service import wanted_of
from tithi.catalog.errors import ServiceNotFoundError
from tithi.customers.errors import CustomerNotFoundError
from tithi.platform.http import Room
from tithi.promotions.errors import CODE_REFUSALS
from tithi.team.errors import TeamMemberNotFoundError

blueprint = Room("quotes", description="What a visit would cost.")

REFUSALS = (
    ServiceNotFoundError,
    TeamMemberNotFoundError,
    AddOnNotOfferedError,
    SlotUnavailableError,
    HoldExpiredError,
    errors.NotBookableError,
    *CODE_REFUSALS,
)


@blueprint.post(
    "/bookings/quote",
    access="staff",
    body=StaffQuoteIn,
    returns=QuoteOut,
    ready=True,
    errors=(*REFUSALS, CustomerNotFoundError),
    entitlement="always",
)
def quote(body: dict[str, Any]) -> dict[str, Any]:
    """Say line by line what a visit would cost; nothing is booked, and no code is used."""
    return service.quote(wanted_of(body, source="staff"), tip_cents=body["tip_cents"])


@blueprint.post(
    "/public/<slug>/quote",
    access="public",
    body=PublicQuoteIn,
    returns=QuoteOut,
    ready=True,
    limit="public_booking",
    errors=REFUSALS,
    entitlement="always",
)
def quote_for_customer(body: dict[str, Any]) -> dict[str, Any]:
    """Say line by line what a visit would cost; nothing is booked, and no code is used."""
    return service.quote(wanted_of(body, source="public"), tip_cents=body["tip_cents"])
