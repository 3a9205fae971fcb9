# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""Customers of one account."""

from tithi.integrations.stripe.sandbox.call import Body, Call
from tithi.integrations.stripe.sandbox.lists import PAGING, page
from tithi.integrations.stripe.sandbox.problems import InvalidError
from tithi.integrations.stripe.sandbox.store import new_id

KIND = "customers"
_WRITABLE = ("address", "description", "email", "metadata", "name", "phone", "expand")
_METHOD = "default_payment_method"


def create(call: Call) -> Body:
    params = call.params
    params.allow(*_WRITABLE)
    customer: Body = {
        "id": new_id("cus"),
        "object": "customer",
        "address": params.inner("address").values or None,
        "balance": 0,
        "created": call.now,
        "currency": None,
        "default_source": None,
        "delinquent": False,
        "description": params.text("description"),
        "discount": None,
        "email": params.text("email"),
        "invoice_prefix": new_id("")[1:9].upper(),
        "invoice_settings": {
            "custom_fields": None,
            "default_payment_method": None,
            "footer": None,
            "rendering_options": None,
        },
        "livemode": False,
        "metadata": params.metadata(),
        "name": params.text("name"),
        "next_invoice_sequence": 1,
        "phone": params.text("phone"),
        "preferred_locales": [],
        "shipping": None,
        "tax_exempt": "none",
        "test_clock": None,
    }
    call.store.put(KIND, call.account, customer)
    call.emit("customer.created", customer)
    return call.answer(customer)


def update(call: Call, customer: str) -> Body:
    call.params.allow(*_WRITABLE, "invoice_settings")
    body = find(call, customer)
    settings = call.params.inner("invoice_settings")
    settings.allow(_METHOD)
    if _METHOD in settings:
        body["invoice_settings"][_METHOD] = _own_method(call, customer, settings.required(_METHOD))
    body["metadata"] = call.params.metadata(body["metadata"])
    for name in ("description", "email", "name", "phone"):
        if name in call.params.values:
            body[name] = call.params.text(name)
    call.store.put(KIND, call.account, body)
    call.emit("customer.updated", body)
    return call.answer(body)


def retrieve(call: Call, customer: str) -> Body:
    call.params.allow("expand")
    return call.answer(find(call, customer))


def list_all(call: Call) -> Body:
    call.params.allow(*PAGING, "email")
    email = call.params.text("email")
    found = (body for body in call.store.every(KIND, call.account) if email in (None, body["email"]))
    return page(call, found, url="/v1/customers", called="customer")


def _own_method(call: Call, customer: str, name: str) -> str:
    method = call.store.find("payment_methods", call.account, name)
    if method is None or method["customer"] != customer:
        message = "The customer does not have a payment method with that ID. It must be attached to the customer first."
        raise InvalidError(message, code="resource_missing", param=f"invoice_settings[{_METHOD}]")
    return name


def find(call: Call, customer: str, param: str = "id") -> Body:
    return call.store.get(KIND, call.account, customer, called="customer", param=param)
