# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""What the business's own people do about money, in any order and in any trouble."""

from datetime import timedelta
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from tests.factories.businesses import Answer
from tests.payments.machine.counter import API, Death, Trouble
from tests.payments.machine.history import AHEAD, GOOD, PICK, TROUBLES, Become, History
from tests.payments.machine.truth import CLOSED, MAY_FOLLOW, Visit

DAY_AND_HOUR = timedelta(hours=25)
HAS_VISITS = precondition(lambda self: self.visits)


class Staff(History):
    @HAS_VISITS
    @rule(pick=PICK, trouble=TROUBLES)
    def check_in(self, pick: int, trouble: Trouble) -> None:
        self._reach(self.one(pick, "confirmed"), "check-in", "checked_in", None, trouble)

    @HAS_VISITS
    @rule(pick=PICK, tip=st.sampled_from((0, 0, 333, 1500)), part=st.none() | st.integers(0, 4000), trouble=TROUBLES)
    def complete(self, pick: int, tip: int, part: int | None, trouble: Trouble) -> None:
        visit = self.one(pick, *AHEAD)
        due = visit.price_cents if part is None else part
        less = {} if part is None else {"charge_cents": part, "note": "Only a part was done"}
        if visit.status != "completed":
            visit.tip_cents = max(visit.tip_cents, tip)
        self._reach(visit, "complete", "completed", due + tip, trouble, tip_cents=tip, **less)

    @HAS_VISITS
    @rule(pick=PICK, trouble=TROUBLES)
    def miss(self, pick: int, trouble: Trouble) -> None:
        visit = self.one(pick, *AHEAD)
        self._reach(visit, "no-show", "no_show", visit.price_cents, trouble)

    @HAS_VISITS
    @rule(pick=PICK, is_business=st.booleans(), trouble=TROUBLES)
    def cancel(self, pick: int, is_business: bool, trouble: Trouble) -> None:  # noqa: FBT001 - drawn by the machine
        visit = self.one(pick, *AHEAD)
        who = "business" if is_business else "customer"
        fee = 0 if is_business else self.late_fee(visit)
        self._reach(visit, "cancel", "canceled", fee, trouble, canceled_by=who)

    def _reach(self, visit: Visit, word: str, status: str, due: int | None, trouble: Trouble, **body: Any) -> None:
        """Press an outcome; where nothing went wrong around the visit, what comes of it is known."""
        before, payment = visit.status, self.payment_of(visit)

        def leads_to() -> Become:
            return {status: (self.late_fee(visit) if status == "canceled" and due else due or 0, True)}

        answer = self.press(visit, f"{API}/bookings/{visit.booking_id}/{word}", trouble, leads_to=leads_to, **body)
        if not visit.is_calm or answer is None:
            return
        if before == status:
            assert answer.status_code == 200, answer.text
            return
        assert (answer.status_code == 200) is (status in MAY_FOLLOW.get(before, ())), answer.text
        is_whole = payment["status"] == "open" and not visit.deposit_cents
        if answer.status_code == 200 and status != "checked_in" and is_whole:
            self._expect_charged(visit, due or 0, answer)

    def _expect_charged(self, visit: Visit, due: int, answer: Answer) -> None:
        rest = max(due - visit.gift_card_cents, 0)
        paid = min(due, visit.gift_card_cents) + (rest if rest >= 50 and visit.card == GOOD else 0)
        if visit.card == GOOD or rest < 50:
            assert answer.json["captured_cents"] == paid, (visit, answer.text)

    @HAS_VISITS
    @rule(pick=PICK, word=st.sampled_from(("no-show-fee", "charge", "request-payment")), trouble=TROUBLES)
    def want_money(self, pick: int, word: str, trouble: Trouble) -> None:
        visit = self.one(pick, owes=True)
        fee: dict[str, Any] = {"booking_id": visit.booking_id} if word == "no-show-fee" else {}
        path = f"{API}/payments/no-show-fee" if fee else f"{API}/bookings/{visit.booking_id}/{word}"
        answer = self.press(visit, path, trouble, **fee)
        if answer is None or answer.status_code < 400 or answer.status_code >= 500:
            visit.is_asked = True

    @HAS_VISITS
    @rule(pick=PICK, word=st.sampled_from(("waive", "write-off")), trouble=TROUBLES)
    def give_up(self, pick: int, word: str, trouble: Trouble) -> None:
        visit = self.one(pick, owes=True)
        path = f"{API}/bookings/{visit.booking_id}/{word}"
        answer = self.press(visit, path, trouble, reason="A favour")
        if answer is not None and answer.status_code == 200:
            assert answer.json["status"] == "canceled", answer.text

    @HAS_VISITS
    @rule(pick=PICK, cents=st.none() | st.integers(1, 6000), trouble=TROUBLES)
    def take_cash(self, pick: int, cents: int | None, trouble: Trouble) -> None:
        visit = self.one(pick)
        payment = self.payment_of(visit)
        amount: dict[str, Any] = {} if cents is None else {"amount_cents": cents}
        answer = self.press(visit, f"{API}/payments/cash", trouble, booking_id=visit.booking_id, **amount)
        if visit.is_calm and answer is not None:
            is_open = visit.status not in {"canceled", "failed"} and payment["status"] not in CLOSED | {"succeeded"}
            assert (answer.status_code == 201) is is_open, answer.text

    @HAS_VISITS
    @rule(pick=PICK, cents=st.none() | st.integers(1, 3000), trouble=TROUBLES)
    def refund(self, pick: int, cents: int | None, trouble: Trouble) -> None:
        visit = self.one(pick, paid=True)
        part: dict[str, Any] = {} if cents is None else {"refund_type": "partial", "amount_cents": cents}
        answer = self.press(visit, f"{API}/admin/bookings/{visit.booking_id}/refund", trouble, **part)
        if answer is None or answer.status_code < 400:
            visit.refund_presses += 1

    @HAS_VISITS
    @rule(pick=PICK, tip=st.none() | st.integers(50, 900), trouble=TROUBLES)
    def charge_more(self, pick: int, tip: int | None, trouble: Trouble) -> None:
        """A tip after the visit was paid, or the rest of its price."""
        visit = self.one(pick, "completed", paid=True)
        visit.tip_cents += tip or 0
        more: dict[str, Any] = {} if tip is None else {"tip_cents": tip}
        word = "tip" if tip else "balance"
        self.press(visit, f"{API}/bookings/{visit.booking_id}/{word}", trouble, **more)

    @HAS_VISITS
    @rule(pick=PICK, trouble=TROUBLES)
    def ask_where_it_stands(self, pick: int, trouble: Trouble) -> None:
        visit = self.one(pick, owes=True)
        self.press(visit, f"{API}/payments/confirm", trouble, booking_id=visit.booking_id)

    @HAS_VISITS
    @rule(pick=PICK, cents=st.none() | st.integers(50, 2000), point=st.integers(3, 12), is_repeated=st.booleans())
    def come_back_a_day_later(
        self,
        pick: int,
        cents: int | None,
        point: int,
        is_repeated: bool,  # noqa: FBT001 - drawn by the machine
    ) -> None:
        """A press whose process died is taken up by whoever is there a day later, the worker being down."""
        visit = self.one(pick, *AHEAD) if cents is None else self.one(pick, paid=True)
        body: dict[str, Any] = {}
        path = f"{API}/bookings/{visit.booking_id}/complete"
        if cents is not None:
            path = f"{API}/admin/bookings/{visit.booking_id}/refund"
            body = {"refund_type": "partial", "amount_cents": cents}
        answer = self.press(
            visit,
            path,
            Death(point),
            leads_to=(lambda: {"completed": (visit.price_cents, True)}) if cents is None else None,
            **body,
        )
        visit.refund_presses += cents is not None and (answer is None or answer.status_code < 400)
        self.money_is_right()
        self.desk.wait(DAY_AND_HOUR)
        if is_repeated and answer is None:
            self.send(self.cut.pop(), None)
            self.money_is_right()
        self.press(visit, f"{API}/payments/confirm", None, booking_id=visit.booking_id)
        self.press(visit, f"{API}/bookings/{visit.booking_id}/charge", None)
        visit.is_asked = True

    @precondition(lambda self: self.cut)
    @rule(pick=PICK, trouble=TROUBLES)
    def press_again(self, pick: int, trouble: Trouble) -> None:
        """The same press under its own key, now or long after it was cut short."""
        self.is_calm_booking = False
        self.send(self.cut.pop(pick % len(self.cut)), trouble)
