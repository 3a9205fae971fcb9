# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""Prices that come back every month, each with the product it is for."""

from tithi.integrations.stripe.sandbox.amounts import check_amount
from tithi.integrations.stripe.sandbox.call import Body, Call
from tithi.integrations.stripe.sandbox.lists import PAGING, page
from tithi.integrations.stripe.sandbox.problems import InvalidError
from tithi.integrations.stripe.sandbox.store import new_id

KIND = "prices"
_MONTHLY: Body = {"interval_count": 1, "meter": None, "trial_period_days": None, "usage_type": "licensed"}
_PRICE: Body = {
    "object": "price",
    "active": True,
    "billing_scheme": "per_unit",
    "custom_unit_amount": None,
    "livemode": False,
    "nickname": None,
    "tax_behavior": "unspecified",
    "tiers_mode": None,
    "transform_quantity": None,
    "type": "recurring",
}


def create(call: Call) -> Body:
    params = call.params
    params.allow("currency", "unit_amount", "recurring", "lookup_key", "product_data", "metadata", "expand")
    amount, currency = params.required_integer("unit_amount"), params.required("currency").lower()
    check_amount(amount, currency)
    recurring, product = params.inner("recurring"), params.inner("product_data")
    recurring.allow("interval")
    product.allow("name", "unit_label")
    product.required("name")
    lookup_key = params.text("lookup_key")
    if lookup_key is not None and any(body["lookup_key"] == lookup_key for body in _every(call)):
        message = f"A price already uses that lookup key: {lookup_key}"
        raise InvalidError(message, code="resource_already_exists", param="lookup_key")
    price = _PRICE | {
        "id": new_id("price"),
        "created": call.now,
        "currency": currency,
        "lookup_key": lookup_key,
        "metadata": params.metadata(),
        "product": new_id("prod"),
        "recurring": _MONTHLY | {"interval": recurring.choice("interval", ("month",), "")},
        "unit_amount": amount,
        "unit_amount_decimal": str(amount),
    }
    call.store.put(KIND, call.account, price)
    call.emit("price.created", price)
    return call.answer(price)


def list_all(call: Call) -> Body:
    call.params.allow(*PAGING, "lookup_keys", "active")
    wanted = call.params.items("lookup_keys")
    found = (body for body in _every(call) if not wanted or body["lookup_key"] in wanted)
    return page(call, found, url="/v1/prices", called="price")


def find(call: Call, price: str, param: str) -> Body:
    return call.store.get(KIND, call.account, price, called="price", param=param)


def as_plan(price: Body) -> Body:
    """The price in the older words that items still show."""
    return {
        "id": price["id"],
        "object": "plan",
        "active": price["active"],
        "amount": price["unit_amount"],
        "amount_decimal": price["unit_amount_decimal"],
        "billing_scheme": "per_unit",
        "created": price["created"],
        "currency": price["currency"],
        "interval": price["recurring"]["interval"],
        "interval_count": 1,
        "livemode": False,
        "metadata": {},
        "nickname": None,
        "product": price["product"],
        "usage_type": "licensed",
    }


def _every(call: Call) -> list[Body]:
    return list(call.store.every(KIND, call.account))
