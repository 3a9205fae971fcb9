# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

from marshmallow import Schema, fields, validate

from tithi.catalog import segments
from tithi.platform.schemas import cents, count, text, words

COLOR = validate.Regexp(r"^#[0-9A-Fa-f]{6}\Z")
LINK = validate.URL(schemes={"https"}, require_tld=True)
LONGEST_VISIT_MIN = 1440
LONGEST_BUFFER_MIN = 480
FURTHEST = 10_000
TENANTS = "Null: as in the policy of the business."


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


class SegmentIn(Schema):
    kind = fields.String(required=True, validate=validate.OneOf(segments.KINDS))
    duration_min = count(least=1, most=LONGEST_VISIT_MIN, required=True)
    holds_staff = fields.Boolean(metadata={"description": "Absent: all hold the staff, but processing does not."})
    holds_room = fields.Boolean(metadata={"description": "Absent: yes."})


class NeedIn(Schema):
    resource_ids = fields.List(
        fields.UUID(),
        required=True,
        validate=validate.Length(min=1, max=50),
        metadata={"description": "One of these rooms or pieces of equipment is taken."},
    )


class ServiceStaffIn(Schema):
    team_member_id = fields.UUID(required=True)
    duration_min = count(least=1, most=LONGEST_VISIT_MIN, allow_none=True)
    price_cents = cents(allow_none=True)


class PrerequisiteIn(Schema):
    service_id = fields.UUID(required=True)
    within_days = count(least=1, most=3650, required=True)
    at_least_hours = count(most=8760, metadata={"description": "Absent: 0."})


class ServiceParts(Schema):
    """What a service is made of; each list replaces what was there, an empty one clears it."""

    kind = fields.String(validate=validate.OneOf(("appointment", "class")))
    capacity = count(least=1, most=1000, metadata={"description": "The seats of a class."})
    online_capacity = count(most=1000, allow_none=True, metadata={"description": "Seats that customers can book."})
    requires_approval = fields.Boolean()
    opens_processing = fields.Boolean(metadata={"description": "False: processing keeps the staff all the same."})
    min_notice_minutes = count(most=60 * 24 * 90, allow_none=True, metadata={"description": TENANTS})
    max_advance_days = count(least=1, most=730, allow_none=True, metadata={"description": TENANTS})
    segments = fields.List(
        fields.Nested(SegmentIn),
        validate=validate.Length(max=20),
        metadata={"description": "Work first, transitions (clean-up without the customer) last; they give the length."},
    )
    needs = fields.List(fields.Nested(NeedIn), validate=validate.Length(max=5))
    team_member_ids = fields.List(
        fields.UUID(), validate=validate.Length(max=500), metadata={"description": "Empty: everybody can do it."}
    )
    staff = fields.List(
        fields.Nested(ServiceStaffIn),
        validate=validate.Length(max=500),
        metadata={"description": "In place of team_member_ids: who can do it, with their own length and price."},
    )
    prerequisites = fields.List(fields.Nested(PrerequisiteIn), validate=validate.Length(max=10))
    add_on_ids = fields.List(fields.UUID(), validate=validate.Length(max=50))
    tax_rate_id = fields.UUID(allow_none=True, metadata={"description": "Null: the default rate, where there is one."})


class ServiceIn(ServiceParts):
    name = words(required=True)
    duration_min = count(least=1, most=LONGEST_VISIT_MIN, metadata={"description": "Needed where segments are not."})
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


class ServiceChange(ServiceParts):
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


class SegmentOut(Schema):
    kind = fields.String(required=True)
    duration_min = fields.Integer(required=True)
    holds_staff = fields.Boolean(required=True)
    holds_room = fields.Boolean(required=True)


class NeedOut(Schema):
    resource_ids = fields.List(fields.UUID(), required=True)


class ServiceStaffOut(Schema):
    team_member_id = fields.UUID(required=True)
    duration_min = fields.Integer(required=True, allow_none=True)
    price_cents = fields.Integer(required=True, allow_none=True)


class PrerequisiteOut(Schema):
    service_id = fields.UUID(required=True)
    within_days = fields.Integer(required=True)
    at_least_hours = fields.Integer(required=True)


