# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""Movements of an account's balance: charges, refunds, disputes, payouts, their fees, and the platform's share."""

from tithi.integrations.stripe.sandbox.call import APPLICATION, PLATFORM, Body, Call
from tithi.integrations.stripe.sandbox.lists import PAGING, page
from tithi.integrations.stripe.sandbox.store import new_id

KIND = "balance_transactions"
FEE_TENTHS_OF_PERCENT = 29
FEE_FIXED = 30
SETTLES_AFTER_SECONDS = 2 * 24 * 3600


def retrieve(call: Call, transaction: str) -> Body:
    call.params.allow("expand")
    return call.answer(call.store.get(KIND, call.account, transaction, called="balance transaction"))


def list_all(call: Call) -> Body:
    call.params.allow(*PAGING, "currency", "payout", "source", "type")
    wanted = {name: call.params.text(name) for name in ("currency", "source", "type")}
    found = (
        body
        for body in call.store.every(KIND, call.account)
        if all(value in (None, body[name]) for name, value in wanted.items())
        and call.params.text("payout") in (None, body.get("_payout"))
    )
    return page(call, found, url="/v1/balance_transactions", called="balance transaction")


def processing_fee(amount: int) -> int:
    """2.9 % half up, plus 30 minor units."""
    return (amount * FEE_TENTHS_OF_PERCENT + 500) // 1000 + FEE_FIXED


def post(
    call: Call,
    *,
    account: str,
    kind: str,
    amount: int,
    currency: str,
    source: str,
    fees: list[Body] | None = None,
    payout: str | None = None,
) -> Body:
    """Book a movement; it can be paid out after two days, or leaves with `payout` at once."""
    fee = sum(detail["amount"] for detail in fees or [])
    available_on = call.now if payout else call.now + SETTLES_AFTER_SECONDS
    transaction: Body = {
        "id": new_id("txn"),
        "object": "balance_transaction",
        "amount": amount,
        "available_on": available_on,
        "balance_type": "payments",
        "created": call.now,
        "currency": currency,
        "description": None,
        "exchange_rate": None,
        "fee": fee,
        "fee_details": fees or [],
        "net": amount - fee,
        "reporting_category": "fee" if kind.startswith("application_fee") else kind,
        "source": source,
        "status": "available" if payout else "pending",
        "type": kind,
        "_payout": payout,
    }
    is_settled_later = payout is None and account != PLATFORM
    return call.store.put(KIND, account, transaction, due=available_on if is_settled_later else None)


def paid_out(call: Call, currency: str, payout: str, *, until: int) -> int:
    """Put what can be paid out by then into a payout; answer what it comes to, nothing where that is not above 0."""
    ready = [
        body
        for body in call.store.every(KIND, call.account)
        if body["currency"] == currency and body["_payout"] is None and body["available_on"] <= until
    ]
    total: int = sum(body["net"] for body in ready)
    for body in ready:
        call.store.put(KIND, call.account, body | {"status": "available", "_payout": payout if total > 0 else None})
    return max(0, total)


def fee_detail(kind: str, amount: int, currency: str) -> Body:
    is_platform = kind == "application_fee"
    return {
        "amount": amount,
        "application": APPLICATION if is_platform else None,
        "currency": currency,
        "description": "Sandbox application fee" if is_platform else "Stripe processing fees",
        "type": kind,
    }
