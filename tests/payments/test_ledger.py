# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

from typing import Any
from uuid import uuid4

import psycopg2
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from tests.concurrency.claims import in_tenant
from tests.factories.businesses import Salon
from tests.payments.books import accounts, facts
from tests.payments.till import CAPTURE, Till
from tests.stack import Stack
from tithi.payments.service import ledger
from tithi.platform.db import transaction
from tithi.platform.ids import new_id
from tithi.platform.tenancy import tenant_scope

API = "/api/v1"


def charged(till: Till, **changes: Any) -> str:
    """A visit of 50.00 that is completed and paid by card."""
    booking_id: str = till.salon.booked(**changes)["booking_id"]
    assert till.salon.press("complete", booking_id).json["payment_status"] == "captured"
    return booking_id


def give_back(till: Till, booking_id: str, **body: Any) -> dict[str, Any]:
    answer = till.salon.as_owner("POST", f"{API}/admin/bookings/{booking_id}/refund", key=str(uuid4()), json=body)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json
    return found


def test_a_charge_is_posted_with_the_share_of_each_and_what_the_processor_keeps(till: Till) -> None:
    booking_id = charged(till)
    capture, fee = facts(till)
    assert (capture["kind"], capture["lines"]) == ("capture", {"customer": -5000, "business": 4950, "platform": 50})
    assert (fee["kind"], fee["lines"]) == ("processor_fee", {"business": -175, "processor": 175})
    assert str(capture["owner_id"]) == str(fee["owner_id"]) == booking_id
    (entry,) = till.balance_entries()
    assert {capture["balance_transaction_ref"], fee["balance_transaction_ref"]} == {entry["id"]}


def test_a_charge_that_is_finished_by_the_worker_is_posted_once(till: Till) -> None:
    booking_id = till.salon.booked()["booking_id"]
    till.fail(CAPTURE, "lose_answer_after")
    till.salon.press("complete", booking_id)
    assert facts(till) == []
    till.recover()
    for event in till.events() * 2:
        till.tell(event)
    assert [fact["kind"] for fact in facts(till)] == ["capture", "processor_fee"]


def test_a_declined_charge_posts_nothing(till: Till) -> None:
    method = {"type": "card", "stripe_payment_method_id": "pm_card_chargeCustomerFail"}
    booking_id = till.salon.booked(payment_method=method)["booking_id"]
    assert till.salon.press("complete", booking_id).json["payment_status"] == "requires_action"
    assert facts(till) == []


def test_cash_is_posted_between_the_customer_and_the_business_alone_and_undone_at_the_desk(till: Till) -> None:
    booking_id = till.salon.booked()["booking_id"]
    body = {"booking_id": booking_id, "method": "cash"}
    assert till.salon.as_owner("POST", f"{API}/payments/cash", key=str(uuid4()), json=body).status_code == 201
    assert [(fact["kind"], fact["lines"]) for fact in facts(till)] == [
        ("settled_elsewhere", {"customer": -5000, "business": 5000})
    ]
    give_back(till, booking_id, refund_type="full")
    assert accounts(till) == {}


def test_refunds_in_parts_return_every_share_to_the_cent(till: Till) -> None:
    booking_id = charged(till)
    for cents in (1234, 1, 2000):
        give_back(till, booking_id, refund_type="partial", amount_cents=cents)
    last = give_back(till, booking_id, refund_type="full")
    assert last["amount_cents"] == 1765
    returned = [fact["lines"].get("platform", 0) for fact in facts(till, "refund")]
    assert (sum(returned), len(returned)) == (-50, 4)
    assert accounts(till) == {"business": -175, "processor": 175}
    shown = till.salon.as_owner("GET", f"{API}/bookings/{booking_id}").json
    payment = till.salon.as_owner("GET", f"{API}/payments/{shown['payment_id']}").json
    assert sum(one["application_fee_refunded_cents"] for one in payment["refunds"]) == 50


def test_the_tax_in_a_charge_is_nobodys_income_and_goes_back_in_proportion(till: Till) -> None:
    booking_id = till.salon.booked()["booking_id"]
    with till.worker_app.app_context(), tenant_scope(till.salon.tenant_id), transaction() as current:
        current.execute(text("UPDATE payments SET tax_cents = 399"))
    till.salon.press("complete", booking_id)
    assert facts(till, "capture")[0]["lines"] == {"customer": -5000, "business": 4551, "platform": 50, "tax": 399}
    give_back(till, booking_id, refund_type="partial", amount_cents=1000)
    assert facts(till, "refund")[0]["lines"] == {"customer": 1000, "business": -910, "platform": -10, "tax": -80}
    give_back(till, booking_id, refund_type="full")
    assert accounts(till) == {"business": -175, "processor": 175}


