# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""One reconciliation finds what differs between our books and the processor's, and repairs what can be."""

from datetime import timedelta
from itertools import cycle, islice
from random import Random, randrange
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text

from tests.factories.books import (
    breaks,
    change_object,
    charge_in_dashboard,
    dispute,
    forget_object,
    in_sandbox,
    pay_out,
    reconcile,
    refund_in_dashboard,
)
from tests.factories.businesses import open_salon
from tests.factories.promotions import sell_gift_card
from tests.payments.books import facts, rows
from tests.payments.spoiling import REPAIRED, SPOILED_FIRST, SPOILED_LATER, Spoiler
from tests.payments.test_ledger import charged, give_back
from tests.payments.till import Till
from tests.stack import Stack
from tithi.platform import clock
from tithi.platform.db import transaction
from tithi.platform.tenancy import tenant_scope

API = "/api/v1"


def _only(found: list[dict[str, Any]]) -> tuple[str, str, int | None, int | None]:
    (one,) = found
    return one["kind"], one["status"], one["ledger_cents"], one["processor_cents"]


def test_books_that_agree_have_no_breaks(till: Till) -> None:
    booking_id = charged(till)
    give_back(till, booking_id, refund_type="partial", amount_cents=1000)
    before = facts(till)
    done = reconcile(till.salon)
    assert (done["applied"], done["breaks_found"], done["breaks_open"]) == (0, 0, 0)
    assert breaks(till.salon) == []
    assert facts(till) == before


def test_a_refund_made_at_the_processor_without_our_hearing_is_added(till: Till) -> None:
    charged(till)
    refund_in_dashboard(till.salon, till.intents()[0]["id"], 1500)
    for found in (1, 0):
        assert reconcile(till.salon)["breaks_found"] == found
    assert _only(breaks(till.salon)) == ("refund_missing_here", "resolved", 0, 1500)


def test_a_payout_is_kept_with_the_facts_that_it_pays_out(till: Till) -> None:
    booking_id = charged(till)
    give_back(till, booking_id, refund_type="partial", amount_cents=1000)
    pay_out(till.salon)
    reconcile(till.salon)
    (payout,) = till.salon.as_owner("GET", f"{API}/payments/payouts").json["payouts"]
    assert (payout["status"], payout["amount_cents"]) == ("in_transit", 4775 - 990)
    shown = till.salon.as_owner("GET", f"{API}/payments/payouts/{payout['id']}").json
    assert [fact["kind"] for fact in shown["facts"]] == ["capture", "processor_fee", "refund"]
    assert sum(one["amount_cents"] for one in shown["balances"] if one["account"] == "business") == 3785
    assert facts(till, "payout")[0]["lines"] == {"business": -3785, "bank": 3785}
    assert breaks(till.salon) == []


def test_what_a_gift_card_paid_and_has_back_is_no_business_of_the_processor(till: Till) -> None:
    gift_card = sell_gift_card(till.salon, 2000)
    booking_id = charged(till, gift_card_code=gift_card["code"])
    assert till.taken() == 3000
    assert reconcile(till.salon)["breaks_found"] == 0
    give_back(till, booking_id, refund_type="partial", amount_cents=2500)
    assert [one["amount"] for one in till.refunds()] == [500]
    assert reconcile(till.salon)["breaks_found"] == 0
    assert breaks(till.salon) == []


@pytest.mark.parametrize("is_told", [True, False])
def test_a_payout_that_the_bank_sends_back_is_on_the_balance_again(
    till: Till,
    is_told: bool,  # noqa: FBT001 - a case of the table
) -> None:
    charged(till)
    payout = pay_out(till.salon)
    reconcile(till.salon)
    in_sandbox(till.salon, "POST", f"/payouts/{payout['id']}/fail")
    if is_told:
        till.tell(next(event for event in till.events() if event["type"] == "payout.failed"))
    else:
        reconcile(till.salon)
    (shown,) = till.salon.as_owner("GET", f"{API}/payments/payouts?status=failed").json["payouts"]
    assert (shown["payout_ref"], shown["failure_reason"]) == (payout["id"], "account_closed")
    assert [fact["lines"] for fact in facts(till, "payout_returned")] == [{"business": 4775, "bank": -4775}]
    assert reconcile(till.salon)["breaks_found"] == 0


