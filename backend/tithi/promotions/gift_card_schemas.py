# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

from typing import Any

from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from tithi.platform.schemas import EmailAddress, Instant, PageQuery, cents, count, words
from tithi.promotions.schemas import LONGEST_CODE

LONGEST_MESSAGE = 1000


class GiftCardIn(Schema):
    amount_cents = cents(least=1, metadata={"description": "A card of money, to spend in parts."})
    basis_points = count(least=1, most=10_000, metadata={"description": "In its place: a voucher for one visit."})
    paid_by = fields.String(
        validate=validate.OneOf(("gift", "cash", "other")), metadata={"description": "Absent: gift, for nothing."}
    )
    price_cents = cents(metadata={"description": "Absent: the amount of the card."})
    expires_at = Instant(allow_none=True)
    sender_name = words()
    recipient_name = words()
    recipient_email = EmailAddress(metadata={"description": "Given: the card is sent there by mail."})
    message = words(longest=LONGEST_MESSAGE)
    deliver_at = Instant(metadata={"description": "Absent: at once."})
    idempotency_key = fields.String(metadata={"description": "In place of the header."})

    @validates_schema
    def _is_of_one_kind(self, data: dict[str, Any], **_kwargs: Any) -> None:
        if ("amount_cents" in data) == ("basis_points" in data):
            message = "Give either amount_cents or basis_points."
            raise ValidationError(message, "amount_cents")
        if data.get("paid_by", "gift") == "gift" and data.get("price_cents"):
            message = "A gift has no price."
            raise ValidationError(message, "price_cents")


class GiftCardOut(Schema):
    id = fields.UUID(required=True)
    kind = fields.String(required=True, metadata={"description": "amount or percent"})
    last4 = fields.String(required=True)
    status = fields.String(required=True, metadata={"description": "active, used, expired or void"})
    currency = fields.String(required=True)
    initial_cents = fields.Integer(required=True, allow_none=True)
    balance_cents = fields.Integer(required=True, allow_none=True)
    reserved_cents = fields.Integer(required=True, allow_none=True)
    basis_points = fields.Integer(required=True, allow_none=True)
    expires_at = Instant(required=True, allow_none=True)
    price_cents = fields.Integer(required=True)
    paid_by = fields.String(required=True)
    sender_name = fields.String(required=True, allow_none=True)
    recipient_name = fields.String(required=True, allow_none=True)
    recipient_email = fields.String(required=True, allow_none=True)
    message = fields.String(required=True, allow_none=True)
    deliver_at = Instant(required=True, allow_none=True)
    delivered_at = Instant(required=True, allow_none=True)
    created_at = Instant(required=True)


class GiftCardIssuedOut(GiftCardOut):
    code = fields.String(required=True, metadata={"description": "Shown here and to the recipient, nowhere else."})


class GiftCardList(Schema):
    gift_cards = fields.List(fields.Nested(GiftCardOut), required=True)
    next_cursor = fields.String(required=True, allow_none=True)


class GiftCardQuery(PageQuery):
    pass


class GiftCardVoidIn(Schema):
    idempotency_key = fields.String(metadata={"description": "In place of the header."})


class GiftCardSendIn(Schema):
    recipient_email = EmailAddress(metadata={"description": "Absent: where it was to go."})
    idempotency_key = fields.String(metadata={"description": "In place of the header."})


class GiftCardBalanceIn(Schema):
    code = words(required=True, longest=LONGEST_CODE)


class GiftCardBalanceOut(Schema):
    is_usable = fields.Boolean(required=True)
    balance_cents = fields.Integer(required=True)
    basis_points = fields.Integer(required=True, allow_none=True)
    currency = fields.String(required=True)
    expires_at = Instant(required=True, allow_none=True)
