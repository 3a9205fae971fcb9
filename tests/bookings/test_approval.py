# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

from collections.abc import Callable
from datetime import timedelta

import pytest

from tests.factories.businesses import Salon
from tests.factories.visits import (
    API,
    add_service,
    at_desk,
    change_service,
    claimed,
    desk,
    free_starts,
    is_refused,
    minutes,
    move,
    ok,
    online,
    set_policy,
    shown,
)
from tests.stack import Stack
from tithi.platform import clock

Drain = Callable[[], None]


@pytest.fixture
def asking(salon: Salon) -> Salon:
    """A salon that looks at requests before it says yes, and keeps no cards."""
    set_policy(salon, card_required=False)
    change_service(salon, salon.service_id, requires_approval=True)
    return salon


def ask(salon: Salon, **changes: object) -> str:
    answer = online(salon, salon.slot(), **{"payment_method": {}, **changes})
    assert (answer.status_code, answer.json["status"]) == (201, "pending"), answer.text
    return str(answer.json["booking_id"])


def test_a_request_keeps_its_time_until_the_business_says_yes(asking: Salon, drain: Drain) -> None:
    start = asking.slot()
    booking_id = ask(asking)
    assert shown(asking, booking_id)["awaits_approval"] is True
    with clock.steered(lambda: start - minutes(1)):
        drain()
        assert shown(asking, booking_id)["status"] == "pending"
        assert is_refused(desk(asking, start))
    assert start not in free_starts(asking, start.date())
    assert is_refused(online(asking, start))

    said_yes = ok(asking.press("confirm", booking_id))
    assert (said_yes["status"], said_yes["awaits_approval"]) == ("confirmed", False)
    with clock.steered(lambda: start + minutes(1)):
        drain()
        assert shown(asking, booking_id)["status"] == "confirmed"


def test_the_customer_is_told_that_the_business_answers(asking: Salon, drain: Drain) -> None:
    booking_id = ask(asking)
    drain()
    (received,) = _mails(asking, booking_id, "booking_received")
    assert "The business looks at it" in received
    assert _mails(asking, booking_id, "booking_confirmed") == []
    ok(asking.press("confirm", booking_id))
    drain()
    assert len(_mails(asking, booking_id, "booking_confirmed")) == 1


def test_a_request_that_is_declined_gives_its_time_back(asking: Salon, stack: Stack) -> None:
    booking_id = ask(asking)
    declined = ok(asking.press("cancel", booking_id, canceled_by="business"))
    assert (declined["status"], declined["payment_status"]) == ("canceled", "canceled")
    assert claimed(asking, stack) == []
    ask(asking)


def test_a_request_without_an_answer_lapses_when_it_would_begin(asking: Salon, stack: Stack, drain: Drain) -> None:
    booking_id, start = ask(asking), asking.slot()
    with clock.steered(lambda: start + minutes(1)):
        drain()
        assert shown(asking, booking_id)["status"] == "failed"
        assert claimed(asking, stack) == []
        assert asking.press("confirm", booking_id).status_code == 409


def test_a_saved_card_does_not_say_yes(asking: Salon, drain: Drain) -> None:
    set_policy(asking, card_required=True)
    start = asking.slot()
    booking_id = ask(asking, payment_method={"stripe_payment_method_id": "pm_card_visa"})
    found = shown(asking, booking_id)
    assert (found["card_status"], found["awaits_approval"]) == ("card_on_file", True)
    later = clock.now() + timedelta(hours=1)
    with clock.steered(lambda: later):
        drain()
        assert shown(asking, booking_id)["status"] == "pending", "it waits longer than for a card"
        assert is_refused(desk(asking, start))
    assert ok(asking.press("confirm", booking_id))["status"] == "confirmed"


def test_a_request_whose_card_never_comes_fails_soon(asking: Salon, stack: Stack, drain: Drain) -> None:
    set_policy(asking, card_required=True)
    booking_id = ask(asking)
    later = clock.now() + minutes(16)
    with clock.steered(lambda: later):
        drain()
        assert shown(asking, booking_id)["status"] == "failed"
    assert claimed(asking, stack) == []


def test_what_staff_book_needs_no_yes(asking: Salon) -> None:
    visit = at_desk(asking, asking.slot())
    assert (visit["status"], visit["awaits_approval"]) == ("confirmed", False)


def test_one_service_that_needs_a_yes_makes_the_visit_wait(asking: Salon) -> None:
    plain = add_service(asking)
    answer = online(
        asking,
        asking.slot(),
        payment_method={},
        items=[{"service_id": plain}, {"service_id": str(asking.service_id)}],
    )
    assert (answer.status_code, answer.json["status"]) == (201, "pending")


def test_a_request_that_is_moved_waits_until_its_new_start(asking: Salon, drain: Drain) -> None:
    booking_id, start = ask(asking), asking.slot()
    later = start + timedelta(days=2)
    assert move(asking, booking_id, later).json["status"] == "pending"
    with clock.steered(lambda: start + minutes(5)):
        drain()
        assert shown(asking, booking_id)["status"] == "pending"
        assert is_refused(desk(asking, later))
        assert online(asking, start + minutes(30), payment_method={}).status_code == 201
    with clock.steered(lambda: later + minutes(1)):
        drain()
        assert shown(asking, booking_id)["status"] == "failed"


def _mails(salon: Salon, booking_id: str, template: str) -> list[str]:
    found = ok(salon.as_owner("GET", f"{API}/notifications?booking_id={booking_id}"))["notifications"]
    return [
        ok(salon.as_owner("GET", f"{API}/notifications/{one['id']}"))["text"]
        for one in found
        if (one["template"], one["recipient"]) == (template, "customer")
    ]
