# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

from base64 import b64decode
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import icalendar
import pytest
import requests
from flask import Flask

from tests.factories.businesses import Salon
from tests.stack import Stack
from tithi.customers import service as customers
from tithi.delivery.models import Message
from tithi.notifications import handlers, service
from tithi.payments.events import PaymentRefunded
from tithi.platform import clock
from tithi.platform.db import session, transaction
from tithi.platform.tenancy import tenant_scope

CREATED = 201
BOTH = ("customer", "business")
Drain = Callable[[], None]


def mails(salon: Salon, booking_id: str) -> list[dict[str, Any]]:
    """The booking's messages with their text."""
    listed = salon.as_owner("GET", f"/api/v1/notifications?booking_id={booking_id}").json["notifications"]
    return [salon.as_owner("GET", f"/api/v1/notifications/{one['id']}").json for one in listed]


def told(salon: Salon, booking_id: str) -> Counter[tuple[str, str]]:
    return Counter((one["template"], one["recipient"]) for one in mails(salon, booking_id))


def of(salon: Salon, booking_id: str, template: str) -> dict[str, dict[str, Any]]:
    """The mails of one template, by who gets them."""
    return {one["recipient"]: one for one in mails(salon, booking_id) if one["template"] == template}


def twice_each(*templates: str) -> Counter[tuple[str, str]]:
    return Counter((template, recipient) for template in templates for recipient in BOTH)


def test_a_booking_is_told_received_and_confirmed_to_both(salon: Salon, drain: Drain) -> None:
    booking = salon.booked()
    drain()

    assert told(salon, booking["booking_id"]) == twice_each("booking_received", "booking_confirmed")
    confirmed = of(salon, booking["booking_id"], "booking_confirmed")
    assert confirmed["customer"]["reply_to"] == confirmed["business"]["to"]
    assert confirmed["customer"]["to"] == confirmed["business"]["reply_to"]
    assert f"/api/v1/manage/{booking['manage_token']}" in confirmed["customer"]["text"]
    assert booking["manage_token"] not in confirmed["business"]["text"] + confirmed["business"]["html"]
    assert all(booking["confirmation_number"] in mail["html"] for mail in confirmed.values())
    assert {mail["status"] for mail in mails(salon, booking["booking_id"])} == {"sent"}


def test_the_confirmation_carries_the_visit_for_a_calendar(salon: Salon, drain: Drain, app: Flask) -> None:
    start = salon.slot()
    booking = salon.booked(start=start)
    drain()

    with app.app_context(), tenant_scope(salon.tenant_id), transaction():
        found = session().query(Message).filter_by(template="booking_confirmed", recipient="customer").one()
    (attached,) = found.attachments
    assert attached["content_type"] == "text/calendar; method=PUBLISH"
    calendar = icalendar.Calendar.from_ical(b64decode(attached["content"]))
    (event,) = calendar.walk("VEVENT")
    assert event["UID"] == f"{booking['booking_id']}@tithi"
    assert event.decoded("DTSTART") == start
    assert event.decoded("DTEND") == start + timedelta(minutes=30)


def test_a_completed_visit_brings_a_receipt_of_what_was_charged(salon: Salon, drain: Drain) -> None:
    booking_id = salon.booked()["booking_id"]
    salon.press("complete", booking_id)
    drain()

    assert told(salon, booking_id) == twice_each("booking_received", "booking_confirmed", "payment_receipt")
    receipt = of(salon, booking_id, "payment_receipt")["customer"]["text"]
    assert "For: Cut: $50.00" in receipt
    assert "Paid: $50.00" in receipt
    assert "Paid with: Visa ending in 4242" in receipt


