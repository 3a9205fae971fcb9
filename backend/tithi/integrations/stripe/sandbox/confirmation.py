# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""Confirming a payment intent: what the issuer, the customer and the clock make of it."""

from tithi.integrations.stripe.sandbox import charges, disputes, payment_methods
from tithi.integrations.stripe.sandbox.browser import next_action
from tithi.integrations.stripe.sandbox.call import Body, Call, shown
from tithi.integrations.stripe.sandbox.cards import AUTHENTICATION_REQUIRED, BY_NUMBER, decline_error
from tithi.integrations.stripe.sandbox.problems import SettledError, card_problem, unexpected_state

KIND = "payment_intents"
_CONFIRMABLE_FROM = ("requires_payment_method", "requires_confirmation", "requires_action")


def confirm_intent(call: Call, intent: Body) -> None:
    """Try the card; the intent is changed in place and kept.

    Raises:
        Settled: the issuer declined, or wants the customer who is not there.
    """
    method = _method_to_confirm(call, intent)
    is_off_session = call.params.boolean("off_session")
    card = payment_methods.card_of(method)
    intent |= {"last_payment_error": None, "next_action": None}
    if card.charge_needs_customer(is_off_session=is_off_session, is_set_up=method["_is_set_up"]):
        if is_off_session or call.params.boolean("error_on_requires_action"):
            _decline(call, intent, method, AUTHENTICATION_REQUIRED)
        intent |= {"status": "requires_action", "next_action": next_action(call, KIND, intent)}
        put(call, intent)
        call.emit("payment_intent.requires_action", intent)
        return
    succeed(call, intent, method, is_off_session=is_off_session)


def succeed(call: Call, intent: Body, method: Body, *, is_off_session: bool) -> None:
    """Nothing stands between the card and the issuer's answer."""
    card = payment_methods.card_of(method)
    if card.decline is not None:
        _decline(call, intent, method, card.decline)
    _keep_card(call, intent, method)
    charge = charges.authorize(call, intent, method, is_off_session=is_off_session)
    intent |= {"last_payment_error": None, "latest_charge": charge["id"]}
    if intent["capture_method"] == "manual":
        intent |= {"status": "requires_capture", "amount_capturable": intent["amount"]}
        put(call, intent, due=charge["payment_method_details"]["card"]["capture_before"])
        call.emit("payment_intent.amount_capturable_updated", intent)
        return
    charges.capture(call, charge, intent["amount"], intent["application_fee_amount"])
    intent |= {"status": "succeeded", "amount_received": intent["amount"]}
    put(call, intent)
    call.emit("payment_intent.succeeded", intent)
    take_back(call, intent)


def take_back(call: Call, intent: Body) -> None:
    """Let the holder of a card that is made for it dispute what was just taken."""
    charge = charges.find(call, intent["latest_charge"])
    card = BY_NUMBER.get(charge["_number"])
    if card is not None and card.dispute is not None:
        disputes.create(call, charge, reason=card.dispute, is_inquiry=card.is_inquiry)


def fail_authentication(call: Call, intent: Body, method: Body) -> None:
    """The customer did not prove who they are; the intent waits for a card again."""
    message = (
        "The provided PaymentMethod has failed authentication. You can provide payment_method_data or a new "
        "PaymentMethod to attempt to fulfill this PaymentIntent again."
    )
    error = {
        "code": "payment_intent_authentication_failure",
        "message": message,
        "payment_method": shown(method),
        "type": "invalid_request_error",
    }
    intent |= {"status": "requires_payment_method", "payment_method": None, "last_payment_error": error}
    put(call, intent)
    call.emit("payment_intent.payment_failed", intent)


def put(call: Call, intent: Body, *, due: int | None = None) -> Body:
    return call.store.put(KIND, call.account, intent, owner=intent["customer"], due=due)


def _method_to_confirm(call: Call, intent: Body) -> Body:
    if intent["status"] not in _CONFIRMABLE_FROM:
        message = f"You cannot confirm this PaymentIntent because it has a status of {intent['status']}."
        raise unexpected_state(message, shown(intent))
    if intent["payment_method"] is None:
        message = (
            "You cannot confirm this PaymentIntent because it's missing a payment method. You can either update the "
            "PaymentIntent with a payment method and then confirm it again, or confirm it again directly with a "
            "payment method."
        )
        raise unexpected_state(message, shown(intent))
    return payment_methods.find(call, intent["payment_method"])


def _decline(call: Call, intent: Body, method: Body, reason: str) -> None:
    charge = charges.fail(call, intent, method, decline_error(reason))
    error = decline_error(reason, charge=charge["id"], method=shown(method))
    intent |= {
        "last_payment_error": error,
        "latest_charge": charge["id"],
        "next_action": None,
        "payment_method": None,
        "status": "requires_payment_method",
    }
    put(call, intent)
    call.emit("payment_intent.payment_failed", intent)
    raise _as_answer(call, intent, error)


def _as_answer(call: Call, intent: Body, error: Body) -> SettledError:
    return card_problem(error, payment_intent=call.answer(intent))


def _keep_card(call: Call, intent: Body, method: Body) -> None:
    """A card that is to be used later goes to the customer; one that is not can be used only this once."""
    if method["customer"] is not None:
        return
    if intent["setup_future_usage"] is not None and intent["customer"] is not None:
        payment_methods.attach(call, payment_methods.mark_set_up(call, method), intent["customer"])
    else:
        payment_methods.mark_spent(call, method)
