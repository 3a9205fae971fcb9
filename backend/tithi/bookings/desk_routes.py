# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""Routes of the front desk besides a booking's own."""

from typing import Any
from uuid import UUID

from tithi.bookings import errors, service
from tithi.bookings.schemas import BookingChange, BookingOut, BulkIn, BulkOut, MessageIn, MessageOut
from tithi.platform import pipeline
from tithi.platform.access import FeatureNotAvailableError
from tithi.platform.http import Room, expected_version, idempotency_key

OUTCOMES = frozenset({"complete", "no_show", "cancel"})

blueprint = Room("bookings_desk", description="The front desk: notes, many bookings at once, messages.")


@blueprint.put(
    "/bookings/<uuid:booking_id>",
    access="staff",
    body=BookingChange,
    returns=BookingOut,
    ready=True,
    etag=True,
    errors=(errors.BookingNotFoundError,),
    entitlement="changes",
)
def update_booking(booking_id: UUID, body: dict[str, Any]) -> dict[str, Any]:
    """Change what is noted on a booking."""
    return service.update_details(booking_id=booking_id, details=body, expected_version=expected_version())


@blueprint.post(
    "/admin/bookings/bulk-actions",
    access="staff",
    body=BulkIn,
    returns=BulkOut,
    idempotent="required",
    phased=True,
    limit="payments",
    entitlement="always",
    errors=(FeatureNotAvailableError,),
)
def act_on_many(body: dict[str, Any]) -> dict[str, Any]:
    """Press one button for several bookings; the answer tells for each what became of it."""
    pipeline.require_entitlement("always" if body["action"] in OUTCOMES else "changes")
    results = service.act_on_many(
        action=body["action"],
        booking_ids=body["booking_ids"],
        canceled_by=body["canceled_by"],
        reason=body.get("reason"),
    )
    return {"results": results}


@blueprint.post(
    "/admin/bookings/send-message",
    access="staff",
    body=MessageIn,
    returns=MessageOut,
    status=202,
    idempotent="required",
    limit="bookings",
    errors=(errors.BookingNotFoundError,),
    entitlement="changes",
)
def send_message(body: dict[str, Any]) -> dict[str, Any]:
    """Mail the customers of bookings, once."""
    queued = service.send_message(
        booking_ids=body["booking_ids"],
        subject=body["subject"],
        message=body["message"],
        key=idempotency_key() or "",
    )
    return {"queued": queued}
