# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""What a subscription and an invoice look like, and when a month ends."""

from calendar import monthrange
from copy import deepcopy
from datetime import UTC, datetime

from tithi.integrations.stripe.sandbox import prices
from tithi.integrations.stripe.sandbox.call import Body, Call
from tithi.integrations.stripe.sandbox.lists import listed
from tithi.integrations.stripe.sandbox.store import new_id

MONTHS_OF_YEAR = 12
_UNSET = (
    "application",
    "application_fee_percent",
    "billing_cycle_anchor_config",
    "billing_thresholds",
    "cancel_at",
    "canceled_at",
    "customer_account",
    "days_until_due",
    "default_source",
    "description",
    "ended_at",
    "latest_invoice",
    "managed_payments",
    "next_pending_invoice_item_invoice",
    "on_behalf_of",
    "pause_collection",
    "pending_invoice_item_interval",
    "pending_setup_intent",
    "pending_update",
    "schedule",
    "status_details",
    "test_clock",
    "transfer_data",
)
_UNSET_OF_INVOICES = (
    "account_tax_ids",
    "application",
    "custom_fields",
    "customer_account",
    "customer_address",
    "customer_phone",
    "customer_shipping",
    "default_payment_method",
    "default_source",
    "description",
    "due_date",
    "effective_at",
    "ending_balance",
    "footer",
    "from_invoice",
    "hosted_invoice_url",
    "invoice_pdf",
    "last_finalization_error",
    "latest_revision",
    "next_payment_attempt",
    "number",
    "on_behalf_of",
    "receipt_number",
    "rendering",
    "shipping_cost",
    "shipping_details",
    "statement_descriptor",
    "test_clock",
    "webhooks_delivered_at",
)
_ITEM: Body = {
    "object": "subscription_item",
    "billing_thresholds": None,
    "current_trial": None,
    "discounts": [],
    "metadata": {},
    "tax_rates": [],
}
_SUBSCRIPTION: Body = dict.fromkeys(_UNSET) | {
    "object": "subscription",
    "automatic_tax": {"disabled_reason": None, "enabled": False, "liability": None},
    "billing_mode": {"flexible": None, "type": "classic", "updated_at": None},
    "billing_schedules": [],
    "cancel_at_period_end": False,
    "cancellation_details": {"comment": None, "feedback": None, "reason": None},
    "collection_method": "charge_automatically",
    "default_payment_method": None,
    "default_tax_rates": [],
    "discounts": [],
    "invoice_settings": {"account_tax_ids": None, "issuer": {"account": None, "type": "self"}},
    "livemode": False,
    "payment_settings": {
        "payment_method_options": None,
        "payment_method_types": None,
        "save_default_payment_method": "off",
    },
    "_is_end_told": False,
}
_INVOICE: Body = dict.fromkeys(_UNSET_OF_INVOICES) | {
    "object": "invoice",
    "account_country": "US",
    "account_name": "Sandbox",
    "amount_overpaid": 0,
    "amount_paid": 0,
    "amount_shipping": 0,
    "attempt_count": 0,
    "attempted": False,
    "auto_advance": True,
    "automatic_tax": {
        "disabled_reason": None,
        "enabled": False,
        "liability": None,
        "provider": None,
        "status": None,
    },
    "automatically_finalizes_at": None,
    "collection_method": "charge_automatically",
    "customer_tax_exempt": "none",
    "customer_tax_ids": [],
    "default_tax_rates": [],
    "discounts": [],
    "issuer": {"account": None, "type": "self"},
    "livemode": False,
    "metadata": {},
    "payment_settings": {"default_mandate": None, "payment_method_options": None, "payment_method_types": None},
    "post_payment_credit_notes_amount": 0,
    "pre_payment_credit_notes_amount": 0,
    "status": "draft",
    "status_transitions": {
        "finalized_at": None,
        "marked_uncollectible_at": None,
        "paid_at": None,
        "voided_at": None,
    },
    "total_discount_amounts": [],
    "total_pretax_credit_amounts": [],
    "total_taxes": [],
}
_LINE: Body = {
    "object": "line_item",
    "discount_amounts": [],
    "discountable": True,
    "discounts": [],
    "invoice": None,
    "livemode": False,
    "metadata": {},
    "pretax_credit_amounts": [],
    "taxes": [],
}


