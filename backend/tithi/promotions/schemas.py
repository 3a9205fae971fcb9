# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

from marshmallow import Schema, fields, validate

from tithi.platform.schemas import Instant, cents, count, words
from tithi.promotions.discounts import KINDS

LONGEST_CODE = 40
MOST_TARGETS = 200
CODE = validate.Regexp(r"^[A-Za-z0-9][A-Za-z0-9_-]{1,39}\Z", error="Letters, digits, - and _, two to forty.")
VALUE = "Basis points of a percent (1000 is ten per cent), minor units of a fixed amount; of a free item 0."
ALL = "Empty, as category_ids: for all."


class CouponTerms(Schema):
    name = words(allow_none=True, metadata={"description": "What the customer reads on the price's line."})
    value = count(most=1_000_000_000, metadata={"description": VALUE})
    max_uses = count(least=1, allow_none=True)
    max_uses_per_customer = count(least=1, allow_none=True)
    valid_from = Instant(allow_none=True)
    valid_until = Instant(allow_none=True)
    first_visit_only = fields.Boolean()
    min_amount_cents = cents(
        metadata={"description": "What the visit has to cost without tax, after sessions of packages."}
    )
    service_ids = fields.List(fields.UUID(), validate=validate.Length(max=MOST_TARGETS), metadata={"description": ALL})
    category_ids = fields.List(fields.UUID(), validate=validate.Length(max=MOST_TARGETS))
    is_active = fields.Boolean()


class CouponIn(CouponTerms):
    code = fields.String(required=True, validate=CODE)
    kind = fields.String(required=True, validate=validate.OneOf(KINDS))


class CouponChange(CouponTerms):
    pass


class CouponOut(Schema):
    id = fields.UUID(required=True)
    code = fields.String(required=True)
    name = fields.String(required=True, allow_none=True)
    kind = fields.String(required=True)
    value = fields.Integer(required=True, metadata={"description": VALUE})
    max_uses = fields.Integer(required=True, allow_none=True)
    max_uses_per_customer = fields.Integer(required=True, allow_none=True)
    used_count = fields.Integer(required=True)
    valid_from = Instant(required=True, allow_none=True)
    valid_until = Instant(required=True, allow_none=True)
    first_visit_only = fields.Boolean(required=True)
    min_amount_cents = fields.Integer(required=True)
    service_ids = fields.List(fields.UUID(), required=True)
    category_ids = fields.List(fields.UUID(), required=True)
    customer_id = fields.UUID(required=True, allow_none=True)
    is_active = fields.Boolean(required=True)
    version = fields.Integer(required=True)


class CouponList(Schema):
    coupons = fields.List(fields.Nested(CouponOut), required=True)
    next_cursor = fields.String(required=True, allow_none=True)


class CouponCheckIn(Schema):
    code = words(required=True, longest=LONGEST_CODE)
    service_ids = fields.List(fields.UUID(), required=True, validate=validate.Length(min=1, max=6))


class StaffCouponCheckIn(CouponCheckIn):
    customer_id = fields.UUID(metadata={"description": "Absent: what depends on the customer is not looked at."})


class CouponCheckOut(Schema):
    code = fields.String(required=True)
    name = fields.String(required=True, allow_none=True)
    kind = fields.String(required=True)
    subtotal_cents = fields.Integer(required=True)
    discount_cents = fields.Integer(required=True)
    currency = fields.String(required=True)
