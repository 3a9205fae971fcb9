# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

from typing import Any

from marshmallow import Schema, ValidationError, fields, post_load, validate, validates_schema

from tithi.platform.schemas import EmailAddress, PhoneNumber, ZoneName, cents, count, text, words
from tithi.tenants.scheduling import STAFF_CHOICES, WAITLIST_ORDERS

CURRENCY = validate.Regexp(r"^[A-Z]{3}\Z")
COUNTRY = validate.Regexp(r"^[A-Z]{2}\Z")


LONGEST_NOTICE = 60 * 24 * 90
MOST_VISITS = 1000
TIME_OF_DAY = validate.Regexp(r"^([01][0-9]|2[0-3]):[0-5][0-9]\Z", error="Not a time HH:MM.")


class AddressSchema(Schema):
    street = words()
    city = words()
    region = words()
    postal_code = words(longest=20)
    country = fields.String(validate=COUNTRY)


class LocationIn(Schema):
    name = words(required=True)
    timezone = ZoneName(required=True)
    address = fields.Nested(AddressSchema)
    phone = PhoneNumber()


class LocationChange(Schema):
    name = words()
    timezone = ZoneName()
    address = fields.Nested(AddressSchema)
    phone = PhoneNumber(allow_none=True)
    is_active = fields.Boolean()


class LocationOut(Schema):
    id = fields.UUID(required=True)
    name = fields.String(required=True)
    timezone = fields.String(required=True)
    address = fields.Nested(AddressSchema, required=True)
    phone = fields.String(required=True, allow_none=True)
    is_active = fields.Boolean(required=True)
    version = fields.Integer(required=True)


class LocationList(Schema):
    locations = fields.List(fields.Nested(LocationOut), required=True)
    total = fields.Integer(required=True)
    next_cursor = fields.String(required=True, allow_none=True)


class TenantIn(Schema):
    name = words(required=True)
    slug = words(required=True, longest=63, metadata={"example": "glow-studio"})
    email = EmailAddress(required=True)
    phone = PhoneNumber()
    legal_name = words()
    category = words()
    description = text()
    country = fields.String(required=True, validate=COUNTRY)
    currency = fields.String(required=True, validate=CURRENCY)
    slot_interval_minutes = count(least=5, most=240)
    location = fields.Nested(LocationIn, required=True)


class TenantChange(Schema):
    name = words()
    slug = words(longest=63)
    email = EmailAddress()
    phone = PhoneNumber(allow_none=True)
    legal_name = words(allow_none=True)
    tax_number = words(longest=40, allow_none=True, metadata={"description": "Printed on receipts."})
    category = words(allow_none=True)
    description = text(allow_none=True)
    slot_interval_minutes = count(least=5, most=240)
    status = fields.String(validate=validate.OneOf(("ready", "active", "paused")))


class TenantOut(Schema):
    id = fields.UUID(required=True)
    slug = fields.String(required=True)
    name = fields.String(required=True)
    email = fields.String(required=True)
    phone = fields.String(required=True, allow_none=True)
    legal_name = fields.String(required=True, allow_none=True)
    tax_number = fields.String(required=True, allow_none=True)
    category = fields.String(required=True, allow_none=True)
    description = fields.String(required=True, allow_none=True)
    country = fields.String(required=True)
    currency = fields.String(required=True)
    status = fields.String(required=True)
    slot_interval_minutes = fields.Integer(required=True)
    version = fields.Integer(required=True)
    created_at = fields.AwareDateTime(required=True)


class FeeIn(Schema):
    type = fields.String(required=True, validate=validate.OneOf(("percent", "fixed")))
    value = cents(required=True, metadata={"description": "Percent of the price, or minor units of the currency."})

    @validates_schema
    def _percent_is_at_most_all(self, data: dict[str, Any], **_kwargs: Any) -> None:
        if data["type"] == "percent" and data["value"] > 100:  # noqa: PLR2004 - per cent
            message = "A percentage is at most 100."
            raise ValidationError(message, "value")


class CardWatchIn(Schema):
    days_before = count(least=1, most=60, required=True)
    rule_hours_before = count(least=1, most=14 * 24, required=True)
    rule = fields.String(required=True, validate=validate.OneOf(("keep", "deposit", "release")))

    @validates_schema
    def _rule_runs_after_the_look(self, data: dict[str, Any], **_kwargs: Any) -> None:
        if data["rule_hours_before"] >= data["days_before"] * 24:
            message = "The rule runs after the card was looked at."
            raise ValidationError(message, "rule_hours_before")


