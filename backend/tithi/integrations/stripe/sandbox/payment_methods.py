# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""Cards as payment methods: made from a test number or a ready-made name, kept with a customer, detached for good."""

import hmac
from datetime import UTC, datetime
from hashlib import sha256

from tithi.integrations.stripe.sandbox import customers
from tithi.integrations.stripe.sandbox.call import Body, Call, shown
from tithi.integrations.stripe.sandbox.cards import BY_NAME, BY_NUMBER, TestCard, decline_error, is_card_number
from tithi.integrations.stripe.sandbox.lists import PAGING, page
from tithi.integrations.stripe.sandbox.params import Params
from tithi.integrations.stripe.sandbox.problems import (
    InvalidError,
    card_problem,
    missing_reference,
    unexpected_state,
)
from tithi.integrations.stripe.sandbox.store import new_id

KIND = "payment_methods"
LAST_MONTH = 12
_SPENT = (
    "The provided PaymentMethod was previously used with a PaymentIntent without Customer attachment, shared with a "
    "connected account without Customer attachment, or was detached from a Customer. It may not be used again. To use "
    "a PaymentMethod multiple times, you must attach it to a Customer first."
)


def create(call: Call) -> Body:
    call.params.allow("type", "card", "billing_details", "metadata", "allow_redisplay", "expand")
    return call.answer(from_data(call, call.params))


def from_data(call: Call, data: Params) -> Body:
    """Make a card from the fields a browser's card form sends."""
    data.choice("type", ("card",), "")
    fields = data.inner("card")
    fields.allow("number", "exp_month", "exp_year", "cvc", "token", "networks")
    number = fields.required("number").replace(" ", "")
    month, year = fields.required_integer("exp_month"), fields.required_integer("exp_year")
    _check_card(call, number, month, year)
    card = BY_NUMBER.get(number) or TestCard(number=number)
    billing = data.inner("billing_details").values
    return _keep(call, card, (month, year), billing=billing, metadata=data.metadata())


def from_name(call: Call, name: str, param: str) -> Body:
    """Make a fresh card from a ready-made name, or answer the one with that id."""
    if name in BY_NAME:
        year = datetime.fromtimestamp(call.now, UTC).year + 4
        return _keep(call, BY_NAME[name], (LAST_MONTH, year), billing={}, metadata={})
    body = call.store.find(KIND, call.account, name)
    if body is None:
        kind = "PaymentMethod"
        raise missing_reference(kind, name, param)
    return body


def retrieve(call: Call, method: str) -> Body:
    call.params.allow("expand")
    return call.answer(find(call, method))


def update(call: Call, method: str) -> Body:
    call.params.allow("metadata", "billing_details", "card", "expand")
    body = find(call, method)
    expiry = call.params.inner("card")
    expiry.allow("exp_month", "exp_year")
    for part in expiry.values:
        body["card"] = {**body["card"], part: expiry.required_integer(part)}
    body["metadata"] = call.params.metadata(body["metadata"])
    body["billing_details"] = {**body["billing_details"], **call.params.inner("billing_details").values}
    call.store.put(KIND, call.account, body)
    call.emit("payment_method.updated", body)
    return call.answer(body)


def list_all(call: Call) -> Body:
    call.params.allow(*PAGING, "customer", "type")
    customer = call.params.text("customer")
    found = [] if customer is None else _of_customer(call, customer)
    return page(call, found, url="/v1/payment_methods", called="payment_method")


def list_of_customer(call: Call, customer: str) -> Body:
    call.params.allow(*PAGING, "type")
    customers.find(call, customer)
    url = f"/v1/customers/{customer}/payment_methods"
    return page(call, _of_customer(call, customer), url=url, called="payment_method")


def attach_to(call: Call, method: str) -> Body:
    call.params.allow("customer", "expand")
    customer = customers.find(call, call.params.required("customer"), "customer")
    body = from_name(call, method, "payment_method")
    reason = card_of(body).setup_decline()
    if reason is not None:
        raise card_problem(decline_error(reason))
    return call.answer(attach(call, body, customer["id"]))


