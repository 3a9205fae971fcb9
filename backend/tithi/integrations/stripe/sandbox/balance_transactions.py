# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""Movements of an account's balance: charges with their fees, refunds, and the platform's share."""

from tithi.integrations.stripe.sandbox.call import APPLICATION, Body, Call
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
    )
    return page(call, found, url="/v1/balance_transactions", called="balance transaction")


def processing_fee(amount: int) -> int:
    """2.9 % half up, plus 30 minor units."""
    return (amount * FEE_TENTHS_OF_PERCENT + 500) // 1000 + FEE_FIXED


def post(
    call: Call, *, account: str, kind: str, amount: int, currency: str, source: str, fees: list[Body] | None = None
) -> Body:
    fee = sum(detail["amount"] for detail in fees or [])
    transaction: Body = {
        "id": new_id("txn"),
        "object": "balance_transaction",
        "amount": amount,
        "available_on": call.now + SETTLES_AFTER_SECONDS,
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
        "status": "pending",
        "type": kind,
    }
    return call.store.put(KIND, account, transaction)


def fee_detail(kind: str, amount: int, currency: str) -> Body:
    is_platform = kind == "application_fee"
    return {
        "amount": amount,
        "application": APPLICATION if is_platform else None,
        "currency": currency,
        "description": "Sandbox application fee" if is_platform else "Stripe processing fees",
        "type": kind,
    }
