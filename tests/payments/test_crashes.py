# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""A process that is killed between its steps leaves work that is finished once, by the worker or the same request."""

import json
import subprocess
from dataclasses import replace
from typing import Any, NoReturn

import pytest
from flask import Flask

from tests.factories.businesses import Answer, Salon
from tests.factories.processes import ROOT, environment, python
from tests.payments.dying_press import END, KILLED, Dying
from tests.payments.till import AUTHORIZE, CAPTURE, Till, later
from tithi.integrations.stripe.sandbox.faults import FaultKind

LEASE_ENDED = {"seconds": 25.0}
DAY_AND_HOUR = 25 * 3600


def _die(till: Till, point: str, path: str, body: dict[str, Any], *, key: str, token: str = "") -> None:
    done = subprocess.run(  # noqa: S603 - our own module
        python("-m", "tests.payments.dying_press", point, path, token, json.dumps(body), key),
        env=environment(till.stack.settings),
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == KILLED, done.stderr[-2000:]


def _complete(till: Till, point: str) -> str:
    booking_id: str = till.salon.booked()["booking_id"]
    _die(till, point, f"/api/v1/bookings/{booking_id}/complete", {}, key="press", token=till.salon.owner.token)
    return booking_id


@pytest.mark.parametrize(
    ("point", "match", "fault"),
    [
        pytest.param("before:authorize", None, None, id="attempt committed, before the call"),
        pytest.param("after:authorize", AUTHORIZE, "lose_answer_after", id="call sent, effect done, answer lost"),
        pytest.param("after:authorize", AUTHORIZE, "lose_answer_before", id="call sent, effect not done"),
        pytest.param("after:authorize", None, None, id="answer received, before the commit"),
        pytest.param("before:capture", None, None, id="authorized, not captured"),
        pytest.param("after:capture", CAPTURE, "lose_answer_after", id="capture sent, answer lost"),
        pytest.param("after:capture", CAPTURE, "lose_answer_before", id="capture sent, effect not done"),
        pytest.param("after:capture", None, None, id="captured, before the commit"),
        pytest.param(END, None, None, id="result committed, nothing told yet"),
    ],
)
def test_a_charge_cut_short_is_finished_once_within_a_minute(
    till: Till, point: str, match: str | None, fault: FaultKind | None
) -> None:
    if match is not None and fault is not None:
        till.fail(match, fault)
    booking_id = _complete(till, point)
    assert till.shown(booking_id)["status"] == "completed"
    till.recover(seconds=60)
    till.expect_charged_once(booking_id)
    assert _receipts(till, booking_id) == 1
    till.recover(seconds=120)
    till.expect_charged_once(booking_id)
    assert _receipts(till, booking_id) == 1


def _receipts(till: Till, booking_id: str) -> int:
    listed = till.salon.as_owner("GET", f"/api/v1/notifications?booking_id={booking_id}").json["notifications"]
    return sum((one["template"], one["recipient"]) == ("payment_receipt", "customer") for one in listed)


def test_the_event_of_a_charge_cut_short_may_come_before_anybody_recovers_it(till: Till) -> None:
    booking_id = _complete(till, "after:authorize")
    for event in reversed(till.events()):
        till.tell(event)
    till.recover(seconds=60)
    till.expect_charged_once(booking_id)


@pytest.mark.parametrize("point", ["before:authorize", "after:authorize", "after:capture"])
def test_a_charge_whose_key_has_ended_is_looked_up_and_never_made_twice(till: Till, point: str) -> None:
    booking_id = _complete(till, point)
    till.stack.stripe.state.advance(DAY_AND_HOUR)
    try:
        till.recover(hours=25)
        till.recover(hours=26)
    finally:
        till.stack.stripe.state.advance(-DAY_AND_HOUR)
    till.expect_charged_once(booking_id)


@pytest.mark.parametrize("point", ["after:authorize", "after:capture"])
def test_the_same_press_after_the_crash_answers_with_the_charge(till: Till, point: str) -> None:
    booking_id = _complete(till, point)
    path = f"/api/v1/bookings/{booking_id}/complete"
    early = till.salon.as_owner("POST", path, key="press", json={})
    assert (early.status_code, early.json["code"]) == (409, "TITHI_IDEMPOTENCY_IN_PROGRESS")

    till.recover()
    with later(**LEASE_ENDED):
        answer = till.salon.as_owner("POST", path, key="press", json={})
    assert (answer.status_code, answer.json["payment_status"]) == (200, "captured"), answer.text
    till.expect_charged_once(booking_id)


def _charged(till: Till) -> tuple[str, str, dict[str, Any]]:
    """A charged booking, and how to give a part of it back."""
    booking_id: str = till.salon.booked()["booking_id"]
    assert till.salon.press("complete", booking_id).json["payment_status"] == "captured"
    path = f"/api/v1/admin/bookings/{booking_id}/refund"
    return booking_id, path, {"refund_type": "partial", "amount_cents": 2000}


@pytest.mark.parametrize("point", ["before:refund", "after:refund"])
@pytest.mark.parametrize("recovers_first", [True, False])
def test_a_refund_cut_short_is_made_once_also_when_it_is_asked_for_again(
    till: Till,
    point: str,
    recovers_first: bool,  # noqa: FBT001 - a case of the table
) -> None:
    booking_id, path, body = _charged(till)
    _die(till, point, path, body, key="back", token=till.salon.owner.token)
    if recovers_first:
        till.recover()
    with later(**LEASE_ENDED):
        answer = till.salon.as_owner("POST", path, key="back", json=body)
    assert answer.status_code == 201, answer.text
    till.recover()
    assert [one["amount"] for one in till.refunds()] == [2000]
    assert till.shown(booking_id)["refunded_cents"] == 2000


@pytest.mark.parametrize("point", ["before:refund", "after:refund"])
def test_a_refund_that_failed_halfway_is_made_once_when_it_is_asked_for_again_at_once(
    till: Till, app: Flask, monkeypatch: pytest.MonkeyPatch, point: str
) -> None:
    booking_id, path, body = _charged(till)
    processing = app.extensions["tithi.payments"]
    broken = replace(processing, processor=Dying(processing.processor, point, _break))
    with monkeypatch.context() as patched:
        patched.setitem(app.extensions, "tithi.payments", broken)
        failed = till.salon.as_owner("POST", path, key="back", json=body)
    assert (failed.status_code, failed.json["code"]) == (500, "TITHI_INTERNAL_ERROR"), failed.text

    answer = till.salon.as_owner("POST", path, key="back", json=body)
    assert (answer.status_code, answer.json["status"]) == (201, "succeeded"), answer.text
    assert [one["amount"] for one in till.refunds()] == [2000]
    assert till.shown(booking_id)["refunded_cents"] == 2000


def _break() -> NoReturn:
    raise RuntimeError


@pytest.mark.parametrize("point", ["before:set_up_card", "after:set_up_card"])
def test_a_booking_cut_short_is_confirmed_by_the_worker(till: Till, salon: Salon, point: str) -> None:
    body = salon.booking_body()
    _die(till, point, "/booking/create", body, key="book")
    (booking,) = salon.as_owner("GET", "/api/v1/bookings").json["bookings"]
    assert (booking["status"], booking["card_status"]) == ("pending", "card_pending")
    till.recover()
    assert (till.shown(booking["id"])["status"], till.taken()) == ("confirmed", 0)


@pytest.mark.parametrize("recovers_first", [True, False])
def test_the_same_booking_asked_for_again_after_the_crash_is_the_one_that_was_made(
    till: Till,
    salon: Salon,
    recovers_first: bool,  # noqa: FBT001 - a case of the table
) -> None:
    body = salon.booking_body()
    _die(till, "after:set_up_card", "/booking/create", body, key="book")
    if recovers_first:
        till.recover()
    with later(**LEASE_ENDED):
        answer = _book(salon, body)
        again = _book(salon, body)
    (booking,) = salon.as_owner("GET", "/api/v1/bookings").json["bookings"]
    assert answer.status_code == 201, answer.text
    assert answer.json["data"]["booking_id"] == booking["id"]
    assert (booking["status"], booking["card_status"]) == ("confirmed", "card_on_file")
    assert (again.data, again.headers["Idempotency-Replayed"]) == (answer.data, "true")
    assert len(till.stack.stripe.state.objects("setup_intents", salon.account)) == 1


def _book(salon: Salon, body: dict[str, Any]) -> Answer:
    return salon.request("POST", "/booking/create", None, key="book", json=body)
