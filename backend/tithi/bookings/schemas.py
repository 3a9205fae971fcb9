# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

from typing import Any

from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from tithi.availability.schemas import CartItemOut, VisitIn
from tithi.bookings.limits import BYPASSABLE
from tithi.bookings.models import MAY_FOLLOW
from tithi.catalog.schemas import CategoryOut, PublicServiceOut
from tithi.platform.schemas import (
    LONGEST_TEXT,
    EmailAddress,
    Instant,
    PageQuery,
    PhoneNumber,
    cents,
    count,
    text,
    words,
)
from tithi.promotions.schemas import LONGEST_CODE
from tithi.team.schemas import PublicMemberOut
from tithi.tenants.schemas import PublicPolicyOut, PublicTenantOut

PAYMENT_METHOD_REF = validate.Regexp(r"^pm_[A-Za-z0-9_]{1,200}\Z", error="Not a payment method's id.")
LONGEST_REASON = 500
MOST_AT_ONCE = 50


class CustomerInfo(Schema):
    name = words(required=True)
    email = EmailAddress(required=True)
    phone = PhoneNumber(allow_none=True)
    marketing_opt_in = fields.Boolean()


class PaymentMethodIn(Schema):
    type = fields.String(validate=validate.OneOf(("card",)))
    stripe_payment_method_id = fields.String(
        validate=PAYMENT_METHOD_REF,
        metadata={
            "description": "Made on the business's own account. Absent: the answer has a secret for the card form."
        },
    )


class PublicBookingIn(VisitIn):
    start_time = Instant(required=True)
    customer_info = fields.Nested(CustomerInfo, required=True)
    payment_method = fields.Nested(PaymentMethodIn)
    hold_id = fields.UUID()
    coupon_code = words(longest=LONGEST_CODE)
    gift_card_code = words(longest=LONGEST_CODE)
    package_code = words(longest=LONGEST_CODE)
    referral_code = words(longest=LONGEST_CODE)
    special_requests = text(allow_none=True)
    accepts_policy = fields.Boolean(
        load_default=True,
        metadata={"description": "The customer agreed to the policy shown; kept with time, address and browser."},
    )


class FlowBookingIn(PublicBookingIn):
    tenant_id = fields.UUID()
    idempotency_key = fields.String(metadata={"description": "In place of the header."})


class OverrideIn(Schema):
    reason = words(required=True, longest=LONGEST_REASON)


class StaffVisitIn(VisitIn):
    """A visit as staff ask for it."""

    start_time = Instant(required=True)
    customer_id = fields.UUID()
    customer_info = fields.Nested(CustomerInfo)
    special_requests = text(allow_none=True)
    bypass = fields.List(
        fields.String(validate=validate.OneOf(BYPASSABLE)),
        metadata={"description": "Rules to pass over; those that were in the way are kept with the booking."},
    )
    override = fields.Nested(
        OverrideIn, metadata={"description": "Book beside what the staff has already; kept with who did it and why."}
    )

    @validates_schema
    def _names_one_customer(self, data: dict[str, Any], **_kwargs: Any) -> None:
        if ("customer_id" in data) == ("customer_info" in data):
            message = "Give either customer_id or customer_info."
            raise ValidationError(message, "customer_id")


class StaffBookingIn(StaffVisitIn):
    payment_method = fields.Nested(PaymentMethodIn)
    hold_id = fields.UUID()
    coupon_code = words(longest=LONGEST_CODE)
    gift_card_code = words(longest=LONGEST_CODE)
    package_code = words(longest=LONGEST_CODE)
    referral_code = words(longest=LONGEST_CODE)


class HoldIn(VisitIn):
    start_time = Instant(required=True)


class HoldChange(Schema):
    minutes = count(least=1, most=120, required=True, metadata={"description": "How long to hold on, from now."})
    idempotency_key = fields.String(metadata={"description": "In place of the header."})


class HeldUntilOut(Schema):
    id = fields.UUID(required=True)
    expires_at = Instant(required=True)


class HoldOut(Schema):
    id = fields.UUID(required=True)
    service_id = fields.UUID(required=True)
    team_member_id = fields.UUID(required=True)
    start_time = Instant(required=True)
    end_time = Instant(required=True)
    expires_at = Instant(required=True)
    items = fields.List(fields.Nested(CartItemOut), required=True)


class AddOnChosenOut(Schema):
    id = fields.UUID(required=True)
    name = fields.String(required=True)
    price_cents = fields.Integer(required=True)
    duration_min = fields.Integer(required=True)


