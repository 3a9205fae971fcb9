# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""Payouts: what an account has can be paid out two days later, goes by itself, and arrives two days after that."""

from tithi.integrations.stripe.sandbox import balance_transactions
from tithi.integrations.stripe.sandbox.call import Body, Call
from tithi.integrations.stripe.sandbox.lists import PAGING, page
from tithi.integrations.stripe.sandbox.problems import unexpected_state
from tithi.integrations.stripe.sandbox.store import new_id

KIND = "payouts"
ARRIVES_AFTER_SECONDS = 2 * 24 * 3600
_UNSET = (
    "application_fee",
    "application_fee_amount",
    "description",
    "failure_balance_transaction",
    "failure_code",
    "failure_message",
    "original_payout",
    "payout_method",
    "reversed_by",
    "statement_descriptor",
    "trace_id",
)


def retrieve(call: Call, payout: str) -> Body:
    call.params.allow("expand")
    return call.answer(find(call, payout))


def list_all(call: Call) -> Body:
    call.params.allow(*PAGING, "arrival_date", "destination", "status")
    status = call.params.text("status")
    found = (body for body in call.store.every(KIND, call.account) if status in (None, body["status"]))
    return page(call, found, url="/v1/payouts", called="payout")


def find(call: Call, payout: str) -> Body:
    return call.store.get(KIND, call.account, payout, called="payout", param="payout")


def pay_out(call: Call, transaction: str) -> None:
    """A movement can be paid out now; it goes together with all others of its currency that can."""
    entry = call.store.get(balance_transactions.KIND, call.account, transaction, called="balance transaction")
    if entry["_payout"] is not None:
        return
    pay_out_ready(call, entry["currency"], until=call.now)


def pay_out_ready(call: Call, currency: str, *, until: int) -> Body | None:
    """Pay out everything that can be by then; nothing where that is not above 0."""
    payout = _new(call, currency)
    payout["amount"] = balance_transactions.paid_out(call, currency, payout["id"], until=until)
    if not payout["amount"]:
        return None
    payout["balance_transaction"] = _post(call, payout, "payout", -payout["amount"])
    call.store.put(KIND, call.account, payout, due=payout["arrival_date"])
    call.emit("payout.created", payout)
    return payout


def arrive(call: Call, payout: str) -> None:
    body = find(call, payout)
    if body["status"] != "in_transit":
        return
    body["status"] = "paid"
    call.store.put(KIND, call.account, body)
    call.emit("payout.paid", body)


def fail(call: Call, payout: str) -> Body:
    """The business's bank sends the money back."""
    body = find(call, payout)
    if body["status"] not in ("in_transit", "paid"):
        message = f"This payout cannot fail because it has a status of {body['status']}."
        raise unexpected_state(message, body)
    body |= {
        "failure_balance_transaction": _post(call, body, "payout_failure", body["amount"]),
        "failure_code": "account_closed",
        "failure_message": "The bank account has been closed.",
        "status": "failed",
    }
    call.store.put(KIND, call.account, body)
    call.emit("payout.failed", body)
    return body


def _post(call: Call, payout: Body, kind: str, amount: int) -> str:
    name: str = balance_transactions.post(
        call,
        account=call.account,
        kind=kind,
        amount=amount,
        currency=payout["currency"],
        source=payout["id"],
        payout=payout["id"] if kind == "payout" else None,
    )["id"]
    return name


def _new(call: Call, currency: str) -> Body:
    return dict.fromkeys(_UNSET) | {
        "id": new_id("po"),
        "object": "payout",
        "amount": 0,
        "arrival_date": call.now + ARRIVES_AFTER_SECONDS,
        "automatic": True,
        "balance_transaction": None,
        "created": call.now,
        "currency": currency,
        "destination": "ba_sandboxbankaccount",
        "livemode": False,
        "metadata": {},
        "method": "standard",
        "reconciliation_status": "completed",
        "source_type": "card",
        "status": "in_transit",
        "type": "bank_account",
    }
