# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""The processor out of reach, answers lost, work cut short: nothing locks, nothing is lost, nothing happens twice."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import NoReturn
from uuid import uuid4

import pytest
import requests
from flask import Flask

from tests.billing.subscriber import CENTS, SUBSCRIPTION, Subscriber
from tests.payments.dying_press import Dying
from tithi.integrations.stripe.billing_client import StripeBilling
from tithi.integrations.stripe.client import StripeProcessor
from tithi.integrations.stripe.sandbox.faults import FaultKind

SUBSCRIPTIONS = "POST /v1/subscriptions"
LOST: tuple[FaultKind, ...] = ("lose_answer_before", "lose_answer_after", "rate_limit_429", "error_500")


def test_a_processor_out_of_reach_for_weeks_locks_nobody_out(newcomer: Subscriber) -> None:
    with newcomer.out_of_reach():
        for days in (0, 10, 10):
            newcomer.pass_time(days=days)
            newcomer.work()
            assert (newcomer.standing()[2], newcomer.can_book()) == ("full", True)
        assert newcomer.shown()["processor_status"] is None
        listed = newcomer.salon.as_owner("GET", f"{SUBSCRIPTION}/invoices")
        assert listed.status_code == 200
    newcomer.advance(minutes=20)
    newcomer.advance(minutes=20)
    (kept,) = newcomer.subscriptions()
    assert kept["status"] == "trialing"
    assert newcomer.standing() == ("trial", "trialing", "full")
    assert kept["trial_end"] > newcomer.sandbox.state.now() + 2 * 24 * 3600


def test_a_paying_business_stays_as_it_was_while_the_processor_is_out_of_reach(payer: Subscriber) -> None:
    with payer.out_of_reach():
        payer.pass_time(days=45)
        payer.work()
        assert payer.standing() == ("active", "active", "full")
        assert payer.can_book()
        invoices = payer.salon.as_owner("GET", f"{SUBSCRIPTION}/invoices")
        assert (invoices.status_code, invoices.json["code"]) == (502, "TITHI_BILLING_STRIPE_ERROR")
        card = payer.enter_card()
        assert (card.status_code, card.json["code"]) == (502, "TITHI_BILLING_STRIPE_ERROR")
    payer.advance(minutes=20)
    assert payer.standing() == ("active", "active", "full")
    assert payer.paid() == [CENTS, CENTS]


@pytest.mark.parametrize("kind", LOST)
def test_a_beginning_whose_answer_was_lost_is_made_once(newcomer: Subscriber, kind: FaultKind) -> None:
    newcomer.fail(SUBSCRIPTIONS, kind)
    newcomer.work()
    newcomer.advance(minutes=1)
    if kind == "error_500":
        assert newcomer.standing() == ("trial", None, "full")
        newcomer.advance(days=1)
        newcomer.advance(minutes=1)
    assert len(newcomer.subscriptions()) == 1
    assert newcomer.standing() == ("trial", "trialing", "full")


def test_a_beginning_whose_answer_was_lost_is_known_by_its_event(newcomer: Subscriber) -> None:
    newcomer.fail(SUBSCRIPTIONS, "lose_answer_after")
    newcomer.work()
    assert newcomer.shown()["processor_status"] is None
    newcomer.hear()
    assert newcomer.standing() == ("trial", "trialing", "full")
    assert newcomer.rows("SELECT status FROM subscription_changes") == [("done",)]


def test_a_beginning_is_looked_up_once_its_key_is_forgotten(newcomer: Subscriber) -> None:
    newcomer.fail(SUBSCRIPTIONS, "lose_answer_after")
    newcomer.work()
    with newcomer.out_of_reach():
        newcomer.pass_time(days=2)
        newcomer.work()
    newcomer.pass_time(minutes=20)
    newcomer.news()
    newcomer.work()
    newcomer.work()
    assert len(newcomer.subscriptions()) == 1
    assert newcomer.standing() == ("trial", "trialing", "full")


def test_a_beginning_that_never_arrived_is_asked_for_anew_once_its_key_is_forgotten(newcomer: Subscriber) -> None:
    newcomer.fail(SUBSCRIPTIONS, "lose_answer_before")
    newcomer.work()
    with newcomer.out_of_reach():
        newcomer.pass_time(days=2)
        newcomer.work()
    newcomer.advance(minutes=20)
    newcomer.advance(minutes=1)
    assert len(newcomer.subscriptions()) == 1
    assert newcomer.rows("SELECT status FROM subscription_changes ORDER BY created_at") == [("lapsed",), ("done",)]


