# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

from marshmallow import Schema, fields


class ReceiptBusinessOut(Schema):
    name = fields.String(required=True)
    email = fields.String(required=True)
    phone = fields.String(required=True, allow_none=True)
    tax_number = fields.String(required=True, allow_none=True)
    address = fields.Dict(required=True)
    timezone = fields.String(required=True)


class ReceiptLineOut(Schema):
    kind = fields.String(
        required=True,
        metadata={"description": "item, discount, tax, fee, deposit, tip, balance, refund, reversal or other"},
    )
    label = fields.String(required=True)
    amount_cents = fields.Integer(required=True)
    basis_points = fields.Integer(required=True, allow_none=True)
    is_included = fields.Boolean(required=True)


class ReceiptTaxOut(Schema):
    label = fields.String(required=True)
    basis_points = fields.Integer(required=True)
    is_included = fields.Boolean(required=True)
    tax_cents = fields.Integer(required=True)


class ReceiptTenderOut(Schema):
    kind = fields.String(required=True, metadata={"description": "gift_card, card, cash or other"})
    label = fields.String(required=True)
    amount_cents = fields.Integer(required=True)


class ReceiptVisitOut(Schema):
    confirmation_number = fields.String(required=True)
    start_time = fields.String(required=True)
    timezone = fields.String(required=True)


class ReceiptBriefOut(Schema):
    id = fields.UUID(required=True)
    number = fields.Integer(required=True, metadata={"description": "One series for each business, without gaps."})
    kind = fields.String(
        required=True,
        metadata={"description": "receipt, credit_note, or reversal: a credit note whose refund failed, taken back"},
    )
    payment_id = fields.UUID(required=True)
    refund_id = fields.UUID(required=True, allow_none=True)
    customer_id = fields.UUID(required=True)
    currency = fields.String(required=True)
    total_cents = fields.Integer(required=True)
    tax_cents = fields.Integer(required=True)
    issued_at = fields.AwareDateTime(required=True)


class ReceiptOut(ReceiptBriefOut):
    customer_name = fields.String(required=True)
    business = fields.Nested(ReceiptBusinessOut, required=True)
    lines = fields.List(fields.Nested(ReceiptLineOut), required=True)
    taxes = fields.List(fields.Nested(ReceiptTaxOut), required=True)
    tenders = fields.List(fields.Nested(ReceiptTenderOut), required=True)
    visit = fields.Nested(ReceiptVisitOut, required=True)
    receipt_number = fields.Integer(
        required=True, allow_none=True, metadata={"description": "Of a credit note or a reversal: of which receipt."}
    )


class ReceiptList(Schema):
    receipts = fields.List(fields.Nested(ReceiptBriefOut), required=True)
    next_cursor = fields.String(required=True, allow_none=True)


class OwnReceiptList(Schema):
    receipts = fields.List(fields.Nested(ReceiptOut), required=True)
    total = fields.Integer(required=True)
