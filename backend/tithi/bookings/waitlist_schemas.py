# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

from datetime import date
from typing import Any

from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from tithi.bookings.schemas import BookersOut, CustomerInfo, PaymentMethodIn
from tithi.platform.schemas import Instant, PageQuery, cents, minutes_of

STATUSES = ("waiting", "offered", "booked", "left", "expired")
TIME_OF_DAY = r"([01][0-9]|2[0-3]):[0-5][0-9]"
DAY = validate.Range(min=date(2000, 1, 1), max=date(2200, 12, 31))


class WishIn(Schema):
    service_id = fields.UUID(required=True)
    team_member_id = fields.UUID(allow_none=True, metadata={"description": "Absent: anybody who can."})
    first_date = fields.Date(required=True, validate=DAY)
    last_date = fields.Date(
        required=True, validate=DAY, metadata={"description": "At most 92 days after the first; included."}
    )
    from_time = fields.String(
        load_default="00:00",
        validate=validate.Regexp(rf"^{TIME_OF_DAY}\Z"),
        metadata={"description": "The earliest start on each day, in the location's time.", "example": "09:00"},
    )
    until_time = fields.String(
        load_default="24:00",
        validate=validate.Regexp(rf"^({TIME_OF_DAY}|24:00)\Z"),
        metadata={"description": "The latest end on each day.", "example": "17:30"},
    )
    accepts_late = fields.Boolean(
        load_default=False,
        metadata={"description": "Offer also what begins inside the window in which canceling costs a fee."},
    )

    @validates_schema
    def _has_an_order(self, data: dict[str, Any], **_kwargs: Any) -> None:
        if data["last_date"] < data["first_date"]:
            message = "Not on or after first_date."
            raise ValidationError(message, "last_date")
        if minutes_of(data["until_time"]) <= minutes_of(data["from_time"]):
            message = "Not after from_time."
            raise ValidationError(message, "until_time")


class PublicWishIn(WishIn):
    customer_info = fields.Nested(CustomerInfo, required=True)
    idempotency_key = fields.String(metadata={"description": "In place of the header."})


class StaffWishIn(WishIn):
    customer_id = fields.UUID()
    customer_info = fields.Nested(CustomerInfo)
    value_cents = cents(metadata={"description": "What the visit is worth, for the order by value. Absent: its price."})
    idempotency_key = fields.String(metadata={"description": "In place of the header."})

    @validates_schema
    def _names_one_customer(self, data: dict[str, Any], **_kwargs: Any) -> None:
        if ("customer_id" in data) == ("customer_info" in data):
            message = "Give either customer_id or customer_info."
            raise ValidationError(message, "customer_id")


class WaitlistQuery(PageQuery):
    status = fields.String(validate=validate.OneOf(STATUSES))
    service_id = fields.UUID()
    customer_id = fields.UUID()


class OfferIn(Schema):
    start_time = Instant(required=True)
    team_member_id = fields.UUID(required=True)
    idempotency_key = fields.String(metadata={"description": "In place of the header."})


class AcceptIn(Schema):
    payment_method = fields.Nested(PaymentMethodIn)
    accepts_policy = fields.Boolean(
        load_default=True,
        metadata={"description": "The customer agreed to the policy shown; kept with time, address and browser."},
    )
    idempotency_key = fields.String(metadata={"description": "In place of the header."})


class OfferOut(Schema):
    id = fields.UUID(required=True)
    status = fields.String(
        required=True, metadata={"description": "open, accepted, declined, lapsed or withdrawn; open ones are held"}
    )
    origin = fields.String(required=True, metadata={"description": "automatic or staff"})
    team_member_id = fields.UUID(required=True)
    team_member_name = fields.String(required=True)
    start_time = Instant(required=True)
    end_time = Instant(required=True)
    expires_at = Instant(required=True)
    booking_id = fields.UUID(required=True, allow_none=True)


class WishOut(Schema):
    id = fields.UUID(required=True)
    status = fields.String(required=True, metadata={"description": ", ".join(STATUSES)})
    service_id = fields.UUID(required=True)
    service_name = fields.String(required=True)
    team_member_id = fields.UUID(required=True, allow_none=True)
    first_date = fields.Date(required=True)
    last_date = fields.Date(required=True)
    from_time = fields.String(required=True)
    until_time = fields.String(required=True)
    accepts_late = fields.Boolean(required=True)
    offer = fields.Nested(OfferOut, required=True, allow_none=True, metadata={"description": "The open one."})
    created_at = Instant(required=True)


class OwnWishOut(WishOut):
    token = fields.String(required=True, metadata={"description": "The customer's own link to the entry."})


class WaitlistEntryOut(WishOut):
    customer = fields.Nested(BookersOut, required=True)
    value_cents = fields.Integer(required=True)
    currency = fields.String(required=True)
    offer_count = fields.Integer(required=True)


class WaitlistEntryFullOut(WaitlistEntryOut):
    offers = fields.List(fields.Nested(OfferOut), required=True)


class WaitlistList(Schema):
    waitlist = fields.List(fields.Nested(WaitlistEntryOut), required=True)
    next_cursor = fields.String(required=True, allow_none=True)
