# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

from typing import TYPE_CHECKING

from marshmallow import Schema, fields, validate

from tithi.platform.schemas import Instant, PageQuery, cents, count, words
from tithi.promotions.schemas import MOST_TARGETS

if TYPE_CHECKING:
    from uuid import UUID

PAID_BY = validate.OneOf(("gift", "cash", "other"))


def services(*, required: bool = False) -> "fields.List[UUID]":
    return fields.List(fields.UUID(), required=required, validate=validate.Length(min=1, max=MOST_TARGETS))


class PackageIn(Schema):
    name = words(required=True)
    price_cents = cents(required=True)
    session_count = count(least=1, most=1000, required=True)
    service_ids = services(required=True)
    valid_days = count(least=1, most=3650, allow_none=True, metadata={"description": "From the sale; null: for ever."})
    is_active = fields.Boolean()


class PackageChange(Schema):
    name = words()
    price_cents = cents()
    session_count = count(least=1, most=1000)
    service_ids = services()
    valid_days = count(least=1, most=3650, allow_none=True)
    is_active = fields.Boolean()


class PackageOut(Schema):
    id = fields.UUID(required=True)
    name = fields.String(required=True)
    price_cents = fields.Integer(required=True)
    session_count = fields.Integer(required=True)
    service_ids = fields.List(fields.UUID(), required=True)
    valid_days = fields.Integer(required=True, allow_none=True)
    is_active = fields.Boolean(required=True)
    version = fields.Integer(required=True)


class PackageList(Schema):
    packages = fields.List(fields.Nested(PackageOut), required=True)
    total = fields.Integer(required=True)
    next_cursor = fields.String(required=True, allow_none=True)


class PackageSaleIn(Schema):
    customer_id = fields.UUID(required=True)
    paid_by = fields.String(load_default="cash", validate=PAID_BY)
    price_cents = cents(metadata={"description": "Absent: the price of the package."})
    idempotency_key = fields.String(metadata={"description": "In place of the header."})


class SoldPackageOut(Schema):
    id = fields.UUID(required=True)
    package_id = fields.UUID(required=True)
    customer_id = fields.UUID(required=True)
    name = fields.String(required=True)
    code = fields.String(required=True, metadata={"description": "With it the customer's visits use the sessions."})
    price_cents = fields.Integer(required=True)
    paid_by = fields.String(required=True)
    sessions_total = fields.Integer(required=True)
    sessions_left = fields.Integer(required=True)
    service_ids = fields.List(fields.UUID(), required=True)
    expires_at = Instant(required=True, allow_none=True)
    sold_at = Instant(required=True)


class SoldPackageList(Schema):
    sold_packages = fields.List(fields.Nested(SoldPackageOut), required=True)
    next_cursor = fields.String(required=True, allow_none=True)


class SoldPackageQuery(PageQuery):
    customer_id = fields.UUID()
