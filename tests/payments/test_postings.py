# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""What each fact of the ledger says: whose it is, of which payment, when, by which movement, and each party's part."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from tests.factories.businesses import Salon
from tests.payments.two_sides import ATTEMPT, CHARGE, MOVED, REFUND, RETURNED
from tithi.integrations.stripe.contract import BalanceEntry
from tithi.payments.models import GiftCard, Payment, Refund
from tithi.payments.service import ledger
from tithi.platform import clock
from tithi.platform.db import transaction
from tithi.platform.tenancy import tenant_scope

THEN = datetime(2026, 3, 4, 5, 6, tzinfo=UTC)
NOW = datetime(2031, 1, 1, tzinfo=UTC)
CARD = UUID(int=9)
TAKEN = replace(MOVED, entry_ref="txn_in", occurred_at=THEN)
BACK = replace(RETURNED, entry_ref="txn_out", occurred_at=THEN, processor_fee_cents=25)


@pytest.fixture
def payment(salon: Salon) -> Payment:
    """A payment of a visit that is booked, as the ledger is told of it."""
    booking_id = salon.booked()["booking_id"]
    ((payment_id,),) = in_books(salon, "SELECT id FROM payments")
    return Payment(
        tenant_id=salon.tenant_id,
        id=payment_id,
        owner_id=UUID(booking_id),
        purpose="service",
        currency="CHF",
        amount_cents=5000,
        captured_cents=5000,
        tax_cents=800,
        deposit_cents=0,
        gift_card_cents=0,
    )


@pytest.fixture
def row(payment: Payment) -> Refund:
    return Refund(
        tenant_id=payment.tenant_id,
        id=REFUND,
        payment_id=payment.id,
        amount_cents=2000,
        application_fee_refunded_cents=20,
        tax_cents=320,
    )


def in_books(salon: Salon, statement: str) -> list[tuple[Any, ...]]:
    with salon.app.app_context(), tenant_scope(salon.tenant_id), transaction() as current:
        return [tuple(one) for one in current.execute(text(statement))]


def posted(salon: Salon, act: Callable[[], None]) -> dict[str, Any]:
    """The lines of the facts that an act posts now, by kind; asked twice, nothing is posted a second time."""
    for _ in range(2):
        with (
            clock.steered(lambda: NOW),
            salon.app.app_context(),
            tenant_scope(salon.tenant_id),
            transaction(),
        ):
            act()
    return dict(in_books(salon, "SELECT kind, lines FROM ledger_facts"))


def about(salon: Salon) -> set[tuple[Any, ...]]:
    """Whose every fact is, of what, in which currency, when, and by which movement."""
    columns = "source_id, owner_id, payment_id, currency, occurred_at, balance_transaction_ref"
    return set(in_books(salon, f"SELECT {columns} FROM ledger_facts"))  # noqa: S608 - our own columns


def test_a_capture_that_has_moved_the_balance_is_posted_as_of_then(salon: Salon, payment: Payment) -> None:
    charge = replace(CHARGE, balance=TAKEN)
    assert posted(salon, lambda: ledger.post_capture(payment, ATTEMPT, charge)) == {
        "capture": {"customer": -5000, "business": 4150, "platform": 50, "tax": 800},
        "processor_fee": {"business": -175, "processor": 175},
    }
    assert about(salon) == {(ATTEMPT, payment.owner_id, payment.id, "CHF", THEN, "txn_in")}


def test_a_capture_whose_movement_is_not_known_is_posted_as_of_now(salon: Salon, payment: Payment) -> None:
    charge = replace(CHARGE, balance=None, application_fee_cents=None)
    assert posted(salon, lambda: ledger.post_capture(payment, ATTEMPT, charge)) == {
        "capture": {"customer": -5000, "business": 4200, "tax": 800}
    }
    assert about(salon) == {(ATTEMPT, payment.owner_id, payment.id, "CHF", NOW, None)}


