# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""The vendor's subscriptions and invoices, as plain mappings, put into our own words."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from tithi.integrations.stripe.answers import card_details, reference
from tithi.integrations.stripe.billing_contract import InvoiceState, SubscriptionState, UnpaidInvoice

OWING = frozenset({"past_due", "unpaid", "incomplete"})


def subscription_state(subscription: Mapping[str, Any], opened: Sequence[Mapping[str, Any]] = ()) -> SubscriptionState:
    """Read a subscription whose customer's card, own card and latest invoice are expanded.

    `opened` are its open invoices, newest first, where it owes something; of drafts only the latest has to be paid.
    """
    (item,) = subscription["items"]["data"]
    customer = subscription["customer"]
    settings = customer.get("invoice_settings") or {} if isinstance(customer, Mapping) else {}
    return SubscriptionState(
        subscription_ref=subscription["id"],
        customer_ref=reference(customer) or "",
        item_ref=item["id"],
        status=subscription["status"],
        quantity=item["quantity"],
        unit_amount_cents=item["price"]["unit_amount"],
        currency=subscription["currency"].upper(),
        trial_ends_at=_instant(subscription.get("trial_end")),
        period_ends_at=datetime.fromtimestamp(item["current_period_end"], UTC),
        cancels_at_period_end=subscription["cancel_at_period_end"],
        canceled_at=_instant(subscription.get("canceled_at")),
        card=card_details(subscription.get("default_payment_method") or settings.get("default_payment_method")),
        unpaid=_unpaid(subscription, opened),
        metadata=dict(subscription["metadata"]),
        live=subscription["livemode"],
    )


def invoice_state(invoice: Mapping[str, Any]) -> InvoiceState:
    parent = (invoice.get("parent") or {}).get("subscription_details") or {}
    return InvoiceState(
        invoice_ref=invoice["id"],
        subscription_ref=reference(parent.get("subscription")),
        number=invoice.get("number"),
        status=invoice["status"],
        currency=invoice["currency"].upper(),
        total_cents=invoice["total"],
        due_cents=invoice["amount_due"],
        paid_cents=invoice["amount_paid"],
        created_at=datetime.fromtimestamp(invoice["created"], UTC),
        period_starts_at=datetime.fromtimestamp(invoice["period_start"], UTC),
        period_ends_at=datetime.fromtimestamp(invoice["period_end"], UTC),
        hosted_url=invoice.get("hosted_invoice_url"),
        pdf_url=invoice.get("invoice_pdf"),
    )


def _unpaid(subscription: Mapping[str, Any], opened: Sequence[Mapping[str, Any]]) -> tuple[UnpaidInvoice, ...]:
    latest = subscription.get("latest_invoice")
    owed = [_unpaid_invoice(invoice) for invoice in reversed(opened)]
    if isinstance(latest, Mapping) and latest["status"] == "draft" and subscription["status"] in OWING:
        owed.append(_unpaid_invoice(latest))
    return tuple(owed)


def _unpaid_invoice(invoice: Mapping[str, Any]) -> UnpaidInvoice:
    return UnpaidInvoice(
        invoice_ref=invoice["id"],
        amount_cents=invoice["amount_remaining"],
        opened_at=_instant(invoice["status_transitions"].get("finalized_at")),
    )


def _instant(seconds: int | None) -> datetime | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)
