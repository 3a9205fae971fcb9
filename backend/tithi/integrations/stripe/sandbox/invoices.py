# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""Invoices of subscriptions: drafted, finalized, charged, tried again."""

from tithi.integrations.stripe.sandbox import customers, dunning, payment_methods
from tithi.integrations.stripe.sandbox.call import Body, Call
from tithi.integrations.stripe.sandbox.lists import PAGING, page
from tithi.integrations.stripe.sandbox.subscription_shapes import item_of, new_invoice, new_line

KIND = "invoices"
PENDING = "pending_invoice_lines"
SUBSCRIPTIONS = "subscriptions"
DRAFT_SECONDS = 3600
_STATUSES = ("draft", "open", "paid", "uncollectible", "void")


def retrieve(call: Call, invoice: str) -> Body:
    call.params.allow("expand")
    return call.answer(find(call, invoice))


def list_all(call: Call) -> Body:
    params = call.params
    params.allow(*PAGING, "customer", "subscription", "status")
    subscription, status = params.text("subscription"), params.choice("status", (*_STATUSES, ""), "")
    found = (
        body
        for body in call.store.every(KIND, call.account, owner=params.text("customer"))
        if subscription in (None, subscription_of(body)) and status in ("", body["status"])
    )
    return page(call, found, url="/v1/invoices", called="invoice")


def draft(call: Call, subscription: Body, *, reason: str, is_free: bool = False) -> Body:
    """Gather the period and what waits into a draft; the subscription learns of it."""
    item = item_of(subscription)
    period = (item["current_period_start"], item["current_period_end"])
    amount = 0 if is_free else item["quantity"] * item["price"]["unit_amount"]
    lines = [
        new_line(subscription, amount=amount, quantity=item["quantity"], period=period, description="Location"),
        *_take_pending(call, subscription),
    ]
    customer = customers.find(call, subscription["customer"])
    invoice = new_invoice(call, subscription, customer, lines, reason=reason)
    subscription["latest_invoice"] = invoice["id"]
    if subscription["status"] == "unpaid":
        invoice["auto_advance"] = False
    else:
        invoice["automatically_finalizes_at"] = call.now + DRAFT_SECONDS
    put(call, invoice, due=invoice["automatically_finalizes_at"])
    call.emit("invoice.created", invoice)
    return invoice


def finalize(call: Call, invoice: Body) -> None:
    """Make it final; what the customer had in their favour is used up."""
    customer = customers.find(call, invoice["customer"])
    balance = customer["balance"]
    customer["balance"] = min(0, invoice["total"] + balance)
    call.store.put(customers.KIND, call.account, customer)
    place = f"{call.base_url}/_sandbox/invoices/{invoice['id']}"
    due = max(0, invoice["total"] + balance)
    invoice |= {
        "amount_due": due,
        "amount_remaining": due,
        "automatically_finalizes_at": None,
        "effective_at": call.now,
        "ending_balance": customer["balance"],
        "hosted_invoice_url": place,
        "invoice_pdf": f"{place}/pdf",
        "number": f"{customer['invoice_prefix']}-{customer['next_invoice_sequence']:04}",
        "starting_balance": balance,
        "status": "open",
    }
    invoice["status_transitions"]["finalized_at"] = call.now
    customer["next_invoice_sequence"] += 1
    call.store.put(customers.KIND, call.account, customer)
    put(call, invoice)
    call.emit("invoice.finalized", invoice)


def attempt(call: Call, invoice: Body, *, is_retried: bool = True) -> str | None:
    """Try to collect; answers why not."""
    invoice["attempted"] = True
    reason = None if invoice["amount_due"] == 0 else _refusal(call, invoice)
    if reason is None:
        _settle(call, invoice)
        return None
    invoice["attempt_count"] += 1
    waits = dunning.retry_seconds(call.store)
    is_last = invoice["attempt_count"] > len(waits)
    retry = None if is_last or not is_retried else call.now + waits[invoice["attempt_count"] - 1]
    invoice |= {"next_payment_attempt": retry, "auto_advance": retry is not None}
    put(call, invoice, due=retry)
    call.emit("invoice.payment_failed", invoice)
    return reason


def void(call: Call, invoice: Body) -> None:
    if invoice["status"] not in ("open", "draft"):
        return
    invoice |= {"status": "void", "auto_advance": False, "next_payment_attempt": None}
    invoice["status_transitions"]["voided_at"] = call.now
    put(call, invoice)
    call.emit("invoice.voided", invoice)


def stop_collecting(call: Call, subscription: Body) -> None:
    for invoice in call.store.every(KIND, call.account, owner=subscription["customer"]):
        if subscription_of(invoice) == subscription["id"] and invoice["status"] in ("draft", "open"):
            put(call, invoice | {"auto_advance": False, "next_payment_attempt": None})


def keep_pending(call: Call, subscription: Body, line: Body) -> None:
    """Put a line on the next invoice."""
    call.store.put(PENDING, call.account, line, owner=subscription["id"])


def _take_pending(call: Call, subscription: Body) -> list[Body]:
    lines = list(call.store.every(PENDING, call.account, owner=subscription["id"]))
    for line in lines:
        call.store.remove(PENDING, call.account, line["id"])
    return lines[::-1]


def find(call: Call, invoice: str) -> Body:
    return call.store.get(KIND, call.account, invoice, called="invoice", param="invoice")


def put(call: Call, invoice: Body, *, due: int | None = None) -> Body:
    return call.store.put(KIND, call.account, invoice, owner=invoice["customer"], due=due)


def subscription_of(invoice: Body) -> str:
    name: str = invoice["parent"]["subscription_details"]["subscription"]
    return name


def default_method(call: Call, subscription: Body) -> Body | None:
    customer = customers.find(call, subscription["customer"])
    name = subscription["default_payment_method"] or customer["invoice_settings"]["default_payment_method"]
    return None if name is None else payment_methods.find(call, name)


def _refusal(call: Call, invoice: Body) -> str | None:
    subscription = call.store.get(SUBSCRIPTIONS, call.account, subscription_of(invoice), called="subscription")
    method = default_method(call, subscription)
    if method is None:
        return "no_method"
    card = payment_methods.card_of(method)
    if card.charge_needs_customer(is_off_session=True, is_set_up=method["_is_set_up"]):
        return "authentication_required"
    return card.decline


def _settle(call: Call, invoice: Body) -> None:
    if invoice["amount_due"]:
        invoice["attempt_count"] += 1
    invoice |= {
        "amount_paid": invoice["amount_due"],
        "amount_remaining": 0,
        "auto_advance": False,
        "next_payment_attempt": None,
        "status": "paid",
    }
    invoice["status_transitions"]["paid_at"] = call.now
    put(call, invoice)
    call.emit("invoice.paid", invoice)
    call.emit("invoice.payment_succeeded", invoice)