class ItemOut(Schema):
    id = fields.UUID(required=True)
    service_id = fields.UUID(required=True)
    service_name = fields.String(required=True)
    team_member_id = fields.UUID(required=True)
    team_member_name = fields.String(required=True)
    start_time = Instant(required=True)
    end_time = Instant(required=True)
    price_cents = fields.Integer(required=True)
    status = fields.String(required=True)
    room_id = fields.UUID(required=True, allow_none=True)
    add_ons = fields.List(fields.Nested(AddOnChosenOut), required=True)


class LineOut(Schema):
    kind = fields.String(required=True, metadata={"description": "item, discount, tax, tip or gift_card"})
    label = fields.String(required=True)
    amount_cents = fields.Integer(required=True, metadata={"description": "Negative where it is taken off."})
    item_id = fields.UUID(required=True, allow_none=True)
    basis_points = fields.Integer(required=True, allow_none=True)
    is_included = fields.Boolean(required=True, metadata={"description": "Part of the prices, not added to them."})


class PricedOut(Schema):
    """A price as lines; a gift card is money, so it lowers what is left to charge and not the amount."""

    lines = fields.List(fields.Nested(LineOut), required=True)
    subtotal_cents = fields.Integer(required=True, metadata={"description": "The items, before promotions and tax."})
    discount_cents = fields.Integer(required=True)
    tax_cents = fields.Integer(required=True)
    gift_card_cents = fields.Integer(required=True)
    amount_cents = fields.Integer(required=True)


class NextActionOut(Schema):
    type = fields.String(
        required=True,
        metadata={
            "description": "enter_card or confirm_card, with the secret of a card setup; enter_payment or"
            " confirm_payment, with that of a payment"
        },
    )
    client_secret = fields.String(required=True)
    publishable_key = fields.String(required=True)
    account_id = fields.String(required=True, allow_none=True)


class OwedOut(PricedOut):
    """What is owed for a visit; a deposit and a gift card come off what its outcome asks for."""

    due_cents = fields.Integer(required=True, metadata={"description": "What the visit's outcome asks for, in all."})
    deposit_cents = fields.Integer(required=True, metadata={"description": "What is taken when the visit is booked."})
    deposit_status = fields.String(
        required=True, metadata={"description": "none, or requires_action, captured, refunded, canceled or failed"}
    )


class CustomersBookingOut(OwedOut):
    """What the customer sees of their booking."""

    booking_id = fields.UUID(required=True)
    status = fields.String(required=True)
    payment_status = fields.String(required=True)
    card_status = fields.String(
        required=True, metadata={"description": "card_pending, card_on_file, card_failed or none"}
    )
    card_message = fields.String(required=True, allow_none=True)
    next_action = fields.Nested(NextActionOut, required=True, allow_none=True)
    confirmation_number = fields.String(required=True)
    start_time = Instant(required=True)
    end_time = Instant(required=True)
    timezone = fields.String(required=True)
    items = fields.List(fields.Nested(ItemOut), required=True)
    currency = fields.String(required=True)
    manage_token = fields.String(required=True)
    may_cancel = fields.Boolean(required=True)
    may_move = fields.Boolean(required=True)
    cancel_fee_cents = fields.Integer(
        required=True, metadata={"description": "What canceling now would cost the customer."}
    )


class ConfirmIn(Schema):
    tenant_id = fields.UUID()
    confirmation_number = words(longest=20)
    manage_token = words(longest=200)

    @validates_schema
    def _proves_the_right(self, data: dict[str, Any], **_kwargs: Any) -> None:
        if not ({"confirmation_number", "manage_token"} & data.keys()):
            message = "Give the confirmation number or the manage token."
            raise ValidationError(message, "confirmation_number")


class BookersOut(Schema):
    id = fields.UUID(required=True)
    display_name = fields.String(required=True)
    email = fields.String(required=True, allow_none=True)
    phone = fields.String(required=True, allow_none=True)


