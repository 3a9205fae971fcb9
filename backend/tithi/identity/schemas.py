# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

from marshmallow import Schema, fields

from tithi.platform.schemas import EmailAddress, words


class RegisterIn(Schema):
    email = EmailAddress(required=True)
    password = words(required=True, longest=256, load_only=True)
    first_name = words(required=True)
    last_name = words(required=True)


class LoginIn(Schema):
    email = EmailAddress(required=True)
    password = words(required=True, longest=256, load_only=True)


class RefreshIn(Schema):
    refresh_token = words(required=True, longest=2000)


class SwitchTenantIn(Schema):
    tenant_id = fields.UUID(required=True)


class SessionOut(Schema):
    token = fields.String(required=True, metadata={"description": "The access token; the same as `access_token`."})
    access_token = fields.String(required=True)
    refresh_token = fields.String(required=True)
    token_type = fields.String(required=True)
    expires_in = fields.Integer(required=True, metadata={"description": "Seconds."})
    user_id = fields.UUID(required=True)


class RegisteredOut(Schema):
    confirmation_pending = fields.Boolean(
        required=True, metadata={"description": "True when the address has to be confirmed before the first sign-in."}
    )
    session = fields.Nested(SessionOut, required=True, allow_none=True)


class MembershipOut(Schema):
    tenant_id = fields.UUID(required=True)
    role = fields.String(required=True)


class MeOut(Schema):
    id = fields.UUID(required=True)
    email = fields.String(required=True)
    first_name = fields.String(required=True)
    last_name = fields.String(required=True)
    memberships = fields.List(fields.Nested(MembershipOut), required=True)
    chosen_tenant_id = fields.UUID(required=True, allow_none=True)


class JwksOut(Schema):
    keys = fields.List(fields.Dict(keys=fields.String()), required=True)


class TenantOfUserOut(Schema):
    id = fields.UUID(required=True)
    slug = fields.String(required=True)
    name = fields.String(required=True)
    status = fields.String(required=True)
    role = fields.String(required=True)


class TenantListOut(Schema):
    tenants = fields.List(fields.Nested(TenantOfUserOut), required=True)
    total = fields.Integer(required=True)
    next_cursor = fields.String(required=True, allow_none=True)


class MemberOut(Schema):
    id = fields.UUID(required=True)
    user_id = fields.UUID(required=True)
    role = fields.String(required=True)
    created_at = fields.AwareDateTime(required=True)


class MemberListOut(Schema):
    members = fields.List(fields.Nested(MemberOut), required=True)
    total = fields.Integer(required=True)
    next_cursor = fields.String(required=True, allow_none=True)