def test_the_ledger_is_shown_by_payment_by_booking_and_by_day(till: Till) -> None:
    booking_id = charged(till)
    give_back(till, booking_id, refund_type="partial", amount_cents=1000)
    payment_id = till.shown(booking_id)["payment_id"]
    by_payment = till.salon.as_owner("GET", f"{API}/payments/{payment_id}/ledger").json
    by_booking = till.salon.as_owner("GET", f"{API}/payments/ledger?booking_id={booking_id}").json
    assert by_payment == by_booking
    assert [fact["kind"] for fact in by_booking["facts"]] == ["capture", "processor_fee", "refund"]
    assert {one["account"]: one["amount_cents"] for one in by_booking["balances"]} == accounts(till)

    days = till.salon.as_owner("GET", f"{API}/payments/ledger/days").json
    assert (days["timezone"], days["total"]) == (till.salon.zone, 1)
    assert days["days"][0]["accounts"] == accounts(till)
    past = till.salon.as_owner("GET", f"{API}/payments/ledger/days?from=2020-01-01&to=2020-01-31").json
    assert past["days"] == []


@pytest.mark.parametrize("query", ["from=2026-02-01&to=2026-01-01", "from=2024-01-01&to=2026-01-01", "from=soon"])
def test_days_that_are_no_stretch_of_time_are_refused(till: Till, query: str) -> None:
    answer = till.salon.as_owner("GET", f"{API}/payments/ledger/days?{query}")
    assert (answer.status_code, answer.json["code"]) == (400, "TITHI_VALIDATION_ERROR")


@pytest.mark.parametrize("path", ["payments/ledger/days", "payments/ledger?booking_id={id}"])
def test_the_ledger_is_not_for_staff(till: Till, path: str) -> None:
    assert till.salon.as_role("staff", "GET", f"{API}/{path.format(id=uuid4())}").status_code == 403
    assert till.salon.as_owner("GET", f"{API}/payments/ledger?booking_id={uuid4()}").status_code == 404


def _post(salon: Salon, source_id: Any, **lines: int) -> None:  # noqa: ANN401 - an id
    with salon.app.app_context(), tenant_scope(salon.tenant_id), transaction():
        ledger.post(
            kind="gift_card_sold", source_id=source_id, owner_id=None, payment_id=None, currency="USD", lines=lines
        )


def _entries(salon: Salon) -> list[tuple[str, int]]:
    with salon.app.app_context(), tenant_scope(salon.tenant_id), transaction() as current:
        rows = current.execute(text("SELECT account, amount_cents FROM ledger_entries ORDER BY account"))
        return [(row.account, row.amount_cents) for row in rows]


def test_a_fact_is_posted_once_whatever_is_said_the_second_time(salon: Salon) -> None:
    source_id = new_id()
    for cents in (2500, 2500, 9900):
        _post(salon, source_id, customer=-cents, gift_card_liability=cents, business=0)
    assert _entries(salon) == [("customer", -2500), ("gift_card_liability", 2500)]


def test_the_database_refuses_lines_that_do_not_sum_to_nothing(salon: Salon) -> None:
    with pytest.raises(DBAPIError, match="do not sum to nothing"):
        _post(salon, new_id(), customer=-2500, gift_card_liability=2499)
    assert _entries(salon) == []


@pytest.mark.parametrize("statement", ["UPDATE ledger_entries SET amount_cents = 1", "DELETE FROM ledger_entries"])
@pytest.mark.parametrize("role", ["tithi_app", "tithi_worker", "postgres"])
def test_nobody_changes_what_was_posted(stack: Stack, salon: Salon, statement: str, role: str) -> None:
    _post(salon, new_id(), customer=-2500, business=2500)
    with pytest.raises(psycopg2.Error, match=r"permission denied|never changed"):
        in_tenant(stack.dsn(role), salon.tenant_id, statement)
    assert _entries(salon) == [("business", 2500), ("customer", -2500)]
