# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

from collections.abc import Callable
from datetime import timedelta

import pytest

from tests.factories.businesses import Salon, open_salon
from tests.stack import Stack
from tithi.platform import clock

API = "/api/v1"


def test_completing_charges_the_business_account_and_keeps_one_per_cent(salon: Salon, stack: Stack) -> None:
    shown = salon.press("complete", salon.booked()["booking_id"]).json
    assert (shown["status"], shown["payment_status"]) == ("completed", "captured")
    (intent,) = stack.stripe.state.objects("payment_intents", salon.account)
    assert (intent["status"], intent["amount_received"]) == ("succeeded", 5000)
    payment = salon.as_owner("GET", f"{API}/payments/{shown['payment_id']}").json
    assert payment["application_fee_cents"] == 50


def test_a_second_press_answers_the_same_and_charges_nothing(salon: Salon, stack: Stack) -> None:
    booking = salon.booked()
    first = salon.press("complete", booking["booking_id"])
    second = salon.press("complete", booking["booking_id"])
    assert first.json == second.json
    assert len(stack.stripe.state.objects("payment_intents", salon.account)) == 1


def test_a_missed_visit_costs_what_its_policy_said_when_it_was_booked(salon: Salon) -> None:
    policies = f"{API}/tenants/{salon.tenant_id}/policies"
    salon.as_owner("PUT", policies, json={"no_show_fee": {"type": "percent", "value": 40}})
    booking = salon.booked()
    salon.as_owner("PUT", policies, json={"no_show_fee": {"type": "percent", "value": 100}})
    shown = salon.press("no-show", booking["booking_id"]).json
    assert (shown["status"], shown["no_show_flag"], shown["captured_cents"]) == ("no_show", True, 2000)


def test_a_fee_below_the_smallest_charge_is_waived(salon: Salon, stack: Stack) -> None:
    policies = f"{API}/tenants/{salon.tenant_id}/policies"
    salon.as_owner("PUT", policies, json={"no_show_fee": {"type": "fixed", "value": 30}})
    shown = salon.press("no-show", salon.booked()["booking_id"]).json
    assert (shown["status"], shown["payment_status"]) == ("no_show", "canceled")
    assert stack.stripe.state.objects("payment_intents", salon.account) == []


def test_canceling_in_time_is_free_and_gives_the_time_back(salon: Salon, stack: Stack) -> None:
    start = salon.slot()
    booking = salon.booked(start=start)
    shown = salon.press("cancel", booking["booking_id"], reason="ill").json
    assert (shown["status"], shown["canceled_by"], shown["payment_status"]) == ("canceled", "customer", "canceled")
    assert stack.stripe.state.objects("payment_intents", salon.account) == []
    assert salon.booked(start=start)["status"] == "confirmed"


@pytest.mark.parametrize(("canceled_by", "captured"), [("customer", 2500), ("business", 0)])
def test_a_late_cancel_costs_the_customer_but_not_when_the_business_cancels(
    salon: Salon, canceled_by: str, captured: int
) -> None:
    booking = salon.booked()
    late = salon.slot() - timedelta(hours=2)
    with clock.steered(lambda: late):
        shown = salon.press("cancel", booking["booking_id"], canceled_by=canceled_by).json
    assert (shown["status"], shown["captured_cents"]) == ("canceled", captured)


def test_a_late_cancel_by_link_is_a_proposal_that_staff_charge(salon: Salon) -> None:
    booking = salon.booked()
    late = salon.slot() - timedelta(hours=2)
    with clock.steered(lambda: late):
        answer = salon.request("POST", f"{API}/manage/{booking['manage_token']}/cancel", None, json={"reason": "ill"})
    assert (answer.json["status"], answer.json["due_cents"]) == ("canceled", 2500)
    shown = salon.as_owner("GET", f"{API}/bookings/{booking['booking_id']}").json
    assert (shown["captured_cents"], shown["payment_status"]) == (0, "requires_action")
    body = {"booking_id": booking["booking_id"]}
    charged = salon.as_owner("POST", f"{API}/payments/no-show-fee", key="fee-1", json=body)
    assert (charged.status_code, charged.json["captured_cents"]) == (200, 2500)


@pytest.mark.parametrize("word", ["complete", "no-show", "cancel", "check-in"])
def test_a_canceled_visit_has_no_other_outcome(salon: Salon, word: str) -> None:
    booking = salon.booked()
    salon.press("cancel", booking["booking_id"])
    answer = salon.press(word, booking["booking_id"])
    if word == "cancel":
        assert answer.status_code == 200
    else:
        assert (answer.status_code, answer.json["code"]) == (409, "TITHI_BOOKING_STATE_CONFLICT")
    assert salon.as_owner("GET", f"{API}/bookings/{booking['booking_id']}").json["status"] == "canceled"


def test_a_checked_in_visit_is_completed(salon: Salon) -> None:
    booking = salon.booked()
    assert salon.press("check-in", booking["booking_id"]).json["status"] == "checked_in"
    assert salon.press("complete", booking["booking_id"]).json["payment_status"] == "captured"


