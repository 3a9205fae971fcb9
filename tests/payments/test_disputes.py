# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""Charges that customers' banks take back: known, posted, answered once with what belongs to that customer."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from tests.factories.books import at_processor, dispute, reconcile
from tests.factories.businesses import Answer
from tests.factories.worker import work
from tests.payments.books import accounts, facts, rows
from tests.payments.test_ledger import charged, give_back
from tests.payments.till import Till
from tithi.platform import clock

API = "/api/v1"
EVIDENCE = "POST /v1/disputes/*"


def _disputed(till: Till, **changes: Any) -> dict[str, Any]:
    """A charged visit whose holder went to the bank, as the event tells us."""
    booking_id = charged(till, **changes)
    dispute(till.salon, till.intents()[0]["latest_charge"], "product_not_received")
    event = next(event for event in till.events() if event["type"] == "charge.dispute.created")
    for _ in range(2):
        till.tell(event)
    (found,) = till.salon.as_owner("GET", f"{API}/payments/disputes").json["disputes"]
    assert found["booking_id"] == booking_id
    return dict(found)


def _hand_in(till: Till, dispute_id: str, *, key: str | None = None, **body: Any) -> Answer:
    path = f"{API}/payments/disputes/{dispute_id}/evidence"
    return till.salon.as_owner("POST", path, key=key or str(uuid4()), json=body)


def test_a_dispute_is_known_told_once_and_takes_the_amount_and_its_fee_from_the_business(till: Till) -> None:
    found = _disputed(till)
    assert (found["status"], found["reason"], found["submission"]) == ("needs_response", "product_not_received", "none")
    assert (found["amount_cents"], found["fee_cents"]) == (5000, 1500)
    assert found["due_by"] is not None
    assert till.facts("payment.disputed") == 1
    assert facts(till, "dispute")[0]["lines"] == {"customer": 5000, "business": -6500, "processor": 1500}
    assert reconcile(till.salon)["breaks_found"] == 0


def _told_business(till: Till, booking_id: str) -> dict[str, str]:
    """What the business was mailed of disputes, by template."""
    listed = till.salon.as_owner("GET", f"{API}/notifications?booking_id={booking_id}").json["notifications"]
    mails = [one for one in listed if "dispute" in one["template"]]
    assert {one["recipient"] for one in mails} <= {"business"}
    assert len({one["template"] for one in mails}) == len(mails)
    return {
        one["template"]: till.salon.as_owner("GET", f"{API}/notifications/{one['id']}").json["text"] for one in mails
    }


@pytest.mark.parametrize("is_won", [True, False])
def test_the_business_is_told_of_a_dispute_and_of_how_it_ended_once(till: Till, is_won: bool) -> None:  # noqa: FBT001 - a case of the table
    found = _disputed(till)
    (mail,) = _told_business(till, found["booking_id"]).values()
    assert "Amount: $50.00" in mail
    assert "The customer says that the visit did not take place." in mail
    assert "Answer until: " in mail
    assert f"/admin/disputes/{found['id']}" in mail
    till.stack.stripe.state.decide_dispute(found["dispute_ref"], is_won=is_won)
    for event in till.events() * 2:
        till.tell(event)
    told = _told_business(till, found["booking_id"])
    assert sorted(told) == sorted(["payment_disputed", f"payment_dispute_{'won' if is_won else 'lost'}"])
    assert (till.facts("payment.disputed"), till.facts("payment.dispute_closed")) == (1, 1)


@pytest.mark.parametrize("is_won", [True, False])
def test_what_the_bank_decides_is_posted(till: Till, is_won: bool) -> None:  # noqa: FBT001 - a case of the table
    found = _disputed(till)
    till.stack.stripe.state.decide_dispute(found["dispute_ref"], is_won=is_won)
    for event in till.events():
        till.tell(event)
    shown = till.salon.as_owner("GET", f"{API}/payments/disputes/{found['id']}").json["dispute"]
    assert shown["status"] == ("won" if is_won else "lost")
    lost = {"business": -1725, "platform": 50, "processor": 1675}
    won = {"customer": -5000, "business": 3275, "platform": 50, "processor": 1675}
    assert accounts(till) == (won if is_won else lost)


def test_a_dispute_that_is_decided_long_after_it_began_is_followed_by_the_reconciliation(till: Till) -> None:
    found = _disputed(till)
    till.stack.stripe.state.decide_dispute(found["dispute_ref"], is_won=True)
    reconcile(till.salon, since=(clock.now() + timedelta(minutes=1)).isoformat())
    shown = till.salon.as_owner("GET", f"{API}/payments/disputes/{found['id']}").json["dispute"]
    assert shown["status"] == "won"
    assert facts(till, "dispute_returned")[0]["lines"] == {"customer": -5000, "business": 5000}


def test_an_inquiry_moves_no_money(till: Till) -> None:
    charged(till, payment_method={"type": "card", "stripe_payment_method_id": "pm_card_createDisputeInquiry"})
    reconcile(till.salon)
    (found,) = till.salon.as_owner("GET", f"{API}/payments/disputes?status=warning").json["disputes"]
    assert (found["fee_cents"], facts(till, "dispute")) == (0, [])


