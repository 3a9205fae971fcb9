# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from tests.concurrency.claims import in_tenant
from tests.concurrency.parallel import repeated
from tests.factories.businesses import Answer, Salon
from tests.stack import Stack
from tithi.integrations.stripe.sandbox.params import Params
from tithi.platform import clock

BOOK = "/booking/create"
REPLAYED = "Idempotency-Replayed"


@pytest.fixture
def body(salon: Salon) -> dict[str, Any]:
    return salon.booking_body(start=salon.slot(days=4))


@pytest.fixture
def held(salon: Salon) -> dict[str, Any]:
    """The body that holds a time: a write in one transaction, where booking is one in phases."""
    return {"service_id": str(salon.service_id), "start_time": salon.slot(days=4).isoformat()}


@pytest.fixture
def faults(stack: Stack) -> Iterator[None]:
    yield
    stack.stripe.state.clear_faults()


def test_a_write_without_a_key_is_refused(salon: Salon, body: dict[str, Any], held: dict[str, Any]) -> None:
    for answer in (
        salon.request("POST", BOOK, None, json=body),
        salon.as_owner("POST", "/api/v1/holds", json=held),
    ):
        assert (answer.status_code, answer.json["code"]) == (400, "TITHI_IDEMPOTENCY_KEY_MISSING")


@pytest.mark.parametrize("key", ["", "k" * 256, "schl\u00fcssel"])
def test_a_key_that_is_no_key_is_refused(salon: Salon, body: dict[str, Any], key: str) -> None:
    answer = salon.request("POST", BOOK, None, key=key, json=body)
    assert (answer.status_code, answer.json["code"]) == (400, "TITHI_IDEMPOTENCY_KEY_INVALID")


def test_header_and_body_must_name_the_same_key(salon: Salon, body: dict[str, Any]) -> None:
    answer = salon.request("POST", BOOK, None, key="one", json={**body, "idempotency_key": "two"})
    assert (answer.status_code, answer.json["code"]) == (400, "TITHI_IDEMPOTENCY_KEY_INVALID")
    assert _bookings(salon) == []


def test_a_key_in_the_body_is_the_same_as_in_the_header(salon: Salon, body: dict[str, Any]) -> None:
    key = str(uuid4())
    first = salon.request("POST", BOOK, None, json={**body, "idempotency_key": key})
    again = salon.request("POST", BOOK, None, key=key, json=body)
    _expect_replay(again, first)
    assert len(_bookings(salon)) == 1


def test_a_repeat_has_the_same_status_and_bytes_and_says_that_it_is_one(salon: Salon, body: dict[str, Any]) -> None:
    key = str(uuid4())
    first = salon.request("POST", BOOK, None, key=key, json=body)
    assert first.status_code == 201
    assert REPLAYED not in first.headers
    for _ in range(2):
        _expect_replay(salon.request("POST", BOOK, None, key=key, json=body), first)


def test_the_order_of_a_bodys_members_does_not_matter(salon: Salon, held: dict[str, Any]) -> None:
    key = str(uuid4())
    first = salon.as_owner("POST", "/api/v1/holds", key=key, json=held)
    assert first.status_code == 201
    again = salon.as_owner("POST", "/api/v1/holds", key=key, json=dict(reversed(held.items())))
    _expect_replay(again, first)


def test_a_key_is_refused_with_another_body(salon: Salon, body: dict[str, Any], held: dict[str, Any]) -> None:
    key = str(uuid4())
    assert salon.request("POST", BOOK, None, key=key, json=body).status_code == 201
    other = {**body, "start_time": salon.slot(days=5).isoformat()}
    answer = salon.request("POST", BOOK, None, key=key, json=other)
    assert (answer.status_code, answer.json["code"]) == (422, "TITHI_IDEMPOTENCY_KEY_REUSED")

    later = {**held, "start_time": salon.slot(days=6).isoformat()}
    assert salon.as_owner("POST", "/api/v1/holds", key=key, json=later).status_code == 201
    answer = salon.as_owner("POST", "/api/v1/holds", key=key, json={**later, "start_time": held["start_time"]})
    assert (answer.status_code, answer.json["code"]) == (422, "TITHI_IDEMPOTENCY_KEY_REUSED")


def test_a_key_is_refused_for_another_booking(salon: Salon) -> None:
    first, second = salon.booked(start=salon.slot(days=4)), salon.booked(start=salon.slot(days=5))
    key = str(uuid4())
    assert salon.press("complete", first["booking_id"], key=key).status_code == 200
    answer = salon.press("complete", second["booking_id"], key=key)
    assert (answer.status_code, answer.json["code"]) == (422, "TITHI_IDEMPOTENCY_KEY_REUSED")


def test_another_business_may_use_the_same_key(salon: Salon, other_salon: Salon, body: dict[str, Any]) -> None:
    key = str(uuid4())
    first = salon.request("POST", BOOK, None, key=key, json=body)
    other = other_salon.book(key=key)
    assert (first.status_code, other.status_code) == (201, 201)
    assert REPLAYED not in other.headers
    assert first.json["data"]["booking_id"] != other.json["data"]["booking_id"]


