# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""Months of a business at random: the books are even every day, and are the processor's to the cent."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from random import Random
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest
from flask import Flask

from tests.factories.businesses import open_salon
from tests.factories.chance import seeded
from tests.factories.promotions import add_coupon, add_tax, sell_gift_card
from tests.payments.books import accounts, expect_books_to_tie, facts, rows
from tests.payments.till import AUTHORIZE, CAPTURE, REFUND, Till
from tests.stack import Stack
from tithi.integrations.stripe.sandbox.faults import FaultKind
from tithi.payments import splits

if TYPE_CHECKING:
    from collections.abc import Callable

API = "/api/v1"
DAY = 24 * 3600
DAYS = 28
VISITS_A_DAY = 24
BUSY_DAYS = 5
CARDS = ["pm_card_visa"] * 5 + ["pm_card_chargeCustomerFail"]
FAULTS: list[FaultKind] = ["lose_answer_before", "lose_answer_after", "reset", "rate_limit_429"]


@dataclass
class Month:
    """A business with its codes and the visits that are still to come to something."""

    till: Till
    chance: Random
    coupon: str
    open: list[dict[str, Any]] = field(default_factory=list)
    done: list[dict[str, Any]] = field(default_factory=list)
    gift_cards: list[str] = field(default_factory=list)
    booked: int = 0

    def sell(self) -> None:
        card = sell_gift_card(self.till.salon, self.chance.choice((500, 2000, 7000)), paid_by="cash")
        self.gift_cards.append(card["code"])

    def book(self) -> None:
        codes: dict[str, Any] = {}
        if self.chance.random() < 0.4:
            codes["coupon_code"] = self.coupon
        if self.gift_cards and self.chance.random() < 0.5:
            codes["gift_card_code"] = self.gift_cards.pop()
        day, hour = divmod(self.booked, VISITS_A_DAY)
        self.booked += 1
        salon = self.till.salon
        body = salon.booking_body(
            start=salon.slot(days=1 + day, hour=hour),
            payment_method={"type": "card", "stripe_payment_method_id": self.chance.choice(CARDS)},
            **codes,
        )
        answer = salon.request("POST", "/booking/create", None, key=str(uuid4()), json=body)
        assert answer.status_code == 201, answer.text
        self.open.append(answer.json["data"])

    def press(self, word: str, **body: Any) -> None:
        if not self.open:
            return
        visit = self.open.pop(self.chance.randrange(len(self.open)))
        answer = self.till.salon.press(word, visit["booking_id"], **body)
        assert answer.status_code in {200, 409}, answer.text
        self.done.append(visit)

    def complete(self) -> None:
        more: dict[str, Any] = {"tip_cents": self.chance.choice((0, 0, 333, 1000))}
        if self.chance.random() < 0.2:
            more |= {"charge_cents": self.chance.randrange(1000, 4000), "note": "A part of it"}
        self.press("complete", **more)

    def cancel(self) -> None:
        self.press("cancel", canceled_by=self.chance.choice(("customer", "business")))

    def pay_at_desk(self) -> None:
        if self.open:
            visit = self.open.pop()
            body = {"booking_id": visit["booking_id"], "method": "cash"}
            self._post("payments/cash", body)
            self.done.append(visit)

    def refund(self) -> None:
        if self.done:
            visit = self.chance.choice(self.done)
            cents = self.chance.randrange(1, 3000)
            body = {"refund_type": "partial", "amount_cents": cents} if self.chance.random() < 0.7 else {}
            self._post(f"admin/bookings/{visit['booking_id']}/refund", body)

    def give_up(self) -> None:
        if self.done:
            word = self.chance.choice(("waive", "write-off", "charge", "request-payment"))
            body = {"reason": "A favour"} if word in {"waive", "write-off"} else {}
            self._post(f"bookings/{self.chance.choice(self.done)['booking_id']}/{word}", body)

    def charge_more(self) -> None:
        if self.done:
            word = self.chance.choice(("tip", "balance", "request-deposit"))
            visit = self.chance.choice(self.open or self.done if word == "request-deposit" else self.done)
            body = {"tip_cents": self.chance.randrange(50, 900)} if word == "tip" else {}
            self._post(f"bookings/{visit['booking_id']}/{word}", body)

    def _post(self, path: str, body: dict[str, Any]) -> None:
        answer = self.till.salon.as_owner("POST", f"{API}/{path}", key=str(uuid4()), json=body)
        assert answer.status_code in {200, 201, 400, 404, 409, 502}, answer.text

    def hear(self) -> None:
        """An event of the past comes in, late or once more, in whatever order."""
        events = self.till.events()
        for event in self.chance.choices(events, k=min(len(events), 3)):
            assert self.till.deliver(event).status_code == 200

    def act(self) -> None:
        actions: list[Callable[[], None]] = [
            self.sell, self.book, self.book, self.complete, self.complete, self.cancel, self.pay_at_desk,
            self.refund, self.refund, self.give_up, self.hear, self.charge_more, lambda: self.press("no-show"),
        ]  # fmt: skip
        if self.chance.random() < 0.15:
            self.till.fail(self.chance.choice((AUTHORIZE, CAPTURE, REFUND)), self.chance.choice(FAULTS))
        self.chance.choice(actions)()


