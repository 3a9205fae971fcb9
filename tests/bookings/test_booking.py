# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

from collections.abc import Callable
from datetime import timedelta
from uuid import uuid4

import pytest

from tests.factories.businesses import Salon
from tests.stack import Stack
from tithi.platform import clock

API = "/api/v1"


def _intents(stack: Stack, salon: Salon) -> int:
    return len(stack.stripe.state.objects("payment_intents", salon.account))


def test_nothing_is_charged_at_booking(salon: Salon, stack: Stack) -> None:
    salon.booked()
    assert _intents(stack, salon) == 0


def test_the_card_is_kept_on_the_business_own_account_with_consent(salon: Salon, stack: Stack) -> None:
    salon.booked()
    (setup,) = stack.stripe.state.objects("setup_intents", salon.account)
    assert setup["usage"] == "off_session"
    methods = salon.as_owner("GET", f"{API}/payments/methods").json["methods"]
    assert [(card["brand"], card["last4"]) for card in methods] == [("visa", "4242")]


def test_a_card_that_asks_for_a_step_keeps_the_booking_pending_until_it_is_done(
    salon: Salon, stack: Stack, drain: Callable[[], None]
) -> None:
    method = {"type": "card", "stripe_payment_method_id": "pm_card_authenticationRequired"}
    booking = salon.booked(payment_method=method)
    assert (booking["status"], booking["card_status"]) == ("pending", "card_pending")
    assert booking["next_action"]["type"] == "confirm_card"
    assert booking["next_action"]["client_secret"].startswith("seti_")
    (setup,) = stack.stripe.state.objects("setup_intents", salon.account)
    stack.stripe.state.authenticate("setup_intents", setup["id"], succeeds=True)
    body = {"tenant_id": str(salon.tenant_id), "confirmation_number": booking["confirmation_number"]}
    answer = salon.request("POST", f"/booking/confirm/{booking['booking_id']}", None, json=body)
    assert answer.status_code == 200, answer.text
    assert (answer.json["data"]["status"], answer.json["data"]["card_status"]) == ("confirmed", "card_on_file")
    drain()
    assert salon.as_owner("GET", f"{API}/bookings/{booking['booking_id']}").json["status"] == "confirmed"


def test_without_a_payment_method_the_answer_has_a_secret_for_the_card_form(salon: Salon) -> None:
    body = salon.booking_body()
    del body["payment_method"]
    answer = salon.request("POST", "/booking/create", None, key=str(uuid4()), json=body).json["data"]
    assert answer["status"] == "pending"
    assert answer["next_action"]["type"] == "enter_card"
    assert answer["next_action"]["account_id"] == salon.account


def test_confirming_needs_the_number_or_the_link(salon: Salon) -> None:
    booking = salon.booked()
    body = {"tenant_id": str(salon.tenant_id), "confirmation_number": "WRONG234"}
    answer = salon.request("POST", f"/booking/confirm/{booking['booking_id']}", None, json=body)
    assert (answer.status_code, answer.json["code"]) == (404, "TITHI_BOOKING_NOT_FOUND")


def test_a_declined_card_leaves_a_pending_booking_that_another_card_confirms(salon: Salon) -> None:
    declined = {"type": "card", "stripe_payment_method_id": "pm_card_chargeDeclined"}
    booking = salon.booked(payment_method=declined)
    assert (booking["status"], booking["card_status"]) == ("pending", "card_failed")
    again = salon.request(
        "POST",
        f"{API}/manage/{booking['manage_token']}/card",
        None,
        json={"payment_method": {"stripe_payment_method_id": "pm_card_visa"}},
    )
    assert again.status_code == 200, again.text
    assert (again.json["status"], again.json["card_status"]) == ("confirmed", "card_on_file")


def test_a_pending_booking_gives_its_time_back_when_no_card_comes(salon: Salon, drain: Callable[[], None]) -> None:
    start = salon.slot()
    body = salon.booking_body(start=start)
    del body["payment_method"]
    pending = salon.request("POST", "/booking/create", None, key=str(uuid4()), json=body).json["data"]
    later = clock.now() + timedelta(minutes=16)
    with clock.steered(lambda: later):
        drain()
        shown = salon.as_owner("GET", f"{API}/bookings/{pending['booking_id']}").json
        assert (shown["status"], shown["payment_status"]) == ("failed", "canceled")
        assert salon.booked(start=start)["status"] == "confirmed"


def test_expired_time_comes_back_before_any_worker_runs(salon: Salon) -> None:
    start = salon.slot()
    body = salon.booking_body(start=start)
    del body["payment_method"]
    salon.request("POST", "/booking/create", None, key=str(uuid4()), json=body)
    assert salon.book(start=start).status_code == 409
    later = clock.now() + timedelta(minutes=16)
    with clock.steered(lambda: later):
        assert salon.booked(start=start)["status"] == "confirmed"


def test_a_taken_time_answers_with_alternatives_and_changes_nothing(salon: Salon) -> None:
    start = salon.slot()
    salon.booked(start=start)
    answer = salon.book(start=start + timedelta(minutes=15))
    assert (answer.status_code, answer.json["code"]) == (409, "TITHI_SLOT_UNAVAILABLE")
    assert answer.json["success"] is False
    assert len(answer.json["alternatives"]) == 5
    listed = salon.as_owner("GET", f"{API}/bookings").json["bookings"]
    assert len(listed) == 1
    assert salon.as_owner("GET", f"{API}/customers").json["total"] == 1


