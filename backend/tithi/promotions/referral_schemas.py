# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

from marshmallow import Schema, fields, validate

from tithi.platform.schemas import Instant, count
from tithi.promotions.schemas import VALUE


class ReferralProgramIn(Schema):
    is_active = fields.Boolean(load_default=True)
    kind = fields.String(required=True, validate=validate.OneOf(("percent", "fixed")))
    value = count(least=1, most=1_000_000_000, required=True, metadata={"description": VALUE})
    valid_days = count(least=1, most=3650, allow_none=True, metadata={"description": "Null: for ever."})


class ReferralProgramOut(Schema):
    is_active = fields.Boolean(required=True)
    kind = fields.String(required=True)
    value = fields.Integer(required=True)
    valid_days = fields.Integer(required=True, allow_none=True)
    version = fields.Integer(required=True)


class ReferralCodeIn(Schema):
    customer_id = fields.UUID(required=True)


class ReferralCodeOut(Schema):
    customer_id = fields.UUID(required=True)
    code = fields.String(required=True)


class ReferralOut(Schema):
    id = fields.UUID(required=True)
    referrer_id = fields.UUID(required=True)
    referred_id = fields.UUID(required=True)
    created_at = Instant(required=True)
    rewarded_at = Instant(required=True, allow_none=True)


class ReferralList(Schema):
    referrals = fields.List(fields.Nested(ReferralOut), required=True)
    next_cursor = fields.String(required=True, allow_none=True)
