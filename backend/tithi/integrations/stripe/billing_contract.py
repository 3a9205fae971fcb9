# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""What the platform asks of the payment processor about its own income: what businesses pay for using it.

The errors are those of `contract`. Everything stands on the platform's own account; the *customer* is the business.
Declines are answers. Amounts are integers in the currency's minor unit.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

from tithi.integrations.stripe.contract import CardDetails, CardSetup, Decline

SubscriptionStatus = Literal[
    "incomplete", "incomplete_expired", "trialing", "active", "past_due", "canceled", "unpaid", "paused"
]
InvoiceStatus = Literal["draft", "open", "paid", "uncollectible", "void"]


@dataclass(frozen=True, slots=True, kw_only=True)
class UnpaidInvoice:
    """What is owed; `opened_at` is when the invoice became final, which a draft did not."""

    invoice_ref: str
    amount_cents: int
    opened_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SubscriptionState:
    """A subscription as the processor has it now; `card` is what it is charged to.

    `unpaid` is what has to be paid before it runs again, oldest first; empty while it runs.
    """

    subscription_ref: str
    customer_ref: str
    item_ref: str
    status: SubscriptionStatus
    quantity: int
    unit_amount_cents: int
    currency: str
    trial_ends_at: datetime | None
    period_ends_at: datetime
    cancels_at_period_end: bool
    canceled_at: datetime | None
    card: CardDetails | None
    unpaid: tuple[UnpaidInvoice, ...]
    metadata: dict[str, str]
    live: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceState:
    """One invoice; the addresses are for the business's eyes and expire after some weeks."""

    invoice_ref: str
    subscription_ref: str | None
    number: str | None
    status: InvoiceStatus
    currency: str
    total_cents: int
    due_cents: int
    paid_cents: int
    created_at: datetime
    period_starts_at: datetime
    period_ends_at: datetime
    hosted_url: str | None
    pdf_url: str | None


class SubscriptionBilling(Protocol):
    """Every call may raise `NoAnswerError`, `BusyError` or `RefusedError`; `key` names a write once and for all."""

    def monthly_price(
        self, *, key: str, lookup_key: str, product_name: str, unit_amount_cents: int, currency: str
    ) -> str:
        """The price known by `lookup_key`, made where there is none."""
        ...

    def create_customer(self, *, key: str, email: str, name: str, metadata: Mapping[str, str]) -> str: ...

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
        """Begin; a trial that ends without a card pauses, without a trial the first month is charged at once."""
        ...

    def fetch_subscription(self, *, subscription_ref: str) -> SubscriptionState: ...

    def find_subscription(
        self, *, customer_ref: str, metadata_key: str, metadata_value: str
    ) -> SubscriptionState | None:
        """Look through the customer's subscriptions, ended ones too."""
        ...

    def change_quantity(self, *, key: str, subscription_ref: str, item_ref: str, quantity: int) -> SubscriptionState:
        """Pay for another number from now on; the rest of the month is settled with the next invoice."""
        ...

    def set_ending(self, *, key: str, subscription_ref: str, ends: bool) -> SubscriptionState:
        """Let it end with the period that is paid, or take that back."""
        ...

    def end_trial(self, *, key: str, subscription_ref: str) -> SubscriptionState:
        """End the trial now and charge the first month."""
        ...

    def pause(self, *, key: str, subscription_ref: str) -> SubscriptionState:
        """Stop now; what is left of the paid month is kept in the customer's favour."""
        ...

    def resume(self, *, key: str, subscription_ref: str) -> SubscriptionState:
        """Begin a new month; it stays paused while that is not paid."""
        ...

    def cancel_now(self, *, subscription_ref: str) -> SubscriptionState:
        """End at once; what is owed is no longer collected."""
        ...

    def pay_invoice(self, *, key: str, invoice_ref: str) -> Decline | None:
        """Charge it now; answers why not."""
        ...

    def fetch_invoice(self, *, invoice_ref: str) -> InvoiceState: ...

    def list_invoices(self, *, customer_ref: str, limit: int) -> list[InvoiceState]:
        """Newest first."""
        ...

    def set_up_card(
        self, *, key: str, customer_ref: str, payment_method_ref: str | None, metadata: Mapping[str, str]
    ) -> CardSetup:
        """Start keeping a card; with a payment method it is also confirmed."""
        ...

    def fetch_setup(self, *, setup_ref: str) -> tuple[CardSetup, dict[str, str]]:
        """The setup, and the metadata it was started with."""
        ...

    def use_card(self, *, key: str, customer_ref: str, payment_method_ref: str) -> None:
        """Charge this card from now on."""
        ...
