# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""The calls of `Bookkeeping`, for the client that knows how to make a call."""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any

from tithi.integrations.stripe import answers, bookkeeping_answers
from tithi.integrations.stripe.bookkeeping import DisputeState, PayoutState
from tithi.integrations.stripe.contract import BalanceEntry, ChargeState, ProviderEvent, RefundState

PAGE_SIZE = 100
WITH_LISTED_CHARGE = ["data.latest_charge", "data.latest_charge.balance_transaction", "data.payment_method"]
WITH_BALANCE = ["balance_transaction", "failure_balance_transaction"]
_WITH_LISTED_BALANCE = [f"data.{name}" for name in WITH_BALANCE]

Call = Callable[[Any, dict[str, Any]], Any]


class BookkeepingCalls:
    """A parent of the client, which gives `_read` and `_write`."""

    def list_charges(self, *, account: str, since: datetime, until: datetime) -> list[ChargeState]:
        params = _between(since, until) | {"expand": WITH_LISTED_CHARGE}
        found = self._every(account, lambda api: api.v1.payment_intents.list, params)
        return [answers.charge_state(intent) for intent in found]

    def list_refunds(self, *, account: str, since: datetime, until: datetime) -> list[RefundState]:
        params = _between(since, until) | {"expand": _WITH_LISTED_BALANCE}
        found = self._every(account, lambda api: api.v1.refunds.list, params)
        return [answers.refund_state(refund) for refund in found]

    def list_refunds_of(self, *, account: str, intent_ref: str) -> list[RefundState]:
        params = {"payment_intent": intent_ref, "expand": _WITH_LISTED_BALANCE}
        found = self._every(account, lambda api: api.v1.refunds.list, params)
        return [answers.refund_state(refund) for refund in found]

    def list_balance_entries(self, *, account: str, since: datetime, until: datetime) -> list[BalanceEntry]:
        found = self._every(account, lambda api: api.v1.balance_transactions.list, _between(since, until))
        return bookkeeping_answers.balance_entries(found)

    def list_payouts(self, *, account: str, since: datetime, until: datetime) -> list[PayoutState]:
        found = self._every(account, lambda api: api.v1.payouts.list, _between(since, until))
        return [bookkeeping_answers.payout_state(payout) for payout in found]

    def fetch_payout(self, *, account: str, payout_ref: str) -> PayoutState:
        return bookkeeping_answers.payout_state(
            self._read(account, lambda api, at: api.v1.payouts.retrieve(payout_ref, {}, at))
        )

    def list_payout_entries(self, *, account: str, payout_ref: str) -> list[BalanceEntry]:
        found = self._every(account, lambda api: api.v1.balance_transactions.list, {"payout": payout_ref})
        return [entry for entry in bookkeeping_answers.balance_entries(found) if entry.source_ref != payout_ref]

    def list_disputes(self, *, account: str, since: datetime, until: datetime) -> list[DisputeState]:
        found = self._every(account, lambda api: api.v1.disputes.list, _between(since, until))
        return [bookkeeping_answers.dispute_state(dispute) for dispute in found]

    def fetch_dispute(self, *, account: str, dispute_ref: str) -> DisputeState:
        return bookkeeping_answers.dispute_state(
            self._read(account, lambda api, at: api.v1.disputes.retrieve(dispute_ref, {}, at))
        )

    def submit_evidence(
        self, *, account: str, key: str, dispute_ref: str, evidence: Mapping[str, str], metadata: Mapping[str, str]
    ) -> DisputeState:
        params = {"evidence": dict(evidence), "metadata": dict(metadata), "submit": True}
        return bookkeeping_answers.dispute_state(
            self._write(account, key, lambda api, at: api.v1.disputes.update(dispute_ref, params, at))
        )

    def list_undelivered_events(self, *, account: str, since: datetime) -> list[ProviderEvent]:
        params = {"delivery_success": False, "created": {"gte": int(since.timestamp())}}
        found = self._every(account, lambda api: api.v1.events.list, params)
        return [answers.provider_event(event) for event in found]

    def _every(self, account: str, listing: Callable[[Any], Any], params: Mapping[str, Any]) -> Iterator[Any]:
        """The objects of all pages of a list."""
        asked: dict[str, Any] = {**params, "limit": PAGE_SIZE}
        while True:
            page = self._read(account, lambda api, at: listing(api)(asked, at))
            yield from page["data"]
            if not (page["has_more"] and page["data"]):
                return
            asked["starting_after"] = page["data"][-1]["id"]

    def _read(self, account: str, call: Call) -> dict[str, Any]:
        raise NotImplementedError

    def _write(self, account: str, key: str, call: Call) -> dict[str, Any]:
        raise NotImplementedError


def _between(since: datetime, until: datetime) -> dict[str, Any]:
    return {"created": {"gte": int(since.timestamp()), "lt": int(until.timestamp())}}
