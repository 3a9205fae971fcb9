# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""A look into the sandbox, and a hand on its clock, its faults and its webhooks."""

from collections.abc import Callable
from typing import Any

from tithi.integrations.stripe.sandbox import (
    accounts,
    balance_transactions,
    charges,
    collection,
    disputes,
    dunning,
    faults,
    invoices,
    payment_intents,
    payouts,
    refunds,
    setup_intents,
    subscriptions,
)
from tithi.integrations.stripe.sandbox.call import PLATFORM, Body, Call, shown
from tithi.integrations.stripe.sandbox.clock import Clock
from tithi.integrations.stripe.sandbox.params import Params
from tithi.integrations.stripe.sandbox.store import Store
from tithi.integrations.stripe.sandbox.webhooks import Deliverer, WebhookEndpoint

_FALLS_DUE: dict[str, Callable[[Call, str], None]] = {
    balance_transactions.KIND: payouts.pay_out,
    disputes.KIND: disputes.lapse,
    invoices.KIND: collection.fall_due,
    payment_intents.KIND: payment_intents.lapse,
    payouts.KIND: payouts.arrive,
    refunds.KIND: refunds.settle,
    subscriptions.KIND: subscriptions.fall_due,
}


class SandboxState:
    """Every method is one transaction; `kind` is the name objects have in paths, such as `payment_intents`."""

    def __init__(
        self, *, store: Store, clock: Clock, deliverer: Deliverer, endpoints: tuple[WebhookEndpoint, ...]
    ) -> None:
        self._store = store
        self._clock = clock
        self._deliverer = deliverer
        self._endpoints = endpoints
        self.base_url = ""

    def objects(self, kind: str, account: str | None = None) -> list[Body]:
        """Answer all objects of a kind, newest first."""
        with self._store.transaction():
            return [shown(body) for body in self._store.every(kind, account)]

    def now(self) -> int:
        with self._store.transaction():
            return self._clock.now()

    def advance(self, seconds: int) -> int:
        """Wind the clock on and let happen what falls due; answer the new time."""
        with self._store.transaction():
            self._clock.advance(seconds)
            self.sweep()
            now = self._clock.now()
        self._deliverer.nudge()
        return now

    def set_clock(self, moment: int) -> int:
        return self.advance(moment - self.now())

    def sweep(self) -> None:
        """Let happen what the clock has reached, each thing at its own instant."""
        now = self._clock.now()
        while (found := self._store.take_due(now)) is not None:
            kind, account, name, moment = found
            _FALLS_DUE[kind](self._call(account, now=moment), name)

    def configure_dunning(self, params: Params) -> Body:
        with self._store.transaction():
            return dunning.configure(self._store, params)

    def add_fault(self, match: str, kind: faults.FaultKind, *, times: int = 1, seconds: float = 0.0) -> None:
        """Let requests that fit `match` (`POST /v1/refunds`, `*` allowed) go wrong."""
        values = {"match": match, "kind": kind, "times": times, "seconds": seconds}
        self.add_fault_from(Params(values))

    def add_fault_from(self, params: Params) -> Body:
        with self._store.transaction():
            return faults.add(self._store, params)

    def clear_faults(self) -> None:
        with self._store.transaction():
            faults.clear(self._store)

    def standing_faults(self) -> list[Body]:
        with self._store.transaction():
            return faults.standing(self._store)

    def hold_webhooks(self, *, is_held: bool) -> None:
        """Keep events waiting, or let them go."""
        with self._store.transaction():
            self._deliverer.hold(is_held=is_held)
        self._deliverer.nudge()

    def drop_webhooks(self, *, is_dropped: bool) -> None:
        """Lose the events that happen from now on, or stop losing them."""
        with self._store.transaction():
            self._deliverer.drop(is_dropped=is_dropped)

    def resend(self, event: str) -> int:
        """Deliver an event once more; answer to how many endpoints."""
        with self._store.transaction():
            count = self._deliverer.resend(event)
        self._deliverer.nudge()
        return count

    def authenticate(self, kind: str, name: str, *, succeeds: bool, account: str | None = None) -> Body:
        """Act as the customer whose bank asks for a proof, on a setup or payment intent."""
        act = setup_intents.authenticate if kind == setup_intents.KIND else payment_intents.authenticate
        with self._store.transaction():
            answer = act(self._call(account or self._account_of(kind, name)), name, succeeds=succeeds)
        self._deliverer.nudge()
        return answer

    def follow_link(self, account: str, secret: str) -> str:
        """Complete an account's onboarding; answer where its page leads next."""
        with self._store.transaction():
            destination = accounts.follow_link(self._call(PLATFORM), account, secret)
        self._deliverer.nudge()
        return destination

    def set_account(self, account: str, *, card_payments: str, payouts: str) -> None:
        with self._store.transaction():
            call = self._call(PLATFORM)
            accounts.set_capabilities(call, accounts.find(call, account), card_payments=card_payments, payouts=payouts)
        self._deliverer.nudge()

    def require_of_account(self, account: str, *, due_by: str) -> None:
        """Have something asked of an account's owner until an instant."""
        with self._store.transaction():
            call = self._call(PLATFORM)
            accounts.require(call, accounts.find(call, account), due_by=due_by)
        self._deliverer.nudge()

    def reconnect_account(self, account: str) -> None:
        with self._store.transaction():
            accounts.reconnect(self._call(PLATFORM), account)
        self._deliverer.nudge()

    def disconnect_account(self, account: str) -> None:
        with self._store.transaction():
            accounts.disconnect(self._call(PLATFORM), account)
        self._deliverer.nudge()

    def dispute(self, charge: str, *, reason: str, is_inquiry: bool = False) -> Body:
        """Act as the holder of the card, who asks their bank to take a charge back."""
        with self._store.transaction():
            call = self._call(self._account_of(charges.KIND, charge))
            found = disputes.create(call, charges.find(call, charge), reason=reason, is_inquiry=is_inquiry)
        self._deliverer.nudge()
        return shown(found)

    def decide_dispute(self, dispute: str, *, is_won: bool) -> Body:
        """Act as the bank that closes a dispute."""
        with self._store.transaction():
            found = disputes.decide(self._call(self._account_of(disputes.KIND, dispute)), dispute, is_won=is_won)
        self._deliverer.nudge()
        return shown(found)

    def pay_out(self, account: str, currency: str) -> Body | None:
        """Pay out an account's whole balance now, whenever it could be."""
        with self._store.transaction():
            call = self._call(account)
            found = payouts.pay_out_ready(call, currency, until=call.now + balance_transactions.SETTLES_AFTER_SECONDS)
        self._deliverer.nudge()
        return None if found is None else shown(found)

    def fail_payout(self, payout: str) -> Body:
        """Act as the business's bank, which sends a payout back."""
        with self._store.transaction():
            found = payouts.fail(self._call(self._account_of(payouts.KIND, payout)), payout)
        self._deliverer.nudge()
        return shown(found)

    def change(self, kind: str, name: str, fields: dict[str, Any]) -> Body:
        """Change an object behind everybody's back: no event tells of it."""
        with self._store.transaction():
            account = self._account_of(kind, name)
            found = self._store.get(kind, account, name, called=kind)
            return shown(self._store.put(kind, account, found | fields))

    def forget(self, kind: str, name: str) -> None:
        """Lose an object, as if it had never been."""
        with self._store.transaction():
            self._store.remove(kind, self._account_of(kind, name), name)

    def _account_of(self, kind: str, name: str) -> str:
        accounts_known = [PLATFORM, *(body["id"] for body in self._store.every(accounts.KIND))]
        return next((known for known in accounts_known if self._store.find(kind, known, name)), PLATFORM)

    def _call(self, account: str, *, now: int | None = None) -> Call:
        return Call(
            store=self._store,
            account=account,
            params=Params({}),
            now=self._clock.now() if now is None else now,
            is_secret=True,
            base_url=self.base_url,
            endpoints=self._endpoints,
        )
