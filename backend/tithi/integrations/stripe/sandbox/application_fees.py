# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""The platform's share of its accounts' charges, and the part of it that went back."""

from tithi.integrations.stripe.sandbox import balance_transactions
from tithi.integrations.stripe.sandbox.call import APPLICATION, PLATFORM, Body, Call
from tithi.integrations.stripe.sandbox.lists import PAGING, listed, page
from tithi.integrations.stripe.sandbox.problems import InvalidError
from tithi.integrations.stripe.sandbox.store import new_id

KIND = "application_fees"
REFUNDS = "fee_refunds"


def retrieve(call: Call, fee: str) -> Body:
    call.params.allow("expand")
    return call.answer(_find(call, fee))


def list_all(call: Call) -> Body:
    """The platform sees all its fees; acting for an account, those taken from that account."""
    call.params.allow(*PAGING, "charge")
    charge = call.params.text("charge")
    owner = None if call.account == PLATFORM else call.account
    found = (body for body in call.store.every(KIND, PLATFORM, owner=owner) if charge in (None, body["charge"]))
    return page(call, found, url="/v1/application_fees", called="application fee")


def list_refunds(call: Call, fee: str) -> Body:
    call.params.allow(*PAGING)
    found = call.store.every(REFUNDS, PLATFORM, owner=_find(call, fee)["id"])
    return page(call, found, url=f"/v1/application_fees/{fee}/refunds", called="fee refund")


def collect(call: Call, charge: Body) -> Body:
    name = new_id("fee")
    fee: Body = {
        "id": name,
        "object": "application_fee",
        "account": call.account,
        "amount": charge["application_fee_amount"],
        "amount_refunded": 0,
        "application": APPLICATION,
        "balance_transaction": None,
        "charge": charge["id"],
        "created": call.now,
        "currency": charge["currency"],
        "fee_source": {"charge": charge["id"], "type": "charge"},
        "livemode": False,
        "originating_transaction": None,
        "refunded": False,
        "refunds": listed([], url=f"/v1/application_fees/{name}/refunds"),
    }
    fee["balance_transaction"] = _post(call, "application_fee", fee["amount"], fee)["id"]
    call.store.put(KIND, PLATFORM, fee, owner=call.account)
    call.emit("application_fee.created", fee, account=PLATFORM)
    return fee


def give_back(call: Call, charge: Body, refunded: int) -> int:
    """Return the fee's share of what was refunded of a charge so far; answer what this came to.

    Shares are rounded half up on the running total, so a full refund returns the fee to the last cent.
    """
    if charge["application_fee"] is None:
        message = f"Attempting to refund_application_fee on charge ({charge['id']}), but it has no application fee"
        raise InvalidError(message)
    fee = call.store.get(KIND, PLATFORM, charge["application_fee"], called="application fee")
    share = (2 * fee["amount"] * refunded + charge["amount_captured"]) // (2 * charge["amount_captured"])
    amount: int = max(0, share - fee["amount_refunded"])
    if amount:
        _record_refund(call, fee, amount)
    return amount


def _record_refund(call: Call, fee: Body, amount: int) -> None:
    refund: Body = {
        "id": new_id("fr"),
        "object": "fee_refund",
        "amount": amount,
        "balance_transaction": None,
        "created": call.now,
        "currency": fee["currency"],
        "fee": fee["id"],
        "metadata": {},
    }
    refund["balance_transaction"] = _post(call, "application_fee_refund", -amount, fee | {"id": refund["id"]})["id"]
    call.store.put(REFUNDS, PLATFORM, refund, owner=fee["id"])
    fee["amount_refunded"] += amount
    fee["refunded"] = fee["amount_refunded"] == fee["amount"]
    fee["refunds"]["data"].insert(0, refund)
    call.store.put(KIND, PLATFORM, fee)
    call.emit("application_fee.refunded", fee, account=PLATFORM)


def _post(call: Call, kind: str, amount: int, fee: Body) -> Body:
    return balance_transactions.post(
        call, account=PLATFORM, kind=kind, amount=amount, currency=fee["currency"], source=fee["id"]
    )


def _find(call: Call, fee: str) -> Body:
    body = call.store.get(KIND, PLATFORM, fee, called="application fee")
    if call.account not in (PLATFORM, body["account"]):
        message = f"No such application fee: '{fee}'"
        raise InvalidError(message, status=404, code="resource_missing", param="id")
    return body