def test_a_visit_paid_in_cash_brings_a_receipt(salon: Salon, drain: Drain) -> None:
    booking_id = salon.booked()["booking_id"]
    body = {"booking_id": booking_id, "amount_cents": 4500}
    answer = salon.as_owner("POST", "/api/v1/payments/cash", key=str(uuid4()), json=body)
    assert answer.json["captured_cents"] == body["amount_cents"], answer.text
    salon.press("complete", booking_id)
    drain()

    assert told(salon, booking_id) == twice_each("booking_received", "booking_confirmed", "payment_receipt")
    receipt = of(salon, booking_id, "payment_receipt")["customer"]["text"]
    assert "Paid: $45.00" in receipt
    assert "Paid with: Cash" in receipt


def test_a_no_show_is_told_with_its_fee_and_the_charge_with_a_receipt(salon: Salon, drain: Drain) -> None:
    booking_id = salon.booked()["booking_id"]
    salon.press("no-show", booking_id)
    drain()

    assert told(salon, booking_id) == twice_each(
        "booking_received", "booking_confirmed", "booking_no_show", "fee_receipt"
    )
    assert "a fee of $50.00" in of(salon, booking_id, "booking_no_show")["customer"]["text"]
    assert "For: No-show fee: $50.00" in of(salon, booking_id, "fee_receipt")["customer"]["text"]


def test_canceling_in_time_is_told_and_costs_nothing(salon: Salon, drain: Drain) -> None:
    booking_id = salon.booked()["booking_id"]
    drain()
    salon.press("cancel", booking_id, reason="Ill")
    drain()

    assert told(salon, booking_id) == twice_each("booking_received", "booking_confirmed", "booking_canceled")
    canceled = of(salon, booking_id, "booking_canceled")
    assert "Nothing is charged." in canceled["customer"]["text"]
    assert "Reason: Ill" in canceled["business"]["text"]


def test_canceling_late_is_told_with_its_fee(salon: Salon, drain: Drain) -> None:
    booking_id = salon.booked(start=salon.slot(days=1, hour=0))["booking_id"]
    drain()
    salon.press("cancel", booking_id)
    drain()

    assert "a fee of $25.00" in of(salon, booking_id, "booking_canceled")["customer"]["text"]
    assert "For: Late cancellation fee: $25.00" in of(salon, booking_id, "fee_receipt")["customer"]["text"]


def test_a_visit_called_off_before_it_was_told_is_not_told_confirmed(salon: Salon, drain: Drain) -> None:
    booking_id = salon.booked()["booking_id"]
    salon.press("cancel", booking_id)
    drain()

    assert told(salon, booking_id) == twice_each("booking_received", "booking_canceled")


def test_a_booking_whose_card_never_came_is_told_failed(salon: Salon, drain: Drain) -> None:
    booking = salon.booked(payment_method={"type": "card"})
    assert booking["status"] == "pending"
    drain()
    assert "while your card is being added" in of(salon, booking["booking_id"], "booking_received")["customer"]["text"]

    later = clock.now() + timedelta(minutes=16)
    with clock.steered(lambda: later):
        drain()

    assert told(salon, booking["booking_id"]) == twice_each("booking_received", "booking_failed")


def test_a_payment_that_waits_for_its_customer_brings_a_link_to_pay(salon: Salon, stack: Stack, drain: Drain) -> None:
    booking = salon.booked(
        payment_method={"type": "card", "stripe_payment_method_id": "pm_card_authenticationRequired"}
    )
    setup_ref = booking["next_action"]["client_secret"].partition("_secret_")[0]
    page = f"{stack.stripe.url}/_sandbox/setup_intents/{setup_ref}/authenticate"
    requests.post(page, data={"outcome": "success"}, timeout=10).raise_for_status()
    body = {"tenant_id": str(salon.tenant_id), "confirmation_number": booking["confirmation_number"]}
    salon.request("POST", f"/booking/confirm/{booking['booking_id']}", None, key=str(uuid4()), json=body)
    salon.press("complete", booking["booking_id"])
    drain()

    found = of(salon, booking["booking_id"], "payment_needs_customer")
    assert set(found) == set(BOTH)
    assert f"Pay now:\nhttp://tithi.test/api/v1/manage/{booking['manage_token']}" in found["customer"]["text"]
    assert "Amount due: $50.00" in found["business"]["text"]


