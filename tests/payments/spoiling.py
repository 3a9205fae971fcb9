# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""Making the books wrong, in every way that a reconciliation has to find."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import text

from tests.factories.books import (
    change_object,
    charge_in_dashboard,
    dispute,
    forget_object,
    pay_out,
    refund_in_dashboard,
)
from tests.payments.test_ledger import give_back
from tests.payments.till import CAPTURE, Till
from tithi.payments.service import ledger
from tithi.platform import clock
from tithi.platform.db import transaction
from tithi.platform.ids import new_id
from tithi.platform.tenancy import tenant_scope

Break = tuple[str, str]
VISITS_A_DAY = 20


@dataclass(frozen=True, slots=True)
class Visit:
    """A completed visit, with what the processor has of it."""

    booking_id: str
    payment_id: str
    intent: dict[str, Any]

    @property
    def charge_ref(self) -> str:
        return str(self.intent["latest_charge"])


@dataclass(slots=True)
class Spoiler:
    till: Till
    numbers: "count[int]" = field(default_factory=count)
    days: "count[int]" = field(default_factory=lambda: count(2))

    def visit(self, *, loses_answer: bool = False) -> Visit:
        """A visit of 50.00, charged; where the answer is lost, we do not know that yet."""
        number = next(self.numbers)
        salon = self.till.salon
        start = salon.slot(days=3 + number // VISITS_A_DAY, hour=number % VISITS_A_DAY)
        booking_id = salon.booked(start=start)["booking_id"]
        if loses_answer:
            self.till.fail(CAPTURE, "lose_answer_after")
        assert salon.press("complete", booking_id).status_code == 200
        intent = self.till.intents()[0]
        assert intent["status"] == "succeeded"
        return Visit(booking_id, self.till.shown(booking_id)["payment_id"], intent)

    def execute(self, statement: str, **values: Any) -> None:
        """What a broken release would have written."""
        with self.till.worker_app.app_context(), tenant_scope(self.till.salon.tenant_id), transaction() as current:
            current.execute(text(statement), values)

    def entry(self, source_ref: str) -> dict[str, Any]:
        return next(one for one in self.till.balance_entries() if one["source"] == source_ref)


def missing_payment(spoiler: Spoiler) -> Break:
    return "missing_payment", charge_in_dashboard(spoiler.till.salon, 2500)["id"]


def missing_charge(spoiler: Spoiler) -> Break:
    visit = spoiler.visit()
    for kind, name in (
        ("balance_transactions", spoiler.entry(visit.charge_ref)["id"]),
        ("charges", visit.charge_ref),
        ("payment_intents", visit.intent["id"]),
    ):
        forget_object(spoiler.till.salon, kind, name)
    return "missing_charge", visit.intent["id"]


def amount_differs(spoiler: Spoiler) -> Break:
    visit = spoiler.visit()
    entry = spoiler.entry(visit.charge_ref)
    salon = spoiler.till.salon
    change_object(salon, "balance_transactions", entry["id"], amount=5100, net=entry["net"] + 100)
    change_object(salon, "charges", visit.charge_ref, amount=5100, amount_captured=5100)
    change_object(salon, "payment_intents", visit.intent["id"], amount=5100, amount_received=5100)
    return "amount_differs", visit.intent["id"]


def fee_differs(spoiler: Spoiler) -> Break:
    visit = spoiler.visit()
    entry = spoiler.entry(visit.charge_ref)
    details = [one | {"amount": one["amount"] + 25 * (one["type"] == "stripe_fee")} for one in entry["fee_details"]]
    change_object(
        spoiler.till.salon,
        "balance_transactions",
        entry["id"],
        fee=entry["fee"] + 25,
        net=entry["net"] - 25,
        fee_details=details,
    )
    return "fee_differs", visit.intent["id"]


def refund_missing_here(spoiler: Spoiler) -> Break:
    visit = spoiler.visit()
    return "refund_missing_here", refund_in_dashboard(spoiler.till.salon, visit.intent["id"], 1234)["id"]


def refund_missing_there(spoiler: Spoiler) -> Break:
    visit = spoiler.visit()
    give_back(spoiler.till, visit.booking_id, refund_type="partial", amount_cents=2000)
    refund = spoiler.till.refunds()[0]
    forget_object(spoiler.till.salon, "balance_transactions", refund["balance_transaction"])
    forget_object(spoiler.till.salon, "refunds", refund["id"])
    return "refund_missing_there", refund["id"]


def dispute_missing_here(spoiler: Spoiler) -> Break:
    return "dispute_missing_here", dispute(spoiler.till.salon, spoiler.visit().charge_ref)["id"]


def duplicate_charge(spoiler: Spoiler) -> Break:
    visit = spoiler.visit()
    return "duplicate_charge", charge_in_dashboard(spoiler.till.salon, 5000, payment_id=visit.payment_id)["id"]


def status_differs(spoiler: Spoiler) -> Break:
    visit = spoiler.visit(loses_answer=True)
    for table, column in (("payment_attempts", "payment_id"), ("payments", "id")):
        spoiler.execute(
            f"UPDATE {table} SET status = 'declined_final' WHERE {column} = :id",  # noqa: S608 - names are our own
            id=visit.payment_id,
        )
    spoiler.execute("DELETE FROM timers WHERE kind = 'payments.recover_attempt'")
    return "status_differs", visit.intent["id"]


def payout_differs(spoiler: Spoiler) -> Break:
    spoiler.visit()
    payout = pay_out(spoiler.till.salon)
    change_object(spoiler.till.salon, "payouts", payout["id"], amount=payout["amount"] + 1)
    return "payout_differs", payout["id"]


def ledger_unbalanced_day(spoiler: Spoiler) -> Break:
    day = clock.now() - timedelta(days=next(spoiler.days))
    with spoiler.till.worker_app.app_context(), tenant_scope(spoiler.till.salon.tenant_id), transaction():
        ledger.post(
            kind="capture",
            source_id=new_id(),
            owner_id=None,
            payment_id=None,
            currency="USD",
            lines={"customer": -700, "business": 700},
            occurred_at=day,
        )
    return "ledger_unbalanced_day", f"{day.astimezone(ZoneInfo(spoiler.till.salon.zone)).date().isoformat()} USD"


SPOILED_FIRST: tuple[Callable[[Spoiler], Break], ...] = (payout_differs,)
SPOILED_LATER: tuple[Callable[[Spoiler], Break], ...] = (
    missing_payment,
    missing_charge,
    amount_differs,
    fee_differs,
    refund_missing_here,
    refund_missing_there,
    dispute_missing_here,
    duplicate_charge,
    status_differs,
    ledger_unbalanced_day,
)
REPAIRED = {
    "amount_differs", "dispute_missing_here", "fee_differs", "refund_missing_here", "status_differs",
}  # fmt: skip
