# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from tests.factories.businesses import Salon
from tests.factories.promotions import add_coupon, coupon_shown, lines_of, quoted
from tests.factories.visits import API, add_service, at_desk, count_bookings, desk, guest, is_refused, ok, online
from tests.payments.till import later
from tithi.platform import clock

COUPONS = f"{API}/coupons"
Refused = tuple[dict[str, Any], str]


def test_a_coupon_is_added_changed_listed_and_deleted(salon: Salon) -> None:
    coupon = add_coupon(salon, "Spring-25", kind="fixed", value=1500, name="Spring")
    changed = salon.as_owner("PUT", f"{COUPONS}/{coupon['id']}", json={"value": 2000})
    assert (changed.json["value"], changed.headers["ETag"]) == (2000, '"2"')
    assert [one["code"] for one in ok(salon.as_owner("GET", COUPONS))["coupons"]] == ["Spring-25"]

    assert salon.as_owner("DELETE", f"{COUPONS}/{coupon['id']}").status_code == 204
    assert ok(salon.as_owner("GET", COUPONS))["coupons"] == []
    add_coupon(salon, "SPRING-25")


def test_a_code_is_one_code_in_capitals_and_small_letters(salon: Salon) -> None:
    add_coupon(salon, "Spring25")
    body = {"code": "SPRING25", "kind": "percent", "value": 1000}
    assert is_refused(salon.as_owner("POST", COUPONS, json=body), "TITHI_COUPON_EXISTS")
    assert at_desk(salon, salon.slot(), coupon_code=" sprinG25 ")["amount_cents"] == 4500


@pytest.mark.parametrize(
    ("terms", "field"),
    [
        ({"kind": "percent", "value": 10}, "value"),
        ({"kind": "percent", "value": 10_001}, "value"),
        ({"kind": "fixed", "value": 0}, "value"),
        ({"valid_from": "2030-01-02T00:00:00Z", "valid_until": "2030-01-01T00:00:00Z"}, "valid_until"),
    ],
)
def test_terms_that_say_nothing_are_refused(salon: Salon, terms: dict[str, Any], field: str) -> None:
    answer = salon.as_owner("POST", COUPONS, json={"code": "ODD", "kind": "percent", "value": 1000, **terms})
    assert (answer.status_code, list(answer.json["errors"])) == (400, [field])
    assert ok(salon.as_owner("GET", COUPONS))["coupons"] == []


def test_the_discount_is_shown_to_customer_and_staff(salon: Salon) -> None:
    coupon = add_coupon(salon, name="Spring", kind="fixed", value=1200)
    booked = ok(online(salon, salon.slot(), coupon_code=coupon["code"]))
    seen = ok(salon.as_owner("GET", f"{API}/bookings/{booked['booking_id']}"))
    for shown in (booked, seen):
        assert (shown["subtotal_cents"], shown["discount_cents"], shown["amount_cents"]) == (5000, 1200, 3800)
        assert [(line["label"], line["amount_cents"]) for line in shown["lines"]] == [("Cut", 5000), ("Spring", -1200)]
    assert seen["due_cents"] == 3800


def test_a_discount_larger_than_the_price_leaves_nothing_to_pay(salon: Salon) -> None:
    coupon = add_coupon(salon, kind="fixed", value=9000)
    booked = at_desk(salon, salon.slot(), coupon_code=coupon["code"])
    assert (booked["amount_cents"], booked["discount_cents"]) == (0, 5000)


def test_a_free_item_costs_nothing(salon: Salon) -> None:
    wash = add_service(salon, price_cents=2000)
    coupon = add_coupon(salon, kind="free_item", value=0, service_ids=[wash])
    items = [{"service_id": str(salon.service_id)}, {"service_id": wash}]
    booked = at_desk(salon, salon.slot(), items=items, coupon_code=coupon["code"])
    assert (booked["amount_cents"], lines_of(booked, "discount")) == (5000, [-2000])


@pytest.fixture
def refusals(salon: Salon) -> Callable[[str], Refused]:
    """Each reason for which a coupon gives nothing: the booking's codes, and the code of the refusal."""
    day = timedelta(days=1)

    def coupon(**terms: Any) -> dict[str, Any]:
        return {"coupon_code": add_coupon(salon, **terms)["code"]}

    makers: dict[str, Callable[[], Refused]] = {
        "unknown": lambda: ({"coupon_code": "NOBODYS"}, "TITHI_COUPON_NOT_FOUND"),
        "off": lambda: (coupon(is_active=False), "TITHI_COUPON_INACTIVE"),
        "early": lambda: (coupon(valid_from=(clock.now() + day).isoformat()), "TITHI_COUPON_NOT_YET_VALID"),
        "expired": lambda: (coupon(valid_until=(clock.now() - day).isoformat()), "TITHI_COUPON_EXPIRED"),
        "elsewhere": lambda: (coupon(service_ids=[add_service(salon)]), "TITHI_COUPON_NOT_FOR_SERVICES"),
        "small": lambda: (coupon(min_amount_cents=5001), "TITHI_COUPON_BELOW_MINIMUM"),
    }
    return lambda reason: makers[reason]()


