# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""An outcome pressed by mistake is taken back, before money has moved."""

from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import text

from tests.factories.businesses import Salon
from tests.factories.visits import ok
from tests.factories.worker import work
from tests.payments.till import CARD_THAT_ASKS_AT_THE_DESK, Till
from tests.stack import Stack
from tithi.platform.db import transaction
from tithi.platform.tenancy import tenant_scope

API = "/api/v1"


@pytest.fixture
def till(salon: Salon, stack: Stack, worker_app: Flask) -> Till:
    return Till(salon, stack, worker_app)


def _without_card(till: Till) -> str:
    body = {
        "service_id": str(till.salon.service_id),
        "start_time": till.salon.slot().isoformat(),
        "customer_info": {"name": "Kim", "email": f"{uuid4().hex}@example.com"},
    }
    made = ok(till.salon.as_owner("POST", f"{API}/bookings", key=str(uuid4()), json=body))
    return str(made["booking_id"])


def _stats(till: Till, booking_id: str) -> tuple[int, int]:
    work(till.worker_app)
    found: Any = till.salon.customer_stats(till.shown(booking_id)["customer"]["email"])
    return found.visit_count, found.no_show_count


@pytest.mark.parametrize(("word", "status"), [("complete", "completed"), ("no-show", "no_show")])
def test_an_outcome_without_money_is_taken_back_and_another_pressed(till: Till, word: str, status: str) -> None:
    booking_id = _without_card(till)
    assert ok(till.salon.press(word, booking_id))["status"] == status
    assert sum(_stats(till, booking_id)) == 1
    undone = ok(till.salon.press("undo", booking_id))
    assert (undone["status"], undone["payment_status"], undone["payment_reason"]) == (
        "confirmed",
        "requires_action",
        None,
    )
    assert (undone["completed_at"], undone["no_show_at"], undone["due_cents"]) == (None, None, 5000)
    assert _stats(till, booking_id) == (0, 0)
    assert ok(till.salon.press("complete", booking_id))["status"] == "completed"
    assert _stats(till, booking_id) == (1, 0)


def test_a_checked_in_visit_is_that_again(till: Till) -> None:
    booking_id = _without_card(till)
    ok(till.salon.as_owner("POST", f"{API}/bookings/{booking_id}/check-in", key=str(uuid4()), json={}))
    ok(till.salon.press("no-show", booking_id))
    assert ok(till.salon.press("undo", booking_id))["status"] == "checked_in"


def test_what_a_card_did_not_give_is_not_owed_any_more(till: Till) -> None:
    booking = till.kept("pm_card_chargeCustomerFail")
    till.salon.press("no-show", booking["booking_id"])
    till.recover(seconds=1)
    ok(till.salon.press("undo", booking["booking_id"]))
    till.recover(days=0.5)
    assert len(till.intents()) == 1
    shown = till.shown(booking["booking_id"])
    assert (shown["status"], shown["payment_reason"]) == ("confirmed", None)
    till.salon.press("complete", booking["booking_id"])
    till.recover(seconds=1)
    till.recover(days=1.1)
    assert len(till.intents()) == 3


def test_a_charge_that_waits_for_the_customer_is_canceled_with_the_outcome(till: Till) -> None:
    booking = till.kept(CARD_THAT_ASKS_AT_THE_DESK)
    till.salon.press("complete", booking["booking_id"])
    ok(till.salon.press("undo", booking["booking_id"]))
    assert [one["status"] for one in till.intents()] == ["canceled"]
    assert till.taken() == 0


def test_a_deposit_waits_for_the_next_outcome(till: Till) -> None:
    policy = {"deposit": {"type": "percent", "value": 20}}
    ok(till.salon.as_owner("PUT", f"{API}/tenants/{till.salon.tenant_id}/policies", json=policy))
    booking = till.salon.booked()
    for one in till.kept_methods():
        till.detach(one["id"])
    ok(till.salon.press("complete", booking["booking_id"]))
    ok(till.salon.press("undo", booking["booking_id"]))
    work(till.worker_app)
    assert (till.refunds(), till.shown(booking["booking_id"])["deposit_status"]) == ([], "captured")
    desk = {"booking_id": booking["booking_id"], "method": "cash"}
    paid = till.salon.as_owner("POST", f"{API}/payments/cash", key=str(uuid4()), json=desk)
    assert (paid.status_code, paid.json["captured_cents"], paid.json["deposit_cents"]) == (201, 4000, 1000)


@pytest.mark.parametrize("word", ["complete", "no-show"])
def test_nothing_is_taken_back_once_money_has_moved(till: Till, word: str) -> None:
    booking = till.salon.booked()
    done = ok(till.salon.press(word, booking["booking_id"]))
    refused = till.salon.press("undo", booking["booking_id"])
    assert (refused.status_code, refused.json["code"]) == (409, "TITHI_PAYMENT_SETTLED")
    assert till.shown(booking["booking_id"])["status"] == done["status"]
    assert till.taken() == 5000


def test_only_an_outcome_of_the_last_day_is_taken_back(till: Till) -> None:
    booking_id = _without_card(till)
    early = till.salon.press("undo", booking_id)
    assert (early.status_code, early.json["code"]) == (409, "TITHI_BOOKING_STATE_CONFLICT")
    ok(till.salon.press("complete", booking_id))
    with till.worker_app.app_context(), tenant_scope(till.salon.tenant_id), transaction() as current:
        current.execute(text("UPDATE bookings SET completed_at = completed_at - interval '25 hours'"))
    late = till.salon.press("undo", booking_id)
    assert (late.status_code, late.json["code"]) == (409, "TITHI_UNDO_TOO_LATE")
    assert till.shown(booking_id)["status"] == "completed"
