# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""Other terms for some bookings, frozen with each; and late fees that are charged by themselves."""

from typing import Any
from uuid import uuid4

import pytest

from tests.factories.businesses import Answer
from tests.payments.till import Till
from tithi.tenants import policy

API = "/api/v1"
FREE = {"type": "fixed", "value": 0}
ALL = {"type": "percent", "value": 100}


def _change(till: Till, **policies: Any) -> Answer:
    return till.salon.as_owner("PUT", f"{API}/tenants/{till.salon.tenant_id}/policies", json=policies)


def _missed(till: Till, days: int, **who: Any) -> int:
    """What a customer who does not come is charged, in minor units."""
    booking = till.salon.booked(start=till.salon.slot(days=days), **who)
    shown = till.salon.press("no-show", booking["booking_id"]).json
    till.recover(seconds=1)
    return int(shown["captured_cents"])


def _who() -> dict[str, Any]:
    return {"customer_info": {"name": "Jo", "email": f"{uuid4().hex}@example.com", "phone": "+4915112345678"}}


def test_the_first_missed_visit_is_free_where_a_rule_says_so(till: Till) -> None:
    changed = _change(till, rules=[{"no_shows_at_most": 0, "set": {"no_show_fee": FREE}}])
    assert changed.status_code == 200, changed.text
    who = _who()
    assert [_missed(till, days, **who) for days in (2, 3, 4)] == [0, 5000, 5000]
    assert _missed(till, 5, **_who()) == 0


def test_who_missed_a_visit_before_pays_more(till: Till) -> None:
    _change(
        till,
        no_show_fee={"type": "percent", "value": 20},
        rules=[{"no_shows_at_least": 1, "set": {"no_show_fee": ALL}}],
    )
    who = _who()
    assert [_missed(till, days, **who) for days in (2, 3)] == [1000, 5000]


def test_a_rule_is_for_some_services_and_from_some_amount_on(till: Till) -> None:
    rule = {"service_ids": [str(till.salon.service_id)], "min_amount_cents": 5000, "set": {"no_show_fee": FREE}}
    assert _change(till, rules=[rule]).json["rules"][0]["service_ids"] == [str(till.salon.service_id)]
    assert _missed(till, 2) == 0
    _change(till, rules=[{**rule, "min_amount_cents": 5001}])
    assert _missed(till, 3) == 5000
    _change(till, rules=[{**rule, "service_ids": [str(uuid4())]}])
    assert _missed(till, 4) == 5000


def test_the_first_rule_that_fits_is_frozen_with_the_booking(till: Till) -> None:
    _change(till, rules=[{"set": {"cancellation_window_hours": 72}}, {"set": {"cancellation_window_hours": 0}}])
    booking = till.salon.booked(start=till.salon.slot(days=2))
    _change(till, rules=[])
    link = f"{API}/manage/{booking['manage_token']}"
    assert till.salon.request("GET", link, None).json["cancel_fee_cents"] == 2500
    canceled = till.salon.request("POST", f"{link}/cancel", None, json={}).json
    assert (canceled["status"], canceled["due_cents"]) == ("canceled", 2500)


@pytest.mark.parametrize(
    "rule",
    [{}, {"set": {}}, {"set": {"deposit": 1}}, {"set": {"no_show_fee": FREE}, "visits_at_most": -1}, {"who": "new"}],
)
def test_a_rule_that_says_nothing_is_refused(till: Till, rule: dict[str, Any]) -> None:
    refused = _change(till, rules=[rule])
    assert (refused.status_code, list(refused.json["errors"])) == (400, ["rules"])
    shown = till.salon.as_owner("GET", f"{API}/tenants/{till.salon.tenant_id}/policies").json
    assert shown["rules"] == []


@pytest.mark.parametrize(("visits", "no_shows", "fits"), [(0, 0, True), (1, 0, False), (0, 2, False)])
def test_a_rule_for_new_customers_without_missed_visits(visits: int, no_shows: int, *, fits: bool) -> None:
    rule = {
        "service_ids": [],
        "min_amount_cents": 0,
        "visits_at_most": 0,
        "no_shows_at_least": 0,
        "no_shows_at_most": 1,
        "set": {"no_show_fee": FREE},
    }
    case = policy.Case(amount_cents=1, service_ids=frozenset(), visits=visits, no_shows=no_shows)
    found = policy.resolved({**policy.DEFAULT_POLICY, "rules": [rule]}, case)
    assert found["rules"] == ([rule] if fits else [])
    assert (found["no_show_fee"] == FREE) is fits


def _canceled_late(till: Till) -> dict[str, Any]:
    booking = till.salon.booked(start=till.salon.slot(days=1, hour=0))
    canceled = till.salon.request("POST", f"{API}/manage/{booking['manage_token']}/cancel", None, json={})
    assert canceled.json["due_cents"] == 2500, canceled.text
    return booking


def test_a_late_fee_waits_for_staff_where_the_policy_does_not_say_otherwise(till: Till) -> None:
    _canceled_late(till)
    till.recover(days=30)
    assert till.intents() == []


def test_a_late_fee_is_charged_once_after_the_delay_that_the_policy_names(till: Till) -> None:
    _change(till, late_fee_after_hours=24)
    booking = _canceled_late(till)
    till.recover(hours=23.9)
    assert till.intents() == []
    till.recover(hours=24.1)
    till.recover(days=3)
    assert till.shown(booking["booking_id"])["captured_cents"] == 2500
    assert (till.taken(), till.facts("payment.captured")) == (2500, 1)


def test_a_late_fee_that_is_waived_in_time_is_never_charged(till: Till) -> None:
    _change(till, late_fee_after_hours=24)
    booking = _canceled_late(till)
    path = f"{API}/bookings/{booking['booking_id']}/waive"
    assert till.salon.as_owner("POST", path, key=str(uuid4()), json={"reason": "Was ill"}).status_code == 200
    till.recover(days=3)
    assert till.intents() == []
    assert till.shown(booking["booking_id"])["payment_status"] == "canceled"
