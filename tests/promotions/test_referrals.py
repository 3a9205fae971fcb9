# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

from collections.abc import Callable
from typing import Any

from tests.factories.businesses import Salon
from tests.factories.promotions import add_customer, referral_code, start_referrals
from tests.factories.visits import API, at_desk, count_bookings, desk, is_refused, ok


def rewards(salon: Salon) -> list[dict[str, Any]]:
    found = ok(salon.as_owner("GET", f"{API}/coupons"))["coupons"]
    return [one for one in found if one["customer_id"] is not None]


def test_both_get_a_coupon_after_the_first_completed_visit(salon: Salon, drain: Callable[[], None]) -> None:
    start_referrals(salon, kind="fixed", value=1500, valid_days=90)
    friend = add_customer(salon)
    booked = at_desk(salon, salon.slot(), referral_code=referral_code(salon, friend).lower())
    drain()
    assert rewards(salon) == []

    ok(salon.press("complete", booked["id"]))
    for _ in range(2):
        drain()
    found = rewards(salon)
    assert {one["customer_id"] for one in found} == {friend, booked["customer"]["id"]}
    assert {(one["kind"], one["value"], one["max_uses"]) for one in found} == {("fixed", 1500, 1)}
    (referral,) = ok(salon.as_owner("GET", f"{API}/referrals"))["referrals"]
    assert referral["rewarded_at"] is not None


def test_the_second_visit_brings_no_second_reward(salon: Salon, drain: Callable[[], None]) -> None:
    start_referrals(salon)
    code = referral_code(salon, add_customer(salon))
    first = at_desk(salon, salon.slot(), referral_code=code)
    second = at_desk(salon, salon.slot(hour=14), customer_id=first["customer"]["id"])
    for booked in (first, second):
        ok(salon.press("complete", booked["id"]))
        drain()
    assert len(rewards(salon)) == 2


def test_a_reward_is_for_its_own_customer(salon: Salon, drain: Callable[[], None]) -> None:
    start_referrals(salon)
    friend = add_customer(salon)
    booked = at_desk(salon, salon.slot(), referral_code=referral_code(salon, friend))
    ok(salon.press("complete", booked["id"]))
    drain()
    reward = next(one for one in rewards(salon) if one["customer_id"] == friend)
    assert is_refused(desk(salon, salon.slot(days=5), coupon_code=reward["code"]), "TITHI_COUPON_NOT_YOURS")
    mine = at_desk(salon, salon.slot(days=5), customer_id=friend, coupon_code=reward["code"])
    assert mine["discount_cents"] == 1000


def test_nobody_refers_themselves_or_somebody_who_was_here(salon: Salon) -> None:
    start_referrals(salon)
    friend = add_customer(salon)
    code = referral_code(salon, friend)
    assert referral_code(salon, friend) == code
    assert is_refused(desk(salon, salon.slot(), customer_id=friend, referral_code=code), "TITHI_REFERRAL_NOT_NEW")
    known = at_desk(salon, salon.slot())["customer"]["id"]
    again = desk(salon, salon.slot(hour=14), customer_id=known, referral_code=code)
    assert is_refused(again, "TITHI_REFERRAL_NOT_NEW")
    assert count_bookings(salon) == 1


def test_a_business_without_a_program_knows_no_codes(salon: Salon) -> None:
    code = referral_code(salon, add_customer(salon))
    answer = desk(salon, salon.slot(), referral_code=code)
    assert is_refused(answer, "TITHI_REFERRAL_CODE_NOT_FOUND", 404)
    assert not ok(salon.as_owner("GET", f"{API}/referrals/program"))["is_active"]


def test_a_program_is_changed_by_its_version(salon: Salon) -> None:
    start_referrals(salon)
    body = {"kind": "percent", "value": 500}
    stale = salon.as_owner("PUT", f"{API}/referrals/program", json=body, headers={"If-Match": '"0"'})
    assert stale.status_code == 412
    odd = salon.as_owner("PUT", f"{API}/referrals/program", json={"kind": "percent", "value": 10_001})
    assert odd.status_code == 400
    assert ok(salon.as_owner("GET", f"{API}/referrals/program"))["value"] == 2000
