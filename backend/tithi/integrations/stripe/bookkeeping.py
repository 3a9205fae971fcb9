# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""What the platform reads at the payment processor to keep its books: everything that happened, in whole lists."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

from tithi.integrations.stripe.contract import (
    BalanceEntry,
    ChargeState,
    PaymentProcessor,
    ProviderEvent,
    RefundState,
)

PayoutStatus = Literal["pending", "in_transit", "paid", "failed", "canceled"]
DisputeStatus = Literal["needs_response", "under_review", "won", "lost", "warning", "closed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PayoutState:
    """Money on its way from the business's balance to its bank."""

    payout_ref: str
    status: PayoutStatus
    amount_cents: int
    currency: str
    arrives_on: datetime
    is_automatic: bool
    entry_ref: str | None
    failure_reason: str | None
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class DisputeState:
    """A charge that the customer's bank takes back; `warning` asks before any money moves.

    `entries` are what it did to the business's balance: the withdrawal and, when it was won, the return.
    """

    dispute_ref: str
    status: DisputeStatus
    reason: str
    amount_cents: int
    currency: str
    charge_ref: str
    intent_ref: str | None
    due_by: datetime | None
    has_evidence: bool
    submissions: int
    entries: tuple[BalanceEntry, ...]
    created_at: datetime
    metadata: dict[str, str]
    live: bool


class Bookkeeping(Protocol):
    """Every call may raise what those of `PaymentProcessor` raise; lists are newest first and whole.

    `since` is inclusive, `until` is not.
    """

    def list_charges(self, *, account: str, since: datetime, until: datetime) -> list[ChargeState]: ...

    def list_refunds(self, *, account: str, since: datetime, until: datetime) -> list[RefundState]: ...

    def list_refunds_of(self, *, account: str, intent_ref: str) -> list[RefundState]:
        """The refunds of one payment."""
        ...

    def list_balance_entries(self, *, account: str, since: datetime, until: datetime) -> list[BalanceEntry]: ...

    def list_payouts(self, *, account: str, since: datetime, until: datetime) -> list[PayoutState]: ...

    def fetch_payout(self, *, account: str, payout_ref: str) -> PayoutState: ...

    def list_payout_entries(self, *, account: str, payout_ref: str) -> list[BalanceEntry]:
        """What an automatic payout paid out, the payout's own entry left out."""
        ...

    def list_disputes(self, *, account: str, since: datetime, until: datetime) -> list[DisputeState]: ...

    def fetch_dispute(self, *, account: str, dispute_ref: str) -> DisputeState: ...

    def submit_evidence(
        self, *, account: str, key: str, dispute_ref: str, evidence: Mapping[str, str], metadata: Mapping[str, str]
    ) -> DisputeState:
        """Hand in the evidence; the bank takes it once."""
        ...

    def list_undelivered_events(self, *, account: str, since: datetime) -> list[ProviderEvent]: ...


class BookkeepingProcessor(PaymentProcessor, Bookkeeping, Protocol):
    """A processor that moves money and shows its books."""
