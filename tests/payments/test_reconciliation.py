# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""One reconciliation finds what differs between our books and the processor's, and repairs what can be."""

from itertools import cycle, islice
from random import Random, randrange
from typing import Any

import pytest

from tests.factories.books import (
    breaks,
    charge_in_dashboard,
    pay_out,
    reconcile,
    refund_in_dashboard,
)
from tests.payments.books import facts
from tests.payments.spoiling import REPAIRED, SPOILED_FIRST, SPOILED_LATER, Spoiler
from tests.payments.test_ledger import charged, give_back
from tests.payments.till import Till

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
    sound = [spoiler.visit() for _ in range(3)]

    done = reconcile(broken_till.salon)
    found = {(one["kind"], one["reference"]): one for one in breaks(broken_till.salon)}
    assert sorted(found) == sorted(set(seeded))
    assert done["breaks_found"] == len(set(seeded))
    assert {one["kind"] for one in found.values() if one["status"] == "resolved"} == REPAIRED
    assert {one["kind"] for one in found.values() if one["status"] == "open"}.isdisjoint(REPAIRED)
    assert all(one["remedy"] for one in found.values())
    assert not {visit.intent["id"] for visit in sound} & {one["reference"] for one in found.values()}

    again = reconcile(broken_till.salon)
    assert (again["applied"], again["breaks_found"], again["breaks_open"]) == (0, 0, done["breaks_open"])
    assert {(one["kind"], one["reference"]): one for one in breaks(broken_till.salon)} == found