class BookingOut(OwedOut):
    id = fields.UUID(required=True)
    confirmation_number = fields.String(required=True)
    status = fields.String(required=True)
    start_time = Instant(required=True)
    end_time = Instant(required=True)
    timezone = fields.String(required=True)
    location_id = fields.UUID(required=True)
    customer = fields.Nested(BookersOut, required=True)
    items = fields.List(fields.Nested(ItemOut), required=True)
    currency = fields.String(required=True)
    payment_id = fields.UUID(required=True, allow_none=True)
    payment_status = fields.String(required=True)
    payment_reason = fields.String(required=True, allow_none=True)
    captured_cents = fields.Integer(required=True)
    refunded_cents = fields.Integer(required=True)
    card_status = fields.String(required=True)
    special_requests = fields.String(required=True, allow_none=True)
    source = fields.String(required=True)
    attendee_count = fields.Integer(required=True)
    series_id = fields.UUID(required=True, allow_none=True)
    class_session_id = fields.UUID(required=True, allow_none=True)
    awaits_approval = fields.Boolean(required=True)
    moved_count = fields.Integer(required=True)
    bypassed = fields.List(fields.String(), required=True)
    no_show_flag = fields.Boolean(required=True)
    canceled_by = fields.String(required=True, allow_none=True)
    cancel_reason = fields.String(required=True, allow_none=True)
    confirmed_at = Instant(required=True, allow_none=True)
    checked_in_at = Instant(required=True, allow_none=True)
    completed_at = Instant(required=True, allow_none=True)
    no_show_at = Instant(required=True, allow_none=True)
    canceled_at = Instant(required=True, allow_none=True)
    version = fields.Integer(required=True)
    created_at = Instant(required=True)


class BookingList(Schema):
    bookings = fields.List(fields.Nested(BookingOut), required=True)
    next_cursor = fields.String(required=True, allow_none=True)


class BookingQuery(PageQuery):
    status = fields.String(validate=validate.OneOf(tuple(MAY_FOLLOW)))
    since = Instant(metadata={"description": "Starting at or after."})
    until = Instant(metadata={"description": "Starting before."})
    customer_id = fields.UUID()
    team_member_id = fields.UUID()
    sort = fields.String(load_default="-starts_at", validate=validate.OneOf(("starts_at", "-starts_at")))


class CancelIn(Schema):
    reason = words(longest=LONGEST_REASON, shortest=0, allow_none=True)
    canceled_by = fields.String(
        load_default="customer",
        validate=validate.OneOf(("customer", "business")),
        metadata={"description": "Whose wish it is; the business's own costs the customer nothing."},
    )
    idempotency_key = fields.String(metadata={"description": "In place of the header."})


class OutcomeIn(Schema):
    idempotency_key = fields.String(metadata={"description": "In place of the header."})


class CompleteIn(OutcomeIn):
    tip_cents = cents(least=0, load_default=0, metadata={"description": "On top of the price, for whom the visit was."})
    charge_cents = cents(least=0, metadata={"description": "Less than the price that was agreed; needs a note."})
    note = words(longest=LONGEST_REASON)

    @validates_schema
    def _less_has_a_note(self, data: dict[str, Any], **_kwargs: Any) -> None:
        if "charge_cents" in data and "note" not in data:
            message = "Say why it is less than the price."
            raise ValidationError(message, "note")


class ReasonIn(OutcomeIn):
    reason = words(required=True, longest=LONGEST_REASON)


class BookingChange(Schema):
    special_requests = text(allow_none=True)
    attendee_count = count(least=1, most=100)


class BulkIn(Schema):
    action = fields.String(
        required=True, validate=validate.OneOf(("complete", "no_show", "cancel", "confirm", "check_in"))
    )
    booking_ids = fields.List(fields.UUID(), required=True, validate=validate.Length(min=1, max=MOST_AT_ONCE))
    canceled_by = fields.String(load_default="customer", validate=validate.OneOf(("customer", "business")))
    reason = words(longest=LONGEST_REASON, shortest=0, allow_none=True)
    idempotency_key = fields.String(metadata={"description": "In place of the header."})


class BulkResultOut(Schema):
    booking_id = fields.UUID(required=True)
    ok = fields.Boolean(required=True)
    status = fields.String(required=True, allow_none=True)
    payment_status = fields.String(required=True, allow_none=True)
    code = fields.String(required=True, allow_none=True, metadata={"description": "Why it was refused."})


class BulkOut(Schema):
    results = fields.List(fields.Nested(BulkResultOut), required=True)


class MessageIn(Schema):
    booking_ids = fields.List(fields.UUID(), required=True, validate=validate.Length(min=1, max=MOST_AT_ONCE))
    subject = fields.String(required=True, validate=validate.Regexp(r"^[^\x00-\x1f\x7f]{1,200}\Z"))
    message = words(required=True, longest=LONGEST_TEXT)
    idempotency_key = fields.String(metadata={"description": "In place of the header."})


class MessageOut(Schema):
    queued = fields.Integer(required=True)


class SiteOut(Schema):
    """Everything that a booking site shows before a time is chosen."""

    tenant = fields.Nested(PublicTenantOut, required=True)
    policy = fields.Nested(PublicPolicyOut, required=True)
    service_categories = fields.List(fields.Nested(CategoryOut), required=True)
    services = fields.List(fields.Nested(PublicServiceOut), required=True)
    team = fields.List(fields.Nested(PublicMemberOut), required=True)
