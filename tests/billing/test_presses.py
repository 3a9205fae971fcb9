# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""What the owner presses: each press asks once, and a refused one changes nothing."""

from typing import Any

import pytest

from tests.billing.subscriber import CENTS, FAILS_LATER, SUBSCRIPTION, Subscriber
from tests.factories.businesses import Salon

PRESSES = ("activate", "pause", "resume", "cancel", "uncancel")


def test_a_pause_stops_at_once_and_what_was_paid_is_not_lost(payer: Subscriber) -> None:
    payer.advance(days=15)
    shown = payer.pressed("pause")
    assert (shown["status"], shown["processor_status"], shown["next_billing_at"]) == ("paused", "paused", None)
    assert not payer.can_book()
    assert payer.salon.client.get(f"/api/v1/public/{payer.salon.slug}", base_url="http://tithi.test").status_code == 200
    payer.advance(days=60)
    assert payer.paid() == [CENTS]
    assert payer.pressed("resume")["status"] == "active"
    assert payer.can_book()
    assert payer.paid()[1] == pytest.approx(CENTS / 2, abs=40)


def test_an_end_with_the_period_keeps_everything_until_then_and_can_be_taken_back(payer: Subscriber) -> None:
    shown = payer.pressed("cancel")
    assert (shown["status"], shown["cancels_at_period_end"], shown["next_billing_at"]) == ("active", True, None)
    shown = payer.pressed("uncancel")
    assert (shown["cancels_at_period_end"], shown["next_billing_at"]) == (False, shown["period_ends_at"])
    payer.pressed("cancel")
    assert payer.can_book()
    payer.advance(days=32)
    assert payer.standing() == ("canceled", "canceled", "read_only")
    assert payer.paid() == [CENTS]


def test_what_is_paused_ends_at_once(payer: Subscriber) -> None:
    payer.pressed("pause")
    shown = payer.pressed("cancel")
    assert (shown["status"], shown["processor_status"]) == ("canceled", "canceled")
    assert payer.subscriptions()[0]["status"] == "canceled"


def test_a_business_that_ended_begins_again_without_a_second_trial(payer: Subscriber) -> None:
    payer.pressed("cancel")
    payer.advance(days=32)
    shown = payer.pressed("activate")
    assert (shown["status"], payer.paid()) == ("active", [CENTS, CENTS])
    assert len(payer.subscriptions()) == 2
    payer.advance(days=32)
    assert payer.standing() == ("active", "active", "full")


@pytest.mark.parametrize("path", ["/api/v1/payments/subscription/create", "/api/payments/stripe/subscription/create"])
def test_creating_what_runs_shows_it(payer: Subscriber, path: str) -> None:
    before = payer.shown()
    answer = payer.salon.as_owner("POST", path, key="create")
    assert (answer.status_code, answer.json) == (200, before)
    assert len(payer.subscriptions()) == 1


def test_creating_begins_at_once_what_the_worker_had_not_begun(newcomer: Subscriber) -> None:
    answer = newcomer.salon.as_owner("POST", "/api/v1/payments/subscription/create", key="create")
    assert (answer.status_code, answer.json["processor_status"]) == (200, "trialing"), answer.text
    newcomer.work()
    assert len(newcomer.subscriptions()) == 1


def _refused(state: str) -> set[str]:
    """The presses that a state does not allow."""
    allowed = {
        "trial": {"cancel"},
        "active": {"pause", "cancel"},
        "ending": {"uncancel"},
        "paused": {"activate", "resume", "cancel"},
        "ended": {"activate"},
    }
    return set(PRESSES) - allowed[state]


@pytest.mark.parametrize(
    ("state", "before"),
    [("active", ()), ("ending", ("cancel",)), ("paused", ("pause",)), ("ended", ("pause", "cancel"))],
)
def test_a_press_that_the_state_does_not_allow_is_refused_and_asks_nothing(
    payer: Subscriber, state: str, before: tuple[str, ...]
) -> None:
    for word in before:
        payer.pressed(word)
    payer.news()
    shown, kept = payer.shown(), payer.subscriptions()
    for word in sorted(_refused(state)):
        answer = payer.press(word)
        assert (answer.status_code, answer.json["code"]) == (409, "TITHI_SUBSCRIPTION_STATE_CONFLICT"), (
            word,
            answer.text,
        )
        assert answer.json["details"]["processor_status"] == shown["processor_status"]
    assert (payer.shown(), payer.subscriptions(), payer.news()) == (shown, kept, [])


def test_the_trial_is_not_ended_without_a_card(subscriber: Subscriber) -> None:
    answer = subscriber.press("activate")
    assert (answer.status_code, answer.json["code"]) == (409, "TITHI_SUBSCRIPTION_CARD_MISSING")
    assert subscriber.standing() == ("trial", "trialing", "full")


def test_a_resumption_that_the_card_refuses_stays_paused(payer: Subscriber) -> None:
    payer.advance(days=20)
    payer.pressed("pause")
    payer.has_card(FAILS_LATER)
    payer.advance(days=60)
    answer = payer.press("resume")
    assert (answer.status_code, answer.json["code"]) == (402, "TITHI_SUBSCRIPTION_CARD_DECLINED")
    assert payer.standing() == ("paused", "paused", "read_only")
    assert payer.paid() == [CENTS]


def test_a_press_counts_once_for_its_key(payer: Subscriber) -> None:
    first = payer.press("pause", key="once")
    again = payer.press("pause", key="once")
    assert (first.status_code, again.data) == (200, first.data)
    assert again.headers["Idempotency-Replayed"] == "true"
    missing = payer.salon.as_owner("POST", f"{SUBSCRIPTION}/pause")
    assert (missing.status_code, missing.json["code"]) == (400, "TITHI_IDEMPOTENCY_KEY_MISSING")


@pytest.mark.parametrize("role", ["viewer", "staff", "admin"])
def test_only_the_owner_sees_and_changes_what_is_paid(payer: Subscriber, role: str) -> None:
    assert payer.salon.as_role(role, "GET", SUBSCRIPTION).status_code == 403
    assert payer.salon.as_role(role, "POST", f"{SUBSCRIPTION}/pause", key="k").status_code == 403
    assert payer.standing() == ("active", "active", "full")


def test_invoices_are_listed_with_their_pages(payer: Subscriber) -> None:
    payer.advance(days=32)
    found: list[dict[str, Any]] = payer.salon.as_owner("GET", f"{SUBSCRIPTION}/invoices").json["invoices"]
    assert [invoice["paid_cents"] for invoice in found] == [CENTS, CENTS, 0]
    assert {invoice["status"] for invoice in found} == {"paid"}
    assert all(invoice["hosted_url"] and invoice["pdf_url"] and invoice["number"] for invoice in found)
    assert len(payer.salon.as_owner("GET", f"{SUBSCRIPTION}/invoices?limit=1").json["invoices"]) == 1


def test_another_business_sees_and_changes_nothing_of_it(payer: Subscriber, other_salon: Salon) -> None:
    before = payer.shown()
    assert other_salon.as_owner("GET", f"{SUBSCRIPTION}/invoices").json["invoices"] == []
    assert other_salon.as_owner("GET", SUBSCRIPTION).json["subscription_id"] != before["subscription_id"]
    assert other_salon.as_owner("POST", f"{SUBSCRIPTION}/cancel", key="cancel").status_code == 409
    assert payer.shown() == before
