# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""What checks the random histories of money objects to what is wrong, and to nothing else."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask

from tests.factories.books import charge_in_dashboard
from tests.payments.machine.truth import Seen, Visit, disagreements, follow, wrongs
from tests.payments.machine.whole import Money, run
from tests.stack import Stack

BOOKING, PAYMENT, DEPOSIT = "booking-1", "payment-1", "payment-2"


def _visit(**changes: Any) -> Visit:
    found = Visit(
        booking_id=BOOKING,
        token="",
        number="",
        card="pm_card_visa",
        price_cents=5000,
        gift_card_cents=0,
        deposit_cents=1000,
        starts_at=datetime(2030, 1, 1, tzinfo=UTC),
        email="",
        status="completed",
        is_calm=True,
        due_cents=5000,
        refund_presses=1,
    )
    return replace(found, **changes)


def _payment(payment_id: str = PAYMENT, **changes: Any) -> dict[str, Any]:
    return {
        "id": payment_id,
        "owner_id": BOOKING,
        "purpose": "outcome",
        "status": "succeeded",
        "method": "card",
        "captured_cents": 5000,
        "gift_card_cents": 0,
        "deposit_cents": 0,
        "refunded_cents": 1000,
        "restored_cents": 0,
        "application_fee_cents": 50,
        **changes,
    }


def _intent(name: str = "pi_1", payment_id: str = PAYMENT, cents: int = 5000, **changes: Any) -> dict[str, Any]:
    return {
        "id": name,
        "status": "succeeded",
        "amount": 5000,
        "amount_received": cents,
        "application_fee_amount": 50,
        "metadata": {"payment_id": payment_id},
        **changes,
    }


def _refund(name: str = "re_1", cents: int = 1000, **changes: Any) -> dict[str, Any]:
    found = {"id": name, "amount": cents, "status": "succeeded", "payment_intent": "pi_1"}
    return {**found, "metadata": {"refund_id": name}, **changes}


def _seen(**changes: Any) -> Seen:
    sound = Seen({BOOKING: "completed"}, {PAYMENT: _payment()}, [_intent()], [_refund()])
    return replace(sound, **changes)


SECOND = [_intent(), _intent("pi_2")]
NOTHING_TAKEN: dict[str, Any] = {"captured_cents": 0, "refunded_cents": 0, "application_fee_cents": 0}
OPEN: dict[str, Any] = {"payments": {PAYMENT: _payment(status="open", **NOTHING_TAKEN)}, "refunds": []}


def test_what_is_right_is_not_objected_to() -> None:
    assert disagreements({BOOKING: _visit()}, _seen()) == []


def test_a_deposit_and_an_outcome_are_two_purposes_and_each_is_paid_once() -> None:
    deposit = _payment(DEPOSIT, purpose="deposit", captured_cents=1000, refunded_cents=0, application_fee_cents=10)
    outcome = _payment(deposit_cents=1000, captured_cents=4000, application_fee_cents=40)
    taken = [_intent("pi_2", DEPOSIT, 1000, application_fee_amount=10), _intent(cents=4000, application_fee_amount=40)]
    seen = _seen(payments={PAYMENT: outcome, DEPOSIT: deposit}, intents=taken)
    assert disagreements({BOOKING: _visit()}, seen) == []
    twice = replace(seen, intents=[*taken, _intent("pi_3", DEPOSIT, 1000)])
    assert "charged 2 times for deposit" in "; ".join(wrongs({BOOKING: _visit()}, twice))
    unused = replace(seen, payments={PAYMENT: outcome | {"deposit_cents": 0}, DEPOSIT: deposit})
    assert "keeps 1000 of a deposit of which 0 is used" in "; ".join(disagreements({BOOKING: _visit()}, unused))


