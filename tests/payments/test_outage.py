# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""Ten minutes without the payment processor: everything is accepted, and afterwards everything happened once."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from uuid import uuid4

import pytest
from flask import Flask

from tests.factories.businesses import Answer
from tests.payments.till import Till
from tithi.integrations.stripe.budget import CallBudget
from tithi.integrations.stripe.client import StripeProcessor
from tithi.integrations.stripe.sandbox.faults import FaultKind

API = "/api/v1"
ALL_CALLS = "*"
MANY = 100_000
RETRY_AFTER_SECONDS = 0.05
NINE_SECONDS = 9
DAY_AND_HOUR = 25 * 3600


def _refund(till: Till, booking_id: str) -> Answer:
    path = f"{API}/admin/bookings/{booking_id}/refund"
    return till.salon.as_owner("POST", path, key=str(uuid4()), json={"refund_type": "partial", "amount_cents": 1500})


@pytest.mark.parametrize(
    "kind", ["lose_answer_before", "lose_answer_after", "reset", "rate_limit_429", "error_500", "error_500_after"]
)
def test_what_was_asked_in_an_outage_happens_once_when_it_is_over(till: Till, kind: FaultKind) -> None:
    """A failure of the processor's own is repeated by it for a day, so that only then the money can be taken."""
    salon = till.salon
    visits = [salon.booked(start=salon.slot(days=2, hour=9 + number))["booking_id"] for number in range(3)]
    paid = salon.booked(start=salon.slot(days=2, hour=13))["booking_id"]
    assert salon.press("complete", paid).json["captured_cents"] == 5000

    till.fail(ALL_CALLS, kind, times=MANY, seconds=RETRY_AFTER_SECONDS)
    for visit in visits[:2]:
        pressed = salon.press("complete", visit)
        assert (pressed.status_code, pressed.json["status"]) == (200, "completed"), pressed.text
        assert pressed.json["payment_status"] in {"requires_action", "authorized"}
    missed = salon.press("no-show", visits[2])
    assert (missed.status_code, missed.json["status"]) == (200, "no_show")
    refunded = _refund(till, paid)
    assert (refunded.status_code, refunded.json["status"]) == (201, "pending")
    taken_up = salon.book(start=salon.slot(days=3, hour=9))
    assert (taken_up.status_code, taken_up.json["data"]["status"]) == (201, "pending"), taken_up.text
    for path in ("bookings", "customers", "services", "payments/ledger/days?from=2026-01-01&to=2026-12-31"):
        assert salon.as_owner("GET", f"{API}/{path}").status_code == 200
    for minutes in (1, 3, 6, 9):
        till.recover(minutes=minutes)
    till.stack.stripe.state.clear_faults()

    for minutes in (11, 14, 20, 40):
        till.recover(minutes=minutes)
    if kind == "error_500":
        till.stack.stripe.state.advance(DAY_AND_HOUR)
        try:
            till.recover(hours=25)
            till.recover(hours=26)
        finally:
            till.stack.stripe.state.advance(-DAY_AND_HOUR)
    booked = till.shown(taken_up.json["data"]["booking_id"])
    assert (booked["status"], booked["card_status"]) == ("confirmed", "card_on_file")
    assert [till.shown(visit)["captured_cents"] for visit in visits] == [5000, 5000, 5000]
    assert till.taken() == 20_000
    assert [refund["amount"] for refund in till.refunds()] == [1500]
    assert till.shown(paid)["refunded_cents"] == 1500
    assert (till.facts("payment.captured"), till.facts("payment.refunded")) == (4, 1)
    assert sorted(intent["status"] for intent in till.intents()) == ["succeeded"] * 4


def test_a_charge_for_which_no_call_is_left_is_finished_by_the_worker(
    till: Till, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    booking_id = till.salon.booked()["booking_id"]
    settings, processing = till.stack.settings, app.extensions["tithi.payments"]
    budget = CallBudget(settings.redis_url, calls_per_second=1, longest_wait_seconds=0.0)
    narrow = StripeProcessor(
        secret_key=settings.stripe_secret_key,
        api_base=settings.stripe_api_base,
        before_call=lambda: None,
        budget=budget,
    )
    with monkeypatch.context() as patched:
        patched.setitem(app.extensions, "tithi.payments", replace(processing, processor=narrow))
        budget.hold(till.salon.account, 20)
        pressed = till.salon.press("complete", booking_id)
    narrow.close()
    assert (pressed.json["status"], pressed.json["payment_status"]) == ("completed", "requires_action")
    assert till.intents() == []
    budget.hold(till.salon.account, 0)
    till.recover()
    till.expect_charged_once(booking_id)


def test_a_processor_that_takes_nine_seconds_for_each_answer_holds_up_nobody_else(till: Till) -> None:
    """Nine seconds are within what a call waits; whoever asks nothing of it is served meanwhile."""
    salon = till.salon
    visits = [salon.booked(start=salon.slot(days=2, hour=9 + number))["booking_id"] for number in range(2)]
    till.fail(ALL_CALLS, "slow", times=MANY, seconds=NINE_SECONDS)
    with ThreadPoolExecutor(max_workers=4) as pool:
        slow = [
            pool.submit(salon.press, "complete", visits[0]),
            pool.submit(salon.press, "no-show", visits[1]),
            pool.submit(salon.book, start=salon.slot(days=3, hour=9)),
        ]
        for path in ("bookings", "customers", "services", "payments/ledger/days?from=2026-01-01&to=2026-12-31"):
            assert salon.as_owner("GET", f"{API}/{path}").status_code == 200
        held = salon.request(
            "POST",
            f"{API}/public/{salon.slug}/holds",
            None,
            key=str(uuid4()),
            json={"service_id": str(salon.service_id), "start_time": salon.slot(days=4).isoformat()},
        )
        assert held.status_code == 201, held.text
        assert not any(one.done() for one in slow)
        till.recover(seconds=1)
        done = [one.result() for one in slow]
    till.stack.stripe.state.clear_faults()
    assert [answer.status_code for answer in done] == [200, 200, 201]
    assert [answer.json["captured_cents"] for answer in done[:2]] == [5000, 5000]
    assert done[2].json["data"]["status"] == "confirmed"
    till.recover(seconds=30)
    assert (till.taken(), till.facts("payment.captured")) == (10_000, 2)
    assert sorted(intent["status"] for intent in till.intents()) == ["succeeded"] * 2
