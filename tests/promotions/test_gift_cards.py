# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from tests.factories.businesses import Answer, Salon
from tests.factories.promotions import gift_card_shown, left_on, lines_of, quoted, sell_gift_card
from tests.factories.visits import API, add_service, at_desk, count_bookings, desk, is_refused, ok, online, shown
from tests.payments.till import CAPTURE, REFUND, Till, later
from tithi.payments.processor import processor
from tithi.platform import clock

CARDS = f"{API}/gift-cards"
GIVEN_UP = {"reason": "As agreed."}


def balance(salon: Salon, code: str) -> Answer:
    return salon.request("POST", f"{API}/public/{salon.slug}/gift-cards/balance", None, json={"code": code})


def with_card(till: Till, card: dict[str, Any], **changes: Any) -> str:
    """Book online with a card on file and a gift card; gives the booking's id."""
    booked = ok(online(till.salon, till.salon.slot(), gift_card_code=card["code"], **changes))
    assert booked["status"] == "confirmed"
    return str(booked["booking_id"])


def refund(salon: Salon, booking_id: str, **body: Any) -> Answer:
    return salon.press("refund", booking_id, **body)


def test_a_gift_card_shows_its_code_once(salon: Salon) -> None:
    card = sell_gift_card(salon, 10_000, paid_by="cash", recipient_name="Ada")
    assert len(card["code"]) == 19
    seen = gift_card_shown(salon, card)
    assert "code" not in seen
    assert (seen["last4"], seen["initial_cents"], seen["price_cents"]) == (card["code"][-4:], 10_000, 10_000)
    assert [one["id"] for one in ok(salon.as_owner("GET", CARDS))["gift_cards"]] == [card["id"]]


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"amount_cents": 1000, "basis_points": 1000},
        {"amount_cents": 1000, "price_cents": 1000},
        {"amount_cents": 1000, "expires_at": "2020-01-01T00:00:00Z"},
    ],
)
def test_a_gift_card_that_makes_no_sense_is_refused(salon: Salon, body: dict[str, Any]) -> None:
    assert salon.as_owner("POST", CARDS, key=str(uuid4()), json=body).status_code == 400
    assert ok(salon.as_owner("GET", CARDS))["gift_cards"] == []


def test_a_code_answers_its_balance_and_an_unknown_one_answers_alike(salon: Salon, other_salon: Salon) -> None:
    card = sell_gift_card(salon, 3000)
    known, unknown = balance(salon, f" {card['code'].lower()} "), balance(salon, "AAAA-BBBB-CCCC-DDDD")
    assert (known.json["is_usable"], known.json["balance_cents"]) == (True, 3000)
    assert (unknown.status_code, unknown.json.keys()) == (known.status_code, known.json.keys())
    assert (unknown.json["is_usable"], unknown.json["balance_cents"]) == (False, 0)
    assert balance(other_salon, card["code"]).json == unknown.json


def test_what_a_visit_reserves_nobody_else_can_spend(salon: Salon) -> None:
    card = sell_gift_card(salon, 7000)
    first = at_desk(salon, salon.slot(), gift_card_code=card["code"])
    assert (first["amount_cents"], first["gift_card_cents"], lines_of(first, "gift_card")) == (5000, 5000, [-5000])
    second = at_desk(salon, salon.slot(hour=14), gift_card_code=card["code"])
    assert second["gift_card_cents"] == 2000
    assert left_on(salon, card) == (0, 7000)

    third = desk(salon, salon.slot(hour=16), gift_card_code=card["code"])
    assert is_refused(third, "TITHI_GIFT_CARD_EMPTY")
    assert count_bookings(salon) == 2


def test_the_card_is_charged_what_the_gift_card_does_not_pay(till: Till) -> None:
    card = sell_gift_card(till.salon, 2000)
    booking_id = with_card(till, card)
    assert ok(till.salon.press("complete", booking_id))["payment_status"] == "captured"

    assert till.taken() == 3000
    assert [intent["application_fee_amount"] for intent in till.intents()] == [30]
    payment = ok(till.salon.as_owner("GET", f"{API}/payments/{till.shown(booking_id)['payment_id']}"))
    assert (payment["captured_cents"], payment["gift_card_cents"]) == (5000, 2000)
    assert left_on(till.salon, card) == (0, 0)


def test_a_gift_card_that_pays_all_needs_no_card(till: Till) -> None:
    card = sell_gift_card(till.salon, 8000)
    booked = at_desk(till.salon, till.salon.slot(), gift_card_code=card["code"])
    completed = ok(till.salon.press("complete", booked["id"]))
    assert (completed["payment_status"], completed["captured_cents"]) == ("captured", 5000)
    assert (till.taken(), left_on(till.salon, card)) == (0, (3000, 0))
    assert till.facts("payment.captured") == 1