@pytest.mark.parametrize("shift", [timedelta(days=-30), timedelta(days=800), timedelta(seconds=30)])
def test_past_far_and_crooked_times_are_not_free(salon: Salon, shift: timedelta) -> None:
    answer = salon.book(start=salon.slot() + shift)
    assert (answer.status_code, answer.json["code"]) == (409, "TITHI_SLOT_UNAVAILABLE")
    assert salon.as_owner("GET", f"{API}/bookings").json["bookings"] == []


def test_any_team_member_is_found_when_none_is_named(salon: Salon) -> None:
    second = salon.as_owner("POST", f"{API}/team/members", json={"first_name": "Bo", "last_name": "Lee"}).json
    hours = [{"day_of_week": day, "start_time": "00:00", "end_time": "23:59"} for day in range(7)]
    salon.as_owner("POST", f"{API}/team/{second['id']}/availability", json={"availability": hours})
    start = salon.slot()
    members = {salon.booked(start=start, team_member_id=None)["items"][0]["team_member_id"] for _ in range(2)}
    assert members == {str(salon.member_id), second["id"]}
    assert salon.book(start=start, team_member_id=None).status_code == 409


def test_staff_book_without_a_card_and_for_a_known_customer(salon: Salon) -> None:
    customer = salon.as_owner("POST", f"{API}/customers", json={"display_name": "Ray"}).json
    body = {
        "service_id": str(salon.service_id),
        "start_time": salon.slot().isoformat(),
        "customer_id": customer["id"],
    }
    answer = salon.as_role("staff", "POST", f"{API}/bookings", key=str(uuid4()), json=body)
    assert answer.status_code == 201, answer.text
    assert (answer.json["status"], answer.json["card_status"]) == ("confirmed", "none")


def test_the_price_agreed_stays_when_the_service_changes(salon: Salon) -> None:
    booking = salon.booked()
    salon.as_owner("PUT", f"{API}/services/{salon.service_id}", json={"price_cents": 9900, "name": "Dear cut"})
    shown = salon.press("complete", booking["booking_id"]).json
    assert (shown["captured_cents"], shown["items"][0]["service_name"]) == (5000, "Cut")


def test_a_visitor_cannot_change_what_the_business_keeps_of_a_customer(salon: Salon) -> None:
    info = {"name": "Jane Doe", "email": "same@example.com"}
    salon.booked(customer_info=info)
    salon.booked(start=salon.slot(hour=14), customer_info={"name": "Mallory", "email": "SAME@example.com"})
    customers = salon.as_owner("GET", f"{API}/customers").json
    assert [one["display_name"] for one in customers["customers"]] == ["Jane Doe"]


def test_policy_has_to_be_agreed_to_where_a_card_is_kept(salon: Salon) -> None:
    answer = salon.book(accepts_policy=False)
    assert (answer.status_code, answer.json["code"]) == (400, "TITHI_CONSENT_MISSING")
    assert salon.as_owner("GET", f"{API}/bookings").json["bookings"] == []


def test_a_paused_business_shows_its_site_and_takes_no_bookings(salon: Salon) -> None:
    salon.as_owner("PUT", f"{API}/tenants/{salon.tenant_id}", json={"status": "paused"})
    assert salon.client.get(f"{API}/public/{salon.slug}", base_url="http://tithi.test").status_code == 200
    answer = salon.book()
    assert (answer.status_code, answer.json["code"]) == (403, "TITHI_BOOKING_CLOSED")


def test_with_stripe_out_of_reach_a_booking_is_accepted_and_confirmed_later(
    salon: Salon, stack: Stack, drain: Callable[[], None]
) -> None:
    stack.stripe.state.add_fault("POST /v1/customers", "reset", times=1)
    booking = salon.booked()
    assert (booking["status"], booking["card_status"]) == ("pending", "card_pending")
    later = clock.now() + timedelta(seconds=30)
    with clock.steered(lambda: later):
        drain()
    shown = salon.as_owner("GET", f"{API}/bookings/{booking['booking_id']}").json
    assert (shown["status"], shown["card_status"]) == ("confirmed", "card_on_file")


def test_filters_and_cursors_walk_the_list_once(salon: Salon) -> None:
    for hour in (9, 11, 13):
        salon.booked(start=salon.slot(hour=hour))
    path, seen = f"{API}/bookings?sort=starts_at&limit=2&status=confirmed", []
    page = salon.as_owner("GET", path).json
    seen += [one["start_time"] for one in page["bookings"]]
    page = salon.as_owner("GET", f"{path}&cursor={page['next_cursor']}").json
    seen += [one["start_time"] for one in page["bookings"]]
    assert page["next_cursor"] is None
    assert seen == sorted(set(seen))
    assert len(seen) == 3
    assert salon.as_owner("GET", f"{API}/bookings?status=canceled").json["bookings"] == []
    assert salon.as_owner("GET", f"{API}/bookings?cursor=nonsense").status_code == 400
