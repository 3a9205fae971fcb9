# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""Payment intents: one payment from its first try to money taken or given up."""

from contextlib import suppress

from tithi.integrations.stripe.sandbox import accounts, charges, confirmation, customers, payment_methods
from tithi.integrations.stripe.sandbox.amounts import check_amount, check_application_fee
from tithi.integrations.stripe.sandbox.browser import SECRET_NAMES, intent_of_browser
from tithi.integrations.stripe.sandbox.call import APPLICATION, PLATFORM, Body, Call, shown
from tithi.integrations.stripe.sandbox.confirmation import confirm_intent, fail_authentication, put, succeed
from tithi.integrations.stripe.sandbox.lists import PAGING, page
from tithi.integrations.stripe.sandbox.problems import (
    InvalidError,
    SettledError,
    refuse_fixed_method_types,
    unexpected_state,
)
from tithi.integrations.stripe.sandbox.store import new_id

KIND = "payment_intents"
OPEN = ("requires_payment_method", "requires_confirmation", "requires_action")
CANCELABLE = (*OPEN, "requires_capture", "processing")
_CONFIRMABLE = ("payment_method", "payment_method_data", "return_url", "off_session", "setup_future_usage",
                "use_stripe_sdk", "error_on_requires_action", "mandate_data", "receipt_email", "expand")  # fmt: skip
_WRITABLE = ("allowed_payment_method_types", "amount", "application_fee_amount", "automatic_payment_methods",
             "currency", "customer", "description", "metadata", "payment_method_options", "statement_descriptor",
             "statement_descriptor_suffix", "transfer_group")  # fmt: skip
_UNSET = (
    "automatic_payment_methods",
    "canceled_at",
    "cancellation_reason",
    "customer_account",
    "excluded_payment_method_types",
    "last_payment_error",
    "latest_charge",
    "managed_payments",
    "next_action",
    "on_behalf_of",
    "payment_method_configuration_details",
    "payment_record",
    "processing",
    "review",
    "shipping",
    "source",
    "transfer_data",
)


def create(call: Call) -> Body:
    params = call.params
    refuse_fixed_method_types(params)
    params.allow(*_WRITABLE, *_CONFIRMABLE, "capture_method", "confirmation_method", "confirm")
    amount, currency = params.required_integer("amount"), params.required("currency").lower()
    check_amount(amount, currency)
    fee = check_application_fee(call, amount)
    is_confirmed = params.boolean("confirm")
    for name in ("off_session", "return_url"):
        if name in params and not is_confirmed:
            message = f"You cannot provide `{name}` to a PaymentIntent without `confirm` set to `true`."
            raise InvalidError(message, code="parameter_invalid_empty", param=name)
    customer = params.text("customer")
    if customer is not None:
        customers.find(call, customer, "customer")
    method = _given_method(call)
    if method is not None:
        payment_methods.require_usable(method, customer)
    accounts.require_charges(call)
    intent = _new(call, amount, currency) | {
        "application_fee_amount": fee,
        "customer": customer,
        "payment_method": None if method is None else method["id"],
        "status": "requires_payment_method" if method is None else "requires_confirmation",
    }
    put(call, intent)
    call.emit("payment_intent.created", intent)
    if is_confirmed:
        confirm_intent(call, intent)
    return call.answer(intent)


def update(call: Call, intent: str) -> Body:
    params = call.params
    refuse_fixed_method_types(params)
    params.allow(*_WRITABLE, "payment_method", "receipt_email", "setup_future_usage", "expand")
    body = find(call, intent)
    if "amount" in params:
        _require(body, OPEN, "update the amount of")
        body["amount"] = params.required_integer("amount")
        check_amount(body["amount"], body["currency"])
    if "application_fee_amount" in params:
        body["application_fee_amount"] = check_application_fee(call, body["amount"])
    if "payment_method" in params:
        _require(body, OPEN, "update")
        method = payment_methods.from_name(call, params.required("payment_method"), "payment_method")
        payment_methods.require_usable(method, body["customer"])
        body |= {"payment_method": method["id"], "status": "requires_confirmation"}
    body |= {"metadata": params.metadata(body["metadata"]), "last_payment_error": None}
    for name in ("description", "receipt_email", "setup_future_usage"):
        if name in params.values:
            body[name] = params.text(name)
    put(call, body)
    return call.answer(body)


def retrieve(call: Call, intent: str) -> Body:
    call.params.allow("expand", *SECRET_NAMES)
    return call.answer(find(call, intent))


def list_all(call: Call) -> Body:
    call.params.allow(*PAGING, "customer")
    found = call.store.every(KIND, call.account, owner=call.params.text("customer"))
    return page(call, found, url="/v1/payment_intents", called="payment_intent")


def confirm(call: Call, intent: str) -> Body:
    refuse_fixed_method_types(call.params)
    call.params.allow(*_CONFIRMABLE, *SECRET_NAMES)
    body = find(call, intent)
    method = _given_method(call)
    if method is not None:
        payment_methods.require_usable(method, body["customer"])
        body["payment_method"] = method["id"]
    if "setup_future_usage" in call.params:
        body["setup_future_usage"] = call.params.text("setup_future_usage")
    accounts.require_charges(call)
    confirm_intent(call, body)
    return call.answer(body)