def test_another_caller_or_route_may_use_the_same_key(salon: Salon, held: dict[str, Any]) -> None:
    key = str(uuid4())
    assert salon.as_owner("POST", "/api/v1/holds", key=key, json=held).status_code == 201
    second = {**held, "start_time": salon.slot(days=5).isoformat()}
    assert salon.as_role("admin", "POST", "/api/v1/holds", key=key, json=second).status_code == 201
    booking = {
        **held,
        "start_time": salon.slot(days=6).isoformat(),
        "customer_info": {"name": "Jane Doe", "email": "jane@example.com"},
    }
    assert salon.as_owner("POST", "/api/v1/bookings", key=key, json=booking).status_code == 201


def test_a_hundred_requests_with_one_key_have_one_effect(salon: Salon, body: dict[str, Any]) -> None:
    key = str(uuid4())
    answers = repeated(lambda: salon.request("POST", BOOK, None, key=key, json=body), 100)

    first = [answer for answer in answers if answer.status_code == 201 and REPLAYED not in answer.headers]
    assert len(first) == 1
    for answer in answers:
        if answer is first[0]:
            continue
        if answer.status_code == 201:
            _expect_replay(answer, first[0])
        else:
            assert (answer.status_code, answer.json["code"]) == (409, "TITHI_IDEMPOTENCY_IN_PROGRESS")
            assert int(answer.headers["Retry-After"]) > 0
    assert len(_bookings(salon)) == 1
    _expect_replay(salon.request("POST", BOOK, None, key=key, json=body), first[0])


def test_fifty_requests_with_one_key_hold_a_time_once(salon: Salon, stack: Stack, held: dict[str, Any]) -> None:
    key = str(uuid4())
    answers = repeated(lambda: salon.as_owner("POST", "/api/v1/holds", key=key, json=held), 50)
    created = [answer for answer in answers if answer.status_code == 201]
    assert len({answer.data for answer in created}) == 1
    assert [REPLAYED in answer.headers for answer in created].count(False) == 1
    assert {answer.status_code for answer in answers} <= {201, 409}
    assert _count(stack, salon, "SELECT count(*) FROM claims") == 1


def test_a_refusal_gives_the_key_back(salon: Salon, body: dict[str, Any], held: dict[str, Any]) -> None:
    rival = salon.booked(start=salon.slot(days=4))
    keys = str(uuid4()), str(uuid4())
    refused = salon.request("POST", BOOK, None, key=keys[0], json=body)
    assert (refused.status_code, refused.json["code"]) == (409, "TITHI_SLOT_UNAVAILABLE")
    assert salon.as_owner("POST", "/api/v1/holds", key=keys[1], json=held).status_code == 409

    assert salon.press("cancel", rival["booking_id"], canceled_by="business").status_code == 200
    again = salon.as_owner("POST", "/api/v1/holds", key=keys[1], json=held)
    assert again.status_code == 201
    released = salon.as_owner("DELETE", f"/api/v1/holds/{again.json['id']}")
    assert released.status_code == 204
    assert salon.request("POST", BOOK, None, key=keys[0], json=body).status_code == 201


def test_a_request_that_was_not_valid_does_not_use_its_key(salon: Salon, body: dict[str, Any]) -> None:
    key = str(uuid4())
    assert salon.request("POST", BOOK, None, key=key, json={**body, "service_id": "no"}).status_code == 400
    assert salon.request("POST", BOOK, None, key=key, json=body).status_code == 201


@pytest.mark.usefixtures("faults")
def test_a_failure_is_not_kept_and_the_repeat_succeeds(salon: Salon, stack: Stack) -> None:
    visit = salon.as_owner(
        "POST",
        "/api/v1/bookings",
        key=str(uuid4()),
        json={
            "service_id": str(salon.service_id),
            "start_time": salon.slot(days=4).isoformat(),
            "customer_info": {"name": "Jane Doe", "email": "jane@example.com"},
        },
    ).json
    request = {
        "booking_id": visit["booking_id"],
        "payment_method": {"type": "card", "stripe_payment_method_id": "pm_card_visa"},
    }
    key = str(uuid4())
    stack.stripe.state.add_fault_from(
        Params({"match": "POST /v1/setup_intents", "kind": "lose_answer_before", "account": salon.account})
    )
    failed = salon.as_owner("POST", "/api/v1/payments/checkout", key=key, json=request)
    assert failed.status_code == 502, failed.text

    again = salon.as_owner("POST", "/api/v1/payments/checkout", key=key, json=request)
    assert again.status_code == 201, again.text
    assert REPLAYED not in again.headers
    assert again.json["card_status"] == "card_on_file"


def test_keys_are_forgotten_after_72_hours(salon: Salon, stack: Stack) -> None:
    salon.booked(start=salon.slot(days=9))
    later = clock.now() + timedelta(hours=73)
    with clock.steered(lambda: later):
        salon.booked(start=salon.slot(days=10))
    assert _count(stack, salon, "SELECT count(*) FROM idempotency_keys") == 1


def _expect_replay(answer: Answer, first: Answer) -> None:
    assert answer.headers[REPLAYED] == "true"
    assert (answer.status_code, answer.data) == (first.status_code, first.data)


def _bookings(salon: Salon) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = salon.as_owner("GET", "/api/v1/bookings").json["bookings"]
    return found


def _count(stack: Stack, salon: Salon, statement: str) -> int:
    return int(in_tenant(stack.dsn("tithi_app"), salon.tenant_id, statement)[0][0])