def test_what_the_processor_takes_besides_charges_is_posted_as_it_is(till: Till) -> None:
    charged(till)
    (entry,) = till.balance_entries()
    fee = {"amount": -200, "fee": 0, "fee_details": [], "net": -200, "type": "stripe_fee", "source": None}
    pay_out(till.salon)
    (payout,) = [one for one in till.balance_entries() if one["type"] == "payout"]
    change_object(till.salon, "balance_transactions", payout["id"], **fee)
    forget_object(till.salon, "payouts", payout["source"])
    reconcile(till.salon)
    assert [fact["lines"] for fact in facts(till, "balance_adjusted")] == [{"business": -200, "processor": 200}]
    assert facts(till, "balance_adjusted")[0]["balance_transaction_ref"] != entry["id"]
    assert breaks(till.salon) == []


def test_a_charge_that_we_know_nothing_of_stays_open_until_a_person_explains_it(broken_till: Till) -> None:
    charge_in_dashboard(broken_till.salon, 2500)
    reconcile(broken_till.salon)
    (found,) = breaks(broken_till.salon, "open")
    assert _only([found]) == ("missing_payment", "open", 0, 2500)
    path = f"{API}/payments/breaks/{found['id']}/resolve"
    body = {"reason": "A gift that was sold at the counter."}
    assert broken_till.salon.as_role("admin", "POST", path, json=body).status_code == 403
    assert broken_till.salon.as_owner("POST", path, json={"reason": ""}).status_code == 400
    assert broken_till.salon.as_owner("POST", path, json=body).json["resolution"] == body["reason"]
    again = broken_till.salon.as_owner("POST", path, json=body)
    assert (again.status_code, again.json["code"]) == (409, "TITHI_PAYMENT_BREAK_RESOLVED")
    assert reconcile(broken_till.salon)["breaks_found"] == 0
    assert breaks(broken_till.salon, "open") == []


def test_an_explained_break_is_open_again_when_its_amount_changes_and_closed_when_it_is_gone(broken_till: Till) -> None:
    salon = broken_till.salon
    intent = charge_in_dashboard(salon, 2500)["id"]
    reconcile(salon)
    (found,) = breaks(salon)
    salon.as_owner("POST", f"{API}/payments/breaks/{found['id']}/resolve", json={"reason": "Sold at the counter."})
    change_object(salon, "payment_intents", intent, amount_received=2600)
    assert reconcile(salon)["breaks_found"] == 1
    assert _only(breaks(salon)) == ("missing_payment", "open", 0, 2600)
    forget_object(salon, "payment_intents", intent)
    assert reconcile(salon)["breaks_open"] == 0
    (closed,) = breaks(salon)
    assert (closed["id"], closed["status"], closed["resolution"]) == (found["id"], "resolved", "No longer found.")


