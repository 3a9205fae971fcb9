# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

from datetime import timedelta
from typing import Any

from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from tithi.payments.breaks import REMEDIES
from tithi.platform.schemas import LONGEST_TEXT, Instant, PageQuery, words

MOST_DAYS = timedelta(days=366)
ACCOUNTS = "customer, business, bank, platform, processor, gift_card_liability, deposit_liability or tax"


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


class PayoutQuery(PageQuery):
    status = fields.String(validate=validate.OneOf(["pending", "in_transit", "paid", "failed", "canceled"]))


class PayoutOut(Schema):
    id = fields.UUID(required=True)
    payout_ref = fields.String(required=True)
    status = fields.String(required=True, metadata={"description": "pending, in_transit, paid, failed or canceled"})
    amount_cents = fields.Integer(required=True)
    currency = fields.String(required=True)
    is_automatic = fields.Boolean(required=True)
    failure_reason = fields.String(required=True, allow_none=True)
    arrives_on = fields.AwareDateTime(required=True)
    initiated_at = fields.AwareDateTime(required=True)


class PayoutList(Schema):
    payouts = fields.List(fields.Nested(PayoutOut), required=True)
    total = fields.Integer(required=True)
    next_cursor = fields.String(required=True, allow_none=True)


class PayoutLedgerOut(LedgerOut):
    payout = fields.Nested(PayoutOut, required=True)


class ReconciliationIn(Schema):
    since = Instant()
    until = Instant()

    @validates_schema
    def _check_order(self, data: dict[str, Any], **_: object) -> None:
        since, until = data.get("since"), data.get("until")
        if since is not None and until is not None and not timedelta(0) < until - since <= MOST_DAYS:
            message = "Is not after `since`, or more than a year after it."
            raise ValidationError(message, "until")


class ReconciliationOut(Schema):
    since = fields.AwareDateTime(required=True)
    until = fields.AwareDateTime(required=True)
    read = fields.Integer(required=True)
    events_fetched = fields.Integer(required=True)
    applied = fields.Integer(required=True)
    breaks_found = fields.Integer(required=True)
    breaks_open = fields.Integer(required=True)


class BreakQuery(PageQuery):
    status = fields.String(validate=validate.OneOf(["open", "resolved"]))


class BreakOut(Schema):
    id = fields.UUID(required=True)
    kind = fields.String(required=True, metadata={"description": f"One of {', '.join(REMEDIES)}"})
    reference = fields.String(required=True)
    payment_id = fields.UUID(required=True, allow_none=True)
    ledger_cents = fields.Integer(required=True, allow_none=True)
    processor_cents = fields.Integer(required=True, allow_none=True)
    currency = fields.String(required=True)
    remedy = fields.String(required=True)
    status = fields.String(required=True)
    resolution = fields.String(required=True, allow_none=True)
    resolved_by = fields.String(required=True, allow_none=True)
    occurred_at = fields.AwareDateTime(required=True)
    found_at = fields.AwareDateTime(required=True)
    resolved_at = fields.AwareDateTime(required=True, allow_none=True)


class BreakList(Schema):
    breaks = fields.List(fields.Nested(BreakOut), required=True)
    total = fields.Integer(required=True)
    next_cursor = fields.String(required=True, allow_none=True)


class BreakResolutionIn(Schema):
    reason = words(required=True, longest=LONGEST_TEXT)
