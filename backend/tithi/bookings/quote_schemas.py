# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

from typing import Any

from marshmallow import ValidationError, fields, validates_schema

from tithi.bookings.schemas import CustomerInfo, PricedOut, PublicBookingIn, StaffBookingIn
from tithi.platform.schemas import Instant, cents

FOR_ANYBODY = "Absent: what depends on the customer is not looked at."


class PublicQuoteIn(PublicBookingIn):
    customer_info = fields.Nested(CustomerInfo, metadata={"description": FOR_ANYBODY})
    tip_cents = cents(load_default=0)


class StaffQuoteIn(StaffBookingIn):
    tip_cents = cents(load_default=0)

    @validates_schema
    def _names_one_customer(self, data: dict[str, Any], **_kwargs: Any) -> None:
        if "customer_id" in data and "customer_info" in data:
            message = "Give either customer_id or customer_info, or neither."
            raise ValidationError(message, "customer_id")


class QuoteOut(PricedOut):
    start_time = Instant(required=True)
    end_time = Instant(required=True)
    tip_cents = fields.Integer(required=True)
    due_cents = fields.Integer(required=True, metadata={"description": "With the tip, less what the gift card pays."})
    due_now_cents = fields.Integer(required=True, metadata={"description": "The deposit."})
    due_later_cents = fields.Integer(required=True)
    currency = fields.String(required=True)