class ServiceOut(Schema):
    id = fields.UUID(required=True)
    category_id = fields.UUID(required=True, allow_none=True)
    tax_rate_id = fields.UUID(required=True, allow_none=True)
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
    kind = fields.String(required=True)
    capacity = fields.Integer(required=True)
    online_capacity = fields.Integer(required=True, allow_none=True)
    requires_approval = fields.Boolean(required=True)
    opens_processing = fields.Boolean(required=True)
    min_notice_minutes = fields.Integer(required=True, allow_none=True)
    max_advance_days = fields.Integer(required=True, allow_none=True)
    segments = fields.List(fields.Nested(SegmentOut), required=True)
    needs = fields.List(fields.Nested(NeedOut), required=True)
    team_member_ids = fields.List(fields.UUID(), required=True)
    staff = fields.List(fields.Nested(ServiceStaffOut), required=True)
    prerequisites = fields.List(fields.Nested(PrerequisiteOut), required=True)
    add_on_ids = fields.List(fields.UUID(), required=True)
    version = fields.Integer(required=True)


class ServiceList(Schema):
    services = fields.List(fields.Nested(ServiceOut), required=True)
    total = fields.Integer(required=True)
    next_cursor = fields.String(required=True, allow_none=True)


class ServiceQuery(Schema):
    category_id = fields.UUID()
    active = fields.Boolean(load_default=False, metadata={"description": "Only those that can be booked."})


class AddOnIn(Schema):
    name = words(required=True)
    price_cents = cents(required=True)
    description = text()
    duration_min = count(most=LONGEST_BUFFER_MIN, metadata={"description": "How much longer the visit takes."})
    is_active = fields.Boolean()
    sort_order = count(least=-FURTHEST, most=FURTHEST)


class AddOnChange(Schema):
    name = words()
    price_cents = cents()
    description = text(allow_none=True)
    duration_min = count(most=LONGEST_BUFFER_MIN)
    is_active = fields.Boolean()
    sort_order = count(least=-FURTHEST, most=FURTHEST)


class AddOnOut(Schema):
    id = fields.UUID(required=True)
    name = fields.String(required=True)
    description = fields.String(required=True, allow_none=True)
    price_cents = fields.Integer(required=True)
    currency = fields.String(required=True)
    duration_min = fields.Integer(required=True)
    is_active = fields.Boolean(required=True)
    sort_order = fields.Integer(required=True)
    version = fields.Integer(required=True)


class AddOnList(Schema):
    add_ons = fields.List(fields.Nested(AddOnOut), required=True)
    total = fields.Integer(required=True)
    next_cursor = fields.String(required=True, allow_none=True)


class PublicAddOnOut(Schema):
    id = fields.UUID(required=True)
    name = fields.String(required=True)
    description = fields.String(required=True, allow_none=True)
    price_cents = fields.Integer(required=True)
    duration_min = fields.Integer(required=True)


class PublicServiceStaffOut(Schema):
    team_member_id = fields.UUID(required=True)
    duration_min = fields.Integer(required=True)
    price_cents = fields.Integer(required=True)


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
    kind = fields.String(required=True)
    requires_approval = fields.Boolean(required=True)
    team_member_ids = fields.List(fields.UUID(), required=True)
    staff = fields.List(
        fields.Nested(PublicServiceStaffOut),
        required=True,
        metadata={"description": "Who is named for the service, with the length and price at each."},
    )
    add_ons = fields.List(fields.Nested(PublicAddOnOut), required=True)


class PublicServiceList(Schema):
    services = fields.List(fields.Nested(PublicServiceOut), required=True)
    service_categories = fields.List(fields.Nested(CategoryOut), required=True)
    total = fields.Integer(required=True)
    next_cursor = fields.String(required=True, allow_none=True)


class TaxRateIn(Schema):
    name = words(required=True, longest=60, metadata={"example": "VAT"})
    basis_points = count(most=10_000, required=True, metadata={"description": "1900 is 19 per cent."})
    is_inclusive = fields.Boolean(
        required=True, metadata={"description": "The price contains the tax; else it is put on top."}
    )
    is_default = fields.Boolean(metadata={"description": "For services without a rate of their own."})
    is_active = fields.Boolean()


class TaxRateChange(Schema):
    name = words(longest=60)
    basis_points = count(most=10_000)
    is_inclusive = fields.Boolean()
    is_default = fields.Boolean()
    is_active = fields.Boolean()


class TaxRateOut(Schema):
    id = fields.UUID(required=True)
    name = fields.String(required=True)
    basis_points = fields.Integer(required=True)
    is_inclusive = fields.Boolean(required=True)
    is_default = fields.Boolean(required=True)
    is_active = fields.Boolean(required=True)
    version = fields.Integer(required=True)


class TaxRateList(Schema):
    tax_rates = fields.List(fields.Nested(TaxRateOut), required=True)
    total = fields.Integer(required=True)
    next_cursor = fields.String(required=True, allow_none=True)