def test_a_withdrawn_account_is_noticed_by_the_run_itself(app: Flask, stack: Stack, worker_app: Flask) -> None:
    salon = open_salon(app)
    stack.stripe.state.disconnect_account(salon.account)
    answers = [salon.as_owner("POST", f"{API}/payments/reconciliation", json={}) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [502, 409]
    assert Till(salon, stack, worker_app).facts("payout_account.withdrawn") == 1


@pytest.mark.parametrize("wanted", [22, pytest.param(100, marks=pytest.mark.long)])
def test_every_break_is_found_none_is_imagined_and_a_second_run_finds_nothing_new(
    broken_till: Till, wanted: int
) -> None:
    seed = randrange(10_000)  # noqa: S311 - any will do
    print(f"seed {seed}")  # noqa: T201 - to repeat what failed
    rest = list(islice(cycle(SPOILED_LATER), wanted - wanted // 11))
    Random(seed).shuffle(rest)  # noqa: S311 - any order will do
    spoiler = Spoiler(broken_till)
    seeded = [spoil(spoiler) for spoil in [*islice(cycle(SPOILED_FIRST), wanted // 11), *rest]]
    assert len(set(seeded)) == wanted
    sound = [spoiler.visit() for _ in range(3)]

    done = reconcile(broken_till.salon)
    found = {(one["kind"], one["reference"]): one for one in breaks(broken_till.salon)}
    assert sorted(found) == sorted(seeded)
    assert done["breaks_found"] == wanted
    assert {one["kind"] for one in found.values() if one["status"] == "resolved"} == REPAIRED
    assert {one["kind"] for one in found.values() if one["status"] == "open"}.isdisjoint(REPAIRED)
    assert all(one["remedy"] for one in found.values())
    assert not {visit.intent["id"] for visit in sound} & {one["reference"] for one in found.values()}

    again = reconcile(broken_till.salon)
    assert (again["applied"], again["breaks_found"], again["breaks_open"]) == (0, 0, done["breaks_open"])
    assert {(one["kind"], one["reference"]): one for one in breaks(broken_till.salon)} == found


def test_the_books_are_reconciled_every_day_without_being_asked(till: Till) -> None:
    connect = till.salon.as_owner("POST", f"{API}/payments/stripe/connect/setup")
    assert connect.status_code == 200, connect.text
    charged(till)
    refund_in_dashboard(till.salon, till.intents()[0]["id"], 1500)
    till.recover(hours=23)
    assert breaks(till.salon) == []
    for hours in (25, 50):
        till.recover(hours=hours)
        assert _only(breaks(till.salon)) == ("refund_missing_here", "resolved", 0, 1500)
    (timer,) = rows(till, "SELECT due_at FROM timers WHERE kind = 'payments.reconcile'")
    assert timer["due_at"] - clock.now() > timedelta(hours=73)


def test_a_processor_that_does_not_answer_fails_the_run_and_it_is_made_again(till: Till) -> None:
    charged(till)
    refund_in_dashboard(till.salon, till.intents()[0]["id"], 1500)
    till.fail("GET /v1/balance_transactions", "lose_answer_before")
    answer = till.salon.as_owner("POST", f"{API}/payments/reconciliation", json={})
    assert (answer.status_code, answer.json["code"]) == (502, "TITHI_PAYMENT_STRIPE_ERROR")
    assert breaks(till.salon) == []
    assert reconcile(till.salon)["breaks_found"] == 1


def test_a_business_without_an_account_has_nothing_to_reconcile(app: Flask) -> None:
    salon = open_salon(app)
    with app.app_context(), tenant_scope(salon.tenant_id), transaction() as current:
        current.execute(text("DELETE FROM payout_accounts"))
    answer = salon.as_owner("POST", f"{API}/payments/reconciliation", json={})
    assert (answer.status_code, answer.json["code"]) == (409, "TITHI_PAYOUT_ACCOUNT_MISSING")


@pytest.mark.parametrize("visits", [5, pytest.param(100, marks=pytest.mark.long)])
def test_events_in_any_order_with_repeats_and_gaps_end_in_the_processors_state(till: Till, visits: int) -> None:
    seed = randrange(10_000)  # noqa: S311 - any will do
    print(f"seed {seed}")  # noqa: T201 - to repeat what failed
    random = Random(seed)  # noqa: S311 - any order will do
    spoiler = Spoiler(till)
    for number in range(visits):
        visit = spoiler.visit(loses_answer=number % 3 == 0)
        if number % 2:
            refund_in_dashboard(till.salon, visit.intent["id"], 1000 + number)
        if number % 5 == 0:
            dispute(till.salon, visit.charge_ref)
        if number % 4 == 1 and number % 3:
            give_back(till, visit.booking_id, refund_type="partial", amount_cents=500)
    pay_out(till.salon)
    events = till.events()
    assert len(events) >= 10 * visits
    lost = set(random.sample(range(len(events)), max(1, len(events) // 20)))
    for place in lost:
        change_object(till.salon, "events", events[place]["id"], pending_webhooks=1)
    sent = [event for place, event in enumerate(events) if place not in lost]
    sent += random.choices(sent, k=len(events) // 5)
    random.shuffle(sent)
    for event in sent:
        assert till.deliver(event).status_code == 200
    till.recover()

    assert reconcile(till.salon)["events_fetched"] == len(lost)
    assert breaks(till.salon, "open") == []
    _expect_the_processors_state(till)


def _expect_the_processors_state(till: Till) -> None:
    """The till's own fixture compares the ledger with the balance at the end."""
    taken = {one["id"]: one["amount_received"] for one in till.intents()}
    here = rows(
        till,
        "SELECT a.intent_ref, a.status, p.captured_cents FROM payment_attempts a"
        " JOIN payments p ON p.tenant_id = a.tenant_id AND p.id = a.payment_id",
    )
    assert {one["status"] for one in here} == {"succeeded"}
    assert {one["intent_ref"]: one["captured_cents"] for one in here} == taken
    refunds = {(one["refund_ref"], one["amount_cents"]) for one in rows(till, "SELECT * FROM refunds")}
    assert refunds == {(one["id"], one["amount"]) for one in till.refunds()}
    for kind, column in (("disputes", "dispute_ref"), ("payouts", "payout_ref")):
        there = till.stack.stripe.state.objects(kind, till.salon.account)
        found = rows(till, f"SELECT {column} AS name, status, amount_cents FROM {kind}")  # noqa: S608 - our own names
        assert {(one["name"], one["status"], one["amount_cents"]) for one in found} == {
            (one["id"], one["status"], one["amount"]) for one in there
        }
