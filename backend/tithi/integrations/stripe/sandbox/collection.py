# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""Collecting an invoice, and what its being paid or not makes of the subscription."""

from tithi.integrations.stripe.sandbox import dunning, invoices
from tithi.integrations.stripe.sandbox import subscription_states as states
from tithi.integrations.stripe.sandbox.call import Body, Call
from tithi.integrations.stripe.sandbox.cards import decline_error
from tithi.integrations.stripe.sandbox.problems import InvalidError, SettledError, card_problem

_AFTER_PAYMENT = ("incomplete", "past_due", "unpaid", "paused")


def pay(call: Call, invoice: str) -> Body:
    """Charge it now; the customer's card is asked as if they were not there."""
    call.params.allow("off_session", "expand")
    body = invoices.find(call, invoice)
    if body["status"] == "paid":
        message = "Invoice is already paid"
        raise InvalidError(message, code="invoice_already_paid")
    if body["status"] == "draft":
        invoices.finalize(call, body)
    if body["status"] != "open":
        message = f"This invoice cannot be paid: its status is {body['status']}."
        raise SettledError(message, code="invoice_not_editable")
    reason = collect(call, body)
    if reason == "no_method":
        message = "There is no default_payment_method set on this Customer or Invoice."
        raise InvalidError(message, code="resource_missing")
    if reason is not None:
        raise card_problem(decline_error(reason))
    return call.answer(body)


def bill(call: Call, subscription: Body, *, reason: str, is_free: bool = False) -> str | None:
    """Draw up an invoice, finalize it and collect it at once; answers why it was not paid."""
    invoice = invoices.draft(call, subscription, reason=reason, is_free=is_free)
    states.put(call, subscription)
    invoices.finalize(call, invoice)
    return collect(call, invoice)


def collect(call: Call, invoice: Body) -> str | None:
    """Try the card; answers why the invoice is not paid."""
    subscription = states.find(call, invoices.subscription_of(invoice))
    first = subscription["status"] in ("incomplete", "paused")
    reason = invoices.attempt(call, invoice, is_retried=not first)
    if reason is None:
        _paid(call, subscription, invoice)
    else:
        _unpaid(call, subscription, invoice)
    return reason


def fall_due(call: Call, name: str) -> None:
    """The clock reached a draft that is final now, or the next try."""
    invoice = invoices.find(call, name)
    subscription = states.find(call, invoices.subscription_of(invoice))
    if subscription["status"] in states.ENDED or subscription["status"] == "paused":
        return
    if invoice["status"] == "draft":
        invoices.finalize(call, invoice)
    if invoice["status"] == "open":
        collect(call, invoice)


def _paid(call: Call, subscription: Body, invoice: Body) -> None:
    is_latest = subscription["latest_invoice"] == invoice["id"]
    if subscription["status"] not in _AFTER_PAYMENT or not is_latest:
        return
    types = ("customer.subscription.resumed",) if subscription["status"] == "paused" else ()
    states.change(call, subscription, *types, status="active", status_details=None)


def _unpaid(call: Call, subscription: Body, invoice: Body) -> None:
    if subscription["status"] == "active":
        states.change(call, subscription, status="past_due")
    if invoice["next_payment_attempt"] is not None or subscription["status"] != "past_due":
        return
    end = dunning.end(call.store)
    if end == "cancel":
        states.end(call, subscription, reason="payment_failed")
    elif end == "unpaid":
        states.change(call, subscription, status="unpaid")
