# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""The subscription is for as many locations as are active; a change is settled by the day."""

import pytest

from tests.billing.subscriber import CENTS, Subscriber
from tests.factories.businesses import Answer


def _add(subscriber: Subscriber, name: str) -> str:
    salon = subscriber.salon
    answer = salon.as_owner(
        "POST", f"/api/v1/tenants/{salon.tenant_id}/locations", json={"name": name, "timezone": "Europe/Berlin"}
    )
    assert answer.status_code == 201, answer.text
    found: str = answer.json["id"]
    return found


def _change(subscriber: Subscriber, location_id: str, **changes: object) -> Answer:
    salon = subscriber.salon
    return salon.as_owner("PUT", f"/api/v1/tenants/{salon.tenant_id}/locations/{location_id}", json=changes)


def test_a_location_more_or_less_is_settled_with_the_next_invoice(payer: Subscriber) -> None:
    assert payer.paid() == [CENTS]
    half = (payer.subscriptions()[0]["items"]["data"][0]["current_period_end"] - payer.sandbox.state.now()) / 2
    payer.advance(seconds=half)
    second = _add(payer, "Second")
    payer.work()
    assert payer.subscriptions()[0]["items"]["data"][0]["quantity"] == 2
    shown = payer.shown()
    assert (shown["quantity"], shown["amount_cents"]) == (2, 2 * CENTS)
    payer.advance(seconds=half + 7200)
    assert payer.paid()[1] == pytest.approx(2 * CENTS + CENTS / 2, abs=2)

    payer.advance(seconds=half)
    assert _change(payer, second, is_active=False).status_code == 200
    payer.work()
    assert payer.shown()["quantity"] == 1
    payer.advance(days=20)
    assert payer.paid()[2] == pytest.approx(CENTS - CENTS / 2, abs=60)


def test_what_does_not_change_the_number_asks_nothing(payer: Subscriber) -> None:
    salon = payer.salon
    (main,) = salon.as_owner("GET", f"/api/v1/tenants/{salon.tenant_id}/locations").json["locations"]
    before = len(payer.rows("SELECT 1 FROM subscription_changes"))
    assert _change(payer, main["id"], name="Front").status_code == 200
    payer.work()
    assert len(payer.rows("SELECT 1 FROM subscription_changes")) == before


def test_a_location_in_the_trial_costs_nothing_until_it_ends(subscriber: Subscriber) -> None:
    subscriber.has_card()
    _add(subscriber, "Second")
    subscriber.work()
    assert subscriber.shown()["quantity"] == 2
    subscriber.advance(days=14, hours=2)
    assert subscriber.paid() == [2 * CENTS]


def test_a_location_added_while_the_processor_is_out_of_reach_is_paid_for_later(payer: Subscriber) -> None:
    with payer.out_of_reach():
        _add(payer, "Second")
        _add(payer, "Third")
        payer.work()
        assert payer.shown()["pending_changes"] == ["quantity"]
    payer.advance(minutes=20)
    payer.advance(minutes=20)
    assert payer.shown()["quantity"] == 3
    assert payer.subscriptions()[0]["items"]["data"][0]["quantity"] == 3


def test_locations_of_a_business_that_was_not_begun_yet_are_counted_when_it_is(newcomer: Subscriber) -> None:
    _add(newcomer, "Second")
    newcomer.work()
    newcomer.hear()
    assert newcomer.subscriptions()[0]["items"]["data"][0]["quantity"] == 2
    assert newcomer.shown()["quantity"] == 2
