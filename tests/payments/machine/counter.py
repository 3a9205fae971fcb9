# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""One business's counter in a random history: its clock, its trouble, and what can be asked there."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from typing import Any

from sqlalchemy import text

from tests.factories.books import breaks, reconcile
from tests.factories.businesses import Answer
from tests.factories.worker import work
from tests.payments.books import rows
from tests.payments.machine.mortal import DiedError, Mortal
from tests.payments.machine.truth import Seen
from tests.payments.till import Till
from tithi.integrations.stripe.sandbox.faults import FaultKind
from tithi.integrations.stripe.sandbox.params import Params
from tithi.integrations.stripe.sandbox.state import SandboxState
from tithi.platform import clock
from tithi.platform.db import transaction
from tithi.platform.tenancy import scope_without_tenant, tenant_scope

API = "/api/v1"
TICK = timedelta(milliseconds=1)
SOON_SECONDS = 0.001
PROCESSOR_FAILED = (502, "TITHI_PAYMENT_STRIPE_ERROR")
ROUNDS = (
    timedelta(minutes=2), timedelta(minutes=20), timedelta(hours=2), timedelta(hours=26), timedelta(hours=26),
    timedelta(hours=2), timedelta(minutes=20), timedelta(minutes=20),
)  # fmt: skip
_PAYMENTS = """
    SELECT p.*, (SELECT coalesce(sum(r.gift_card_cents), 0) FROM refunds r
        WHERE r.payment_id = p.id AND r.status = 'succeeded') AS restored_cents
    FROM payments p
"""
_UNEVEN = "SELECT count(*) AS found FROM (SELECT FROM ledger_entries GROUP BY fact_id HAVING sum(amount_cents) <> 0) u"
_STUCK = """
    SELECT d.handler, d.state, d.attempts, d.last_error FROM deliveries d WHERE d.state <> 'done'
"""
_OVERDUE = "SELECT kind, attempts FROM timers WHERE attempts > 0 OR due_at < :now"
_INBOX = text(
    "SELECT state, last_error FROM webhook_inbox WHERE summary ->> 'account_ref' = :account AND state <> 'done'"
)


@dataclass(frozen=True, slots=True)
class Death:
    """The process ends at that point of its work."""

    point: int


@dataclass(frozen=True, slots=True)
class Fault:
    """The processor, or the way to it, fails that often."""

    match: str
    kind: FaultKind
    times: int


Trouble = Death | Fault | None


