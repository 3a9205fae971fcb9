# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""What this process bills with: the processor's subscriptions, and the terms."""

from dataclasses import dataclass
from datetime import timedelta

from flask import current_app

from tithi.integrations.stripe.billing_contract import SubscriptionBilling
from tithi.integrations.stripe.contract import PaymentProcessor

PRODUCT_NAME = "Tithi, per location and month"


@dataclass(frozen=True, slots=True)
class Billing:
    """`is_live` says whether the configured key moves real money; what is heard must agree."""

    processor: SubscriptionBilling
    events: PaymentProcessor
    webhook_secrets: tuple[str, ...]
    publishable_key: str
    is_live: bool
    unit_amount_cents: int
    currency: str
    trial: timedelta

    @property
    def price_name(self) -> str:
        """By which the processor knows the price; another amount is another price."""
        return f"tithi_location_month_{self.currency.lower()}_{self.unit_amount_cents}"


def billing() -> Billing:
    found: Billing = current_app.extensions["tithi.billing"]
    return found
