# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

from typing import Any

from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from tithi.bookings.schemas import LONGEST_REASON, NextActionOut, OutcomeIn, PaymentMethodIn
from tithi.payments.schemas import PaymentOut
from tithi.platform.schemas import cents, words


class RefundIn(Schema):
    refund_type = fields.String(load_default="full", validate=validate.OneOf(("full", "partial", "no_show_fee_only")))
    amount_cents = cents(least=1)
    reason = words(longest=LONGEST_REASON, shortest=0, allow_none=True)
    idempotency_key = fields.String(metadata={"description": "In place of the header."})

    @validates_schema
    def _part_has_an_amount(self, data: dict[str, Any], **_kwargs: Any) -> None:
        if (data["refund_type"] == "partial") != ("amount_cents" in data):
            message = "A partial refund has an amount, another has none."
            raise ValidationError(message, "amount_cents")


class BookingRefundIn(RefundIn):
    booking_id = fields.UUID(required=True)


class CashIn(Schema):
    booking_id = fields.UUID(required=True)
    method = fields.String(load_default="cash", validate=validate.OneOf(("cash", "other")))
    amount_cents = cents(least=1)
    note = words(longest=LONGEST_REASON, shortest=0)
    idempotency_key = fields.String(metadata={"description": "In place of the header."})


class BookingRefIn(Schema):
    booking_id = fields.UUID(required=True)
    idempotency_key = fields.String(metadata={"description": "In place of the header."})


class CardIn(Schema):
    payment_method = fields.Nested(PaymentMethodIn)


class CheckoutIn(Schema):
    booking_id = fields.UUID(required=True)
    payment_method = fields.Nested(PaymentMethodIn)
    idempotency_key = fields.String(metadata={"description": "In place of the header."})


class PayOut(PaymentOut):
    next_action = fields.Nested(NextActionOut, required=True, allow_none=True)


class TipIn(OutcomeIn):
    tip_cents = cents(required=True, least=1)


class BalanceIn(OutcomeIn):
    amount_cents = cents(least=1, metadata={"description": "Absent: all that is left of the price."})
    note = words(longest=LONGEST_REASON)


class DepositIn(OutcomeIn):
    amount_cents = cents(least=1)
