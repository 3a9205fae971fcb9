# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

from marshmallow import Schema, fields


class RefundOut(Schema):
    id = fields.UUID(required=True)
    payment_id = fields.UUID(required=True)
    amount_cents = fields.Integer(required=True)
    gift_card_cents = fields.Integer(required=True, metadata={"description": "What of it went back to a gift card."})
    refund_type = fields.String(required=True)
    reason = fields.String(required=True, allow_none=True)
    status = fields.String(required=True, metadata={"description": "pending, succeeded or failed"})
    origin = fields.String(required=True, metadata={"description": "tithi, or processor where it was made there"})
    application_fee_refunded_cents = fields.Integer(required=True)
    created_at = fields.AwareDateTime(required=True)


class PaymentOut(Schema):
    id = fields.UUID(required=True)
    booking_id = fields.UUID(required=True)
    customer_id = fields.UUID(required=True)
    purpose = fields.String(required=True)
    reason = fields.String(required=True, allow_none=True)
    status = fields.String(
        required=True,
        metadata={"description": "requires_action, authorized, captured, refunded, canceled or failed"},
    )
    method = fields.String(required=True)
    currency = fields.String(required=True)
    amount_cents = fields.Integer(required=True)
    tax_cents = fields.Integer(required=True)
    gift_card_cents = fields.Integer(required=True, metadata={"description": "What a gift card has paid of it."})
    deposit_cents = fields.Integer(
        required=True, metadata={"description": "What the deposit, a payment of its own, has paid of it."}
    )
    tip_cents = fields.Integer(required=True, metadata={"description": "The part of the amount that is a tip."})
    captured_cents = fields.Integer(required=True)
    refunded_cents = fields.Integer(required=True)
    application_fee_cents = fields.Integer(required=True)
    note = fields.String(required=True, allow_none=True)
    provider = fields.String(required=True, allow_none=True)
    provider_payment_id = fields.String(required=True, allow_none=True)
    provider_charge_id = fields.String(required=True, allow_none=True)
    decline_code = fields.String(required=True, allow_none=True)
    refunds = fields.List(fields.Nested(RefundOut), required=True)
    created_at = fields.AwareDateTime(required=True)
    updated_at = fields.AwareDateTime(required=True)


class PaymentStatusOut(Schema):
    id = fields.UUID(required=True)
    status = fields.String(required=True)
    amount_cents = fields.Integer(required=True)
    captured_cents = fields.Integer(required=True)
    refunded_cents = fields.Integer(required=True)
    currency = fields.String(required=True)


class CardOut(Schema):
    id = fields.UUID(required=True)
    customer_id = fields.UUID(required=True)
    brand = fields.String(required=True)
    last4 = fields.String(required=True)
    exp_month = fields.Integer(required=True)
    exp_year = fields.Integer(required=True)
    created_at = fields.AwareDateTime(required=True)


class CardQuery(Schema):
    customer_id = fields.UUID()


class CardList(Schema):
    methods = fields.List(fields.Nested(CardOut), required=True)
    total = fields.Integer(required=True)
    next_cursor = fields.String(required=True, allow_none=True)


class PayoutAccountOut(Schema):
    account_id = fields.String(required=True, allow_none=True)
    banner = fields.String(
        required=True, metadata={"description": "none, onboarding, requirements_due, restricted or withdrawn"}
    )
    card_payments = fields.String(required=True)
    payouts = fields.String(required=True)
    details_submitted = fields.Boolean(required=True)
    requirements_due = fields.Integer(required=True, metadata={"description": "How much Stripe asks for now."})
    requirements_due_by = fields.AwareDateTime(required=True, allow_none=True)
    withdrawn_at = fields.AwareDateTime(required=True, allow_none=True)
    refreshed_at = fields.AwareDateTime(required=True, allow_none=True)


class ConnectSetupOut(Schema):
    account_id = fields.String(required=True)
    card_payments = fields.String(required=True)
    payouts = fields.String(required=True)
    details_submitted = fields.Boolean(required=True)
    onboarding_url = fields.String(required=True)
    expires_at = fields.AwareDateTime(required=True)
