# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""Setup intents: a card on its way to being kept for later charges."""

from tithi.integrations.stripe.sandbox import customers, payment_methods
from tithi.integrations.stripe.sandbox.browser import SECRET_NAMES, intent_of_browser, next_action
from tithi.integrations.stripe.sandbox.call import APPLICATION, PLATFORM, Body, Call, shown
from tithi.integrations.stripe.sandbox.cards import decline_error
from tithi.integrations.stripe.sandbox.lists import PAGING, page
from tithi.integrations.stripe.sandbox.problems import (
    InvalidError,
    card_problem,
    refuse_fixed_method_types,
    unexpected_state,
)
from tithi.integrations.stripe.sandbox.store import new_id

KIND = "setup_intents"
_OPEN = ("requires_payment_method", "requires_confirmation", "requires_action")
_CONFIRMABLE = ("payment_method", "payment_method_data", "return_url", "use_stripe_sdk", "mandate_data", "expand")
_WRITABLE = (
    "allowed_payment_method_types",
    "automatic_payment_methods",
    "description",
    "metadata",
    "payment_method_options",
)
_UNSET = (
    "automatic_payment_methods",
    "cancellation_reason",
    "excluded_payment_method_types",
    "flow_directions",
    "last_setup_error",
    "latest_attempt",
    "mandate",
    "next_action",
    "on_behalf_of",
    "payment_method_configuration_details",
    "single_use_mandate",
)


def create(call: Call) -> Body:
    params = call.params
    refuse_fixed_method_types(params)
    params.allow(*_WRITABLE, *_CONFIRMABLE, "confirm", "customer", "usage", "attach_to_self")
    is_confirmed = params.boolean("confirm")
    if "return_url" in params and not is_confirmed:
        message = "You cannot provide a `return_url` to a SetupIntent without `confirm` set to `true`."
        raise InvalidError(message, code="parameter_invalid_empty", param="return_url")
    customer = params.text("customer")
    if customer is not None:
        customers.find(call, customer, "customer")
    method = _given_method(call)
    name = new_id("seti")
    intent: Body = dict.fromkeys(_UNSET) | {
        "id": name,
        "object": "setup_intent",
        "allowed_payment_method_types": params.items("allowed_payment_method_types") or None,
        "application": None if call.account == PLATFORM else APPLICATION,
        "client_secret": f"{name}_secret_{new_id('')[1:]}",
        "created": call.now,
        "customer": customer,
        "description": params.text("description"),
        "livemode": False,
        "metadata": params.metadata(),
        "payment_method": None if method is None else method["id"],
        "payment_method_options": {
            "card": {"mandate_options": None, "network": None, "request_three_d_secure": "automatic"}
        },
        "payment_method_types": params.items("allowed_payment_method_types") or ["card"],
        "status": "requires_payment_method" if method is None else "requires_confirmation",
        "usage": params.choice("usage", ("off_session", "on_session"), "off_session"),
    }
    _put(call, intent)
    call.emit("setup_intent.created", intent)
    if is_confirmed:
        _confirm(call, intent)
    return call.answer(intent)


def retrieve(call: Call, intent: str) -> Body:
    call.params.allow("expand", *SECRET_NAMES)
    return call.answer(find(call, intent))


def list_all(call: Call) -> Body:
    call.params.allow(*PAGING, "customer", "payment_method")
    found = call.store.every(KIND, call.account, owner=call.params.text("customer"))
    method = call.params.text("payment_method")
    return page(
        call,
        (body for body in found if method in (None, body["payment_method"])),
        url="/v1/setup_intents",
        called="setup_intent",
    )


def confirm(call: Call, intent: str) -> Body:
    call.params.allow(*_CONFIRMABLE, *SECRET_NAMES)
    body = find(call, intent)
    method = _given_method(call)
    if method is not None:
        body["payment_method"] = method["id"]
    _confirm(call, body)
    return call.answer(body)


def cancel(call: Call, intent: str) -> Body:
    call.params.allow("cancellation_reason", "expand")
    body = find(call, intent)
    _require_open(body, "cancel")
    body |= {
        "status": "canceled",
        "next_action": None,
        "cancellation_reason": call.params.text("cancellation_reason"),
    }
    _put(call, body)
    call.emit("setup_intent.canceled", body)
    return call.answer(body)


def authenticate(call: Call, intent: str, *, succeeds: bool) -> Body:
    """What the customer did with the question of their bank."""
    body = find(call, intent)
    if body["status"] != "requires_action":
        message = "This SetupIntent waits for no authentication."
        raise unexpected_state(message, shown(body))
    method = payment_methods.find(call, body["payment_method"])
    body["next_action"] = None
    if succeeds:
        _succeed(call, body, method)
    else:
        message = (
            "We are unable to authenticate your payment method. Please choose a different payment method and try again."
        )
        error = {"code": "setup_intent_authentication_failure", "message": message, "type": "invalid_request_error"}
        _fail(call, body, error | {"payment_method": shown(method)})
    return shown(body)


def find(call: Call, intent: str) -> Body:
    body = call.store.get(KIND, call.account, intent, called="setupintent", param="intent")
    return intent_of_browser(call, body)


def _given_method(call: Call) -> Body | None:
    if "payment_method_data" in call.params:
        return payment_methods.from_data(call, call.params.inner("payment_method_data"))
    name = call.params.text("payment_method")
    return None if name is None else payment_methods.from_name(call, name, "payment_method")


def _require_open(intent: Body, verb: str) -> None:
    if intent["status"] not in _OPEN:
        message = f"You cannot {verb} this SetupIntent because it has a status of {intent['status']}."
        raise unexpected_state(message, shown(intent))


def _confirm(call: Call, intent: Body) -> None:
    _require_open(intent, "confirm")
    if intent["payment_method"] is None:
        message = (
            "You cannot confirm this SetupIntent because it's missing a payment method. Update the SetupIntent with a "
            "payment method and then confirm it again."
        )
        raise unexpected_state(message, shown(intent))
    method = payment_methods.find(call, intent["payment_method"])
    payment_methods.require_usable(method, intent["customer"])
    card = payment_methods.card_of(method)
    intent["latest_attempt"] = new_id("setatt")
    reason = card.setup_decline()
    if reason is not None:
        error = decline_error(reason, method=shown(method))
        _fail(call, intent, error)
        raise card_problem(error, setup_intent=call.answer(intent))
    intent["last_setup_error"] = None
    if card.setup_needs_customer() and not method["_is_set_up"]:
        intent |= {"status": "requires_action", "next_action": next_action(call, "setup_intents", intent)}
        _put(call, intent)
        call.emit("setup_intent.requires_action", intent)
        return
    _succeed(call, intent, method)


def _succeed(call: Call, intent: Body, method: Body) -> None:
    method = payment_methods.mark_set_up(call, method)
    if intent["customer"] is not None:
        payment_methods.attach(call, method, intent["customer"])
    intent |= {"status": "succeeded", "last_setup_error": None, "next_action": None}
    _put(call, intent)
    call.emit("setup_intent.succeeded", intent)


def _fail(call: Call, intent: Body, error: Body) -> None:
    intent |= {"status": "requires_payment_method", "payment_method": None, "last_setup_error": error}
    _put(call, intent)
    call.emit("setup_intent.setup_failed", intent)


def _put(call: Call, intent: Body) -> None:
    call.store.put(KIND, call.account, intent, owner=intent["customer"])
