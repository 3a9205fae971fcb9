# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""The business's own account: completed, restricted, withdrawn, and there again."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
import requests
from flask import Flask
from sqlalchemy import text

from tests.factories.businesses import open_salon
from tests.factories.worker import work
from tests.payments.till import TIMEOUT_SECONDS, Till
from tests.stack import Stack
from tithi.platform import clock
from tithi.platform.db import transaction
from tithi.platform.tenancy import tenant_scope

API = "/api/v1"
CONNECT = f"{API}/payments/stripe/connect"


@pytest.fixture
def open_till(app: Flask, stack: Stack, worker_app: Flask) -> Iterator[Till]:
    """One whose account is taken away, so that its books are not to be compared in the end."""
    yield Till(open_salon(app), stack, worker_app)
    stack.stripe.state.clear_faults()


def _account(till: Till) -> dict[str, Any]:
    shown: dict[str, Any] = till.salon.as_role("viewer", "GET", CONNECT).json
    return shown


def _setup(till: Till) -> dict[str, Any]:
    answer = till.salon.as_owner("POST", f"{CONNECT}/setup")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json
    return found


def _withdraw(till: Till, account: str | None = None) -> None:
    till.stack.stripe.state.disconnect_account(account or till.salon.account)
    till.tell(till.events()[0])


def _reconnect(till: Till) -> None:
    till.stack.stripe.state.reconnect_account(till.salon.account)
    till.tell(till.events()[0])
    till.recover(seconds=2)


def _without_card(till: Till, **query: Any) -> list[str]:
    answer = till.salon.as_owner("GET", f"{API}/bookings/without-card", query_string=query)
    return [one["id"] for one in answer.json["bookings"]]


def _mails(till: Till, template: str, recipient: str = "business") -> list[dict[str, Any]]:
    listed = till.salon.as_owner("GET", f"{API}/notifications?limit=100").json["notifications"]
    wanted = [one["id"] for one in listed if (one["template"], one["recipient"]) == (template, recipient)]
    return [till.salon.as_owner("GET", f"{API}/notifications/{one}").json for one in wanted]


def test_a_business_without_an_account_is_told_to_begin(open_till: Till) -> None:
    till = open_till
    with till.worker_app.app_context(), tenant_scope(till.salon.tenant_id), transaction() as current:
        current.execute(text("DELETE FROM payout_accounts"))
    shown = _account(till)
    assert (shown["banner"], shown["account_id"], shown["card_payments"]) == ("onboarding", None, "inactive")
    assert till.salon.as_role("admin", "POST", f"{CONNECT}/refresh").json["banner"] == "onboarding"


def test_the_way_to_stripe_and_back_is_mirrored_when_it_leads_back(open_till: Till) -> None:
    till = open_till
    with till.worker_app.app_context(), tenant_scope(till.salon.tenant_id), transaction() as current:
        current.execute(text("DELETE FROM payout_accounts"))
    begun = _setup(till)
    assert (_account(till)["banner"], _account(till)["requirements_due"]) == ("onboarding", 1)
    again = _setup(till)
    assert (again["account_id"], again["onboarding_url"] == begun["onboarding_url"]) == (begun["account_id"], False)
    used = requests.get(again["onboarding_url"], allow_redirects=False, timeout=TIMEOUT_SECONDS)
    assert used.headers["Location"].endswith("/admin/payouts")
    twice = requests.get(again["onboarding_url"], allow_redirects=False, timeout=TIMEOUT_SECONDS)
    assert twice.headers["Location"].endswith("/admin/payouts?refresh=1")

    shown = till.salon.as_role("admin", "POST", f"{CONNECT}/refresh").json
    assert (shown["banner"], shown["card_payments"], shown["payouts"]) == ("none", "active", "active")
    assert (shown["requirements_due"], shown["details_submitted"]) == (0, True)
    work(till.worker_app)
    assert till.facts("payout_account.activated") == 1
    assert till.facts("payout_account.restricted") == 0


