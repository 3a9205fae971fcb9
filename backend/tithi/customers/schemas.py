# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

from marshmallow import Schema, fields, validate

from tithi.platform.schemas import EmailAddress, PageQuery, PhoneNumber, text, words


class CustomerIn(Schema):
    display_name = words(required=True)
    email = EmailAddress()
    phone = PhoneNumber()
    marketing_opt_in = fields.Boolean()
    notes = text()
    tags = fields.List(words(longest=50), validate=validate.Length(max=50))


class CustomerChange(Schema):
    display_name = words()
    email = EmailAddress(allow_none=True)
    phone = PhoneNumber(allow_none=True)
    marketing_opt_in = fields.Boolean()
    notes = text(allow_none=True)
    tags = fields.List(words(longest=50), validate=validate.Length(max=50))


class CustomerBlockIn(Schema):
    reason = words(required=True, longest=500)
    until_paid = fields.Boolean(
        load_default=True, metadata={"description": "Whether the block ends once all that is owed is paid."}
    )


class CustomerQuery(PageQuery):
    search = words(longest=100)


class CustomerOut(Schema):
    id = fields.UUID(required=True)
    display_name = fields.String(required=True)
    email = fields.String(required=True, allow_none=True)
    phone = fields.String(required=True, allow_none=True)
    marketing_opt_in = fields.Boolean(required=True)
    notes = fields.String(required=True, allow_none=True)
    tags = fields.List(fields.String(), required=True)
    blocked_at = fields.AwareDateTime(required=True, allow_none=True)
    block_reason = fields.String(required=True, allow_none=True)
    is_blocked_until_paid = fields.Boolean(required=True)
    version = fields.Integer(required=True)
    created_at = fields.AwareDateTime(required=True)


class CustomerList(Schema):
    customers = fields.List(fields.Nested(CustomerOut), required=True)
    total = fields.Integer(required=True)
    next_cursor = fields.String(required=True, allow_none=True)