def test_a_beginning_that_is_refused_is_asked_for_once_a_day(
    app: Flask, worker_app: Flask, newcomer: Subscriber, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours = worker_app.extensions["tithi.billing"]
    refused = StripeProcessor(secret_key="sk_wrong", api_base=newcomer.sandbox.url, before_call=lambda: None)  # noqa: S106
    statement = "SELECT status FROM subscription_changes ORDER BY created_at"
    with monkeypatch.context() as patched:
        patched.setitem(worker_app.extensions, "tithi.billing", replace(ours, processor=StripeBilling(refused)))
        newcomer.work()
        assert newcomer.rows(statement) == [("refused",)]
        newcomer.pass_time(days=1, minutes=1)
        newcomer.work()
        assert newcomer.rows(statement) == [("refused",)] * 2
        assert (newcomer.standing(), newcomer.can_book()) == (("trial", None, "full"), True)
    refused.close()
    assert app.extensions["tithi.billing"] is ours
    newcomer.advance(days=1, minutes=1)
    assert newcomer.standing() == ("trial", "trialing", "full")


@pytest.mark.parametrize("kind", LOST[:2])
def test_a_pause_whose_answer_was_lost_is_shown_as_asked_and_happens_once(payer: Subscriber, kind: FaultKind) -> None:
    payer.fail("POST /v1/subscriptions/*/pause", kind)
    answer = payer.press("pause")
    assert (answer.status_code, answer.json["pending_changes"]) == (200, ["pause"]), answer.text
    busy = payer.press("cancel")
    assert (busy.status_code, busy.json["code"]) == (409, "TITHI_SUBSCRIPTION_BUSY")
    payer.pass_time(minutes=1)
    payer.work()
    assert payer.standing() == ("paused", "paused", "read_only")
    assert payer.shown()["pending_changes"] == []
    assert len(payer.sandbox.state.objects("pending_invoice_lines")) == 1


@pytest.mark.parametrize("kind", LOST[:2])
def test_a_payment_whose_answer_was_lost_is_taken_once(payer: Subscriber, kind: FaultKind) -> None:
    payer.pressed("pause")
    payer.advance(days=90)
    payer.fail("POST /v1/subscriptions/*/resume", kind)
    assert payer.press("resume").status_code == 200
    payer.advance(minutes=1)
    assert payer.standing() == ("active", "active", "full")
    assert len(payer.sandbox.state.objects("invoices")) == 3


def test_a_press_that_the_processor_fails_at_for_good_lapses_within_minutes(payer: Subscriber) -> None:
    payer.fail("POST /v1/subscriptions/*/pause", "error_500")
    assert payer.press("pause").json["pending_changes"] == ["pause"]
    for minutes in (1, 10, 10):
        payer.pass_time(minutes=minutes)
        payer.work()
    assert (payer.standing(), payer.shown()["pending_changes"]) == (("active", "active", "full"), [])
    assert payer.pressed("pause")["status"] == "paused"


@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_press_cut_short_is_finished_by_the_worker(
    app: Flask, payer: Subscriber, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    with _breaking(app, monkeypatch, f"{moment}:pause"):
        assert payer.press("pause", key="cut").status_code == 500
    payer.pass_time(minutes=1)
    payer.work()
    assert payer.standing() == ("paused", "paused", "read_only")
    assert len(payer.sandbox.state.objects("pending_invoice_lines")) == 1


@pytest.mark.parametrize("moment", ["before", "after"])
def test_the_same_press_after_it_was_cut_short_answers_with_what_came_of_it(
    app: Flask, payer: Subscriber, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    with _breaking(app, monkeypatch, f"{moment}:pause"):
        payer.press("pause", key="cut")
    answer = payer.press("pause", key="cut")
    assert (answer.status_code, answer.json["status"]) == (200, "paused"), answer.text
    assert len(payer.rows("SELECT 1 FROM subscription_changes WHERE kind = 'pause'")) == 1


@contextmanager
def _breaking(app: Flask, patch: pytest.MonkeyPatch, point: str) -> Iterator[None]:
    """Let requests end just before or just after one of the calls to the processor."""
    ours = app.extensions["tithi.billing"]
    with patch.context() as patched:
        broken = replace(ours, processor=Dying(ours.processor, point, _break))
        patched.setitem(app.extensions, "tithi.billing", broken)
        yield


def _break() -> NoReturn:
    raise RuntimeError


def test_a_change_that_the_processor_cannot_be_asked_about_for_a_day_lapses(payer: Subscriber) -> None:
    with payer.out_of_reach():
        assert payer.press("pause").json["pending_changes"] == ["pause"]
        payer.pass_time(days=2)
        payer.work()
    payer.advance(minutes=20)
    assert payer.standing() == ("active", "active", "full")
    assert payer.pressed("pause")["status"] == "paused"


@pytest.mark.parametrize("kind", ["lose_answer_before", "lose_answer_after", "rate_limit_429"])
def test_a_card_whose_answer_was_lost_is_entered_by_the_same_request(subscriber: Subscriber, kind: FaultKind) -> None:
    key = str(uuid4())
    subscriber.fail("POST /v1/setup_intents", kind)
    assert subscriber.enter_card(key=key).status_code == 502
    answer = subscriber.enter_card(key=key)
    assert (answer.status_code, answer.json.get("card_status")) == (200, "card_on_file"), answer.text
    assert subscriber.shown()["card"]["last4"] == "4242"


def test_what_the_processor_refuses_is_told_and_the_mirror_catches_up(payer: Subscriber) -> None:
    name = payer.subscriptions()[0]["id"]
    _cancel_at_the_processor(payer, name)
    answer = payer.press("pause")
    assert (answer.status_code, answer.json["code"]) == (409, "TITHI_SUBSCRIPTION_REFUSED")
    payer.work()
    assert payer.standing() == ("canceled", "canceled", "read_only")


def _cancel_at_the_processor(payer: Subscriber, name: str) -> None:
    answer = requests.delete(
        f"{payer.sandbox.url}/v1/subscriptions/{name}",
        headers={"Authorization": f"Bearer {payer.sandbox.secret_key}"},
        timeout=10,
    )
    assert answer.ok, answer.text
    payer.news()