def test_a_restriction_is_shown_and_told_the_business_once(open_till: Till) -> None:
    till = open_till
    visit = till.salon.booked()
    assert _account(till)["banner"] == "none"
    till.stack.stripe.state.set_account(till.salon.account, card_payments="restricted", payouts="active")
    for _ in range(2):
        till.tell(till.events()[0])
    assert (_account(till)["banner"], _account(till)["card_payments"]) == ("restricted", "restricted")
    (mail,) = _mails(till, "payout_account_restricted")
    assert "Until then no card can be charged or kept." in mail["text"]
    assert "/admin/payouts" in mail["text"]
    assert _without_card(till) == []

    till.stack.stripe.state.set_account(till.salon.account, card_payments="active", payouts="active")
    till.tell(till.events()[0])
    assert _account(till)["banner"] == "none"
    assert till.shown(visit["booking_id"])["card_status"] == "card_on_file"
    till.recover(days=2)
    assert _mails(till, "card_wanted", "customer") == []


def test_what_stripe_asks_for_is_shown_with_its_day_before_anything_is_restricted(open_till: Till) -> None:
    till = open_till
    due_by = (clock.now() + timedelta(days=30)).replace(microsecond=0)
    till.stack.stripe.state.require_of_account(till.salon.account, due_by=due_by.isoformat())
    till.tell(till.events()[0])
    shown = _account(till)
    assert (shown["banner"], shown["requirements_due"], shown["card_payments"]) == ("requirements_due", 1, "active")
    assert datetime.fromisoformat(shown["requirements_due_by"]) == due_by
    (mail,) = _mails(till, "payout_account_requirements_due")
    assert "Everything works." in mail["text"]


def test_cards_of_a_withdrawn_account_are_out_of_reach_and_nobody_is_asked_for_another(open_till: Till) -> None:
    till = open_till
    near = till.salon.booked(start=till.salon.slot(days=4))
    far = till.salon.booked(start=till.salon.slot(days=30))
    past = till.salon.booked(start=till.salon.slot(days=2))
    assert till.salon.press("complete", past["booking_id"]).json["payment_status"] == "captured"
    till.recover(seconds=1)
    _withdraw(till)

    assert _account(till)["banner"] == "withdrawn"
    assert till.shown(near["booking_id"])["card_status"] == "card_failed"
    assert _without_card(till) == [near["booking_id"], far["booking_id"]]
    first = till.salon.as_owner("GET", f"{API}/bookings/without-card?limit=1").json
    assert [one["id"] for one in first["bookings"]] == [near["booking_id"]]
    assert _without_card(till, limit=1, cursor=first["next_cursor"]) == [far["booking_id"]]
    (mail,) = _mails(till, "payout_account_withdrawn")
    assert "Visits ahead whose card is out of reach: 2" in mail["text"]
    till.recover(days=3)
    till.recover(days=26)
    assert _mails(till, "card_wanted", "customer") == []
    assert (till.facts("booking.card_wanted"), till.facts("booking.card_missing")) == (0, 0)
    assert till.shown(far["booking_id"])["status"] == "confirmed"


def test_cards_of_an_account_that_is_there_again_are_charged_as_before(open_till: Till) -> None:
    till = open_till
    kept = till.salon.booked(start=till.salon.slot(days=4))
    gone = till.salon.booked(start=till.salon.slot(days=5))
    forgotten = till.kept_methods()
    _withdraw(till)
    assert _without_card(till) == [kept["booking_id"], gone["booking_id"]]
    customer = till.shown(gone["booking_id"])["customer"]["email"]
    known = {one["id"]: one["email"] for one in till.stack.stripe.state.objects("customers", till.salon.account)}
    (lost,) = [one for one in forgotten if known[one["customer"]] == customer]
    till.stack.stripe.state.reconnect_account(till.salon.account)
    till.detach(lost["id"])
    for event in till.events()[:2]:
        till.tell(event)
    till.recover(seconds=2)

    assert _account(till)["banner"] == "none"
    assert till.facts("payout_account.activated") == 1
    assert _without_card(till) == [gone["booking_id"]]
    asked = _mails(till, "card_wanted", "customer")
    assert [mail["to"] for mail in asked] == [customer]
    assert till.shown(kept["booking_id"])["card_status"] == "card_on_file"
    assert till.salon.press("complete", kept["booking_id"]).json["payment_status"] == "captured"


