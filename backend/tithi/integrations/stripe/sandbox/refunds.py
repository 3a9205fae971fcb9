# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""Refunds of captured charges: at once, later, or failing after all, as the card has it."""

from tithi.integrations.stripe.sandbox import application_fees, balance_transactions, charges
from tithi.integrations.stripe.sandbox.call import Body, Call
from tithi.integrations.stripe.sandbox.cards import BY_NUMBER
from tithi.integrations.stripe.sandbox.lists import PAGING, page
from tithi.integrations.stripe.sandbox.problems import InvalidError, SettledError, missing_param
from tithi.integrations.stripe.sandbox.store import new_id

KIND = "refunds"
SETTLES_AFTER_SECONDS = 3600
_REASONS = ("duplicate", "fraudulent", "requested_by_customer", "")


def create(call: Call) -> Body:
    params = call.params
    params.allow("amount", "charge", "payment_intent", "reason", "refund_application_fee", "metadata",
                 "instructions_email", "reverse_transfer", "expand")  # fmt: skip
    reason = params.choice("reason", _REASONS, "") or None
    charge = _charge(call)
    left = charge["amount"] - charge["amount_refunded"]
    if left == 0:
        message = f"Charge {charge['id']} has already been refunded."
        raise SettledError(message, code="charge_already_refunded", param="charge")
    amount = params.integer("amount")
    amount = left if amount is None else amount
    if amount < 1:
        message = "Invalid positive integer"
        raise InvalidError(message, code="parameter_invalid_integer", param="amount")
    if amount > left:
        message = f"Refund amount ({amount}) is greater than unrefunded amount on charge ({left})."
        raise SettledError(message, param="amount")
    return call.answer(_carry_out(call, charge, amount, reason))


def retrieve(call: Call, refund: str) -> Body:
    call.params.allow("expand")
    return call.answer(call.store.get(KIND, call.account, refund, called="refund"))


def list_all(call: Call) -> Body:
    call.params.allow(*PAGING, "charge", "payment_intent")
    intent = call.params.text("payment_intent")
    found = call.store.every(KIND, call.account, owner=call.params.text("charge"))
    return page(
        call, (body for body in found if intent in (None, body["payment_intent"])), url="/v1/refunds", called="refund"
    )


def settle(call: Call, refund: str) -> None:
    """The bank's late answer to a refund: it arrived, or it could not be placed."""
    body = call.store.get(KIND, call.account, refund, called="refund")
    charge = charges.find(call, body["charge"])
    previous = {"status": body["status"]}
    if BY_NUMBER[charge["_number"]].refunds == "fails":
        back = balance_transactions.post(
            call, account=call.account, kind="refund_failure", amount=body["amount"], currency=body["currency"],
            source=body["id"],
        )  # fmt: skip
        body |= {
            "failure_balance_transaction": back["id"],
            "failure_reason": "expired_or_canceled_card",
            "status": "failed",
        }
        charge |= {"amount_refunded": charge["amount_refunded"] - body["amount"], "refunded": False}
        charges.put(call, charge)
    else:
        body["status"] = "succeeded"
    call.store.put(KIND, call.account, body)
    call.emit("refund.failed" if body["status"] == "failed" else "refund.updated", body, previous=previous)


def _charge(call: Call) -> Body:
    params = call.params
    if "charge" in params:
        charge = charges.find(call, params.required("charge"))
    elif "payment_intent" in params:
        name = params.required("payment_intent")
        intent = call.store.get("payment_intents", call.account, name, called="payment_intent", param="payment_intent")
        if intent["status"] != "succeeded":
            message = f"This PaymentIntent ({name}) does not have a successful charge to refund."
            raise SettledError(message, code="payment_intent_unexpected_state", param="payment_intent")
        charge = charges.find(call, intent["latest_charge"])
    else:
        needed = "charge"
        raise missing_param(needed)
    if not charge["captured"]:
        message = "This charge was not captured; cancel its PaymentIntent instead."
        raise SettledError(message, code="charge_not_refundable")
    return charge


def _carry_out(call: Call, charge: Body, amount: int, reason: str | None) -> Body:
    card = BY_NUMBER.get(charge["_number"])
    course = "at_once" if card is None else card.refunds
    charge["amount_refunded"] += amount
    charge["refunded"] = charge["amount_refunded"] == charge["amount"]
    refund = _new(call, charge, amount) | {"reason": reason, "status": "pending" if course == "later" else "succeeded"}
    returned_fee = 0
    if call.params.boolean("refund_application_fee"):
        released = charge["amount"] - charge["amount_captured"]
        returned_fee = application_fees.give_back(call, charge, charge["amount_refunded"] - released)
    fees = (
        [balance_transactions.fee_detail("application_fee", -returned_fee, charge["currency"])] if returned_fee else []
    )
    refund["balance_transaction"] = balance_transactions.post(
        call, account=call.account, kind="refund", amount=-amount, currency=charge["currency"], source=refund["id"],
        fees=fees,
    )["id"]  # fmt: skip
    charges.put(call, charge)
    due = None if course == "at_once" else call.now + SETTLES_AFTER_SECONDS
    call.store.put(KIND, call.account, refund, owner=charge["id"], due=due)
    call.emit("charge.refunded", charge)
    call.emit("refund.created", refund)
    return refund


def _new(call: Call, charge: Body, amount: int) -> Body:
    return {
        "id": new_id("re"),
        "object": "refund",
        "amount": amount,
        "balance_transaction": None,
        "charge": charge["id"],
        "created": call.now,
        "currency": charge["currency"],
        "customer": charge["customer"],
        "customer_account": None,
        "failure_balance_transaction": None,
        "destination_details": {
            "card": {"reference_status": "pending", "reference_type": "acquirer_reference_number", "type": "refund"},
            "type": "card",
        },
        "metadata": call.params.metadata(),
        "payment_intent": charge["payment_intent"],
        "payment_method": charge["payment_method"],
        "receipt_number": None,
        "source_transfer_reversal": None,
        "transfer_reversal": None,
    }