def _expect_no_money_twice(till: Till) -> None:
    """A payment is taken at most once and never after it was given up; what goes back was taken."""
    taken = [intent for intent in till.intents() if intent["amount_received"]]
    purposes = Counter(intent["metadata"]["payment_id"] for intent in taken)
    assert set(purposes.values()) <= {1}, purposes
    kept = {
        str(one["id"]): one for one in rows(till, "SELECT id, status, captured_cents, refunded_cents FROM payments")
    }
    for payment_id in purposes:
        assert kept[payment_id]["status"] == "succeeded", kept[payment_id]
    given_back: Counter[str] = Counter()
    for refund in till.refunds():
        if refund["status"] != "failed":
            given_back[refund["payment_intent"]] += refund["amount"]
    assert all(given_back[intent["id"]] <= intent["amount_received"] for intent in taken)
    assert all(one["refunded_cents"] <= one["captured_cents"] for one in kept.values())


def _by_day(till: Till) -> tuple[Counter[str], Counter[str]]:
    """What the ledger and the processor say of the business's balance, by the processor's day."""
    here: Counter[str] = Counter()
    at_desk = {one["id"] for one in rows(till, "SELECT id FROM payments WHERE method <> 'card'")}
    for fact in facts(till):
        if fact["kind"] in splits.AT_PROCESSOR and fact["payment_id"] not in at_desk:
            day = fact["occurred_at"].astimezone(UTC).date().isoformat()
            here[day] += sum(cents for account, cents in fact["lines"].items() if account in splits.HELD)
    there: Counter[str] = Counter()
    for entry in till.balance_entries():
        there[datetime.fromtimestamp(entry["created"], UTC).date().isoformat()] += entry["net"]
    return here, there


def expect_even_books(till: Till, chance: Random, *, months: int) -> None:
    """Let a business live so long, and check its books each day and at the end of each month."""
    add_tax(till.salon)
    policy: dict[str, Any] = chance.choice(
        ({}, {"deposit": {"type": "percent", "value": 20}}, {"hold_hours_before": 168})
    )
    if policy:
        changed = till.salon.as_owner("PUT", f"{API}/tenants/{till.salon.tenant_id}/policies", json=policy)
        assert changed.status_code == 200, changed.text
    month = Month(till, chance, add_coupon(till.salon)["code"])
    for _ in range(months):
        _spend_month(month)
        till.recover(minutes=20)
        reconciled = till.salon.as_owner("POST", f"{API}/payments/reconciliation", key=str(uuid4()), json={})
        assert reconciled.status_code == 200, reconciled.text
        assert till.salon.as_owner("GET", f"{API}/payments/breaks").json["breaks"] == []
        _expect_no_money_twice(till)
        here, there = _by_day(till)
        days = {*here, *there}
        assert {day: here[day] for day in days} == {day: there[day] for day in days}
        assert all(sum(fact["lines"].values()) == 0 for fact in facts(till))


def _spend_month(month: Month) -> None:
    """Four weeks of the processor's clock, which ends where it began."""
    till, state = month.till, month.till.stack.stripe.state
    behind = DAYS * DAY
    state.advance(-behind)
    try:
        for _ in range(BUSY_DAYS):
            for _ in range(6):
                month.act()
            till.recover(minutes=2)
            assert sum(accounts(till).values()) == 0
            step = month.chance.randint(1, 3) * DAY
            state.advance(step)
            behind -= step
    finally:
        state.clear_faults()
        state.advance(behind)


def test_the_books_are_even_every_day_and_the_processors_to_the_cent(till: Till) -> None:
    expect_even_books(till, seeded(), months=2)


@pytest.mark.long
@pytest.mark.timeout(7200)
def test_the_books_of_forty_businesses_are_even_on_every_day_of_five_months(
    app: Flask, stack: Stack, worker_app: Flask
) -> None:
    chance = seeded()
    for _ in range(40):
        till = Till(open_salon(app), stack, worker_app)
        expect_even_books(till, chance, months=5)
        expect_books_to_tie(till)
