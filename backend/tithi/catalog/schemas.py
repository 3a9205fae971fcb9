# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

from marshmallow import Schema, fields, validate

from tithi.platform.schemas import cents, count, text, words

COLOR = validate.Regexp(r"^#[0-9A-Fa-f]{6}\Z")
LINK = validate.URL(schemes={"https"}, require_tld=True)
LONGEST_VISIT_MIN = 1440
LONGEST_BUFFER_MIN = 480
FURTHEST = 10_000


class CategoryIn(Schema):
    name = words(required=True)
    description = text()
    color = fields.String(validate=COLOR)
    sort_order = count(least=-FURTHEST, most=FURTHEST)


class CategoryChange(Schema):
    name = words()
    description = text(allow_none=True)
    color = fields.String(validate=COLOR, allow_none=True)
    sort_order = count(least=-FURTHEST, most=FURTHEST)


class CategoryOut(Schema):
    id = fields.UUID(required=True)
    name = fields.String(required=True)
    description = fields.String(required=True, allow_none=True)
    color = fields.String(required=True, allow_none=True)
    sort_order = fields.Integer(required=True)
    version = fields.Integer(required=True)


class CategoryList(Schema):
    service_categories = fields.List(fields.Nested(CategoryOut), required=True)
    total = fields.Integer(required=True)
    next_cursor = fields.String(required=True, allow_none=True)


class ServiceIn(Schema):
    name = words(required=True)
    duration_min = count(least=1, most=LONGEST_VISIT_MIN, required=True)
    price_cents = cents(required=True)
    category_id = fields.UUID()
    description = text()
    short_description = text()
    instructions = text()
    image_url = fields.String(validate=LINK)
    buffer_before_min = count(most=LONGEST_BUFFER_MIN)
    buffer_after_min = count(most=LONGEST_BUFFER_MIN)
    slot_interval_min = count(least=5, most=240)
    is_featured = fields.Boolean()
    sort_order = count(least=-FURTHEST, most=FURTHEST)
    active = fields.Boolean()
    team_member_ids = fields.List(
        fields.UUID(), validate=validate.Length(max=500), metadata={"description": "Empty: everybody can do it."}
    )


class ServiceChange(Schema):
    name = words()
    duration_min = count(least=1, most=LONGEST_VISIT_MIN)
    price_cents = cents()
    category_id = fields.UUID(allow_none=True)
    description = text(allow_none=True)
    short_description = text(allow_none=True)
    instructions = text(allow_none=True)
    image_url = fields.String(validate=LINK, allow_none=True)
    buffer_before_min = count(most=LONGEST_BUFFER_MIN)
    buffer_after_min = count(most=LONGEST_BUFFER_MIN)
    slot_interval_min = count(least=5, most=240, allow_none=True)
    is_featured = fields.Boolean()
    sort_order = count(least=-FURTHEST, most=FURTHEST)
    active = fields.Boolean()
    team_member_ids = fields.List(fields.UUID(), validate=validate.Length(max=500))


class ServiceOut(Schema):
    id = fields.UUID(required=True)
    category_id = fields.UUID(required=True, allow_none=True)
    name = fields.String(required=True)
    description = fields.String(required=True, allow_none=True)
    short_description = fields.String(required=True, allow_none=True)
    instructions = fields.String(required=True, allow_none=True)
    image_url = fields.String(required=True, allow_none=True)
    duration_min = fields.Integer(required=True)
    buffer_before_min = fields.Integer(required=True)
    buffer_after_min = fields.Integer(required=True)
    slot_interval_min = fields.Integer(required=True, allow_none=True)
    price_cents = fields.Integer(required=True)
    currency = fields.String(required=True)
    is_featured = fields.Boolean(required=True)
    sort_order = fields.Integer(required=True)
    active = fields.Boolean(required=True)
    team_member_ids = fields.List(fields.UUID(), required=True)
    version = fields.Integer(required=True)


class ServiceList(Schema):
    services = fields.List(fields.Nested(ServiceOut), required=True)
    total = fields.Integer(required=True)
    next_cursor = fields.String(required=True, allow_none=True)


class ServiceQuery(Schema):
    category_id = fields.UUID()
    active = fields.Boolean(load_default=False, metadata={"description": "Only those that can be booked."})


class PublicServiceOut(Schema):
    id = fields.UUID(required=True)
    category_id = fields.UUID(required=True, allow_none=True)
    name = fields.String(required=True)
    description = fields.String(required=True, allow_none=True)
    short_description = fields.String(required=True, allow_none=True)
    instructions = fields.String(required=True, allow_none=True)
    image_url = fields.String(required=True, allow_none=True)
    duration_min = fields.Integer(required=True)
    price_cents = fields.Integer(required=True)
    currency = fields.String(required=True)
    is_featured = fields.Boolean(required=True)
    team_member_ids = fields.List(fields.UUID(), required=True)


class PublicServiceList(Schema):
    services = fields.List(fields.Nested(PublicServiceOut), required=True)
    service_categories = fields.List(fields.Nested(CategoryOut), required=True)
    total = fields.Integer(required=True)
    next_cursor = fields.String(required=True, allow_none=True)
