# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""A business begins with a trial that needs neither a card nor the processor."""

from datetime import datetime, timedelta

import requests

from tests.billing.subscriber import CENTS, Subscriber


def test_a_business_has_a_trial_from_its_first_moment(newcomer: Subscriber) -> None:
    shown = newcomer.shown()
    assert newcomer.standing() == ("trial", None, "full")
    assert (shown["subscription_id"], shown["quantity"], shown["amount_cents"]) == (None, 1, CENTS)
    assert newcomer.can_book()


def test_the_trial_is_begun_at_the_processor_with_a_chosen_end_and_without_a_card(subscriber: Subscriber) -> None:
    (kept,) = subscriber.subscriptions()
    assert kept["trial_settings"]["end_behavior"]["missing_payment_method"] == "pause"
    shown = subscriber.shown()
    assert subscriber.standing() == ("trial", "trialing", "full")
    assert (shown["card"], shown["currency"], shown["unit_amount_cents"]) == (None, "USD", CENTS)
    assert shown["next_billing_at"] == shown["trial_ends_at"] == shown["period_ends_at"]
    left = datetime.fromisoformat(shown["trial_ends_at"]) - subscriber.now()
    assert timedelta(days=14) - timedelta(minutes=5) < left <= timedelta(days=14)


def test_a_trial_that_ends_without_a_card_pauses_until_a_card_resumes_it(subscriber: Subscriber) -> None:
    subscriber.advance(days=11, minutes=5)
    assert subscriber.facts() == ["subscription.trial_ending"]
    subscriber.advance(days=3)
    assert subscriber.standing() == ("paused", "paused", "read_only")
    assert not subscriber.can_book()
    refused = subscriber.press("activate")
    assert (refused.status_code, refused.json["code"]) == (409, "TITHI_SUBSCRIPTION_CARD_MISSING")

    subscriber.has_card()
    assert subscriber.standing() == ("paused", "paused", "read_only")
    shown = subscriber.pressed("activate")
    assert (shown["status"], shown["card"]["last4"], shown["card"]["brand"]) == ("active", "4242", "visa")
    assert shown["next_billing_at"] == shown["period_ends_at"]
    subscriber.hear()
    assert subscriber.can_book()
    assert subscriber.paid() == [CENTS]
    assert subscriber.facts() == ["subscription.trial_ending", "subscription.paused", "subscription.activated"]


def test_a_trial_with_a_card_turns_into_a_paid_month_by_itself(subscriber: Subscriber) -> None:
    subscriber.has_card()
    subscriber.advance(days=14, hours=2)
    assert subscriber.standing() == ("active", "active", "full")
    assert subscriber.paid() == [CENTS]


def test_a_card_that_the_owner_confirms_in_the_browser_is_collected_by_its_event(subscriber: Subscriber) -> None:
    begun = subscriber.enter_card(None).json
    assert (begun["card_status"], subscriber.shown()["card"]) == ("card_pending", None)
    assert begun["client_secret"].startswith("seti_")
    assert begun["publishable_key"].startswith("pk_")
    _confirm(subscriber, begun["client_secret"])
    subscriber.hear()
    assert subscriber.shown()["card"]["last4"] == "4242"


def test_a_card_confirmed_in_the_browser_is_also_found_by_the_next_press(subscriber: Subscriber) -> None:
    begun = subscriber.enter_card(None).json
    _confirm(subscriber, begun["client_secret"])
    assert subscriber.pressed("activate")["status"] == "active"
    assert subscriber.paid() == [CENTS]


def _confirm(subscriber: Subscriber, secret: str) -> None:
    answer = requests.post(
        f"{subscriber.sandbox.url}/v1/setup_intents/{secret.partition('_secret_')[0]}/confirm",
        headers={"Authorization": f"Bearer {subscriber.sandbox.publishable_key}"},
        data={"client_secret": secret, "payment_method": "pm_card_visa"},
        timeout=10,
    )
    assert answer.ok, answer.text


def test_a_card_that_is_declined_is_not_kept(subscriber: Subscriber) -> None:
    answer = subscriber.enter_card("pm_card_chargeDeclined")
    assert (answer.status_code, answer.json["code"]) == (402, "TITHI_SUBSCRIPTION_CARD_DECLINED")
    assert subscriber.shown()["card"] is None