def month_after(anchor: int, moment: int) -> int:
    """The first instant after `moment` that is a whole number of months after the anchor."""
    start = datetime.fromtimestamp(anchor, UTC)
    months = 1
    while True:
        year, month = divmod(start.month - 1 + months, MONTHS_OF_YEAR)
        year, month = start.year + year, month + 1
        found = int(start.replace(year=year, month=month, day=min(start.day, monthrange(year, month)[1])).timestamp())
        if found > moment:
            return found
        months += 1


def new_subscription(call: Call, *, price: Body, quantity: int, trial_end: int | None) -> Body:
    params, name = call.params, new_id("sub")
    end = trial_end or month_after(call.now, call.now)
    behaviour = params.inner("trial_settings").inner("end_behavior")
    behaviour.allow("missing_payment_method")
    missing = behaviour.choice("missing_payment_method", ("cancel", "create_invoice", "pause"), "create_invoice")
    item = deepcopy(_ITEM) | {
        "id": new_id("si"),
        "created": call.now,
        "current_period_end": end,
        "current_period_start": call.now,
        "plan": prices.as_plan(price),
        "price": price,
        "quantity": quantity,
        "subscription": name,
    }
    return deepcopy(_SUBSCRIPTION) | {
        "id": name,
        "billing_cycle_anchor": end if trial_end else call.now,
        "created": call.now,
        "currency": price["currency"],
        "customer": params.required("customer"),
        "items": listed([item], url=f"/v1/subscription_items?subscription={name}"),
        "metadata": params.metadata(),
        "start_date": call.now,
        "status": "trialing" if trial_end else "incomplete",
        "trial_end": trial_end,
        "trial_settings": {"end_behavior": {"billing_cycle_anchor": None, "missing_payment_method": missing}},
        "trial_start": call.now if trial_end else None,
    }


def new_invoice(call: Call, subscription: Body, customer: Body, lines: list[Body], *, reason: str) -> Body:
    name = new_id("in")
    total = sum(line["amount"] for line in lines)
    item = item_of(subscription)
    due = max(0, total + customer["balance"])
    details = {"metadata": subscription["metadata"], "subscription": subscription["id"]}
    return deepcopy(_INVOICE) | {
        "id": name,
        "amount_due": due,
        "amount_remaining": due,
        "billing_reason": reason,
        "created": call.now,
        "currency": subscription["currency"],
        "customer": customer["id"],
        "customer_email": customer["email"],
        "customer_name": customer["name"],
        "lines": listed([line | {"invoice": name} for line in lines], url=f"/v1/invoices/{name}/lines"),
        "parent": {"quote_details": None, "subscription_details": details, "type": "subscription_details"},
        "period_end": item["current_period_end"],
        "period_start": item["current_period_start"],
        "starting_balance": customer["balance"],
        "subtotal": total,
        "subtotal_excluding_tax": total,
        "total": total,
        "total_excluding_tax": total,
    }


def new_line(subscription: Body, *, amount: int, quantity: int, period: tuple[int, int], description: str) -> Body:
    item = item_of(subscription)
    details = {
        "invoice_item": None,
        "proration": period[0] != item["current_period_start"] or amount < 0,
        "proration_details": {"credited_items": None},
        "subscription": subscription["id"],
        "subscription_item": item["id"],
    }
    price = {"price": item["price"]["id"], "product": item["price"]["product"]}
    amount_of_one = str(item["price"]["unit_amount"])
    return deepcopy(_LINE) | {
        "id": new_id("il"),
        "amount": amount,
        "currency": subscription["currency"],
        "description": description,
        "parent": {
            "invoice_item_details": None,
            "subscription_item_details": details,
            "type": "subscription_item_details",
        },
        "period": {"start": period[0], "end": period[1]},
        "pricing": {"price_details": price, "type": "price_details", "unit_amount_decimal": amount_of_one},
        "quantity": quantity,
        "subscription": subscription["id"],
        "subtotal": amount,
    }


def item_of(subscription: Body) -> Body:
    """The one item that a subscription has here."""
    item: Body = subscription["items"]["data"][0]
    return item