def capture(call: Call, intent: str) -> Body:
    params = call.params
    params.allow("amount_to_capture", "application_fee_amount", "final_capture", "metadata",
                 "statement_descriptor_suffix", "expand")  # fmt: skip
    body = find(call, intent)
    _require(body, ("requires_capture",), "capture")
    amount = params.integer("amount_to_capture")
    amount = body["amount_capturable"] if amount is None else amount
    if amount < 1:
        message = "Invalid positive integer"
        raise InvalidError(message, code="parameter_invalid_integer", param="amount_to_capture")
    if amount > body["amount_capturable"]:
        message = "The amount to capture is greater than the remaining amount that can be captured."
        raise InvalidError(message, code="amount_too_large", param="amount_to_capture")
    fee = body["application_fee_amount"]
    fee = check_application_fee(call, amount) if "application_fee_amount" in params else fee
    fee = None if fee is None else min(fee, amount)
    charges.capture(call, charges.find(call, body["latest_charge"]), amount, fee)
    body |= {
        "amount_capturable": 0,
        "amount_received": amount,
        "application_fee_amount": fee,
        "metadata": params.metadata(body["metadata"]),
        "status": "succeeded",
    }
    put(call, body)
    call.emit("payment_intent.succeeded", body)
    confirmation.take_back(call, body)
    return call.answer(body)


def cancel(call: Call, intent: str) -> Body:
    call.params.allow("cancellation_reason", "expand")
    reasons = ("duplicate", "fraudulent", "requested_by_customer", "abandoned", "")
    reason = call.params.choice("cancellation_reason", reasons, "")
    body = find(call, intent)
    _require(body, CANCELABLE, "cancel")
    _end(call, body, reason or None, is_expired=False)
    return call.answer(body)


def lapse(call: Call, intent: str) -> None:
    """The hold's time is over: the issuer takes the money back."""
    body = find(call, intent)
    if body["status"] == "requires_capture":
        _end(call, body, "automatic", is_expired=True)


def authenticate(call: Call, intent: str, *, succeeds: bool) -> Body:
    """What the customer did with the question of their bank, which may decline all the same."""
    body = find(call, intent)
    if body["status"] != "requires_action":
        message = "This PaymentIntent waits for no authentication."
        raise unexpected_state(message, shown(body))
    method = payment_methods.find(call, body["payment_method"])
    body["next_action"] = None
    if succeeds:
        with suppress(SettledError):
            succeed(call, body, method, is_off_session=False)
    else:
        fail_authentication(call, body, method)
    return shown(body)


def find(call: Call, intent: str) -> Body:
    body = call.store.get(KIND, call.account, intent, called="payment_intent", param="intent")
    return intent_of_browser(call, body)


def _end(call: Call, intent: Body, reason: str | None, *, is_expired: bool) -> None:
    if intent["status"] == "requires_capture":
        charges.release(call, charges.find(call, intent["latest_charge"]), is_expired=is_expired)
    intent |= {
        "amount_capturable": 0,
        "canceled_at": call.now,
        "cancellation_reason": reason,
        "next_action": None,
        "status": "canceled",
    }
    put(call, intent)
    call.emit("payment_intent.canceled", intent)


def _given_method(call: Call) -> Body | None:
    if "payment_method_data" in call.params:
        return payment_methods.from_data(call, call.params.inner("payment_method_data"))
    name = call.params.text("payment_method")
    return None if name is None else payment_methods.from_name(call, name, "payment_method")


def _require(intent: Body, statuses: tuple[str, ...], verb: str) -> None:
    if intent["status"] not in statuses:
        message = (
            f"You cannot {verb} this PaymentIntent because it has a status of {intent['status']}. "
            f"Only a PaymentIntent with one of the following statuses may be used this way: {', '.join(statuses)}."
        )
        raise unexpected_state(message, shown(intent))


def _new(call: Call, amount: int, currency: str) -> Body:
    params = call.params
    name = new_id("pi")
    return dict.fromkeys(_UNSET) | {
        "id": name,
        "object": "payment_intent",
        "allowed_payment_method_types": params.items("allowed_payment_method_types") or None,
        "amount": amount,
        "amount_capturable": 0,
        "amount_details": {"tip": {}},
        "amount_received": 0,
        "application": None if call.account == PLATFORM else APPLICATION,
        "capture_method": params.choice(
            "capture_method", ("automatic", "automatic_async", "manual"), "automatic_async"
        ),
        "client_secret": f"{name}_secret_{new_id('')[1:]}",
        "confirmation_method": params.choice("confirmation_method", ("automatic", "manual"), "automatic"),
        "created": call.now,
        "currency": currency,
        "description": params.text("description"),
        "livemode": False,
        "metadata": params.metadata(),
        "payment_method_options": {
            "card": {
                "installments": None,
                "mandate_options": None,
                "network": None,
                "request_three_d_secure": "automatic",
            }
        },
        "payment_method_types": params.items("allowed_payment_method_types") or ["card"],
        "receipt_email": params.text("receipt_email"),
        "setup_future_usage": params.text("setup_future_usage"),
        "statement_descriptor": params.text("statement_descriptor"),
        "statement_descriptor_suffix": params.text("statement_descriptor_suffix"),
        "transfer_group": params.text("transfer_group"),
    }
