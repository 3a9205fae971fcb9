# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

from dataclasses import replace
from random import Random
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import text
from structlog.testing import capture_logs

from tests.factories.businesses import open_salon
from tests.payments.till import AUTHORIZE, Till
from tests.stack import Stack
from tithi.platform.db import transaction
from tithi.platform.tenancy import scope_without_tenant


@pytest.fixture
def refunded(till: Till) -> str:
    """A visit that was charged and given back in part."""
    booking_id: str = till.salon.booked()["booking_id"]
    assert till.salon.press("complete", booking_id).json["payment_status"] == "captured"
    answer = till.salon.as_owner(
        "POST",
        f"/api/v1/admin/bookings/{booking_id}/refund",
        key=str(uuid4()),
        json={"refund_type": "partial", "amount_cents": 1500},
    )
    assert answer.json["status"] == "succeeded", answer.text
    return booking_id


def _told(till: Till) -> dict[str, int]:
    codes = ("payment.captured", "payment.refunded", "payment.failed", "payment.card_saved", "booking.confirmed")
    return {code: till.facts(code) for code in codes}


@pytest.mark.parametrize("seed", range(3))
def test_events_in_any_order_and_any_number_change_nothing_that_is_known(till: Till, refunded: str, seed: int) -> None:
    before, told = till.shown(refunded), _told(till)
    assert told["payment.captured"] == told["payment.refunded"] == told["payment.card_saved"] == 1
    events = till.events() * 2
    Random(seed).shuffle(events)  # noqa: S311 - any order will do
    for event in events:
        assert till.deliver(event).status_code == 200
    till.recover()

    assert till.shown(refunded) == before
    assert _told(till) == told
    assert till.taken() == 5000
    assert _kept(till) == {(event["id"], "done") for event in events}


def _kept(till: Till) -> set[tuple[str, str]]:
    """The events of the business's account that were stored, and how far they are."""
    mine = {event["id"] for event in till.events()}
    with till.worker_app.app_context(), scope_without_tenant(), transaction() as current:
        rows = current.connection().exec_driver_sql("SELECT event_id, state FROM webhook_inbox").all()
    return {(event_id, state) for event_id, state in rows if event_id in mine}


def test_an_event_before_the_answer_is_applied_and_the_answer_changes_nothing(till: Till) -> None:
    booking_id = till.salon.booked()["booking_id"]
    till.fail("POST /v1/payment_intents/*/capture", "lose_answer_after")
    assert till.salon.press("complete", booking_id).json["payment_status"] == "authorized"
    till.tell(till.events()[0])
    till.expect_charged_once(booking_id)
    till.recover()
    till.expect_charged_once(booking_id)


def test_an_event_of_a_payment_whose_answer_was_lost_waits_for_the_look_up(till: Till) -> None:
    booking_id = till.salon.booked()["booking_id"]
    till.fail(AUTHORIZE, "lose_answer_after")
    till.salon.press("complete", booking_id)
    for event in till.events():
        till.tell(event)
    till.recover()
    till.expect_charged_once(booking_id)


def test_a_card_that_its_holder_confirmed_is_known_by_the_event_alone(till: Till) -> None:
    salon = till.salon
    method = {"type": "card", "stripe_payment_method_id": "pm_card_authenticationRequired"}
    booking_id = salon.booked(payment_method=method)["booking_id"]
    (setup,) = till.stack.stripe.state.objects("setup_intents", salon.account)
    till.stack.stripe.state.authenticate("setup_intents", setup["id"], succeeds=True)
    assert till.shown(booking_id)["status"] == "pending"
    till.tell(next(event for event in till.events() if event["type"] == "setup_intent.succeeded"))
    assert (till.shown(booking_id)["status"], till.facts("booking.confirmed")) == ("confirmed", 1)


@pytest.mark.parametrize("wrong", [{"secret": "whsec_" + "x" * 32}, {"age_seconds": 301}])
def test_an_event_that_was_not_signed_for_us_just_now_is_refused_and_not_kept(
    till: Till, refunded: str, wrong: dict[str, Any]
) -> None:
    assert till.shown(refunded)["captured_cents"] == 5000
    answer = till.deliver(till.events()[0], **wrong)
    assert (answer.status_code, answer.json["code"]) == (400, "TITHI_WEBHOOK_SIGNATURE_INVALID"), answer.text
    assert _kept(till) == set()