class RuleTermsIn(Schema):
    cancellation_window_hours = count(most=24 * 60)
    no_show_fee = fields.Nested(FeeIn)
    late_cancel_fee = fields.Nested(FeeIn)
    deposit = fields.Nested(FeeIn, allow_none=True)

    @validates_schema
    def _sets_something(self, data: dict[str, Any], **_kwargs: Any) -> None:
        if not data:
            message = "Say what is different: the window, a fee or the deposit."
            raise ValidationError(message)


class PolicyRuleIn(Schema):
    service_ids = fields.List(
        fields.UUID(), load_default=list, validate=validate.Length(max=100), metadata={"description": "Empty: any."}
    )
    min_amount_cents = cents(load_default=0)
    visits_at_most = count(load_default=None, allow_none=True, metadata={"description": "0: new customers."})
    no_shows_at_least = count(load_default=0, metadata={"description": "1: customers who missed a visit before."})
    no_shows_at_most = count(load_default=None, allow_none=True, metadata={"description": "0: the first is free."})
    set = fields.Nested(RuleTermsIn, required=True)

    @post_load
    def _ids_as_text(self, data: dict[str, Any], **_kwargs: Any) -> dict[str, Any]:
        return {**data, "service_ids": [str(service_id) for service_id in data["service_ids"]]}


class PolicyRuleOut(Schema):
    service_ids = fields.List(fields.String(), required=True)
    min_amount_cents = fields.Integer(required=True)
    visits_at_most = fields.Integer(required=True, allow_none=True)
    no_shows_at_least = fields.Integer(required=True)
    no_shows_at_most = fields.Integer(required=True, allow_none=True)
    set = fields.Dict(required=True)


class PolicyChange(Schema):
    card_required = fields.Boolean()
    cancellation_window_hours = count(most=24 * 60)
    no_show_fee = fields.Nested(FeeIn)
    late_cancel_fee = fields.Nested(FeeIn)
    min_notice_minutes = count(most=LONGEST_NOTICE)
    max_advance_days = count(least=1, most=730)
    cancel_notice_minutes = count(most=LONGEST_NOTICE, metadata={"description": "Later than this only staff cancel."})
    move_notice_minutes = count(most=LONGEST_NOTICE, metadata={"description": "Later than this only staff move."})
    customer_max_per_day = count(most=MOST_VISITS, metadata={"description": "Visits of one customer; 0: no limit."})
    customer_max_per_week = count(most=MOST_VISITS, metadata={"description": "Visits of one customer; 0: no limit."})
    customer_max_upcoming = count(most=MOST_VISITS, metadata={"description": "Visits of one customer; 0: no limit."})
    late_fee_after_hours = count(
        least=1,
        most=14 * 24,
        allow_none=True,
        metadata={"description": "A late fee that a customer owes is charged after so long; none: staff decides."},
    )
    deposit = fields.Nested(
        FeeIn,
        allow_none=True,
        metadata={"description": "What is taken when a visit is booked online; none: nothing is."},
    )
    keeps_deposit = fields.Boolean(
        metadata={"description": "A late cancellation or a missed visit costs at least the deposit."}
    )
    hold_hours_before = count(
        least=1,
        most=7 * 24,
        allow_none=True,
        metadata={"description": "The price is held on the card so long before a visit; none: nothing is held."},
    )
    rules = fields.List(
        fields.Nested(PolicyRuleIn),
        validate=validate.Length(max=50),
        metadata={"description": "Other terms for some bookings; the first that fits is frozen with the booking."},
    )
    card_watch = fields.Nested(
        CardWatchIn,
        metadata={
            "description": "A card that will not do on the day: the customer is asked for another, and what then."
        },
    )
    text = text()


class FeeOut(Schema):
    type = fields.String(required=True)
    value = fields.Integer(required=True)


class CardWatchOut(Schema):
    days_before = fields.Integer(required=True)
    rule_hours_before = fields.Integer(required=True)
    rule = fields.String(required=True)


