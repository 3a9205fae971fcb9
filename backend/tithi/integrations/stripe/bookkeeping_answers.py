# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""The vendor's payouts, disputes and balance transactions, as plain mappings, put into our own words."""

from collections.abc import Iterable, Mapping
from typing import Any

from tithi.integrations.stripe import answers
from tithi.integrations.stripe.bookkeeping import DisputeState, DisputeStatus, PayoutState, PayoutStatus
from tithi.integrations.stripe.contract import BalanceEntry

_PAYOUT_STATUS: dict[str, PayoutStatus] = {
    "pending": "pending",
    "in_transit": "in_transit",
    "paid": "paid",
    "failed": "failed",
    "canceled": "canceled",
}
_DISPUTE_STATUS: dict[str, DisputeStatus] = {
    "needs_response": "needs_response",
    "appeal_needs_response": "needs_response",
    "under_review": "under_review",
    "appeal_under_review": "under_review",
    "won": "won",
    "lost": "lost",
    "warning_needs_response": "warning",
    "warning_under_review": "warning",
    "warning_closed": "closed",
    "prevented": "closed",
}


def balance_entries(entries: Iterable[Mapping[str, Any]]) -> list[BalanceEntry]:
    return [found for entry in entries if (found := answers.balance_entry(entry)) is not None]


def payout_state(payout: Mapping[str, Any]) -> PayoutState:
    return PayoutState(
        payout_ref=payout["id"],
        status=_PAYOUT_STATUS[payout["status"]],
        amount_cents=payout["amount"],
        currency=payout["currency"].upper(),
        arrives_on=answers.instant(payout["arrival_date"]),
        is_automatic=payout["automatic"],
        entry_ref=answers.reference(payout.get("balance_transaction")),
        failure_reason=payout.get("failure_code"),
        created_at=answers.instant(payout["created"]),
    )


def dispute_state(dispute: Mapping[str, Any]) -> DisputeState:
    """Read a dispute, whose balance transactions come with it."""
    details = dispute["evidence_details"]
    due_by = details.get("due_by")
    return DisputeState(
        dispute_ref=dispute["id"],
        status=_DISPUTE_STATUS[dispute["status"]],
        reason=dispute["reason"],
        amount_cents=dispute["amount"],
        currency=dispute["currency"].upper(),
        charge_ref=answers.reference(dispute["charge"]) or "",
        intent_ref=answers.reference(dispute.get("payment_intent")),
        due_by=None if due_by is None else answers.instant(due_by),
        has_evidence=details["has_evidence"],
        submissions=details["submission_count"],
        entries=tuple(balance_entries(dispute["balance_transactions"])),
        created_at=answers.instant(dispute["created"]),
        metadata=dict(dispute["metadata"]),
        live=dispute["livemode"],
    )
