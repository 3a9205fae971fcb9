# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

from marshmallow import Schema, fields, validate


class EntitlementOut(Schema):
    level = fields.String(required=True, metadata={"description": "full, no_new_bookings or read_only"})
    reason = fields.String(required=True)
    remedy = fields.String(required=True, allow_none=True)
    changes_at = fields.AwareDateTime(
        required=True, allow_none=True, metadata={"description": "when the level falls if nothing is done"}
    )


class SubscriptionCardOut(Schema):
    brand = fields.String(required=True)
    last4 = fields.String(required=True)
    exp_month = fields.Integer(required=True)
    exp_year = fields.Integer(required=True)


class SubscriptionOut(Schema):
    subscription_id = fields.UUID(required=True, allow_none=True)
    status = fields.String(required=True, metadata={"description": "trial, active, paused or canceled"})
    processor_status = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "Stripe's own word; null while Stripe has not heard of the trial"},
    )
    past_due = fields.Boolean(required=True)
    past_due_since = fields.AwareDateTime(required=True, allow_none=True)
    entitlement = fields.Nested(EntitlementOut, required=True)
    quantity = fields.Integer(required=True, metadata={"description": "active locations that are paid for"})
    unit_amount_cents = fields.Integer(required=True)
    amount_cents = fields.Integer(required=True, metadata={"description": "for a whole month, before settlements"})
    currency = fields.String(required=True)
    trial_ends_at = fields.AwareDateTime(required=True)
    next_billing_at = fields.AwareDateTime(required=True, allow_none=True)
    period_ends_at = fields.AwareDateTime(required=True, allow_none=True)
    cancels_at_period_end = fields.Boolean(required=True)
    canceled_at = fields.AwareDateTime(required=True, allow_none=True)
    owed_cents = fields.Integer(required=True)
    card = fields.Nested(SubscriptionCardOut, required=True, allow_none=True)
    pending_changes = fields.List(
        fields.String(), required=True, metadata={"description": "asked of Stripe and not answered yet"}
    )
    refreshed_at = fields.AwareDateTime(required=True, allow_none=True)


class SubscriptionCardIn(Schema):
    payment_method_id = fields.String(
        validate=validate.Regexp(r"^pm_[A-Za-z0-9_]{1,252}\Z"),
        metadata={"description": "a card that the browser made; usually left out"},
    )


class SubscriptionCardSetupOut(Schema):
    card_status = fields.String(required=True, metadata={"description": "card_pending or card_on_file"})
    client_secret = fields.String(required=True, allow_none=True)
    publishable_key = fields.String(required=True)


class InvoiceQuery(Schema):
    limit = fields.Integer(load_default=25, validate=validate.Range(min=1, max=100))


class InvoiceOut(Schema):
    invoice_ref = fields.String(required=True)
    number = fields.String(required=True, allow_none=True)
    status = fields.String(required=True, metadata={"description": "draft, open, paid, uncollectible or void"})
    currency = fields.String(required=True)
    total_cents = fields.Integer(required=True)
    due_cents = fields.Integer(required=True)
    paid_cents = fields.Integer(required=True)
    created_at = fields.AwareDateTime(required=True)
    period_starts_at = fields.AwareDateTime(required=True)
    period_ends_at = fields.AwareDateTime(required=True)
    hosted_url = fields.String(required=True, allow_none=True)
    pdf_url = fields.String(required=True, allow_none=True)


class InvoiceList(Schema):
    invoices = fields.List(fields.Nested(InvoiceOut), required=True)
    total = fields.Integer(required=True)
    next_cursor = fields.String(required=True, allow_none=True)