@pytest.mark.parametrize(
    ("about", "changes", "said"),
    [
        pytest.param({}, {"intents": SECOND}, "charged 2 times for outcome", id="two charges for one purpose"),
        pytest.param({}, {"intents": [_intent(payment_id="x")], "refunds": []}, "for nothing", id="a strange charge"),
        pytest.param({"due_cents": None}, {}, "nothing is due", id="a charge after a free cancellation"),
        pytest.param({"is_asked": False}, {}, "only proposed", id="a fee that nobody decided on"),
        pytest.param({"due_cents": 2500}, {}, "{5000} for what costs 2500", id="the price, not the fee"),
        pytest.param({}, {"refunds": [_refund(), _refund("re_2", 4001)]}, "gave back 5001", id="more than was taken"),
        pytest.param({"refund_presses": 0}, {}, "refunded 1 times", id="a refund that nobody asked for"),
        pytest.param({}, {"intents": [_intent(cents=0)]}, "the processor took 0", id="captured by our word alone"),
        pytest.param({}, {"uneven_facts": 1}, "do not sum to nothing", id="an uneven ledger"),
    ],
)
def test_money_that_is_wrong_at_any_moment_is_objected_to(
    about: dict[str, Any], changes: dict[str, Any], said: str
) -> None:
    assert said in "; ".join(wrongs({BOOKING: _visit(**about)}, _seen(**changes)))


@pytest.mark.parametrize("status", ["waived", "written_off", "canceled", "settled_elsewhere"])
def test_a_charge_after_the_money_was_given_up_is_objected_to(status: str) -> None:
    visits = {BOOKING: _visit()}
    given_up = _seen(payments={PAYMENT: _payment(status=status, **NOTHING_TAKEN)}, intents=[], refunds=[])
    follow(visits, given_up)
    assert wrongs(visits, given_up) == []
    found = wrongs(visits, replace(given_up, intents=[_intent(cents=0, status="requires_action")]))
    assert found == [f"{BOOKING} was charged after it was {status}"]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        pytest.param({**OPEN}, "has 0 by card, the processor took 5000", id="taken and not known"),
        pytest.param({"intents": [_intent(application_fee_amount=49)]}, "the processor kept 49", id="another fee"),
        pytest.param({"refunds": []}, "the processor gave back 0", id="a refund that was not made"),
        pytest.param(
            {**OPEN, "intents": [_intent(cents=0, status="requires_capture")]}, "still holds money", id="a hold"
        ),
        pytest.param(
            {**OPEN, "intents": [_intent(cents=0, status="requires_action")]}, "could still pay", id="an open link"
        ),
        pytest.param(
            {"payments": {PAYMENT: _payment(status="canceled", **NOTHING_TAKEN)}, "intents": [], "refunds": []},
            "is completed and its payment is canceled",
            id="a visit whose money was forgotten",
        ),
    ],
)
def test_what_does_not_agree_at_the_end_is_objected_to(changes: dict[str, Any], said: str) -> None:
    assert said in "; ".join(disagreements({BOOKING: _visit()}, _seen(**changes)))


def test_a_visit_that_becomes_what_nobody_pressed_is_objected_to() -> None:
    with pytest.raises(AssertionError, match="completed"):
        follow({BOOKING: _visit(status="confirmed")}, _seen())


def test_a_second_charge_that_somebody_makes_is_found(app: Flask, stack: Stack, worker_app: Flask) -> None:
    """The histories themselves, with a hand at the processor that takes the money of each paid visit once more."""

    class Robbed(Money):
        def _look(self) -> None:
            super()._look()
            for one in self.seen.payments.values():
                if one["status"] == "succeeded" and one["method"] == "card" and not one["gift_card_cents"]:
                    charge_in_dashboard(self.till.salon, 5000, payment_id=str(one["id"]))
                    self.seen = self.desk.look()

    Robbed.app, Robbed.stack, Robbed.worker_app = app, stack, worker_app
    with pytest.raises(AssertionError, match="charged 2 times for"):
        run(Robbed, histories=5, steps=15, shrinks=False)
