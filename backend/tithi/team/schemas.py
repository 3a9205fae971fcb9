# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

from marshmallow import Schema, fields, validate

from tithi.platform.schemas import EmailAddress, PhoneNumber, count, text, words

ROLES = ("owner", "admin", "staff")
MOST_VISITS = 1000
MOST_AT_ONCE = 20
AT_ONCE = "How many clients they serve at once."


class MemberIn(Schema):
    first_name = words(required=True)
    last_name = words(required=True)
    display_name = words()
    email = EmailAddress()
    phone = PhoneNumber()
    role = fields.String(validate=validate.OneOf(ROLES))
    bio = text()
    specialties = fields.List(words(), validate=validate.Length(max=50))
    location_id = fields.UUID()
    max_visits_per_day = count(least=1, most=MOST_VISITS)
    max_visits_per_week = count(least=1, most=MOST_VISITS)
    concurrent_clients = count(least=1, most=MOST_AT_ONCE, metadata={"description": AT_ONCE})


class MemberChange(Schema):
    first_name = words()
    last_name = words()
    display_name = words()
    email = EmailAddress(allow_none=True)
    phone = PhoneNumber(allow_none=True)
    role = fields.String(validate=validate.OneOf(ROLES))
    bio = text(allow_none=True)
    specialties = fields.List(words(), validate=validate.Length(max=50))
    location_id = fields.UUID()
    is_active = fields.Boolean()
    max_visits_per_day = count(least=1, most=MOST_VISITS, allow_none=True)
    max_visits_per_week = count(least=1, most=MOST_VISITS, allow_none=True)
    concurrent_clients = count(least=1, most=MOST_AT_ONCE, metadata={"description": AT_ONCE})


class TeamMemberOut(Schema):
    id = fields.UUID(required=True)
    resource_id = fields.UUID(required=True)
    location_id = fields.UUID(required=True)
    first_name = fields.String(required=True)
    last_name = fields.String(required=True)
    display_name = fields.String(required=True)
    email = fields.String(required=True, allow_none=True)
    phone = fields.String(required=True, allow_none=True)
    role = fields.String(required=True)
    bio = fields.String(required=True, allow_none=True)
    specialties = fields.List(fields.String(), required=True)
    max_visits_per_day = fields.Integer(required=True, allow_none=True)
    max_visits_per_week = fields.Integer(required=True, allow_none=True)
    concurrent_clients = fields.Integer(required=True)
    is_active = fields.Boolean(required=True)
    version = fields.Integer(required=True)


class TeamMemberList(Schema):
    members = fields.List(fields.Nested(TeamMemberOut), required=True)
    total = fields.Integer(required=True)
    next_cursor = fields.String(required=True, allow_none=True)


class PublicMemberOut(Schema):
    id = fields.UUID(required=True)
    display_name = fields.String(required=True)
    bio = fields.String(required=True, allow_none=True)
    specialties = fields.List(fields.String(), required=True)


class PublicTeamOut(Schema):
    team = fields.List(fields.Nested(PublicMemberOut), required=True)
    total = fields.Integer(required=True)
    next_cursor = fields.String(required=True, allow_none=True)
