# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

from datetime import timedelta
from typing import Any

from marshmallow import Schema, ValidationError, fields, validates_schema

MOST_DAYS = timedelta(days=366)
ACCOUNTS = "customer, business, bank, platform, processor, gift_card_liability or tax"


class FactOut(Schema):
    fact_id = fields.UUID(required=True)
    kind = fields.String(required=True)
    source_id = fields.UUID(required=True)
    booking_id = fields.UUID(required=True, allow_none=True)
    payment_id = fields.UUID(required=True, allow_none=True)
    currency = fields.String(required=True)
    occurred_at = fields.AwareDateTime(required=True)
    balance_transaction_ref = fields.String(required=True, allow_none=True)
    lines = fields.Dict(
        keys=fields.String(),
        values=fields.Integer(),
        required=True,
        metadata={"description": f"By account ({ACCOUNTS}); what flows to it is positive, and the sum is nothing"},
    )


class BalanceOut(Schema):
    account = fields.String(required=True)
    amount_cents = fields.Integer(required=True)
    currency = fields.String(required=True)


class LedgerOut(Schema):
    facts = fields.List(fields.Nested(FactOut), required=True)
    balances = fields.List(fields.Nested(BalanceOut), required=True)
    total = fields.Integer(required=True)
    next_cursor = fields.String(required=True, allow_none=True)


class LedgerQuery(Schema):
    booking_id = fields.UUID(required=True)


class DaysQuery(Schema):
    first = fields.Date(data_key="from")
    last = fields.Date(data_key="to")

    @validates_schema
    def _check_order(self, data: dict[str, Any], **_: object) -> None:
        first, last = data.get("first"), data.get("last")
        if first is not None and last is not None and not timedelta(0) <= last - first <= MOST_DAYS:
            message = "Is before `from`, or more than a year after it."
            raise ValidationError(message, "to")


class DayOut(Schema):
    date = fields.Date(required=True)
    currency = fields.String(required=True)
    accounts = fields.Dict(keys=fields.String(), values=fields.Integer(), required=True)


class DayList(Schema):
    timezone = fields.String(required=True)
    days = fields.List(fields.Nested(DayOut), required=True)
    total = fields.Integer(required=True)
    next_cursor = fields.String(required=True, allow_none=True)
