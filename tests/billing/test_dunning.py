# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""A card that fails costs nothing for two weeks, new bookings for two more, and then everything but reading."""

import pytest

from tests.billing.subscriber import CARD, CENTS, FAILS_LATER, Subscriber
from tests.factories.businesses import Salon
from tithi.integrations.stripe.sandbox.params import Params


@pytest.fixture
def debtor(subscriber: Subscriber) -> Subscriber:
    """A business whose first month was not paid."""
    subscriber.sandbox.state.configure_dunning(Params({"retry_days": "7,7,7,7,7", "end": "past_due"}))
    subscriber.has_card(FAILS_LATER)
    subscriber.advance(days=14, hours=2)
    assert subscriber.standing() == ("active", "past_due", "full")
    return subscriber


def test_a_debt_limits_step_by_step_and_paying_lifts_all_limits(debtor: Subscriber) -> None:
    shown = debtor.shown()
    assert (shown["past_due"], shown["owed_cents"]) == (True, CENTS)
    assert shown["entitlement"]["changes_at"] is not None
    assert debtor.can_book()
    debtor.advance(days=13)
    assert debtor.can_book()
    debtor.advance(days=1)
    assert (debtor.standing()[2], debtor.can_book()) == ("no_new_bookings", False)
    debtor.advance(days=14)
    assert (debtor.standing()[2], debtor.can_book()) == ("read_only", False)

    debtor.has_card(CARD)
    shown = debtor.pressed("activate")
    assert (shown["entitlement"]["level"], shown["past_due"], shown["past_due_since"]) == ("full", False, None)
    assert shown["owed_cents"] == 0
    assert debtor.can_book()


def test_the_debt_counts_from_the_first_failure_also_where_it_was_heard_of_late(subscriber: Subscriber) -> None:
    subscriber.has_card(FAILS_LATER)
    subscriber.pass_time(days=14, hours=2)
    since = subscriber.now()
    subscriber.pass_time(days=5)
    subscriber.work()
    shown = subscriber.shown()
    assert shown["past_due"]
    assert shown["past_due_since"] < since.isoformat()


def test_a_card_that_fails_at_the_press_is_told_and_changes_nothing(debtor: Subscriber) -> None:
    before = debtor.shown()
    answer = debtor.press("activate")
    assert (answer.status_code, answer.json["code"]) == (402, "TITHI_SUBSCRIPTION_CARD_DECLINED")
    assert answer.json["details"]["decline_code"] == "generic_decline"
    assert {**debtor.shown(), "refreshed_at": None} == {**before, "refreshed_at": None}
    assert debtor.paid() == []


def test_all_months_that_are_owed_are_paid_at_once(debtor: Subscriber) -> None:
    debtor.advance(days=40)
    assert debtor.shown()["owed_cents"] == 2 * CENTS
    debtor.has_card(CARD)
    shown = debtor.pressed("activate")
    assert (shown["processor_status"], shown["owed_cents"], debtor.paid()) == ("active", 0, [CENTS, CENTS])


def test_a_business_that_was_unpaid_for_months_pays_its_debt_and_the_present_month(subscriber: Subscriber) -> None:
    subscriber.sandbox.state.configure_dunning(Params({"retry_days": "7", "end": "unpaid"}))
    subscriber.has_card(FAILS_LATER)
    subscriber.advance(days=14 + 100)
    assert subscriber.standing() == ("paused", "unpaid", "read_only")
    subscriber.has_card(CARD)
    shown = subscriber.pressed("activate")
    assert (shown["processor_status"], shown["entitlement"]["level"]) == ("active", "full")
    assert subscriber.paid() == [CENTS, CENTS]


def test_a_later_card_is_used_by_the_processors_own_next_try(debtor: Subscriber) -> None:
    debtor.has_card(CARD)
    debtor.advance(days=8)
    assert debtor.standing() == ("active", "active", "full")
    assert debtor.paid() == [CENTS]
    assert debtor.facts() == ["subscription.past_due", "subscription.activated"]


def test_another_business_does_not_notice(debtor: Subscriber, other_salon: Salon) -> None:
    debtor.advance(days=28)
    assert not debtor.can_book()
    assert other_salon.book().status_code == 201