def test_a_rest_too_small_for_a_card_is_waived(till: Till) -> None:
    card = sell_gift_card(till.salon, 4970)
    booking_id = with_card(till, card)
    assert ok(till.salon.press("complete", booking_id))["captured_cents"] == 4970
    assert till.taken() == 0


def test_a_fee_is_paid_by_the_gift_card_and_the_rest_is_free_again(till: Till) -> None:
    card = sell_gift_card(till.salon, 5000)
    with later(hours=0):
        booking_id = with_card(till, card)
    till.salon.as_owner(
        "PUT", f"{API}/tenants/{till.salon.tenant_id}/policies", json={"no_show_fee": {"type": "fixed", "value": 1}}
    )
    assert ok(till.salon.press("no-show", booking_id))["captured_cents"] == 5000
    assert left_on(till.salon, card) == (0, 0)


def test_cash_at_the_desk_comes_on_top_of_the_gift_card(till: Till) -> None:
    card = sell_gift_card(till.salon, 2000)
    booked = at_desk(till.salon, till.salon.slot(), gift_card_code=card["code"])
    body = {"booking_id": booked["id"], "amount_cents": 3000}
    paid = ok(till.salon.as_owner("POST", f"{API}/payments/cash", key=str(uuid4()), json=body))
    assert (paid["amount_cents"], paid["captured_cents"], paid["gift_card_cents"]) == (5000, 5000, 2000)


def test_a_visit_canceled_free_of_charge_frees_the_gift_card(salon: Salon) -> None:
    card = sell_gift_card(salon, 2000)
    booked = at_desk(salon, salon.slot(), gift_card_code=card["code"])
    for _ in range(2):
        salon.press("cancel", booked["id"], canceled_by="business")
        assert left_on(salon, card) == (2000, 0)


def test_a_visit_that_fails_frees_the_gift_card(salon: Salon, drain: Callable[[], None]) -> None:
    card = sell_gift_card(salon, 2000)
    ok(online(salon, salon.slot(), gift_card_code=card["code"], payment_method={"type": "card"}))
    assert left_on(salon, card) == (0, 2000)
    with later(minutes=20):
        drain()
    assert left_on(salon, card) == (2000, 0)


def test_a_refund_fills_the_gift_card_first(till: Till) -> None:
    card = sell_gift_card(till.salon, 2000)
    booking_id = with_card(till, card)
    ok(till.salon.press("complete", booking_id))

    part = ok(refund(till.salon, booking_id, refund_type="partial", amount_cents=2500))
    assert (part["amount_cents"], part["gift_card_cents"], part["status"]) == (2500, 2000, "succeeded")
    assert (left_on(till.salon, card), [one["amount"] for one in till.refunds()]) == ((2000, 0), [500])

    rest = ok(refund(till.salon, booking_id, refund_type="full"))
    assert (rest["amount_cents"], rest["gift_card_cents"]) == (2500, 0)
    assert (left_on(till.salon, card), sum(one["amount"] for one in till.refunds())) == ((2000, 0), 3000)
    assert till.shown(booking_id)["payment_status"] == "refunded"


def test_a_refund_within_the_gift_card_leaves_the_card_alone(till: Till) -> None:
    card = sell_gift_card(till.salon, 2000)
    booking_id = with_card(till, card)
    ok(till.salon.press("complete", booking_id))
    part = ok(refund(till.salon, booking_id, refund_type="partial", amount_cents=1500))
    assert (part["gift_card_cents"], part["status"], till.refunds()) == (1500, "succeeded", [])
    assert left_on(till.salon, card) == (1500, 0)


def test_a_visit_that_shrinks_frees_what_it_no_longer_needs(salon: Salon) -> None:
    wash = add_service(salon, price_cents=3000)
    card = sell_gift_card(salon, 8000)
    items = [{"service_id": str(salon.service_id)}, {"service_id": wash}]
    booked = at_desk(salon, salon.slot(), items=items, gift_card_code=card["code"])
    assert left_on(salon, card) == (0, 8000)
    item = booked["items"][1]["id"]
    left = ok(salon.as_owner("POST", f"{API}/bookings/{booked['id']}/items/{item}/cancel", key=item, json={}))
    assert (left["amount_cents"], left["gift_card_cents"], left_on(salon, card)) == (5000, 5000, (3000, 5000))


