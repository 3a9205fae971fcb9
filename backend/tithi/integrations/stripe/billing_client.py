# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""The platform's own subscriptions at the payment processor, over the same connection as payments."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from tithi.integrations.stripe import answers, billing_answers
from tithi.integrations.stripe.billing_contract import InvoiceState, SubscriptionState
from tithi.integrations.stripe.bookkeeping_client import PAGE_SIZE
from tithi.integrations.stripe.client import CardRefusedError, StripeProcessor, declined_object, given
from tithi.integrations.stripe.contract import CardSetup, Decline

_CARD = ["default_payment_method", "customer.invoice_settings.default_payment_method", "latest_invoice"]
_ON_LISTS = [f"data.{path}" for path in _CARD]


class StripeBilling:
    """Implements `SubscriptionBilling`."""

    def __init__(self, processor: StripeProcessor) -> None:
        self._processor = processor
        self._prices: dict[str, str] = {}

    def monthly_price(
        self, *, key: str, lookup_key: str, product_name: str, unit_amount_cents: int, currency: str
    ) -> str:
        if lookup_key not in self._prices:
            self._prices[lookup_key] = self._known_price(lookup_key) or self._new_price(
                key,
                currency=currency.lower(),
                unit_amount=unit_amount_cents,
                recurring={"interval": "month"},
                lookup_key=lookup_key,
                product_data={"name": product_name},
            )
        return self._prices[lookup_key]

    def create_customer(self, *, key: str, email: str, name: str, metadata: Mapping[str, str]) -> str:
        params = {"email": email, "name": name, "metadata": dict(metadata)}
        made = self._processor.platform_write(key, lambda api, at: api.v1.customers.create(params, at))
        return str(made["id"])

    def start_subscription(
        self,
        *,
        key: str,
        customer_ref: str,
        price_ref: str,
        quantity: int,
        trial_ends_at: datetime | None,
        metadata: Mapping[str, str],
    ) -> SubscriptionState:
        params = given(
            customer=customer_ref,
            items=[{"price": price_ref, "quantity": quantity}],
            trial_end=int(trial_ends_at.timestamp()) if trial_ends_at else None,
            trial_settings={"end_behavior": {"missing_payment_method": "pause"}},
            payment_behavior="allow_incomplete",
            off_session=True,
            metadata=dict(metadata),
            expand=_CARD,
        )
        made = self._processor.platform_write(key, lambda api, at: api.v1.subscriptions.create(params, at))
        return self._state(made)

    def fetch_subscription(self, *, subscription_ref: str) -> SubscriptionState:
        params = {"expand": _CARD}
        found = self._processor.platform_read(lambda api: api.v1.subscriptions.retrieve(subscription_ref, params))
        return self._state(found)

    def find_subscription(
        self, *, customer_ref: str, metadata_key: str, metadata_value: str
    ) -> SubscriptionState | None:
        params = {"customer": customer_ref, "status": "all", "limit": PAGE_SIZE, "expand": _ON_LISTS}
        page = self._processor.platform_read(lambda api: api.v1.subscriptions.list(params))
        for found in page["data"]:
            if found["metadata"].get(metadata_key) == metadata_value:
                return self._state(found)
        return None

    def change_quantity(self, *, key: str, subscription_ref: str, item_ref: str, quantity: int) -> SubscriptionState:
        items = [{"id": item_ref, "quantity": quantity}]
        return self._update(key, subscription_ref, items=items, proration_behavior="create_prorations")

    def set_ending(self, *, key: str, subscription_ref: str, ends: bool) -> SubscriptionState:
        return self._update(key, subscription_ref, cancel_at_period_end=ends)

    def end_trial(self, *, key: str, subscription_ref: str) -> SubscriptionState:
        return self._update(key, subscription_ref, trial_end="now", off_session=True)

    def pause(self, *, key: str, subscription_ref: str) -> SubscriptionState:
        params = {"bill_for": {"unused_time_from": {"type": "now"}}, "expand": _CARD}
        found = self._processor.platform_write(
            key, lambda api, at: api.v1.subscriptions.pause(subscription_ref, params, at)
        )
        return self._state(found)

    def resume(self, *, key: str, subscription_ref: str) -> SubscriptionState:
        params = {
            "billing_cycle_anchor": {"type": "now"},
            "payment_behavior": "resume_on_payment_success",
            "expand": _CARD,
        }
        found = self._processor.platform_write(
            key, lambda api, at: api.v1.subscriptions.resume(subscription_ref, params, at)
        )
        return self._state(found)

    def cancel_now(self, *, subscription_ref: str) -> SubscriptionState:
        params = {"expand": _CARD}
        found = self._processor.platform_read(lambda api: api.v1.subscriptions.cancel(subscription_ref, params))
        return self._state(found)

    def pay_invoice(self, *, key: str, invoice_ref: str) -> Decline | None:
        params = {"off_session": True}
        try:
            self._processor.platform_write(key, lambda api, at: api.v1.invoices.pay(invoice_ref, params, at))
        except CardRefusedError as refusal:
            return answers.decline(refusal.body)
        return None

    def fetch_invoice(self, *, invoice_ref: str) -> InvoiceState:
        found = self._processor.platform_read(lambda api: api.v1.invoices.retrieve(invoice_ref, {}))
        return billing_answers.invoice_state(found)

    def list_invoices(self, *, customer_ref: str, limit: int) -> list[InvoiceState]:
        params = {"customer": customer_ref, "limit": limit}
        page = self._processor.platform_read(lambda api: api.v1.invoices.list(params))
        return [billing_answers.invoice_state(found) for found in page["data"]]

    def set_up_card(
        self, *, key: str, customer_ref: str, payment_method_ref: str | None, metadata: Mapping[str, str]
    ) -> CardSetup:
        params = given(
            customer=customer_ref,
            usage="off_session",
            allowed_payment_method_types=["card"],
            payment_method=payment_method_ref,
            confirm=True if payment_method_ref else None,
            metadata=dict(metadata),
            expand=["payment_method"],
        )
        try:
            made = self._processor.platform_write(key, lambda api, at: api.v1.setup_intents.create(params, at))
        except CardRefusedError as refusal:
            made = declined_object(refusal, "setup_intent", "last_setup_error")
        return answers.card_setup(made)

    def fetch_setup(self, *, setup_ref: str) -> tuple[CardSetup, dict[str, str]]:
        params = {"expand": ["payment_method"]}
        found = self._processor.platform_read(lambda api: api.v1.setup_intents.retrieve(setup_ref, params))
        return answers.card_setup(found), dict(found["metadata"])

    def use_card(self, *, key: str, customer_ref: str, payment_method_ref: str) -> None:
        params = {"invoice_settings": {"default_payment_method": payment_method_ref}}
        self._processor.platform_write(key, lambda api, at: api.v1.customers.update(customer_ref, params, at))

    def _state(self, subscription: Mapping[str, Any]) -> SubscriptionState:
        """Read a subscription; one that owes something is asked for all that it owes."""
        opened: list[dict[str, Any]] = []
        if subscription["status"] in billing_answers.OWING:
            params = {"subscription": subscription["id"], "status": "open", "limit": PAGE_SIZE}
            opened = self._processor.platform_read(lambda api: api.v1.invoices.list(params))["data"]
        return billing_answers.subscription_state(subscription, opened)

    def _known_price(self, lookup_key: str) -> str | None:
        params = {"lookup_keys": [lookup_key], "active": True, "limit": 1}
        page = self._processor.platform_read(lambda api: api.v1.prices.list(params))
        return next((str(price["id"]) for price in page["data"]), None)

    def _new_price(self, key: str, **params: Any) -> str:
        made = self._processor.platform_write(key, lambda api, at: api.v1.prices.create(params, at))
        return str(made["id"])

    def _update(self, key: str, subscription_ref: str, **changed: Any) -> SubscriptionState:
        params = {**changed, "expand": _CARD}
        found = self._processor.platform_write(
            key, lambda api, at: api.v1.subscriptions.update(subscription_ref, params, at)
        )
        return self._state(found)
