# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

from collections.abc import Callable
from functools import partial
from typing import Any
from uuid import uuid4

from tests.concurrency.parallel import at_once
from tests.factories.businesses import Salon
from tests.factories.promotions import (
    add_coupon,
    add_customer,
    add_package,
    add_tax,
    lines_of,
    quoted,
    sell_package,
    sessions_left,
)
from tests.factories.visits import API, add_service, at_desk, count_bookings, desk, is_refused, ok
from tests.payments.till import later

PACKAGES = f"{API}/packages"


def test_a_package_is_added_changed_and_sold_no_more(salon: Salon) -> None:
    package = add_package(salon, 5)
    changed = salon.as_owner("PUT", f"{PACKAGES}/{package['id']}", json={"price_cents": 20_000})
    assert (changed.json["price_cents"], changed.headers["ETag"]) == (20_000, '"2"')
    assert salon.as_owner("DELETE", f"{PACKAGES}/{package['id']}").status_code == 204
    sale = {"customer_id": add_customer(salon)}
    answer = salon.as_owner("POST", f"{PACKAGES}/{package['id']}/sell", key=str(uuid4()), json=sale)
    assert is_refused(answer, "TITHI_PACKAGE_NOT_FOUND", 404)


def test_a_package_that_is_switched_off_is_not_sold(salon: Salon) -> None:
    package = add_package(salon, is_active=False)
    body = {"customer_id": add_customer(salon)}
    answer = salon.as_owner("POST", f"{PACKAGES}/{package['id']}/sell", key=str(uuid4()), json=body)
    assert is_refused(answer, "TITHI_PACKAGE_INACTIVE")
    assert ok(salon.as_owner("GET", f"{API}/sold-packages"))["sold_packages"] == []


def test_a_session_takes_the_price_of_its_item_off(salon: Salon) -> None:
    wash = add_service(salon, price_cents=3000)
    customer_id = add_customer(salon)
    sold = sell_package(salon, customer_id)
    items = [{"service_id": str(salon.service_id)}, {"service_id": wash}]
    booked = at_desk(salon, salon.slot(), items=items, customer_id=customer_id, package_code=sold["code"].lower())
    assert (booked["amount_cents"], lines_of(booked, "discount")) == (3000, [-5000])
    assert sessions_left(salon, sold) == 2


def test_a_coupon_takes_its_part_of_what_the_package_leaves(salon: Salon) -> None:
    add_tax(salon, 1000, is_inclusive=False)
    wash = add_service(salon, price_cents=3000)
    customer_id = add_customer(salon)
    codes = {"package_code": sell_package(salon, customer_id)["code"], "coupon_code": add_coupon(salon)["code"]}
    items = [{"service_id": str(salon.service_id)}, {"service_id": wash}]
    booked = at_desk(salon, salon.slot(), items=items, customer_id=customer_id, **codes)
    assert lines_of(booked, "discount") == [-5000, -300]
    assert (lines_of(booked, "tax"), booked["amount_cents"]) == ([0, 270], 2970)


def refusal_of(salon: Salon, **body: Any) -> str:
    answer = desk(salon, salon.slot(), **body)
    assert answer.status_code in {404, 409}
    assert count_bookings(salon) == 0
    return str(answer.json["code"])


def test_a_package_that_gives_nothing_is_refused_with_the_reason(salon: Salon) -> None:
    owner, other = add_customer(salon), add_customer(salon)
    wash = add_service(salon)
    sold = sell_package(salon, owner)
    elsewhere = sell_package(salon, owner, service_ids=[wash])
    assert refusal_of(salon, customer_id=owner, package_code="NOBODYS") == "TITHI_PACKAGE_NOT_FOUND"
    assert refusal_of(salon, customer_id=other, package_code=sold["code"]) == "TITHI_PACKAGE_NOT_YOURS"
    assert refusal_of(salon, customer_id=owner, package_code=elsewhere["code"]) == "TITHI_PACKAGE_NOT_FOR_SERVICES"
    assert sessions_left(salon, sold) == 3


def test_a_package_expires(salon: Salon) -> None:
    customer_id = add_customer(salon)
    sold = sell_package(salon, customer_id, valid_days=10)
    with later(days=11):
        answer = desk(salon, salon.slot(), customer_id=customer_id, package_code=sold["code"])
        assert is_refused(answer, "TITHI_PACKAGE_EXPIRED")


def test_sessions_run_out_and_a_quote_takes_none(salon: Salon) -> None:
    customer_id = add_customer(salon)
    sold = sell_package(salon, customer_id, 1)
    assert ok(quoted(salon, package_code=sold["code"]))["amount_cents"] == 0
    at_desk(salon, salon.slot(), customer_id=customer_id, package_code=sold["code"])
    answer = desk(salon, salon.slot(hour=14), customer_id=customer_id, package_code=sold["code"])
    assert is_refused(answer, "TITHI_PACKAGE_USED_UP")


def test_a_visit_canceled_free_of_charge_gives_its_session_back(salon: Salon, drain: Callable[[], None]) -> None:
    customer_id = add_customer(salon)
    sold = sell_package(salon, customer_id)
    booked = at_desk(salon, salon.slot(), customer_id=customer_id, package_code=sold["code"])
    for _ in range(2):
        salon.press("cancel", booked["id"], canceled_by="business")
        drain()
        assert sessions_left(salon, sold) == 3


def test_an_item_less_gives_its_session_back(salon: Salon) -> None:
    wash = add_service(salon, price_cents=3000)
    customer_id = add_customer(salon)
    sold = sell_package(salon, customer_id)
    items = [{"service_id": str(salon.service_id)}, {"service_id": wash}]
    booked = at_desk(salon, salon.slot(), items=items, customer_id=customer_id, package_code=sold["code"])
    item = booked["items"][0]["id"]
    left = ok(salon.as_owner("POST", f"{API}/bookings/{booked['id']}/items/{item}/cancel", key=item, json={}))
    assert (left["amount_cents"], sessions_left(salon, sold)) == (3000, 3)


def test_ten_bookings_at_once_use_no_more_sessions_than_are_left(salon: Salon) -> None:
    customer_id = add_customer(salon)
    sold = sell_package(salon, customer_id, 3)
    book = partial(desk, salon, customer_id=customer_id, package_code=sold["code"])
    answers = at_once([partial(book, salon.slot(hour=place)) for place in range(10)])
    assert sorted(answer.status_code for answer in answers) == [201] * 3 + [409] * 7
    assert sessions_left(salon, sold) == 0