def detach(call: Call, method: str) -> Body:
    call.params.allow("expand")
    body = find(call, method)
    if body["customer"] is None:
        message = "The payment method you provided is not attached to a customer so detachment is impossible."
        raise unexpected_state(message, shown(body))
    previous = {"customer": body["customer"]}
    body |= {"customer": None, "_is_spent": True}
    call.store.put(KIND, call.account, body)
    call.emit("payment_method.detached", body, previous=previous)
    return call.answer(body)


def find(call: Call, method: str) -> Body:
    return call.store.get(KIND, call.account, method, called="PaymentMethod", param="payment_method")


def card_of(method: Body) -> TestCard:
    return BY_NUMBER.get(method["_number"]) or TestCard(number=method["_number"])


def attach(call: Call, method: Body, customer: str) -> Body:
    """Keep the card with the customer; a card of another customer stays theirs."""
    if method["customer"] == customer:
        return method
    require_usable(method, customer)
    method["customer"] = customer
    call.store.put(KIND, call.account, method, owner=customer)
    call.emit("payment_method.attached", method)
    return method


def require_usable(method: Body, customer: str | None) -> None:
    if method["customer"] is not None and method["customer"] != customer:
        message = (
            "The provided PaymentMethod cannot be used because it belongs to a different Customer than the one given."
        )
        raise InvalidError(message, code="payment_method_customer_mismatch", param="payment_method")
    if method.get("_is_spent"):
        raise InvalidError(_SPENT, code="payment_method_invalid_parameter", param="payment_method")


def mark_set_up(call: Call, method: Body) -> Body:
    """The customer once agreed to later charges; some cards ask no further questions then."""
    return call.store.put(KIND, call.account, method | {"_is_set_up": True})


def mark_spent(call: Call, method: Body) -> Body:
    return call.store.put(KIND, call.account, method | {"_is_spent": True})


def _of_customer(call: Call, customer: str) -> list[Body]:
    methods = call.store.every(KIND, call.account, owner=customer)
    return [body for body in methods if body["customer"] == customer]


def _check_card(call: Call, number: str, month: int, year: int) -> None:
    today = datetime.fromtimestamp(call.now, UTC)
    if not is_card_number(number):
        raise card_problem(_form_error("incorrect_number", "Your card number is incorrect.", "number"))
    if not 1 <= month <= LAST_MONTH:
        raise card_problem(_form_error("invalid_expiry_month", "Your card's expiration month is invalid.", "exp_month"))
    if (year, month) < (today.year, today.month):
        raise card_problem(_form_error("invalid_expiry_year", "Your card's expiration year is invalid.", "exp_year"))


def _form_error(code: str, message: str, param: str) -> Body:
    return {"code": code, "message": message, "param": param, "type": "card_error"}


def _keep(call: Call, card: TestCard, expiry: tuple[int, int], *, billing: Body, metadata: dict[str, str]) -> Body:
    empty = {"address": _address({}), "email": None, "name": None, "phone": None, "tax_id": None}
    if "address" in billing:
        billing = {**billing, "address": _address(billing["address"])}
    method: Body = {
        "id": new_id("pm"),
        "object": "payment_method",
        "allow_redisplay": "unspecified",
        "billing_details": {**empty, **billing},
        "card": _card_details(call, card, expiry),
        "created": call.now,
        "customer": None,
        "customer_account": None,
        "livemode": False,
        "metadata": metadata,
        "type": "card",
        "_number": card.number,
        "_is_set_up": False,
    }
    return call.store.put(KIND, call.account, method)


def _address(given: Body) -> Body:
    names = ("city", "country", "line1", "line2", "postal_code", "state")
    return {name: given.get(name) for name in names}


def _card_details(call: Call, card: TestCard, expiry: tuple[int, int]) -> Body:
    mark = hmac.new(call.account.encode(), card.number.encode(), sha256).hexdigest()
    return {
        "brand": card.brand,
        "checks": {"address_line1_check": None, "address_postal_code_check": None, "cvc_check": "pass"},
        "country": card.country,
        "display_brand": card.brand,
        "exp_month": expiry[0],
        "exp_year": expiry[1],
        "fingerprint": mark[:16],
        "funding": card.funding,
        "generated_from": None,
        "last4": card.last4,
        "networks": {"available": [card.brand], "preferred": None},
        "regulated_status": "unregulated",
        "three_d_secure_usage": {"supported": True},
        "wallet": None,
    }