def test_another_accounts_event_about_our_payment_changes_nothing(
    app: Flask, stack: Stack, worker_app: Flask, till: Till
) -> None:
    booking_id = till.salon.booked()["booking_id"]
    till.fail(AUTHORIZE, "lose_answer_after")
    till.salon.press("complete", booking_id)
    other = Till(open_salon(app), stack, worker_app)
    event = {**till.events()[0], "account": other.salon.account, "id": f"evt_{uuid4().hex}"}
    nobodys = {**event, "account": "acct_nobody", "id": f"evt_{uuid4().hex}"}
    for foreign in (event, nobodys):
        other.tell(foreign)
    assert till.shown(booking_id)["captured_cents"] == 0
    assert other.facts("payment.captured") == 0
    till.recover()
    till.expect_charged_once(booking_id)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"account": "acct_nobody"}, "foreign_account"),
        ({"livemode": True}, "wrong_mode"),
        ({"account": None}, "without_account"),
    ],
)
def test_an_event_of_a_foreign_account_or_the_wrong_mode_is_kept_refused_and_alarmed(
    till: Till, refunded: str, change: dict[str, Any], reason: str
) -> None:
    before = till.shown(refunded)
    event = {**till.events()[0], **change, "id": f"evt_{uuid4().hex}"}
    with capture_logs() as logs:
        till.tell(event)
    with till.worker_app.app_context(), scope_without_tenant(), transaction() as current:
        statement = text("SELECT state, last_error FROM webhook_inbox WHERE event_id = :id")
        assert tuple(current.execute(statement, {"id": event["id"]}).one()) == ("dead", reason)
    alarms = [(log["event"], log["reason"]) for log in logs if log["log_level"] == "error"]
    assert alarms == [("inbox.refused", reason)]
    assert till.shown(refunded) == before


def test_an_event_is_taken_with_the_old_secret_and_the_new_one_while_they_are_exchanged(
    till: Till, app: Flask, refunded: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert till.shown(refunded)["captured_cents"] == 5000
    new = "whsec_" + "n" * 32
    old_event, new_event, *_ = till.events()
    processing = app.extensions["tithi.payments"]
    assert till.deliver(new_event, secret=new).status_code == 400
    monkeypatch.setitem(
        app.extensions, "tithi.payments", replace(processing, webhook_secrets=(new, *processing.webhook_secrets))
    )
    assert till.deliver(old_event).status_code == 200
    assert till.deliver(new_event, secret=new).status_code == 200
    monkeypatch.setitem(app.extensions, "tithi.payments", replace(processing, webhook_secrets=(new,)))
    assert till.deliver(till.events()[2]).status_code == 400
    till.recover()
    assert _kept(till) == {(old_event["id"], "done"), (new_event["id"], "done")}


def test_a_refund_that_fails_later_is_owed_again(till: Till) -> None:
    method = {"type": "card", "stripe_payment_method_id": "pm_card_refundFail"}
    booking_id = till.salon.booked(payment_method=method)["booking_id"]
    assert till.salon.press("complete", booking_id).json["payment_status"] == "captured"
    refund = till.salon.as_owner(
        "POST", f"/api/v1/admin/bookings/{booking_id}/refund", key=str(uuid4()), json={"refund_type": "full"}
    )
    assert refund.status_code == 201
    till.stack.stripe.state.advance(3600)
    try:
        for event in till.events():
            till.tell(event)
    finally:
        till.stack.stripe.state.advance(-3600)
    assert [one["status"] for one in till.refunds()] == ["failed"]
    shown = till.shown(booking_id)
    assert (shown["refunded_cents"], shown["payment_status"]) == (0, "captured")


def test_an_account_that_was_withdrawn_from_us_takes_no_cards_and_bookings_go_on(
    app: Flask, stack: Stack, worker_app: Flask
) -> None:
    till = Till(open_salon(app), stack, worker_app)
    kept = till.salon.booked()
    till.stack.stripe.state.disconnect_account(till.salon.account)
    event = till.events()[0]
    assert event["type"] == "account.application.deauthorized"
    for _ in range(2):
        till.tell(event)
    assert till.facts("payout_account.withdrawn") == 1
    assert till.salon.as_owner("GET", "/api/v1/payments/methods").json["methods"] == []
    answer = till.salon.press("complete", kept["booking_id"])
    assert (answer.status_code, answer.json["payment_status"]) == (200, "requires_action")
    later_visit = till.salon.booked(start=till.salon.slot(days=4))
    assert (later_visit["status"], later_visit["card_status"]) == ("confirmed", "none")
    refused = till.salon.as_owner("POST", "/api/v1/payments/reconciliation", json={})
    assert (refused.status_code, refused.json["code"]) == (409, "TITHI_PAYOUT_ACCOUNT_MISSING")