def test_every_refund_is_told_once(salon: Salon, drain: Drain, app: Flask) -> None:
    booking_id = salon.booked()["booking_id"]
    payment_id = salon.press("complete", booking_id).json["payment_id"]
    for amount in (500, 700):
        answer = salon.press("refund", booking_id, refund_type="partial", amount_cents=amount)
        assert answer.status_code == CREATED, answer.text
    drain()
    event = PaymentRefunded(owner_id=UUID(booking_id), payment_id=UUID(payment_id), amount_cents=500, currency="USD")
    with app.app_context(), tenant_scope(salon.tenant_id), transaction():
        handlers.tell_refunded(event)

    refunds = [one for one in mails(salon, booking_id) if one["template"] == "payment_refunded"]
    assert Counter(one["recipient"] for one in refunds) == Counter(customer=2, business=2)
    subjects = {one["subject"].rpartition(": ")[2] for one in refunds if one["recipient"] == "customer"}
    assert subjects == {"$5.00", "$7.00"}


@pytest.mark.parametrize("tell", [service.tell_received, service.tell_confirmed, service.tell_completed])
def test_telling_again_sends_no_second_mail(salon: Salon, drain: Drain, app: Flask, tell: Callable[..., None]) -> None:
    booking_id = salon.booked()["booking_id"]
    drain()
    with app.app_context(), tenant_scope(salon.tenant_id):
        for _ in range(2):
            with transaction():
                tell(booking_id=UUID(booking_id))

    assert set(told(salon, booking_id).values()) == {1}


def test_a_customer_without_an_email_is_skipped_and_the_business_is_told(
    salon: Salon, drain: Drain, app: Flask
) -> None:
    with app.app_context(), tenant_scope(salon.tenant_id), transaction():
        customer_id = customers.create(details={"display_name": "Walk In"}).id
    body = {
        "service_id": str(salon.service_id),
        "team_member_id": str(salon.member_id),
        "start_time": salon.slot().isoformat(),
        "customer_id": str(customer_id),
    }
    answer = salon.as_owner("POST", "/api/v1/bookings", key=str(uuid4()), json=body)
    assert answer.status_code == CREATED, answer.text
    drain()

    assert told(salon, answer.json["booking_id"]) == Counter(
        {("booking_received", "business"): 1, ("booking_confirmed", "business"): 1}
    )


def test_a_name_that_carries_an_address_is_not_repeated_to_its_recipient(salon: Salon, drain: Drain) -> None:
    name = "Win now https://evil.test/<b>"
    booking_id = salon.booked(customer_info={"name": name, "email": "victim@example.com"})["booking_id"]
    drain()

    found = of(salon, booking_id, "booking_received")
    assert "evil.test" not in found["customer"]["subject"] + found["customer"]["text"] + found["customer"]["html"]
    assert name in found["business"]["text"]
    assert "&lt;b&gt;" in found["business"]["html"]


def test_a_customer_without_an_address_is_told_by_text_message(salon: Salon, drain: Drain, stack: Stack) -> None:
    phone = "+4915155512345"
    customer = salon.as_owner("POST", "/api/v1/customers", json={"display_name": "Kim", "phone": phone}).json
    answer = salon.as_owner(
        "POST",
        "/api/v1/bookings",
        key=str(uuid4()),
        json={
            "service_id": str(salon.service_id),
            "start_time": salon.slot().isoformat(),
            "customer_id": customer["id"],
        },
    )
    assert answer.status_code == CREATED, answer.text
    drain()

    told_by = {
        (one["channel"], one["to"], one["status"])
        for one in mails(salon, answer.json["booking_id"])
        if one["recipient"] == "customer"
    }
    assert told_by == {("sms", phone, "sent")}
    kept = requests.get(f"{stack.settings.message_sandbox_url}/v1/sms", timeout=5).json()
    texts = [one["text"] for one in kept["sms"] if one["to"] == phone]
    assert any(answer.json["manage_token"] in text for text in texts)