def test_the_evidence_holds_what_was_agreed_done_and_written_and_nothing_of_other_customers(till: Till) -> None:
    start = till.salon.slot(days=5)
    stranger = {"name": "Mallory Stranger", "email": "mallory@example.com"}
    till.salon.booked(start=start.replace(hour=15), customer_info=stranger)
    found = _disputed(till, start=start, customer_info={"name": "Jane Doe", "email": "jane.doe@example.com"})
    work(till.worker_app)
    answer = till.salon.as_owner("GET", f"{API}/payments/disputes/{found['id']}")
    pack = answer.json["evidence"]

    assert pack["customer"] == {"name": "Jane Doe", "email": "jane.doe@example.com"}
    visit = pack["visit"]
    assert visit["services"] == ["Cut"]
    assert visit["service_date"].startswith(start.date().isoformat())
    assert (len(visit["policy"]["hash"]), visit["policy"]["text"][:14]) == (64, "Your card is k")
    assert visit["consent"]["address"] == "127.0.0.1"
    assert visit["marks"]["completed_at"] is not None
    assert visit["activity"][0]["what"] == "made"
    assert pack["payment"]["card"] == "visa ending in 4242"
    assert {letter["status"] for letter in pack["messages"]} == {"sent"}
    assert "mallory" not in answer.text.lower()


def test_evidence_is_handed_in_once_and_kept_as_it_was(till: Till) -> None:
    found = _disputed(till)
    work(till.worker_app)
    first = _hand_in(till, found["id"], key="one", statement="She came and was served.")
    assert (first.status_code, first.json["submission"], first.json["status"]) == (200, "submitted", "under_review")
    assert first.json["submitted_by"] == f"user:{till.salon.owner.user_id}"
    (there,) = till.stack.stripe.state.objects("disputes", till.salon.account)
    given = {name: value for name, value in there["evidence"].items() if value}
    assert given == first.json["submitted_evidence"]
    assert given["uncategorized_text"].startswith("She came and was served.")
    assert given["customer_purchase_ip"] == "127.0.0.1"
    assert there["evidence_details"]["submission_count"] == 1

    assert _hand_in(till, found["id"], key="one", statement="She came and was served.").data == first.data
    again = _hand_in(till, found["id"], statement="And paid.")
    assert (again.status_code, again.json["code"]) == (409, "TITHI_DISPUTE_ANSWERED")
    (there,) = till.stack.stripe.state.objects("disputes", till.salon.account)
    assert there["evidence_details"]["submission_count"] == 1


@pytest.mark.parametrize("kind", ["lose_answer_before", "lose_answer_after", "error_500_after"])
def test_a_submission_whose_answer_was_lost_is_finished_once(till: Till, kind: Any) -> None:  # noqa: ANN401 - a word
    found = _disputed(till)
    till.fail(EVIDENCE, kind)
    answer = _hand_in(till, found["id"])
    assert (answer.status_code, answer.json["submission"]) == (200, "submitting")
    till.recover()
    shown = till.salon.as_owner("GET", f"{API}/payments/disputes/{found['id']}").json["dispute"]
    (there,) = till.stack.stripe.state.objects("disputes", till.salon.account)
    assert there["evidence_details"]["submission_count"] == 1
    assert shown["status"] == "under_review"
    assert shown["submission"] == "submitted"


def test_a_dispute_that_the_bank_decided_meanwhile_is_not_answered(till: Till) -> None:
    found = _disputed(till)
    till.stack.stripe.state.decide_dispute(found["dispute_ref"], is_won=False)
    answer = _hand_in(till, found["id"])
    assert (answer.status_code, answer.json["code"]) == (409, "TITHI_DISPUTE_CLOSED")
    shown = till.salon.as_owner("GET", f"{API}/payments/disputes/{found['id']}").json["dispute"]
    assert (shown["status"], shown["submission"], shown["submitted_evidence"]) == ("lost", "none", None)
    reconcile(till.salon)


def test_an_answer_given_in_the_businesss_own_dashboard_is_told_from_ours(till: Till) -> None:
    found = _disputed(till)
    path = f"/v1/disputes/{found['dispute_ref']}"
    at_processor(till.salon, "POST", path, **{"evidence[customer_name]": "Jane", "submit": "true"})
    answer = _hand_in(till, found["id"])
    assert (answer.status_code, answer.json["code"]) == (409, "TITHI_DISPUTE_ANSWERED")
    assert rows(till, "SELECT submission, submitted_by FROM disputes") == [
        {"submission": "elsewhere", "submitted_by": None}
    ]


def test_disputes_are_not_for_staff_and_answers_not_for_admins(till: Till) -> None:
    found = _disputed(till)
    assert till.salon.as_role("staff", "GET", f"{API}/payments/disputes").status_code == 403
    path = f"{API}/payments/disputes/{found['id']}/evidence"
    assert till.salon.as_role("admin", "POST", path, key=str(uuid4()), json={}).status_code == 403
    assert till.salon.as_owner("POST", path, json={}).json["code"] == "TITHI_IDEMPOTENCY_KEY_MISSING"
    assert rows(till, "SELECT submission FROM disputes") == [{"submission": "none"}]


def test_a_refund_before_the_dispute_is_told_to_the_bank(till: Till) -> None:
    booking_id = charged(till)
    give_back(till, booking_id, refund_type="partial", amount_cents=1000)
    dispute(till.salon, till.intents()[0]["latest_charge"])
    reconcile(till.salon)
    (found,) = till.salon.as_owner("GET", f"{API}/payments/disputes").json["disputes"]
    pack = till.salon.as_owner("GET", f"{API}/payments/disputes/{found['id']}").json["evidence"]
    assert [refund["amount"] for refund in pack["payment"]["refunds"]] == [1000]
