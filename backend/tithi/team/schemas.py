# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

from marshmallow import Schema, fields, validate

from tithi.platform.schemas import EmailAddress, PhoneNumber, text, words

ROLES = ("owner", "admin", "staff")


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
