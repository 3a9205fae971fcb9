# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""Charges: one attempt on a card, authorized, captured or failed."""

from tithi.integrations.stripe.sandbox import application_fees, balance_transactions, payment_methods
from tithi.integrations.stripe.sandbox.call import APPLICATION, PLATFORM, Body, Call
from tithi.integrations.stripe.sandbox.lists import PAGING, page
from tithi.integrations.stripe.sandbox.store import new_id

KIND = "charges"
DAY = 24 * 3600
CUSTOMER_INITIATED_SECONDS = 7 * DAY
MERCHANT_INITIATED_VISA_SECONDS = 4 * DAY + 18 * 3600
_UNSET = (
    "application_fee",
    "balance_transaction",
    "failure_balance_transaction",
    "failure_code",
    "failure_message",
    "on_behalf_of",
    "receipt_number",
    "review",
    "shipping",
    "source",
    "source_transfer",
    "statement_descriptor",
    "statement_descriptor_suffix",
    "transfer_data",
    "transfer_group",
)


def retrieve(call: Call, charge: str) -> Body:
    call.params.allow("expand")
    return call.answer(find(call, charge))


def list_all(call: Call) -> Body:
    call.params.allow(*PAGING, "customer", "payment_intent")
    customer = call.params.text("customer")
    found = call.store.every(KIND, call.account, owner=call.params.text("payment_intent"))
    return page(
        call, (body for body in found if customer in (None, body["customer"])), url="/v1/charges", called="charge"
    )


def find(call: Call, charge: str) -> Body:
    return call.store.get(KIND, call.account, charge, called="charge", param="charge")


def put(call: Call, charge: Body) -> Body:
    return call.store.put(KIND, call.account, charge, owner=charge["payment_intent"])


def authorize(call: Call, intent: Body, method: Body, *, is_off_session: bool) -> Body:
    """The issuer said yes: money is held until `capture_before`."""
    charge = _new(call, intent, method)
    is_short = is_off_session and method["card"]["brand"] == "visa"
    window = MERCHANT_INITIATED_VISA_SECONDS if is_short else CUSTOMER_INITIATED_SECONDS
    charge |= {
        "outcome": {
            "advice_code": None,
            "network_advice_code": None,
            "network_decline_code": None,
            "network_status": "approved_by_network",
            "reason": None,
            "risk_level": "normal",
            "risk_score": 20,
            "seller_message": "Payment complete.",
            "type": "authorized",
        },
        "paid": True,
        "status": "succeeded",
    }
    charge["payment_method_details"]["card"]["capture_before"] = call.now + window
    put(call, charge)
    call.emit("charge.succeeded", charge)
    return charge


def fail(call: Call, intent: Body, method: Body, error: Body) -> Body:
    """The issuer said no."""
    charge = _new(call, intent, method)
    charge |= {
        "failure_code": error["code"],
        "failure_message": error["message"],
        "outcome": {
            "advice_code": error.get("advice_code"),
            "network_advice_code": None,
            "network_decline_code": None,
            "network_status": "declined_by_network",
            "reason": error["decline_code"],
            "risk_level": "normal",
            "risk_score": 20,
            "seller_message": "The bank did not return any further details with this decline.",
            "type": "issuer_declined",
        },
        "paid": False,
        "status": "failed",
    }
    put(call, charge)
    call.emit("charge.failed", charge)
    return charge


def capture(call: Call, charge: Body, amount: int, application_fee: int | None) -> Body:
    """Take the amount; the rest of the hold goes back and counts as refunded."""
    charge |= {
        "amount_captured": amount,
        "amount_refunded": charge["amount"] - amount,
        "application_fee_amount": application_fee,
        "captured": True,
    }
    del charge["payment_method_details"]["card"]["capture_before"]
    _post(call, charge)
    put(call, charge)
    call.emit("charge.captured", charge)
    return charge


def release(call: Call, charge: Body, *, is_expired: bool) -> Body:
    """Give the whole hold back."""
    charge |= {"amount_refunded": charge["amount"], "refunded": True}
    put(call, charge)
    call.emit("charge.expired" if is_expired else "charge.refunded", charge)
    return charge


def _post(call: Call, charge: Body) -> None:
    """Book a captured charge and the platform's fee on it; the charge learns both references."""
    amount, currency = charge["amount_captured"], charge["currency"]
    fees = [balance_transactions.fee_detail("stripe_fee", balance_transactions.processing_fee(amount), currency)]
    if charge["application_fee_amount"]:
        charge["application_fee"] = application_fees.collect(call, charge)["id"]
        fees.append(balance_transactions.fee_detail("application_fee", charge["application_fee_amount"], currency))
    transaction = balance_transactions.post(
        call, account=call.account, kind="charge", amount=amount, currency=currency, source=charge["id"], fees=fees
    )
    charge["balance_transaction"] = transaction["id"]


def _new(call: Call, intent: Body, method: Body) -> Body:
    name = new_id("ch")
    return dict.fromkeys(_UNSET) | {
        "id": name,
        "object": "charge",
        "amount": intent["amount"],
        "amount_captured": 0,
        "amount_refunded": 0,
        "application": None if call.account == PLATFORM else APPLICATION,
        "application_fee_amount": intent["application_fee_amount"],
        "billing_details": method["billing_details"],
        "calculated_statement_descriptor": "SANDBOX",
        "captured": False,
        "created": call.now,
        "currency": intent["currency"],
        "customer": intent["customer"],
        "description": intent["description"],
        "disputed": False,
        "fraud_details": {},
        "livemode": False,
        "metadata": intent["metadata"],
        "payment_intent": intent["id"],
        "payment_method": method["id"],
        "payment_method_details": {"type": "card", "card": _card_details(intent, method)},
        "receipt_email": intent["receipt_email"],
        "receipt_url": f"{call.base_url}/_sandbox/receipts/{name}",
        "refunded": False,
        "_number": payment_methods.card_of(method).number,
    }


def _card_details(intent: Body, method: Body) -> Body:
    card = method["card"]
    return {
        "amount_authorized": intent["amount"],
        "authorization_code": None,
        "brand": card["brand"],
        "checks": card["checks"],
        "country": card["country"],
        "exp_month": card["exp_month"],
        "exp_year": card["exp_year"],
        "extended_authorization": {"status": "disabled"},
        "fingerprint": card["fingerprint"],
        "funding": card["funding"],
        "incremental_authorization": {"status": "unavailable"},
        "installments": None,
        "last4": card["last4"],
        "mandate": None,
        "multicapture": {"status": "unavailable"},
        "network": card["brand"],
        "network_token": {"used": False},
        "network_transaction_id": None,
        "overcapture": {"maximum_amount_capturable": intent["amount"], "status": "unavailable"},
        "regulated_status": "unregulated",
        "three_d_secure": None,
        "wallet": None,
    }
