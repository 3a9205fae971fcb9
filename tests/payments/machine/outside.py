# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""What comes from outside: time, the worker, the processor's events, its dashboard, and banks."""

from datetime import timedelta
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from tests.factories.books import dispute, refund_in_dashboard
from tests.payments.machine.counter import Trouble
from tests.payments.machine.history import PICK, TROUBLES, History

WAITS = (
    timedelta(seconds=30),
    timedelta(minutes=20),
    timedelta(hours=3),
    timedelta(hours=25),
    timedelta(hours=25),
    timedelta(days=3),
    timedelta(days=5),
)
LONGEST = timedelta(days=20)


class Outside(History):
    @precondition(lambda self: self.desk.now - self.desk.began < LONGEST)
    @rule(long=st.sampled_from(WAITS))
    def let_time_pass(self, long: timedelta) -> None:
        self.desk.wait(long)

    @rule(trouble=TROUBLES)
    def let_the_worker_work(self, trouble: Trouble) -> None:
        for visit in self.visits.values():
            visit.is_calm &= trouble is None
        self.desk.work(trouble)

    @precondition(lambda self: self.till.events())
    @rule(picks=st.lists(PICK, min_size=1, max_size=5), is_worked=st.booleans(), trouble=TROUBLES)
    def tell_events(self, picks: list[int], is_worked: bool, trouble: Trouble) -> None:  # noqa: FBT001 - drawn by the machine
        """Events of any time, in any order, some once more; the others are late, or never come."""
        events = self.till.events()
        for pick in picks:
            self.desk.deliver(events[pick % len(events)], None if is_worked else trouble)
        if is_worked:
            self.let_the_worker_work(trouble)

    @precondition(lambda self: self.refundable())
    @rule(pick=PICK, cents=st.integers(1, 3000))
    def refund_in_the_dashboard(self, pick: int, cents: int) -> None:
        some = self.refundable()
        intent, left = some[pick % len(some)]
        self._unsettle(intent)
        refund_in_dashboard(self.till.salon, intent, min(cents, left))

    @precondition(lambda self: self.refundable())
    @rule(pick=PICK)
    def take_it_back_at_the_bank(self, pick: int) -> None:
        some = self.refundable()
        intent, _ = some[pick % len(some)]
        self._unsettle(intent)
        (charge,) = [one for one in self._charges() if one["payment_intent"] == intent and one["captured"]]
        dispute(self.till.salon, charge["id"])

    def refundable(self) -> list[tuple[str, int]]:
        """The charges of which something is left and that nobody disputes, with how much."""
        return [
            (one["payment_intent"], one["amount"] - one["amount_refunded"])
            for one in self._charges()
            if one["captured"] and not one["disputed"] and one["amount_refunded"] < one["amount"]
        ]

    def _charges(self) -> list[dict[str, Any]]:
        return self.stack.stripe.state.objects("charges", self.till.salon.account)

    def _unsettle(self, intent: str) -> None:
        """What is done behind our back makes the visit's next answers uncertain."""
        for one in self.seen.intents:
            payment = self.seen.payments.get(one["metadata"].get("payment_id", ""))
            if one["id"] == intent and payment is not None:
                self.visits[str(payment["owner_id"])].is_calm = False
