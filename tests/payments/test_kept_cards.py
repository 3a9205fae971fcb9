# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""Which card is charged, forgetting one, and a card that will not do on the day of the visit."""

from typing import Any

import pytest

from tests.payments.till import Till

API = "/api/v1"
CARD_WATCH = {"days_before": 7, "rule_hours_before": 48}


def _cards(till: Till, booking: dict[str, Any]) -> list[dict[str, Any]]:
    customer_id = till.shown(booking["booking_id"])["customer"]["id"]
    listed = till.salon.as_owner("GET", f"{API}/payments/methods?customer_id={customer_id}")
    return list(listed.json["methods"])


def _give_card(till: Till, booking: dict[str, Any], card: str = "pm_card_visa") -> None:
    body = {"payment_method": {"type": "card", "stripe_payment_method_id": card}}
    given = till.salon.request("POST", f"{API}/manage/{booking['manage_token']}/card", None, json=body)
    assert given.json["card_status"] == "card_on_file", given.text


def _forget(till: Till, booking: dict[str, Any]) -> None:
    (card,) = _cards(till, booking)
    assert till.salon.as_owner("DELETE", f"{API}/payments/methods/{card['id']}").status_code == 204


def _mails(till: Till, booking: dict[str, Any], template: str) -> int:
    path = f"{API}/notifications?booking_id={booking['booking_id']}"
    listed = till.salon.as_owner("GET", path).json["notifications"]
    return sum((one["template"], one["recipient"]) == (template, "customer") for one in listed)


def _watch(till: Till, rule: str) -> None:
    path = f"{API}/tenants/{till.salon.tenant_id}/policies"
    changed = till.salon.as_owner("PUT", path, json={"card_watch": {**CARD_WATCH, "rule": rule}})
    assert changed.json["card_watch"]["rule"] == rule, changed.text


def test_the_newest_card_is_charged_until_another_is_chosen(till: Till) -> None:
    booking = till.salon.booked()
    _give_card(till, booking, "pm_card_mastercard")
    newest, first = _cards(till, booking)
    assert (newest["brand"], first["brand"]) == ("mastercard", "visa")
    chosen = till.salon.as_owner("POST", f"{API}/payments/methods/{first['id']}/default")
    assert (chosen.status_code, chosen.json["id"]) == (200, first["id"])
    assert [card["brand"] for card in _cards(till, booking)] == ["visa", "mastercard"]
    till.salon.press("complete", booking["booking_id"])
    (charged,) = till.intents()
    methods = till.stack.stripe.state.objects("payment_methods", till.salon.account)
    brand = next(one["card"]["brand"] for one in methods if one["id"] == charged["payment_method"])
    assert brand == "visa"


def test_a_forgotten_card_is_gone_at_the_processor_too_and_never_charged(till: Till) -> None:
    booking = till.salon.booked()
    (card,) = _cards(till, booking)
    path = f"{API}/payments/methods/{card['id']}"
    assert till.salon.as_owner("DELETE", path).status_code == 204
    assert _cards(till, booking) == []
    assert all(
        one["customer"] is None for one in till.stack.stripe.state.objects("payment_methods", till.salon.account)
    )
    assert till.salon.as_owner("DELETE", path).json["code"] == "TITHI_CARD_NOT_FOUND"
    assert till.salon.as_owner("POST", f"{path}/default").status_code == 404
    shown = till.salon.press("complete", booking["booking_id"]).json
    assert (shown["payment_status"], till.intents()) == ("requires_action", [])


def test_a_card_is_kept_while_the_processor_does_not_answer(till: Till) -> None:
    booking = till.salon.booked()
    (card,) = _cards(till, booking)
    till.fail("POST /v1/payment_methods/*/detach", "error_500")
    refused = till.salon.as_owner("DELETE", f"{API}/payments/methods/{card['id']}")
    assert (refused.status_code, refused.json["code"]) == (502, "TITHI_PAYMENT_STRIPE_ERROR")
    assert [one["id"] for one in _cards(till, booking)] == [card["id"]]


def test_a_card_detached_in_the_dashboard_is_known_by_its_event(till: Till) -> None:
    booking = till.salon.booked(start=till.salon.slot(days=20))
    (method,) = [
        one for one in till.stack.stripe.state.objects("payment_methods", till.salon.account) if one["customer"]
    ]
    till.detach(method["id"])
    till.tell(till.events()[0])
    assert _cards(till, booking) == []
    till.recover(days=14)
    assert _mails(till, booking, "card_wanted") == 1


@pytest.mark.parametrize("rule", ["keep", "release"])
def test_the_rule_runs_once_where_no_other_card_comes_in_time(till: Till, rule: str) -> None:
    _watch(till, rule)
    booking = till.salon.booked(start=till.salon.slot(days=20))
    till.recover(seconds=1)
    _forget(till, booking)
    for day, wanted, missing in ((12, 0, 0), (13.5, 1, 0), (17, 1, 0), (18.6, 1, 1), (19, 1, 1)):
        till.recover(days=day)
        found = (_mails(till, booking, "card_wanted"), _mails(till, booking, "card_missing"))
        assert found == (wanted, missing), day
    shown = till.shown(booking["booking_id"])
    assert shown["status"] == ("canceled" if rule == "release" else "confirmed")
    assert (shown["canceled_by"], till.intents()) == ("business" if rule == "release" else None, [])
    assert shown["payment_status"] == ("canceled" if rule == "release" else "requires_action")
    assert till.facts("booking.card_missing") == 1


def test_a_card_given_in_time_ends_the_watch(till: Till) -> None:
    _watch(till, "release")
    booking = till.salon.booked(start=till.salon.slot(days=20))
    till.recover(seconds=1)
    _forget(till, booking)
    till.recover(days=14)
    _give_card(till, booking)
    till.recover(days=19)
    assert till.shown(booking["booking_id"])["status"] == "confirmed"
    assert (_mails(till, booking, "card_wanted"), _mails(till, booking, "card_missing")) == (1, 0)


@pytest.mark.parametrize(("months", "asked"), [(-1, 1), (0, 0), (1, 0)])
def test_a_card_has_to_be_good_in_the_month_of_the_visit(till: Till, months: int, asked: int) -> None:
    start = till.salon.slot(days=70)
    booking = till.salon.booked(start=start)
    till.recover(seconds=1)
    month = start.year * 12 + start.month - 1 + months
    till.expire_cards(year=month // 12, month=month % 12 + 1)
    till.tell(till.events()[0])
    till.recover(days=64)
    assert _mails(till, booking, "card_wanted") == asked


def test_a_visit_without_a_card_is_not_watched(till: Till) -> None:
    body = {
        "service_id": str(till.salon.service_id),
        "start_time": till.salon.slot(days=20).isoformat(),
        "customer_info": {"name": "Kim", "email": "kim@example.com"},
    }
    visit = till.salon.as_owner("POST", f"{API}/bookings", key="walk-in", json=body).json
    assert visit["card_status"] == "none"
    till.recover(days=15)
    assert _mails(till, visit, "card_wanted") == 0