@pytest.mark.parametrize(
    ("captured", "gift_card", "tax"), [(5000, 1875, 500), (500, 1875, 500), (499, 1875, 499), (5000, 5000, 0)]
)
def test_the_tax_of_a_capture_is_what_a_gift_card_left_of_it_and_no_more_than_was_captured(
    salon: Salon, payment: Payment, captured: int, gift_card: int, tax: int
) -> None:
    payment.gift_card_cents = gift_card
    charge = replace(CHARGE, captured_cents=captured, application_fee_cents=0, balance=None)
    lines = posted(salon, lambda: ledger.post_capture(payment, ATTEMPT, charge))["capture"]
    assert (lines["customer"], lines.get("tax", 0)) == (-captured, tax)


@pytest.mark.parametrize(
    ("captured", "gift_card", "paid", "tax"),
    [(5000, 0, 5000, 800), (5000, 1000, 4000, 640), (1600, 1000, 600, 600), (5000, 4900, 100, 16)],
)
def test_money_at_the_desk_is_what_a_gift_card_did_not_pay_and_has_no_fee(
    salon: Salon, payment: Payment, captured: int, gift_card: int, paid: int, tax: int
) -> None:
    payment.captured_cents, payment.gift_card_cents = captured, gift_card
    lines = {"customer": -paid, "business": paid - tax, "tax": tax}
    expected = {account: cents for account, cents in lines.items() if cents}
    assert posted(salon, lambda: ledger.post_settled_elsewhere(payment)) == {"settled_elsewhere": expected}
    assert about(salon) == {(payment.id, payment.owner_id, payment.id, "CHF", NOW, None)}


def test_a_refund_is_posted_with_what_it_costs_as_of_its_movement(salon: Salon, payment: Payment, row: Refund) -> None:
    assert posted(salon, lambda: ledger.post_refund(row, payment, BACK, owed_cents=0)) == {
        "refund": {"customer": 2000, "business": -1685, "platform": -20, "processor": 25, "tax": -320}
    }
    assert about(salon) == {(REFUND, payment.owner_id, payment.id, "CHF", THEN, "txn_out")}


def test_a_refund_in_cash_is_posted_as_of_now(salon: Salon, payment: Payment, row: Refund) -> None:
    assert posted(salon, lambda: ledger.post_refund(row, payment, None, owed_cents=0)) == {
        "refund": {"customer": 2000, "business": -1660, "platform": -20, "tax": -320}
    }
    assert about(salon) == {(REFUND, payment.owner_id, payment.id, "CHF", NOW, None)}


@pytest.mark.parametrize(
    ("balance", "lines", "moment", "reference"),
    [
        (None, {"customer": -2000, "business": 1680, "tax": 320}, NOW, None),
        (
            replace(BACK, application_fee_cents=20, processor_fee_cents=25),
            {"customer": -2000, "business": 1635, "platform": 20, "processor": 25, "tax": 320},
            THEN,
            "txn_out",
        ),
    ],
)
def test_a_refund_that_failed_brings_back_the_money_and_the_fee_only_where_the_processor_says_so(
    salon: Salon,
    payment: Payment,
    row: Refund,
    balance: BalanceEntry | None,
    lines: dict[str, int],
    moment: datetime,
    reference: str | None,
) -> None:
    assert posted(salon, lambda: ledger.post_failed_refund(row, payment, balance)) == {"refund_failed": lines}
    assert about(salon) == {(REFUND, payment.owner_id, payment.id, "CHF", moment, reference)}


def test_a_deposit_is_owed_to_the_customer_whole_and_bears_no_tax(salon: Salon, payment: Payment) -> None:
    payment.purpose = "deposit"
    charge = replace(CHARGE, balance=TAKEN)
    assert posted(salon, lambda: ledger.post_capture(payment, ATTEMPT, charge)) == {
        "capture": {"customer": -5000, "deposit_liability": 5000, "business": -50, "platform": 50},
        "processor_fee": {"business": -175, "processor": 175},
    }
    assert about(salon) == {(ATTEMPT, payment.owner_id, payment.id, "CHF", THEN, "txn_in")}