@dataclass(slots=True)
class Counter:
    """The clocks of the application and of the processor go together, and only as far as they are told to."""

    till: Till
    life: Mortal
    now: datetime
    began: datetime = field(init=False)
    keys: "count[int]" = field(default_factory=count)
    told: set[str] = field(default_factory=set)
    has_failed: bool = False
    is_sound: bool = False

    @contextmanager
    def opened(self) -> Iterator[None]:
        """Be there, with the clocks where this history has them."""
        self.began = self.now
        try:
            with clock.steered(self._tick), self.life.inhabiting(self.till.salon.app, self.till.worker_app):
                self._state.set_clock(int(self.now.timestamp()))
                yield
                self._forget_timers()
        finally:
            self._state.clear_faults()
            self._state.set_clock(int(time.time()))

    def wait(self, long: timedelta) -> None:
        self.now += long
        self._state.set_clock(int(self.now.timestamp()))

    def press(self, path: str, body: dict[str, Any], *, key: str, by_link: bool = False) -> Answer:
        who = None if by_link else self.till.salon.owner
        return self.till.salon.request("POST", path, who, key=key, json=body)

    def new_key(self) -> str:
        return f"press-{next(self.keys)}"

    def ask(self, ask: Callable[[], Answer], trouble: Trouble) -> Answer | None:
        """Send a request that meets with trouble; nothing comes back where the process died."""
        before = self.processors_side()
        self.is_sound = False
        self.has_failed |= isinstance(trouble, Fault)
        with self._in(trouble):
            try:
                answer = ask()
            except DiedError:
                return None
        self._expect_proper(answer, before)
        return answer

    def work(self, trouble: Trouble = None) -> None:
        """Let the worker do what is due."""
        self.is_sound = False
        self.has_failed |= isinstance(trouble, Fault)
        with self._in(trouble), suppress(DiedError):
            work(self.till.worker_app)

    def deliver(self, event: dict[str, Any], trouble: Trouble) -> None:
        self.told.add(event["id"])
        answer = self.ask(lambda: self.till.deliver(event), trouble)
        if answer is None:
            self.told.discard(event["id"])
        else:
            assert answer.status_code == 200, answer.text

    def look(self) -> Seen:
        """Both sides as they are now."""
        return Seen(
            bookings={str(one["id"]): one["status"] for one in rows(self.till, "SELECT id, status FROM bookings")},
            payments={str(one["id"]): one for one in rows(self.till, _PAYMENTS)},
            intents=self.till.intents(),
            refunds=self.till.refunds(),
            uneven_facts=rows(self.till, _UNEVEN)[0]["found"],
        )

    def processors_side(self) -> frozenset[tuple[str, str, int]]:
        return Seen({}, {}, self.till.intents(), self.till.refunds()).moved()

    def settle(self) -> None:
        """Give everything its time: the worker first, then one reconciliation that finds the events never told."""
        for long in ROUNDS:
            self.wait(long)
            self.work()
        for event in self.till.events():
            if event["id"] not in self.told:
                self._state.change("events", event["id"], {"pending_webhooks": 1})
        reconcile(self.till.salon, since=self.began.isoformat())
        for _ in range(2):
            self.wait(timedelta(minutes=20))
            self.work()

    def left_over(self) -> list[str]:
        """What is not done although it had its time, and what is open between the books."""
        again = reconcile(self.till.salon, since=self.began.isoformat())
        found = [f"a second reconciliation applied {again['applied']}"] if again["applied"] else []
        found += [f"a break is open: {one}" for one in breaks(self.till.salon, "open")]
        found += [f"not delivered: {one}" for one in rows(self.till, _STUCK)]
        found += [f"a timer is stuck: {one}" for one in rows(self.till, _OVERDUE, now=clock.now())]
        with self.till.worker_app.app_context(), scope_without_tenant(), transaction() as current:
            inbox = current.execute(_INBOX, {"account": self.till.salon.account}).mappings()
            return found + [f"not handled: {dict(one)}" for one in inbox]

    def _expect_proper(self, answer: Answer, before: frozenset[tuple[str, str, int]]) -> None:
        """A refusal says why, and has changed nothing; a failure is the processor's alone, and only where it failed."""
        if answer.status_code < 400:
            return
        assert answer.content_type == "application/problem+json", answer.text
        code = answer.json["code"]
        assert code.startswith("TITHI_"), answer.text
        if answer.status_code >= 500:
            assert (answer.status_code, code) == PROCESSOR_FAILED, answer.text
            assert self.has_failed, answer.text
        else:
            assert self.processors_side() == before, answer.text

    @contextmanager
    def _in(self, trouble: Trouble) -> Iterator[None]:
        if isinstance(trouble, Fault):
            self._state.add_fault_from(
                Params(
                    {
                        "match": trouble.match,
                        "kind": trouble.kind,
                        "times": trouble.times,
                        "seconds": SOON_SECONDS,
                        "account": self.till.salon.account,
                    }
                )
            )
        try:
            with self.life.ending_after(trouble.point if isinstance(trouble, Death) else None):
                yield
        finally:
            self._state.clear_faults()

    def _tick(self) -> datetime:
        self.now += TICK
        return self.now

    def _forget_timers(self) -> None:
        """The next history begins at the same time again, and is not to wait for this one's."""
        with self.till.worker_app.app_context(), tenant_scope(self.till.salon.tenant_id), transaction() as current:
            current.execute(text("DELETE FROM timers"))

    @property
    def _state(self) -> SandboxState:
        return self.till.stack.stripe.state
