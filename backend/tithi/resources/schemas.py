# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

from marshmallow import Schema, fields, validate

from tithi.platform.schemas import count, words

KINDS = ("staff", "room", "equipment")
MOST_LANES = 100
LANES = "How many it serves at once."
ANYWHERE = "Absent: it can be used at every location."


class ResourceIn(Schema):
    kind = fields.String(required=True, validate=validate.OneOf(("room", "equipment")))
    name = words(required=True)
    capacity = count(least=1, most=MOST_LANES, metadata={"description": LANES})
    location_id = fields.UUID(metadata={"description": ANYWHERE})
    is_active = fields.Boolean()


class ResourceChange(Schema):
    name = words()
    capacity = count(least=1, most=MOST_LANES, metadata={"description": LANES})
    location_id = fields.UUID(allow_none=True)
    is_active = fields.Boolean()


class ResourceOut(Schema):
    id = fields.UUID(required=True)
    kind = fields.String(required=True)
    name = fields.String(required=True)
    capacity = fields.Integer(required=True)
    location_id = fields.UUID(required=True, allow_none=True)
    is_active = fields.Boolean(required=True)
    version = fields.Integer(required=True)


class ResourceList(Schema):
    resources = fields.List(fields.Nested(ResourceOut), required=True)
    total = fields.Integer(required=True)
    next_cursor = fields.String(required=True, allow_none=True)


class ResourceQuery(Schema):
    kind = fields.String(validate=validate.OneOf(KINDS))
    location_id = fields.UUID(metadata={"description": "Only those that can be used there."})
