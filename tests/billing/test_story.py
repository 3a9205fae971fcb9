# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""Thirteen months of one business, through every status that the processor has."""

from tests.billing.subscriber import CARD, CENTS, FAILS_LATER, Subscriber
from tithi.integrations.stripe.sandbox.params import Params


def test_thirteen_months_through_every_status(subscriber: Subscriber) -> None:
    story = subscriber
    began = story.now()
    story.sandbox.state.configure_dunning(Params({"retry_days": "5,7,7,7,7,7", "end": "unpaid"}))
    assert story.standing() == ("trial", "trialing", "full")

    story.advance(days=15)
    assert story.standing() == ("paused", "paused", "read_only")

    story.has_card(CARD)
    story.pressed("activate")
    assert story.standing() == ("active", "active", "full")

    for _ in range(4):
        story.advance(days=31)
    assert story.standing() == ("active", "active", "full")
    assert story.paid() == [CENTS] * 5

    story.has_card(FAILS_LATER)
    story.advance(days=31)
    assert story.standing() == ("active", "past_due", "full")
    story.advance(days=14)
    assert story.standing() == ("active", "past_due", "no_new_bookings")
    assert not story.can_book()
    story.advance(days=15)
    assert story.standing() == ("active", "past_due", "read_only")
    story.advance(days=12)
    assert story.standing() == ("paused", "unpaid", "read_only")

    story.has_card(CARD)
    story.pressed("activate")
    assert story.standing() == ("active", "active", "full")
    assert story.can_book()

    story.pressed("cancel")
    assert story.standing() == ("active", "active", "full")
    story.advance(days=32)
    assert story.standing() == ("canceled", "canceled", "read_only")

    story.has_card(FAILS_LATER)
    assert story.press("activate").json["processor_status"] == "incomplete"
    assert story.standing() == ("paused", "incomplete", "read_only")
    story.advance(days=1)
    assert story.standing() == ("canceled", "incomplete_expired", "read_only")

    story.has_card(CARD)
    assert story.pressed("activate")["status"] == "active"
    for _ in range(6):
        story.advance(days=31)
    assert story.standing() == ("active", "active", "full")
    assert (story.now() - began).days > 13 * 30
    assert set(story.paid()) == {CENTS}
    assert story.facts() == [
        "subscription.paused",
        "subscription.activated",
        "subscription.past_due",
        "subscription.limit_near",
        "subscription.paused",
        "subscription.activated",
        "subscription.canceled",
        "subscription.paused",
        "subscription.canceled",
        "subscription.activated",
    ]
