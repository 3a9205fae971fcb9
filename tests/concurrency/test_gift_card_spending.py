# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

from functools import partial

from tests.concurrency.parallel import at_once
from tests.factories.businesses import Salon
from tests.factories.promotions import left_on, sell_gift_card
from tests.factories.visits import at_desk, desk

RIVALS = 10


def test_ten_bookings_at_once_reserve_no_more_than_the_card_has(salon: Salon) -> None:
    card = sell_gift_card(salon, 12_000)
    rivals = [partial(desk, salon, salon.slot(hour=place), gift_card_code=card["code"]) for place in range(1, RIVALS)]
    answers = at_once(rivals)

    reserved = [answer.json["gift_card_cents"] for answer in answers if answer.status_code == 201]
    assert sorted(reserved) == [2000, 5000, 5000]
    assert {answer.json["code"] for answer in answers if answer.status_code != 201} == {"TITHI_GIFT_CARD_EMPTY"}
    assert left_on(salon, card) == (0, 12_000)


def test_two_refunds_at_once_fill_the_card_once(salon: Salon) -> None:
    card = sell_gift_card(salon, 5000)
    booked = at_desk(salon, salon.slot(), gift_card_code=card["code"])
    salon.press("complete", booked["id"])
    answers = at_once([partial(salon.press, "refund", booked["id"], refund_type="full") for _ in range(4)])
    assert min(answer.status_code for answer in answers) < 300
    assert left_on(salon, card) == (5000, 0)