def test_an_expired_card_is_refused_and_loses_its_balance(salon: Salon, drain: Callable[[], None]) -> None:
    card = sell_gift_card(salon, 2000, expires_at=(clock.now() + timedelta(days=1)).isoformat())
    with later(days=2):
        assert is_refused(desk(salon, salon.slot(days=5), gift_card_code=card["code"]), "TITHI_GIFT_CARD_EXPIRED")
        drain()
        assert (gift_card_shown(salon, card)["status"], left_on(salon, card)) == ("expired", (0, 0))
        assert not balance(salon, card["code"]).json["is_usable"]


def test_value_that_comes_back_after_the_expiry_can_still_be_spent(salon: Salon, drain: Callable[[], None]) -> None:
    card = sell_gift_card(salon, 2000, expires_at=(clock.now() + timedelta(days=1)).isoformat())
    booked = at_desk(salon, salon.slot(days=5), gift_card_code=card["code"])
    with later(days=2):
        drain()
        ok(salon.press("cancel", booked["id"], canceled_by="business"))
        seen = gift_card_shown(salon, card)
        assert (seen["status"], left_on(salon, card)) == ("active", (2000, 0))
        assert datetime.fromisoformat(seen["expires_at"]) > clock.now() + timedelta(days=29)


def test_a_void_card_cannot_be_spent(salon: Salon) -> None:
    card = sell_gift_card(salon, 2000)
    voided = salon.as_owner("POST", f"{CARDS}/{card['id']}/void", key=str(uuid4()), json={})
    assert (voided.json["status"], left_on(salon, card)) == ("void", (0, 0))
    refused = desk(salon, salon.slot(), gift_card_code=card["code"])
    assert is_refused(refused, "TITHI_GIFT_CARD_NOT_FOUND", 404)
    assert count_bookings(salon) == 0


def test_a_voucher_takes_per_cents_off_one_visit(salon: Salon, drain: Callable[[], None]) -> None:
    card = sell_gift_card(salon, None, basis_points=2000)
    assert balance(salon, card["code"]).json["basis_points"] == 2000
    quote = ok(quoted(salon, gift_card_code=card["code"]))
    booked = at_desk(salon, salon.slot(), gift_card_code=card["code"].lower())
    assert quote["amount_cents"] == booked["amount_cents"] == 4000
    assert (booked["discount_cents"], booked["gift_card_cents"]) == (1000, 0)
    assert gift_card_shown(salon, card)["status"] == "used"
    assert is_refused(desk(salon, salon.slot(hour=14), gift_card_code=card["code"]), "TITHI_COUPON_USED_UP")

    ok(salon.press("cancel", booked["id"], canceled_by="business"))
    drain()
    assert gift_card_shown(salon, card)["status"] == "active"


def test_a_quote_reserves_nothing(salon: Salon) -> None:
    card = sell_gift_card(salon, 2000)
    quote = ok(quoted(salon, gift_card_code=card["code"], tip_cents=300))
    assert (quote["gift_card_cents"], quote["due_cents"], left_on(salon, card)) == (2000, 3300, (2000, 0))
    assert is_refused(quoted(salon, gift_card_code="NOBODYS"), "TITHI_GIFT_CARD_NOT_FOUND", 404)


def test_a_card_with_an_address_is_sent_at_its_day(salon: Salon, drain: Callable[[], None]) -> None:
    at = clock.now() + timedelta(days=3)
    card = sell_gift_card(
        salon, 2000, recipient_email="ada@example.com", sender_name="Bo", message="Enjoy!", deliver_at=at.isoformat()
    )
    drain()
    assert letters(salon) == []
    with later(days=4):
        drain()
        drain()
        assert "ada@example.com" in letters(salon)
        assert len(letters(salon)) == 2
        assert gift_card_shown(salon, card)["delivered_at"] is not None


def letters(salon: Salon) -> list[str]:
    found = ok(salon.as_owner("GET", f"{API}/notifications"))["notifications"]
    return [one["to"] for one in found if one["template"] == "gift_card"]


def test_a_visit_shows_what_of_it_the_gift_card_pays(till: Till) -> None:
    card = sell_gift_card(till.salon, 2000)
    booking_id = with_card(till, card)
    seen = shown(till.salon, booking_id)
    assert [line["label"] for line in seen["lines"]] == ["Cut", f"Gift card ending in {card['code'][-4:]}"]
    assert seen["due_cents"] == 5000


def test_a_refund_whose_answer_was_lost_fills_the_gift_card_once(till: Till) -> None:
    card = sell_gift_card(till.salon, 2000)
    booking_id = with_card(till, card)
    ok(till.salon.press("complete", booking_id))
    till.fail(REFUND, "lose_answer_after")
    assert ok(refund(till.salon, booking_id, refund_type="full"))["status"] == "pending"
    till.recover()

    assert (left_on(till.salon, card), [one["amount"] for one in till.refunds()]) == ((2000, 0), [3000])
    assert till.shown(booking_id)["refunded_cents"] == 5000