def test_what_was_the_customers_own_of_a_refund_is_owed_again_where_it_failed(
    salon: Salon, payment: Payment, row: Refund
) -> None:
    other = Refund(
        tenant_id=payment.tenant_id, id=CARD, amount_cents=700, application_fee_refunded_cents=0, tax_cents=0
    )
    posted(salon, lambda: ledger.post_refund(other, payment, None, owed_cents=700))
    facts = posted(salon, lambda: ledger.post_refund(row, payment, None, owed_cents=500))
    assert facts["refund"] in (
        {"customer": 700, "deposit_liability": -700},
        {"customer": 2000, "business": -1160, "deposit_liability": -500, "platform": -20, "tax": -320},
    )
    failed = posted(salon, lambda: ledger.post_failed_refund(row, payment, None))["refund_failed"]
    assert failed == {"customer": -2000, "business": 1180, "deposit_liability": 500, "tax": 320}


def test_what_goes_back_to_a_gift_card_is_owed_again(salon: Salon, payment: Payment, row: Refund) -> None:
    assert posted(salon, lambda: ledger.post_restored(row, payment)) == {
        "gift_card_restored": {"gift_card_liability": 2000, "business": -1680, "tax": -320}
    }
    assert about(salon) == {(REFUND, payment.owner_id, payment.id, "CHF", NOW, None)}


def test_the_sale_of_a_gift_card_is_of_no_visit(salon: Salon) -> None:
    card = GiftCard(tenant_id=salon.tenant_id, id=CARD, currency="CHF")
    lines = {"customer": -4000, "business": -1000, "gift_card_liability": 5000}
    assert posted(salon, lambda: ledger.post_gift_card(card, "gift_card_sold", lines)) == {"gift_card_sold": lines}
    assert about(salon) == {(CARD, None, None, "CHF", NOW, None)}


@pytest.mark.parametrize(
    ("cents", "tax", "kind"), [(1, 0, "gift_card_taken"), (3000, 480, "gift_card_taken"), (-1, 0, "gift_card_returned")]
)
def test_what_a_gift_card_pays_is_owed_no_more_and_each_time_is_a_fact_of_its_own(
    salon: Salon, payment: Payment, cents: int, tax: int, kind: str
) -> None:
    lines = {"gift_card_liability": -cents, "business": cents - tax, "tax": tax}
    expected = {account: part for account, part in lines.items() if part}
    assert posted(salon, lambda: ledger.post_spent(payment, cents=cents, tax_cents=tax)) == {kind: expected}
    facts = about(salon)
    assert len({source for source, *_ in facts}) == 2
    assert {tuple(others) for _, *others in facts} == {(payment.owner_id, payment.id, "CHF", NOW, None)}


def test_a_fact_without_money_is_not_posted_and_one_with_money_is_known_by_kind_and_source(
    salon: Salon, payment: Payment
) -> None:
    def known() -> list[bool]:
        with salon.app.app_context(), tenant_scope(salon.tenant_id), transaction():
            return [
                ledger.is_posted(kind, source)
                for kind in ("settled_elsewhere", "refund")
                for source in (payment.id, REFUND)
            ]

    payment.captured_cents = payment.tax_cents = 0
    assert posted(salon, lambda: ledger.post_settled_elsewhere(payment)) == {}
    assert known() == [False] * 4
    payment.captured_cents = 5000
    posted(salon, lambda: ledger.post_settled_elsewhere(payment))
    assert known() == [True, False, False, False]
    entries = in_books(salon, "SELECT DISTINCT tenant_id, created_at FROM ledger_entries")
    assert entries == [(salon.tenant_id, NOW)]
