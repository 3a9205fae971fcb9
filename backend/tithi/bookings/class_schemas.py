# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

from typing import Any

from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from tithi.bookings.schemas import LONGEST_REASON, CustomerInfo, PaymentMethodIn
from tithi.platform.schemas import Instant, PageQuery, cents, count, text, words
from tithi.promotions.schemas import LONGEST_CODE

MOST_SEATS = 1000
MOST_SEATS_ONLINE = 10
MOST_WEEKS = 52


class RepeatIn(Schema):
    frequency = fields.String(required=True, validate=validate.OneOf(("weekly",)))
    count = count(
        required=True, least=1, most=MOST_WEEKS, metadata={"description": "How many sessions, the first included."}
    )


class ClassSessionIn(Schema):
    service_id = fields.UUID(required=True)
    team_member_id = fields.UUID(required=True)
    room_id = fields.UUID(allow_none=True, metadata={"description": "A resource of kind room."})
    start_time = Instant(required=True)
    capacity = count(least=1, most=MOST_SEATS, metadata={"description": "Absent: the service's."})
    online_capacity = count(
        least=0, most=MOST_SEATS, metadata={"description": "Seats that customers may book themselves."}
    )
    price_cents = cents(metadata={"description": "Of one seat. Absent: the service's."})
    repeat = fields.Nested(
        RepeatIn, metadata={"description": "The same wall-clock time on the weeks that follow; all of them or none."}
    )
    idempotency_key = fields.String(metadata={"description": "In place of the header."})


class ClassSessionChange(Schema):
    team_member_id = fields.UUID()
    room_id = fields.UUID(allow_none=True)
    start_time = Instant()
    capacity = count(least=1, most=MOST_SEATS)
    online_capacity = count(least=0, most=MOST_SEATS)
    price_cents = cents(metadata={"description": "For seats booked from now on."})


class ClassCancelIn(Schema):
    reason = words(longest=LONGEST_REASON, shortest=0, allow_none=True)
    idempotency_key = fields.String(metadata={"description": "In place of the header."})


class ClassSessionQuery(PageQuery):
    since = Instant(metadata={"description": "Starting at or after."})
    until = Instant(metadata={"description": "Starting before."})
    service_id = fields.UUID()
    status = fields.String(validate=validate.OneOf(("scheduled", "canceled")))


class PublicClassQuery(PageQuery):
    since = Instant(metadata={"description": "Starting at or after; absent: from now."})
    until = Instant(metadata={"description": "Starting before; absent: 92 days later."})


class PublicClassSessionOut(Schema):
    id = fields.UUID(required=True)
    service_id = fields.UUID(required=True)
    service_name = fields.String(required=True)
    team_member_id = fields.UUID(required=True)
    team_member_name = fields.String(required=True)
    location_id = fields.UUID(required=True)
    start_time = Instant(required=True)
    end_time = Instant(required=True)
    timezone = fields.String(required=True)
    price_cents = fields.Integer(required=True)
    currency = fields.String(required=True)
    remaining_online_seats = fields.Integer(required=True)


class ClassSessionOut(PublicClassSessionOut):
    room_id = fields.UUID(required=True, allow_none=True)
    status = fields.String(required=True)
    capacity = fields.Integer(required=True)
    online_capacity = fields.Integer(required=True)
    booked_seats = fields.Integer(required=True)
    online_seats = fields.Integer(required=True)
    remaining_seats = fields.Integer(required=True)
    version = fields.Integer(required=True)
    created_at = Instant(required=True)


class AttendeeOut(Schema):
    booking_id = fields.UUID(required=True)
    confirmation_number = fields.String(required=True)
    status = fields.String(required=True)
    source = fields.String(required=True)
    seats = fields.Integer(required=True)
    customer_id = fields.UUID(required=True)
    display_name = fields.String(required=True)
    amount_cents = fields.Integer(required=True)
    created_at = Instant(required=True)


class ClassSessionFullOut(ClassSessionOut):
    attendees = fields.List(fields.Nested(AttendeeOut), required=True)


class ScheduledOut(Schema):
    class_sessions = fields.List(fields.Nested(ClassSessionOut), required=True)


class ClassSessionList(ScheduledOut):
    next_cursor = fields.String(required=True, allow_none=True)


class PublicClassList(Schema):
    class_sessions = fields.List(fields.Nested(PublicClassSessionOut), required=True)
    next_cursor = fields.String(required=True, allow_none=True)


class PublicSeatsIn(Schema):
    seats = count(least=1, most=MOST_SEATS_ONLINE, load_default=1)
    customer_info = fields.Nested(CustomerInfo, required=True)
    payment_method = fields.Nested(PaymentMethodIn)
    coupon_code = words(longest=LONGEST_CODE)
    gift_card_code = words(longest=LONGEST_CODE)
    package_code = words(longest=LONGEST_CODE)
    referral_code = words(longest=LONGEST_CODE)
    special_requests = text(allow_none=True)
    accepts_policy = fields.Boolean(
        load_default=True,
        metadata={"description": "The customer agreed to the policy shown; kept with time, address and browser."},
    )
    idempotency_key = fields.String(metadata={"description": "In place of the header."})


class StaffSeatsIn(Schema):
    seats = count(least=1, most=MOST_SEATS, load_default=1)
    customer_id = fields.UUID()
    customer_info = fields.Nested(CustomerInfo)
    payment_method = fields.Nested(PaymentMethodIn)
    coupon_code = words(longest=LONGEST_CODE)
    gift_card_code = words(longest=LONGEST_CODE)
    package_code = words(longest=LONGEST_CODE)
    referral_code = words(longest=LONGEST_CODE)
    special_requests = text(allow_none=True)
    idempotency_key = fields.String(metadata={"description": "In place of the header."})

    @validates_schema
    def _names_one_customer(self, data: dict[str, Any], **_kwargs: Any) -> None:
        if ("customer_id" in data) == ("customer_info" in data):
            message = "Give either customer_id or customer_info."
            raise ValidationError(message, "customer_id")