def test_refunds_never_exceed_what_was_captured(salon: Salon, stack: Stack) -> None:
    booking = salon.booked()
    salon.press("complete", booking["booking_id"])
    part = salon.press("refund", booking["booking_id"], refund_type="partial", amount_cents=2000)
    assert (part.status_code, part.json["status"]) == (201, "succeeded")
    too_much = salon.press("refund", booking["booking_id"], refund_type="partial", amount_cents=3001)
    assert (too_much.status_code, too_much.json["code"]) == (400, "TITHI_REFUND_TOO_LARGE")
    rest = salon.press("refund", booking["booking_id"], refund_type="full")
    assert rest.json["amount_cents"] == 3000
    shown = salon.as_owner("GET", f"{API}/bookings/{booking['booking_id']}").json
    assert (shown["payment_status"], shown["refunded_cents"]) == ("refunded", 5000)
    nothing = salon.press("refund", booking["booking_id"])
    assert (nothing.status_code, nothing.json["code"]) == (409, "TITHI_PAYMENT_NOT_REFUNDABLE")
    assert len(stack.stripe.state.objects("refunds", salon.account)) == 2


def test_cash_at_the_desk_settles_the_visit_without_a_charge(salon: Salon, stack: Stack) -> None:
    booking = salon.booked()
    body = {"booking_id": booking["booking_id"], "note": "paid at the desk"}
    paid = salon.as_owner("POST", f"{API}/payments/cash", key="cash-1", json=body)
    assert (paid.status_code, paid.json["method"], paid.json["status"]) == (201, "cash", "captured")
    completed = salon.press("complete", booking["booking_id"]).json
    assert (completed["status"], completed["payment_status"]) == ("completed", "captured")
    assert stack.stripe.state.objects("payment_intents", salon.account) == []
    twice = salon.as_owner("POST", f"{API}/payments/cash", key="cash-2", json=body)
    assert (twice.status_code, twice.json["code"]) == (409, "TITHI_PAYMENT_SETTLED")


def test_a_declined_charge_leaves_the_visit_completed_and_owed(salon: Salon) -> None:
    method = {"type": "card", "stripe_payment_method_id": "pm_card_chargeCustomerFail"}
    booking = salon.booked(payment_method=method)
    shown = salon.press("complete", booking["booking_id"])
    assert shown.status_code == 200
    assert (shown.json["status"], shown.json["payment_status"]) == ("completed", "requires_action")
    assert (shown.json["due_cents"], shown.json["captured_cents"]) == (5000, 0)


def test_a_visit_without_a_card_is_completed_and_owed(salon: Salon) -> None:
    salon.as_owner("PUT", f"{API}/tenants/{salon.tenant_id}/policies", json={"card_required": False})
    body = salon.booking_body()
    del body["payment_method"]
    booking = salon.request("POST", "/booking/create", None, key="no-card", json=body).json["data"]
    assert (booking["status"], booking["card_status"]) == ("confirmed", "none")
    shown = salon.press("complete", booking["booking_id"]).json
    assert (shown["status"], shown["payment_status"], shown["due_cents"]) == ("completed", "requires_action", 5000)


def test_what_a_customers_visits_add_up_to_is_kept(app: object, drain: Callable[[], None], salon: Salon) -> None:
    assert app is not None
    info = {"name": "Jane Doe", "email": "regular@example.com"}
    first = salon.booked(customer_info=info)
    second = salon.booked(start=salon.slot(hour=15), customer_info=info)
    salon.press("complete", first["booking_id"])
    salon.press("no-show", second["booking_id"])
    drain()
    stats = salon.customer_stats("regular@example.com")
    assert (stats.visit_count, stats.no_show_count, stats.spent_cents) == (1, 1, 10000)


def test_policies_are_chosen_for_one_business_alone(salon: Salon) -> None:
    strict = open_salon(salon.app, cancellation_window_hours=48)
    shown = strict.client.get(f"{API}/public/{strict.slug}/policies", base_url="http://tithi.test").get_json()
    other = salon.client.get(f"{API}/public/{salon.slug}/policies", base_url="http://tithi.test").get_json()
    assert (shown["cancellation_window_hours"], other["cancellation_window_hours"]) == (48, 24)


def test_a_late_cancel_leaves_what_was_paid_at_the_desk_alone(salon: Salon) -> None:
    booking = salon.booked()
    body = {"booking_id": booking["booking_id"]}
    salon.as_owner("POST", f"{API}/payments/cash", key="paid-before", json=body)
    late = salon.slot() - timedelta(hours=2)
    with clock.steered(lambda: late):
        answer = salon.request("POST", f"{API}/manage/{booking['manage_token']}/cancel", None, json={})
    assert answer.json["status"] == "canceled"
    shown = salon.as_owner("GET", f"{API}/bookings/{booking['booking_id']}").json
    assert (shown["payment_status"], shown["due_cents"], shown["captured_cents"]) == ("captured", 5000, 5000)
