# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

from functools import partial
from uuid import uuid4

import pytest

from tests.concurrency.parallel import at_once, repeated
from tests.factories.businesses import Answer, Salon
from tests.stack import Stack

PRICE = 5000


@pytest.mark.parametrize("word", ["complete", "no-show"])
def test_fifty_presses_with_keys_of_their_own_charge_once(salon: Salon, stack: Stack, word: str) -> None:
    salon.as_owner("PUT", f"/api/v1/tenants/{salon.tenant_id}/policies", json=_fee(100))
    booking_id = salon.booked()["booking_id"]
    answers = repeated(lambda: salon.press(word, booking_id), 50)

    assert {answer.status_code for answer in answers} <= {200, 409}, [answer.text for answer in answers][:2]
    for answer in answers:
        if answer.status_code == 409:
            assert answer.json["code"] == "TITHI_PAYMENT_IN_PROGRESS", answer.text
            assert int(answer.headers["Retry-After"]) > 0
    results = [answer.json for answer in answers if answer.status_code == 200]
    assert results
    assert {(one["payment_status"], one["captured_cents"], one["version"]) for one in results} == {
        ("captured", PRICE, results[0]["version"])
    }
    (intent,) = stack.stripe.state.objects("payment_intents", salon.account)
    assert (intent["status"], intent["amount_received"]) == ("succeeded", PRICE)
    again = salon.press(word, booking_id)
    assert (again.status_code, again.json["captured_cents"]) == (200, PRICE)


def test_different_outcomes_pressed_at_once_leave_one_outcome_and_one_charge(salon: Salon, stack: Stack) -> None:
    salon.as_owner("PUT", f"/api/v1/tenants/{salon.tenant_id}/policies", json=_fee(50))
    booking_id = salon.booked()["booking_id"]
    words = ("complete", "no-show", "cancel") * 6
    answers = at_once([partial(salon.press, word, booking_id) for word in words])

    assert {answer.status_code for answer in answers} <= {200, 409}, [answer.text for answer in answers]
    won = {word for word, answer in zip(words, answers, strict=True) if answer.status_code == 200}
    shown = salon.as_owner("GET", f"/api/v1/bookings/{booking_id}").json
    outcome = {"completed": "complete", "no_show": "no-show", "canceled": "cancel"}[shown["status"]]
    assert won == {outcome}
    expected = {"complete": PRICE, "no-show": PRICE // 2, "cancel": 0}[outcome]
    taken = [one["amount_received"] for one in stack.stripe.state.objects("payment_intents", salon.account)]
    assert taken == ([expected] if expected else [])
    assert shown["captured_cents"] == expected


def test_refunds_at_the_same_time_never_exceed_what_was_taken(salon: Salon, stack: Stack) -> None:
    booking_id = _completed(salon)
    answers = repeated(partial(_refund, salon, booking_id, PRICE * 60 // 100), 2)

    assert sorted(answer.status_code for answer in answers) == [201, 400], [answer.text for answer in answers]
    refused = next(answer for answer in answers if answer.status_code == 400)
    assert refused.json["code"] == "TITHI_REFUND_TOO_LARGE"
    assert _given_back(stack, salon) == PRICE * 60 // 100


def test_many_refunds_at_the_same_time_give_back_what_was_taken_and_no_more(salon: Salon, stack: Stack) -> None:
    booking_id = _completed(salon)
    answers = repeated(partial(_refund, salon, booking_id, PRICE // 4), 12)

    assert sorted(answer.status_code for answer in answers) == [201] * 4 + [409] * 8
    assert _given_back(stack, salon) == PRICE
    shown = salon.as_owner("GET", f"/api/v1/bookings/{booking_id}").json
    assert (shown["refunded_cents"], shown["payment_status"]) == (PRICE, "refunded")


def _fee(percent: int) -> dict[str, dict[str, object]]:
    return {"no_show_fee": {"type": "percent", "value": percent}}


def _completed(salon: Salon) -> str:
    booking_id: str = salon.booked()["booking_id"]
    assert salon.press("complete", booking_id).json["payment_status"] == "captured"
    return booking_id


def _refund(salon: Salon, booking_id: str, cents: int) -> Answer:
    return salon.as_owner(
        "POST",
        f"/api/v1/admin/bookings/{booking_id}/refund",
        key=str(uuid4()),
        json={"refund_type": "partial", "amount_cents": cents},
    )


def _given_back(stack: Stack, salon: Salon) -> int:
    return sum(int(one["amount"]) for one in stack.stripe.state.objects("refunds", salon.account))
