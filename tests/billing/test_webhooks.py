# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""What the processor reports is a hint: fetched, then applied; order, repeats and gaps do not matter."""

from datetime import timedelta
from random import Random
from typing import Any
from uuid import uuid4

import pytest

from tests.billing.subscriber import CENTS, FAILS_LATER, Subscriber
from tithi.platform.db import transaction
from tithi.platform.tenancy import scope_without_tenant


def _lived(subscriber: Subscriber) -> None:
    """Three months, a pause and a debt, with nothing heard of it."""
    subscriber.has_card()
    subscriber.pass_time(days=50)
    subscriber.has_card(FAILS_LATER)
    subscriber.pass_time(days=30)


def _states(events: list[dict[str, Any]], app: Any) -> set[str]:  # noqa: ANN401 - the worker's application
    mine = {event["id"] for event in events}
    with app.app_context(), scope_without_tenant(), transaction() as current:
        rows = current.connection().exec_driver_sql("SELECT event_id, state FROM webhook_inbox").all()
    return {state for event_id, state in rows if event_id in mine}


@pytest.mark.parametrize("seed", range(3))
def test_events_in_any_order_and_any_number_lead_to_the_same_state(subscriber: Subscriber, seed: int) -> None:
    _lived(subscriber)
    events = subscriber.news()
    told = events * 2
    Random(seed).shuffle(told)  # noqa: S311 - any order will do
    for event in told:
        assert subscriber.deliver(event).status_code == 200
    subscriber.work()
    assert subscriber.standing() == ("active", "past_due", "full")
    assert subscriber.facts() == ["subscription.activated", "subscription.past_due"]
    assert _states(events, subscriber.worker_app) == {"done"}


@pytest.mark.parametrize("seed", range(3))
def test_events_that_are_lost_are_made_up_for_within_a_day(subscriber: Subscriber, seed: int) -> None:
    _lived(subscriber)
    chance = Random(seed)  # noqa: S311 - any will do
    for event in subscriber.news():
        if chance.random() < 0.2:
            subscriber.deliver(event)
    subscriber.pass_time(days=1, minutes=1)
    subscriber.news()
    subscriber.work()
    assert subscriber.standing() == ("active", "past_due", "full")
    assert subscriber.facts()[-1] == "subscription.past_due"


def test_without_any_event_the_mirror_is_right_once_a_day(subscriber: Subscriber) -> None:
    subscriber.has_card()
    subscriber.pass_time(days=14, hours=2)
    assert subscriber.standing() == ("trial", "trialing", "full")
    subscriber.work()
    assert subscriber.standing() == ("active", "active", "full")
    due = subscriber.rows("SELECT due_at FROM timers WHERE kind = 'billing.reconcile'")
    assert len(due) == 1
    assert timedelta(hours=23) < due[0][0] - subscriber.now() <= timedelta(days=1)


@pytest.mark.parametrize("changes", [{"account": "acct_stranger"}, {"livemode": True}])
def test_an_event_of_another_account_or_of_another_mode_is_kept_and_refused(
    subscriber: Subscriber, changes: dict[str, Any]
) -> None:
    subscriber.has_card()
    subscriber.pass_time(days=14, hours=2)
    events = [{**event, **changes, "id": f"evt_{uuid4().hex}"} for event in subscriber.news()]
    for event in events:
        assert subscriber.deliver(event).status_code == 200
    subscriber.rows("DELETE FROM timers RETURNING 1")
    subscriber.work()
    assert subscriber.standing() == ("trial", "trialing", "full")
    assert _states(events, subscriber.worker_app) == {"done"}


@pytest.mark.parametrize("wrong", [{"secret": "whsec_" + "x" * 32}, {"age_seconds": 301}])
def test_an_event_that_was_not_signed_for_us_just_now_is_refused_and_not_kept(
    subscriber: Subscriber, wrong: dict[str, Any]
) -> None:
    subscriber.has_card()
    events = subscriber.news()
    answer = subscriber.deliver(events[0], **wrong)
    assert (answer.status_code, answer.json["code"]) == (400, "TITHI_WEBHOOK_SIGNATURE_INVALID")
    assert _states(events, subscriber.worker_app) == set()


def test_an_event_about_what_nobody_here_pays_changes_nothing(subscriber: Subscriber) -> None:
    kept = subscriber.subscriptions()[0]
    strange = {**kept, "id": "sub_stranger"}
    event = {
        "id": f"evt_{uuid4().hex}",
        "object": "event",
        "type": "customer.subscription.deleted",
        "created": subscriber.sandbox.state.now(),
        "livemode": False,
        "data": {"object": strange},
    }
    assert subscriber.deliver(event).status_code == 200
    subscriber.work()
    assert subscriber.standing() == ("trial", "trialing", "full")


def test_an_ended_subscription_that_reports_late_does_not_end_its_successor(payer: Subscriber) -> None:
    payer.pressed("pause")
    payer.pressed("cancel")
    late = payer.news()
    payer.pressed("activate")
    for event in late:
        payer.deliver(event)
    payer.work()
    assert payer.standing() == ("active", "active", "full")
    assert payer.paid() == [CENTS, CENTS]