def test_a_charge_whose_answer_was_lost_takes_the_gift_card_once(till: Till) -> None:
    card = sell_gift_card(till.salon, 2000)
    booking_id = with_card(till, card)
    till.fail(CAPTURE, "lose_answer_after")
    ok(till.salon.press("complete", booking_id))
    till.recover()
    assert (till.taken(), left_on(till.salon, card)) == (3000, (0, 0))
    assert till.shown(booking_id)["captured_cents"] == 5000


def test_a_charge_that_is_declined_leaves_the_gift_cards_part_paid(till: Till) -> None:
    card = sell_gift_card(till.salon, 2000)
    declined = {"type": "card", "stripe_payment_method_id": "pm_card_chargeCustomerFail"}
    booking_id = with_card(till, card, payment_method=declined)
    assert ok(till.salon.press("complete", booking_id))["captured_cents"] == 0
    body = {"booking_id": booking_id, "amount_cents": 3000}
    paid = ok(till.salon.as_owner("POST", f"{API}/payments/cash", key=str(uuid4()), json=body))
    assert (paid["captured_cents"], paid["gift_card_cents"], left_on(till.salon, card)) == (5000, 2000, (0, 0))


def test_a_refund_that_the_processor_refuses_leaves_what_the_gift_card_has_back(broken_till: Till) -> None:
    till = broken_till
    card = sell_gift_card(till.salon, 2000)
    booking_id = with_card(till, card)
    ok(till.salon.press("complete", booking_id))
    (intent,) = till.intents()
    with till.worker_app.app_context():
        processor().refund(
            account=till.salon.account,
            key=f"{booking_id}:elsewhere",
            intent_ref=intent["id"],
            amount_cents=3000,
            metadata={},
        )
    given = ok(refund(till.salon, booking_id, refund_type="full"))
    assert (given["status"], given["amount_cents"], given["gift_card_cents"]) == ("failed", 5000, 2000)
    assert (till.shown(booking_id)["refunded_cents"], left_on(till.salon, card)) == (2000, (2000, 0))


def test_a_payment_that_is_waived_gives_the_gift_card_all_back(till: Till) -> None:
    card = sell_gift_card(till.salon, 2000)
    booking_id = declined_visit(till, card)
    ok(till.salon.as_owner("POST", f"{API}/bookings/{booking_id}/waive", key=str(uuid4()), json=GIVEN_UP))
    assert left_on(till.salon, card) == (2000, 0)
    assert till.shown(booking_id)["captured_cents"] == 0


def test_a_payment_that_is_written_off_keeps_what_the_gift_card_paid(till: Till) -> None:
    card = sell_gift_card(till.salon, 2000)
    booking_id = declined_visit(till, card)
    ok(till.salon.as_owner("POST", f"{API}/bookings/{booking_id}/write-off", key=str(uuid4()), json=GIVEN_UP))
    assert left_on(till.salon, card) == (0, 0)
    assert till.shown(booking_id)["captured_cents"] == 2000


def declined_visit(till: Till, card: dict[str, Any]) -> str:
    """A completed visit whose gift card paid its part, and whose card was declined."""
    declined = {"type": "card", "stripe_payment_method_id": "pm_card_chargeCustomerFail"}
    booking_id = with_card(till, card, payment_method=declined)
    ok(till.salon.press("complete", booking_id))
    return booking_id


def test_a_card_is_sent_again_when_its_mail_is_lost(salon: Salon, drain: Callable[[], None]) -> None:
    card = sell_gift_card(salon, 2000)
    path = f"{CARDS}/{card['id']}/send"
    refused = salon.as_owner("POST", path, key=str(uuid4()), json={})
    assert is_refused(refused, "TITHI_GIFT_CARD_NOT_SENDABLE")

    for address in ("ada@example.com", "ada@example.org"):
        with later(minutes=len(letters(salon))):
            ok(salon.as_owner("POST", path, key=str(uuid4()), json={"recipient_email": address}))
            drain()
    assert {"ada@example.com", "ada@example.org"} <= set(letters(salon))


def test_a_void_card_is_not_sent(salon: Salon, drain: Callable[[], None]) -> None:
    at = (clock.now() + timedelta(days=3)).isoformat()
    card = sell_gift_card(salon, 2000, recipient_email="ada@example.com", deliver_at=at)
    ok(salon.as_owner("POST", f"{CARDS}/{card['id']}/void", key=str(uuid4()), json={}))
    refused = salon.as_owner("POST", f"{CARDS}/{card['id']}/send", key=str(uuid4()), json={})
    assert is_refused(refused, "TITHI_GIFT_CARD_NOT_SENDABLE")
    with later(days=4):
        drain()
    assert letters(salon) == []