@pytest.mark.parametrize("reason", ["unknown", "off", "early", "expired", "elsewhere", "small"])
def test_a_coupon_that_gives_nothing_is_refused_everywhere_with_the_reason(
    salon: Salon, refusals: Callable[[str], Refused], reason: str
) -> None:
    codes, code = refusals(reason)
    status = 404 if reason == "unknown" else 409
    assert is_refused(desk(salon, salon.slot(), **codes), code, status)
    assert is_refused(online(salon, salon.slot(), **codes), code, status)
    assert is_refused(quoted(salon, **codes), code, status)
    body = {"code": codes["coupon_code"], "service_ids": [str(salon.service_id)]}
    assert is_refused(salon.as_owner("POST", f"{COUPONS}/validate", json=body), code, status)
    public = salon.request("POST", f"{API}/public/{salon.slug}/coupons/validate", None, json=body)
    assert is_refused(public, code, status)
    assert count_bookings(salon) == 0
    assert ok(quoted(salon))["amount_cents"] == 5000


def test_a_valid_coupon_says_what_it_takes_off(salon: Salon) -> None:
    coupon = add_coupon(salon, value=2500)
    body = {"code": coupon["code"].lower(), "service_ids": [str(salon.service_id)]}
    found = ok(salon.request("POST", f"{API}/public/{salon.slug}/coupons/validate", None, json=body))
    assert (found["subtotal_cents"], found["discount_cents"], found["kind"]) == (5000, 1250, "percent")
    assert coupon_shown(salon, coupon)["used_count"] == 0


def test_a_coupon_runs_out(salon: Salon) -> None:
    coupon = add_coupon(salon, max_uses=1)
    at_desk(salon, salon.slot(), coupon_code=coupon["code"])
    assert is_refused(desk(salon, salon.slot(hour=14), coupon_code=coupon["code"]), "TITHI_COUPON_USED_UP")
    assert count_bookings(salon) == 1


def test_a_customer_uses_a_coupon_as_often_as_they_may(salon: Salon) -> None:
    coupon = add_coupon(salon, max_uses_per_customer=1)
    who = guest()
    at_desk(salon, salon.slot(), coupon_code=coupon["code"], customer_info=who)
    again = desk(salon, salon.slot(hour=14), coupon_code=coupon["code"], customer_info=who)
    assert is_refused(again, "TITHI_COUPON_USED_BY_CUSTOMER")
    at_desk(salon, salon.slot(hour=14), coupon_code=coupon["code"])


def test_a_coupon_for_the_first_visit_is_for_new_customers(salon: Salon) -> None:
    coupon = add_coupon(salon, first_visit_only=True)
    who = guest()
    at_desk(salon, salon.slot(), customer_info=who)
    again = desk(salon, salon.slot(hour=14), coupon_code=coupon["code"], customer_info=who)
    assert is_refused(again, "TITHI_COUPON_FIRST_VISIT_ONLY")
    assert at_desk(salon, salon.slot(hour=14), coupon_code=coupon["code"])["discount_cents"] == 500


def test_a_visit_canceled_free_of_charge_gives_its_coupon_back_once(salon: Salon, drain: Callable[[], None]) -> None:
    coupon = add_coupon(salon, max_uses=1)
    booked = at_desk(salon, salon.slot(), coupon_code=coupon["code"])
    assert coupon_shown(salon, coupon)["used_count"] == 1
    for _ in range(2):
        salon.press("cancel", booked["id"], canceled_by="business")
        drain()
        assert coupon_shown(salon, coupon)["used_count"] == 0
    at_desk(salon, salon.slot(), coupon_code=coupon["code"])


def test_a_visit_canceled_late_keeps_its_coupon(salon: Salon, drain: Callable[[], None]) -> None:
    coupon = add_coupon(salon, max_uses=1)
    start = salon.slot()
    booked = ok(online(salon, start, coupon_code=coupon["code"]))
    with later(seconds=(start - clock.now()).total_seconds() - 7200):
        ok(salon.press("cancel", booked["booking_id"]))
        drain()
    assert coupon_shown(salon, coupon)["used_count"] == 1


def test_a_late_fee_that_is_waived_gives_the_coupon_back(salon: Salon, drain: Callable[[], None]) -> None:
    coupon = add_coupon(salon, max_uses=1)
    start = salon.slot()
    booked = ok(online(salon, start, coupon_code=coupon["code"]))
    with later(seconds=(start - clock.now()).total_seconds() - 7200):
        ok(salon.request("POST", f"{API}/manage/{booked['manage_token']}/cancel", None, json={}))
        drain()
        assert coupon_shown(salon, coupon)["used_count"] == 1
        path = f"{API}/bookings/{booked['booking_id']}/waive"
        ok(salon.as_owner("POST", path, key=salon.slug, json={"reason": "Ill."}))
        drain()
    assert coupon_shown(salon, coupon)["used_count"] == 0


def test_a_completed_visit_that_is_waived_keeps_its_coupon(salon: Salon, drain: Callable[[], None]) -> None:
    coupon = add_coupon(salon, max_uses=1)
    booked = at_desk(salon, salon.slot(), coupon_code=coupon["code"])
    ok(salon.press("complete", booked["id"]))
    path = f"{API}/bookings/{booked['id']}/waive"
    ok(salon.as_owner("POST", path, key=salon.slug, json={"reason": "On the house."}))
    drain()
    assert coupon_shown(salon, coupon)["used_count"] == 1


def test_a_visit_that_fails_gives_its_coupon_back(salon: Salon, drain: Callable[[], None]) -> None:
    coupon = add_coupon(salon, max_uses=1)
    pending = ok(online(salon, salon.slot(), coupon_code=coupon["code"], payment_method={"type": "card"}))
    assert pending["status"] == "pending"
    with later(minutes=20):
        drain()
    assert ok(salon.as_owner("GET", f"{API}/bookings/{pending['booking_id']}"))["status"] == "failed"
    assert coupon_shown(salon, coupon)["used_count"] == 0