def test_customers_are_asked_for_a_card_when_another_account_takes_the_place(open_till: Till) -> None:
    till = open_till
    near = till.salon.booked(start=till.salon.slot(days=4))
    far = till.salon.booked(start=till.salon.slot(days=30))
    till.recover(seconds=1)
    old = till.salon.account
    _withdraw(till)
    begun = _setup(till)
    assert begun["account_id"] != old
    assert _account(till)["banner"] == "onboarding"
    till.stack.stripe.state.set_account(begun["account_id"], card_payments="active", payouts="active")
    till.salon.account = begun["account_id"]
    till.tell(till.events()[0])
    till.recover(seconds=2)

    assert _mails(till, "card_wanted", "customer")[0]["to"] == till.shown(near["booking_id"])["customer"]["email"]
    assert len(_mails(till, "card_wanted", "customer")) == 1
    till.recover(days=24)
    assert len(_mails(till, "card_wanted", "customer")) == 2
    body = {"payment_method": {"type": "card", "stripe_payment_method_id": "pm_card_visa"}}
    given = till.salon.request("POST", f"{API}/manage/{far['manage_token']}/card", None, json=body)
    assert given.json["card_status"] == "card_on_file", given.text
    assert _without_card(till) == [near["booking_id"]]
    assert till.salon.press("complete", far["booking_id"]).json["payment_status"] == "captured"
    (charged,) = till.intents()
    assert charged["amount_received"] == 5000


def test_what_was_charged_on_a_former_account_is_not_looked_for_on_the_present_one(open_till: Till) -> None:
    till = open_till
    paid = till.salon.booked(start=till.salon.slot(days=4))["booking_id"]
    till.salon.press("complete", paid)
    body = {"refund_type": "partial", "amount_cents": 1000}
    till.salon.as_owner("POST", f"{API}/admin/bookings/{paid}/refund", key=str(uuid4()), json=body)
    _withdraw(till)
    till.salon.account = _setup(till)["account_id"]
    till.stack.stripe.state.set_account(till.salon.account, card_payments="active", payouts="active")
    till.tell(till.events()[0])
    assert till.salon.press("complete", till.salon.booked()["booking_id"]).json["payment_status"] == "captured"
    run = till.salon.as_owner("POST", f"{API}/payments/reconciliation", json={})
    assert (run.status_code, run.json["breaks_found"]) == (200, 0), run.text
    assert till.shown(paid)["captured_cents"] == 5000


def test_an_account_withdrawn_for_a_second_time_is_told_again(open_till: Till) -> None:
    till = open_till
    till.salon.booked(start=till.salon.slot(days=4))
    _withdraw(till)
    _reconnect(till)
    till.recover(seconds=3)
    _withdraw(till)
    assert till.facts("payout_account.withdrawn") == 2
    assert len(_mails(till, "payout_account_withdrawn")) == 2
    assert len(_without_card(till)) == 1


def test_a_reminder_waits_while_nobody_could_pay(open_till: Till) -> None:
    till = open_till
    card = {"type": "card", "stripe_payment_method_id": "pm_card_chargeCustomerFail"}
    booking = till.salon.booked(payment_method=card)
    till.salon.press("complete", booking["booking_id"])
    till.recover(seconds=1)
    _withdraw(till)
    for day in (1.1, 3.1, 7.1, 15):
        till.recover(days=day)
    assert (till.facts("payment.reminded"), till.facts("payment.recovery_ended")) == (0, 0)


def test_the_account_is_refreshed_by_admins_alone_and_not_while_stripe_is_silent(open_till: Till) -> None:
    till = open_till
    assert till.salon.as_role("staff", "POST", f"{CONNECT}/refresh", key=str(uuid4())).status_code == 403
    till.stack.stripe.state.set_account(till.salon.account, card_payments="restricted", payouts="active")
    before = _account(till)
    till.stack.stripe.state.add_fault("GET /v2/core/accounts/*", "error_500")
    refused = till.salon.as_role("admin", "POST", f"{CONNECT}/refresh")
    assert (refused.status_code, refused.json["code"]) == (502, "TITHI_PAYMENT_STRIPE_ERROR")
    assert _account(till) == before
