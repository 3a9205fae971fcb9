# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""What a business is told of its own subscription, in time and once."""

from datetime import datetime
from zoneinfo import ZoneInfo

from tests.billing.subscriber import CARD, FAILS_LATER, Subscriber
from tithi.integrations.stripe.sandbox.params import Params
from tithi.notifications import rendering

LOG = "/api/v1/notifications"


def mails(subscriber: Subscriber) -> list[tuple[str, str]]:
    """The template and text of each, oldest first; nobody but the business has any."""
    listed = subscriber.salon.as_owner("GET", f"{LOG}?limit=100").json["notifications"]
    found = [one for one in reversed(listed) if one["template"].startswith("subscription_")]
    assert {one["recipient"] for one in found} <= {"business"}
    return [
        (
            one["template"].removeprefix("subscription_"),
            subscriber.salon.as_owner("GET", f"{LOG}/{one['id']}").json["text"],
        )
        for one in found
    ]


def day(subscriber: Subscriber, shown: str) -> str:
    zone = subscriber.salon.zone
    return rendering.day(datetime.fromisoformat(shown).astimezone(ZoneInfo(zone)), zone)


def test_the_end_of_a_trial_is_told_three_days_before_and_the_pause_that_follows(subscriber: Subscriber) -> None:
    ends_on = day(subscriber, subscriber.shown()["trial_ends_at"])
    subscriber.advance(days=10)
    assert mails(subscriber) == []
    subscriber.advance(days=1, minutes=5)
    subscriber.advance(hours=1)
    ((template, text),) = mails(subscriber)
    assert template == "trial_ending"
    assert f"Ends on: {ends_on}" in text
    assert "There is no card." in text
    assert "Each month after that: $11.99" in text
    assert "/admin/subscription" in text
    subscriber.advance(days=3)
    (_, (template, text)) = mails(subscriber)
    assert template == "paused"
    assert "Activate the subscription" in text


def test_a_trial_with_a_card_is_told_to_go_on_by_itself(subscriber: Subscriber) -> None:
    subscriber.has_card()
    subscriber.advance(days=11, minutes=5)
    ((_, text),) = mails(subscriber)
    assert "There is nothing to do." in text
    subscriber.advance(days=4)
    assert len(mails(subscriber)) == 1


def test_a_debt_is_told_with_the_days_of_its_limits_and_each_limit_before_it_comes(subscriber: Subscriber) -> None:
    subscriber.sandbox.state.configure_dunning(Params({"retry_days": "7,7,7,7,7", "end": "past_due"}))
    subscriber.has_card(FAILS_LATER)
    subscriber.advance(days=14, hours=2)
    shown = subscriber.shown()
    no_new_bookings_on = day(subscriber, shown["entitlement"]["changes_at"])
    *_, (template, text) = mails(subscriber)
    assert template == "past_due"
    assert "Owed: $11.99" in text
    assert f"No new bookings from: {no_new_bookings_on}" in text

    subscriber.advance(days=10)
    told = len(mails(subscriber))
    subscriber.advance(days=1, hours=1)
    *_, (template, text) = mails(subscriber)
    assert (template, len(mails(subscriber))) == ("limit_near", told + 1)
    assert f"From: {no_new_bookings_on}" in text
    assert "no new bookings can be made" in text
    subscriber.advance(days=4)
    reading_on = day(subscriber, subscriber.shown()["entitlement"]["changes_at"])
    subscriber.advance(days=10)
    *_, (template, text) = mails(subscriber)
    assert (template, len(mails(subscriber))) == ("limit_near", told + 2)
    assert f"From: {reading_on}" in text
    assert "everything can only be read" in text


def test_a_debt_that_is_paid_brings_no_warning(subscriber: Subscriber) -> None:
    subscriber.sandbox.state.configure_dunning(Params({"retry_days": "7,7,7,7,7", "end": "past_due"}))
    subscriber.has_card(FAILS_LATER)
    subscriber.advance(days=14, hours=2)
    told = len(mails(subscriber))
    subscriber.has_card(CARD)
    assert subscriber.pressed("activate")["past_due"] is False
    subscriber.advance(days=12)
    assert (len(mails(subscriber)), subscriber.facts().count("subscription.limit_near")) == (told, 0)


def test_an_end_is_told_once(payer: Subscriber) -> None:
    payer.pressed("cancel")
    payer.advance(days=32)
    payer.advance(days=1)
    assert [template for template, _ in mails(payer)] == ["canceled"]
