# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""What becomes of money that an outcome asked for and the card did not give."""

from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any
from uuid import uuid4

import pytest

from tests.concurrency.parallel import at_once
from tests.factories.businesses import Answer
from tests.payments.till import CARD_THAT_ASKS_AT_THE_DESK, Till, later
from tithi.payments import declines, ladder

API = "/api/v1"
DECLINED_LATER = "pm_card_chargeCustomerFail"
START = datetime(2030, 1, 1, tzinfo=UTC)


def _owing(till: Till, card: str = DECLINED_LATER) -> dict[str, Any]:
    """A completed visit whose card did not give the money."""
    booking = till.kept(card)
    answer = till.salon.press("complete", booking["booking_id"])
    assert (answer.status_code, answer.json["payment_status"]) == (200, "requires_action"), answer.text
    till.recover(seconds=2)
    return booking


def _press(till: Till, word: str, booking: dict[str, Any], **body: Any) -> Answer:
    path = f"{API}/bookings/{booking['booking_id']}/{word}"
    return till.salon.as_owner("POST", path, key=str(uuid4()), json=body)


def _payment(till: Till, booking: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = till.salon.as_owner(
        "GET", f"{API}/payments/{till.shown(booking['booking_id'])['payment_id']}"
    ).json
    return found


def _mails(till: Till, booking: dict[str, Any], template: str) -> int:
    """How many customers' mails of a template there are."""
    path = f"{API}/notifications?booking_id={booking['booking_id']}"
    listed = till.salon.as_owner("GET", path).json["notifications"]
    return sum((one["template"], one["recipient"]) == (template, "customer") for one in listed)


def _give_card(till: Till, booking: dict[str, Any], card: str = "pm_card_visa") -> Answer:
    body = {"payment_method": {"type": "card", "stripe_payment_method_id": card}}
    return till.salon.request("POST", f"{API}/manage/{booking['manage_token']}/card", None, json=body)


def test_a_declined_card_is_tried_four_times_in_a_fortnight_and_then_left(till: Till) -> None:
    booking = _owing(till)
    assert (len(till.intents()), _mails(till, booking, "payment_declined")) == (1, 1)
    for day, tries in ((0.9, 1), (1.01, 2), (2.9, 2), (3.01, 3), (7.01, 4), (14.01, 4), (40, 4)):
        till.recover(days=day)
        assert len(till.intents()) == tries, day
    assert till.facts("payment.recovery_ended") == 1
    assert (_mails(till, booking, "payment_declined"), _mails(till, booking, "payment_recovery_ended")) == (4, 1)
    assert till.taken() == 0
    assert till.shown(booking["booking_id"])["status"] == "completed"


def test_a_payment_that_waits_for_its_customer_is_reminded_of_and_never_charged_anew(till: Till) -> None:
    booking = _owing(till, CARD_THAT_ASKS_AT_THE_DESK)
    for day, reminders in ((1.01, 1), (2, 1), (3.01, 2), (7.01, 3), (14.01, 3), (40, 3)):
        till.recover(days=day)
        assert _mails(till, booking, "payment_reminder") == reminders, day
    assert len(till.intents()) == 1
    assert till.facts("payment.recovery_ended") == 1


@pytest.mark.parametrize("card", [DECLINED_LATER, CARD_THAT_ASKS_AT_THE_DESK])
def test_another_card_given_by_the_pay_link_is_charged_once_and_ends_the_reminders(till: Till, card: str) -> None:
    booking = _owing(till, card)
    action = till.salon.request("POST", f"{API}/manage/{booking['manage_token']}/pay", None, json={}).json
    assert (action["status"], action["next_action"]["type"]) == (
        "requires_action",
        "enter_card" if card == DECLINED_LATER else "confirm_payment",
    )
    assert _give_card(till, booking).json["card_status"] == "card_on_file"
    till.recover(seconds=3)
    assert _payment(till, booking)["captured_cents"] == 5000
    assert (till.taken(), till.facts("payment.captured")) == (5000, 1)
    assert [intent["status"] for intent in till.intents()].count("succeeded") == 1
    before = len(till.intents())
    till.recover(days=20)
    assert len(till.intents()) == before
    assert _mails(till, booking, "payment_reminder") == 0
    assert till.facts("payment.recovery_ended") == 0


def test_a_new_card_is_not_charged_for_what_the_business_has_not_decided(till: Till) -> None:
    """A late cancellation by the customer is a proposal until somebody says yes."""
    booking = till.salon.booked(start=till.salon.slot(days=1, hour=0))
    canceled = till.salon.request("POST", f"{API}/manage/{booking['manage_token']}/cancel", None, json={})
    assert canceled.json["due_cents"] == 2500, canceled.text
    till.recover(seconds=1)
    other = till.salon.booked(
        customer_info={"name": "Jane Doe", "email": _email(till, booking), "phone": "+4915112345678"},
        start=till.salon.slot(days=4),
    )
    till.recover(days=2)
    assert other["card_status"] == "card_on_file"
    assert till.intents() == []
    waived = _press(till, "waive", booking, reason="She was ill")
    assert (waived.status_code, waived.json["status"], waived.json["note"]) == (200, "canceled", "She was ill")
    assert _press(till, "waive", booking, reason="Again").json["note"] == "She was ill"
    fee = till.salon.as_owner(
        "POST", f"{API}/payments/no-show-fee", key=str(uuid4()), json={"booking_id": booking["booking_id"]}
    )
    assert (fee.status_code, fee.json["code"]) == (409, "TITHI_PAYMENT_SETTLED")
    assert till.intents() == []


def _proposed(till: Till, card: str = "pm_card_visa") -> dict[str, Any]:
    """A visit that its customer called off late, with a fee that nobody has asked for yet."""
    kept = till.kept(card)
    start = datetime.fromisoformat(till.shown(kept["booking_id"])["start_time"])
    with later(seconds=(start - datetime.now(UTC)).total_seconds() - 3600):
        canceled = till.salon.request("POST", f"{API}/manage/{kept['manage_token']}/cancel", None, json={})
    assert canceled.json["due_cents"] == 2500, canceled.text
    return kept


def _take_fee(till: Till, booking: dict[str, Any]) -> Answer:
    body = {"booking_id": booking["booking_id"]}
    return till.salon.as_owner("POST", f"{API}/payments/no-show-fee", key=str(uuid4()), json=body)


def test_a_fee_that_a_card_did_not_give_is_paid_with_another_by_the_pay_link(till: Till) -> None:
    booking = _proposed(till, DECLINED_LATER)
    assert _take_fee(till, booking).status_code == 200
    till.recover(seconds=2)
    assert (till.taken(), _mails(till, booking, "payment_declined")) == (0, 1)
    action = till.salon.request("POST", f"{API}/manage/{booking['manage_token']}/pay", None, json={})
    assert (action.status_code, action.json["next_action"]["type"]) == (200, "enter_card"), action.text
    assert _give_card(till, booking).json["card_status"] == "card_on_file"
    till.recover(seconds=3)
    assert (till.taken(), till.facts("payment.captured")) == (2500, 1)
    shown = till.shown(booking["booking_id"])
    assert (shown["status"], shown["payment_status"], shown["captured_cents"]) == ("canceled", "captured", 2500)


def test_a_fee_that_is_only_proposed_asks_its_customer_for_nothing(till: Till) -> None:
    booking = _proposed(till)
    action = till.salon.request("POST", f"{API}/manage/{booking['manage_token']}/pay", None, json={})
    assert (action.status_code, action.json["next_action"]) == (200, None), action.text
    setups = len(till.stack.stripe.state.objects("setup_intents", till.salon.account))
    refused = _give_card(till, booking)
    assert (refused.status_code, refused.json["code"]) == (409, "TITHI_BOOKING_STATE_CONFLICT")
    till.recover(days=3)
    assert till.intents() == []
    assert len(till.stack.stripe.state.objects("setup_intents", till.salon.account)) == setups


def test_each_request_for_payment_tells_the_customer_also_after_the_last_reminder(till: Till) -> None:
    booking = _owing(till, CARD_THAT_ASKS_AT_THE_DESK)
    assert _press(till, "request-payment", booking).status_code == 200
    till.recover(seconds=3)
    assert _mails(till, booking, "payment_reminder") == 1
    till.recover(days=40)
    till.recover(days=60)
    for day in (61, 90):
        told = _mails(till, booking, "payment_reminder")
        assert _press(till, "request-payment", booking).status_code == 200
        till.recover(days=day)
        assert _mails(till, booking, "payment_reminder") == told + 1
    assert till.facts("payment.recovery_ended") == 1


def test_waiving_what_a_customer_owes_lets_them_book_again(till: Till) -> None:
    booking = _owing(till)
    customer = f"{API}/customers/{till.shown(booking['booking_id'])['customer']['id']}"
    assert till.salon.as_owner("POST", f"{customer}/block", json={"reason": "Owes for a visit"}).status_code == 200
    assert _press(till, "waive", booking, reason="A favour").status_code == 200
    till.recover(seconds=1)
    assert till.salon.as_owner("GET", customer).json["blocked_at"] is None


def _email(till: Till, booking: dict[str, Any]) -> str:
    return str(till.shown(booking["booking_id"])["customer"]["email"])


@pytest.mark.parametrize("word", ["waive", "write-off"])
def test_what_is_given_up_is_never_charged_any_more(till: Till, word: str) -> None:
    booking = _owing(till, CARD_THAT_ASKS_AT_THE_DESK)
    answer = _press(till, word, booking, reason="Not worth it")
    assert (answer.status_code, answer.json["status"]) == (200, "canceled"), answer.text
    assert [intent["status"] for intent in till.intents()] == ["canceled"]
    _give_card(till, booking)
    till.recover(days=20)
    assert till.taken() == 0
    again = _press(till, "charge", booking)
    assert (again.status_code, again.json["code"]) == (409, "TITHI_PAYMENT_NOT_OWED")
    assert len(till.intents()) == 1


@pytest.mark.parametrize("word", ["waive", "write-off", "charge", "request-payment"])
def test_nothing_can_be_asked_or_given_up_before_an_outcome_or_after_it_was_paid(till: Till, word: str) -> None:
    body = {"reason": "A favour"} if word in {"waive", "write-off"} else {}
    booking = till.salon.booked()
    early = _press(till, word, booking, **body)
    assert (early.status_code, early.json["code"]) == (409, "TITHI_PAYMENT_NOT_OWED"), early.text
    till.salon.press("complete", booking["booking_id"])
    late = _press(till, word, booking, **body)
    assert (late.status_code, late.json["code"]) == (409, "TITHI_PAYMENT_NOT_OWED"), late.text
    till.recover(seconds=1)
    till.expect_charged_once(booking["booking_id"])


def test_staff_tries_again_until_the_card_is_used_up(till: Till) -> None:
    booking = _owing(till)
    for tries in (2, 3, 4):
        assert _press(till, "charge", booking).json["status"] == "requires_action"
        assert len(till.intents()) == tries
    refused = _press(till, "charge", booking)
    assert (refused.status_code, refused.json["code"]) == (409, "TITHI_CARD_NOT_TO_BE_TRIED")
    assert len(till.intents()) == 4
    with later(days=15):
        assert _press(till, "charge", booking).status_code == 200
    assert len(till.intents()) == 5


def test_ten_presses_at_once_charge_a_new_card_once(till: Till) -> None:
    booking = _owing(till)
    assert _give_card(till, booking).json["card_status"] == "card_on_file"
    answers = at_once([partial(_press, till, "charge", booking) for _ in range(10)])
    assert {answer.status_code for answer in answers} <= {200, 409}
    till.recover(seconds=5)
    assert (till.taken(), till.facts("payment.captured")) == (5000, 1)


def test_the_customer_is_asked_to_pay_where_no_card_is_on_file(till: Till) -> None:
    salon = till.salon
    body = {
        "service_id": str(salon.service_id),
        "start_time": salon.slot().isoformat(),
        "customer_info": {"name": "Kim", "email": f"{uuid4().hex}@example.com"},
    }
    visit = salon.as_owner("POST", f"{API}/bookings", key=str(uuid4()), json=body).json
    booking = {"booking_id": visit["booking_id"], "manage_token": visit["manage_token"]}
    assert salon.press("complete", booking["booking_id"]).json["payment_status"] == "requires_action"
    till.recover(days=2)
    assert _mails(till, booking, "payment_due") == 0
    assert _press(till, "request-payment", booking).status_code == 200
    till.recover(seconds=1)
    assert _mails(till, booking, "payment_due") == 1
    _give_card(till, booking)
    till.recover(seconds=2)
    assert _payment(till, booking)["captured_cents"] == 5000
    till.expect_charged_once(booking["booking_id"])


def test_a_customer_who_is_blocked_until_they_pay_books_again_once_they_have(till: Till) -> None:
    booking = _owing(till)
    email = _email(till, booking)
    customer = f"{API}/customers/{till.shown(booking['booking_id'])['customer']['id']}"
    blocked = till.salon.as_owner("POST", f"{customer}/block", json={"reason": "Owes for a visit"})
    assert (blocked.status_code, blocked.json["is_blocked_until_paid"]) == (200, True)
    info = {"name": "Jane Doe", "email": email, "phone": "+4915112345678"}
    refused = till.salon.book(customer_info=info, start=till.salon.slot(days=5))
    assert (refused.status_code, refused.json["code"]) == (409, "TITHI_CUSTOMER_BLOCKED")
    listed = till.salon.as_owner("GET", f"{customer}/bookings").json["bookings"]
    assert [one["id"] for one in listed] == [booking["booking_id"]]
    desk = {"booking_id": booking["booking_id"], "method": "cash"}
    assert till.salon.as_owner("POST", f"{API}/payments/cash", key=str(uuid4()), json=desk).status_code == 201
    till.recover(seconds=1)
    assert till.salon.as_owner("GET", customer).json["blocked_at"] is None
    assert _mails(till, booking, "payment_receipt") == 1
    assert till.salon.book(customer_info=info, start=till.salon.slot(days=5)).status_code == 201


def test_a_block_that_was_not_about_money_stays(till: Till) -> None:
    booking = _owing(till)
    customer = f"{API}/customers/{till.shown(booking['booking_id'])['customer']['id']}"
    till.salon.as_owner("POST", f"{customer}/block", json={"reason": "Rude", "until_paid": False})
    _give_card(till, booking)
    till.recover(seconds=1)
    assert till.taken() == 5000
    assert till.salon.as_owner("GET", customer).json["block_reason"] == "Rude"
    opened = till.salon.as_owner("POST", f"{customer}/unblock")
    assert (opened.json["blocked_at"], opened.json["block_reason"]) == (None, None)


def test_a_tip_is_charged_with_the_price_and_bears_the_fee(till: Till) -> None:
    booking = till.salon.booked()
    assert till.salon.press("complete", booking["booking_id"], tip_cents=750).json["captured_cents"] == 5750
    payment = _payment(till, booking)
    assert (payment["amount_cents"], payment["tip_cents"], payment["application_fee_cents"]) == (5750, 750, 58)
    till.expect_charged_once(booking["booking_id"], 5750)


def test_less_than_the_price_is_charged_where_staff_says_why(till: Till) -> None:
    booking = till.salon.booked()
    silent = till.salon.press("complete", booking["booking_id"], charge_cents=3000)
    assert (silent.status_code, silent.json["errors"]) == (400, {"note": ["Say why it is less than the price."]})
    more = till.salon.press("complete", booking["booking_id"], charge_cents=5001, note="More")
    assert (more.status_code, more.json["code"]) == (400, "TITHI_CHARGE_TOO_LARGE")
    assert till.shown(booking["booking_id"])["status"] == "confirmed"
    assert till.intents() == []
    done = till.salon.press("complete", booking["booking_id"], charge_cents=3000, note="Only half was done")
    assert done.json["captured_cents"] == 3000
    assert _payment(till, booking)["note"] == "Only half was done"
    till.expect_charged_once(booking["booking_id"], 3000)


@pytest.mark.parametrize(
    ("tries", "allowed"),
    [
        ([], True),
        ([("pm_1", "declined_retryable", 0)] * 3, True),
        ([("pm_1", "declined_retryable", 0)] * 4, False),
        ([("pm_2", "declined_retryable", 0)] * 4, True),
        ([("pm_1", "declined_retryable", 14)] * 4, True),
        ([("pm_1", "declined_final", 400)], False),
        ([("pm_2", "declined_final", 0)], True),
        ([("pm_1", "canceled", 0), ("pm_1", "needs_customer", 0)] * 4, True),
    ],
)
def test_a_card_is_tried_at_most_four_times_in_a_fortnight_and_never_after_a_final_no(
    tries: list[tuple[str, str, int]], *, allowed: bool
) -> None:
    made = [(card, status, START - timedelta(days=days)) for card, status, days in tries]
    assert ladder.may_try(made, "pm_1", START) is allowed


def test_a_lost_card_is_not_called_so() -> None:
    assert declines.in_words("lost_card") == declines.in_words("stolen_card") == "The card was declined for good."
    assert "money" in declines.in_words("insufficient_funds")
    assert declines.in_words(None) == declines.in_words("something_new")