class PolicyOut(Schema):
    card_required = fields.Boolean(required=True)
    cancellation_window_hours = fields.Integer(required=True)
    no_show_fee = fields.Nested(FeeOut, required=True)
    late_cancel_fee = fields.Nested(FeeOut, required=True)
    min_notice_minutes = fields.Integer(required=True)
    max_advance_days = fields.Integer(required=True)
    cancel_notice_minutes = fields.Integer(required=True)
    move_notice_minutes = fields.Integer(required=True)
    customer_max_per_day = fields.Integer(required=True)
    customer_max_per_week = fields.Integer(required=True)
    customer_max_upcoming = fields.Integer(required=True)
    late_fee_after_hours = fields.Integer(required=True, allow_none=True)
    deposit = fields.Nested(FeeOut, required=True, allow_none=True)
    keeps_deposit = fields.Boolean(required=True)
    hold_hours_before = fields.Integer(required=True, allow_none=True)
    rules = fields.List(fields.Nested(PolicyRuleOut), required=True)
    card_watch = fields.Nested(CardWatchOut, required=True)
    text = fields.String(required=True)
    version = fields.Integer(required=True)


class WaitlistChange(Schema):
    offer_minutes = count(least=5, most=1440, metadata={"description": "How long an offered time is kept."})
    quiet_from = fields.String(validate=TIME_OF_DAY, metadata={"example": "21:00"})
    quiet_until = fields.String(validate=TIME_OF_DAY, metadata={"example": "08:00"})
    order = fields.String(
        validate=validate.OneOf(WAITLIST_ORDERS),
        metadata={
            "description": "Who is offered a time first: the longest waiting, the highest price, or all at once."
        },
    )
    max_offers_per_day = count(least=1, most=50, metadata={"description": "To one customer."})


class SchedulingChange(Schema):
    staff_choice = fields.String(
        validate=validate.OneOf(STAFF_CHOICES),
        metadata={"description": "Who gets the visit of a customer to whom anybody will do."},
    )
    overlapping_buffers = fields.Boolean(
        metadata={"description": "The buffers of neighbouring visits may lie on each other."}
    )
    min_gap_minutes = count(most=240, metadata={"description": "No start leaves a shorter gap than this."})
    avoid_unfillable_gaps = fields.Boolean(
        metadata={"description": "No start leaves a gap in which nothing that is sold fits."}
    )
    look_busy_percent = count(most=90, metadata={"description": "How much of the free time customers do not see."})
    cart_max_idle_minutes = count(
        most=240, metadata={"description": "The longest wait between two services of one visit."}
    )
    waitlist = fields.Nested(WaitlistChange)


class WaitlistOut(Schema):
    offer_minutes = fields.Integer(required=True)
    quiet_from = fields.String(required=True)
    quiet_until = fields.String(required=True)
    order = fields.String(required=True)
    max_offers_per_day = fields.Integer(required=True)


class SchedulingOut(Schema):
    staff_choice = fields.String(required=True)
    overlapping_buffers = fields.Boolean(required=True)
    min_gap_minutes = fields.Integer(required=True)
    avoid_unfillable_gaps = fields.Boolean(required=True)
    look_busy_percent = fields.Integer(required=True)
    cart_max_idle_minutes = fields.Integer(required=True)
    waitlist = fields.Nested(WaitlistOut, required=True)
    version = fields.Integer(required=True)


class PublicTenantOut(Schema):
    tenant_id = fields.UUID(required=True)
    slug = fields.String(required=True)
    name = fields.String(required=True)
    description = fields.String(required=True, allow_none=True)
    email = fields.String(required=True)
    phone = fields.String(required=True, allow_none=True)
    currency = fields.String(required=True)
    timezone = fields.String(required=True)
    address = fields.Dict(keys=fields.String(), required=True)
    accepts_bookings = fields.Boolean(required=True)


class PublicPolicyOut(Schema):
    card_required = fields.Boolean(required=True)
    cancellation_window_hours = fields.Integer(required=True)
    no_show_fee = fields.Dict(keys=fields.String(), required=True)
    late_cancel_fee = fields.Dict(keys=fields.String(), required=True)
    deposit = fields.Dict(keys=fields.String(), required=True, allow_none=True)
    keeps_deposit = fields.Boolean(required=True)
    hold_hours_before = fields.Integer(required=True, allow_none=True)
    cancel_notice_minutes = fields.Integer(required=True)
    move_notice_minutes = fields.Integer(required=True)
    text = fields.String(required=True)
    version = fields.Integer(required=True)
    hash = fields.String(required=True)
