# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest

from tests.factories.businesses import Salon
from tests.factories.promotions import (
    add_coupon,
    add_customer,
    referral_code,
    sell_gift_card,
    sell_package,
    start_referrals,
)
from tests.factories.visits import API, at_desk, ok


def pay(salon: Salon, hour: int) -> None:
    booked = at_desk(salon, salon.slot(hour=hour))
    ok(salon.as_owner("POST", f"{API}/payments/cash", key=str(uuid4()), json={"booking_id": booked["id"]}))


def refer(salon: Salon, hour: int) -> None:
    start_referrals(salon)
    at_desk(salon, salon.slot(hour=hour), referral_code=referral_code(salon, add_customer(salon)))


MAKERS: dict[str, Callable[[Salon, int], Any]] = {
    "coupons": lambda salon, _: add_coupon(salon),
    "gift-cards": lambda salon, _: sell_gift_card(salon),
    "sold-packages": lambda salon, _: sell_package(salon, add_customer(salon)),
    "receipts": pay,
    "referrals": refer,
}


@pytest.mark.parametrize("path", MAKERS)
def test_a_list_is_read_page_by_page_newest_first(salon: Salon, path: str) -> None:
    for hour in (9, 11, 13):
        MAKERS[path](salon, hour)
    name = path.replace("-", "_")
    whole = [one["id"] for one in ok(salon.as_owner("GET", f"{API}/{path}"))[name]]
    first = ok(salon.as_owner("GET", f"{API}/{path}?limit=2"))
    second = ok(salon.as_owner("GET", f"{API}/{path}?limit=2&cursor={first['next_cursor']}"))
    assert [one["id"] for one in (*first[name], *second[name])] == whole
    assert (len(whole), second["next_cursor"]) == (3, None)
    assert salon.as_owner("GET", f"{API}/{path}?cursor=nonsense").status_code == 400
