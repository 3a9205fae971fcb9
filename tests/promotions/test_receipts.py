# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

from typing import Any
from uuid import uuid4

import pytest

from tests.factories.businesses import Salon
from tests.factories.promotions import add_coupon, add_tax, sell_gift_card
from tests.factories.visits import API, at_desk, guest, ok, online
from tests.factories.worker import work
from tests.payments.till import Till
from tithi.payments import receipt_pdf

RECEIPTS = f"{API}/receipts"


def numbers(salon: Salon) -> list[tuple[int, str]]:
    """The series of a business, the oldest first."""
    found = ok(salon.as_owner("GET", RECEIPTS))["receipts"]
    return [(one["number"], one["kind"]) for one in reversed(found)]


def paid_online(till: Till, **changes: Any) -> dict[str, Any]:
    """A visit that was completed and charged, with its receipt."""
    booked = ok(online(till.salon, till.salon.slot(**changes.pop("slot", {})), **changes))
    done = ok(till.salon.press("complete", booked["booking_id"]))
    work(till.worker_app)
    return {**done, "manage_token": booked["manage_token"]}


def receipt_of(salon: Salon, payment_id: str) -> dict[str, Any]:
    return dict(ok(salon.as_owner("GET", f"{API}/payments/{payment_id}/receipt")))


def test_a_charged_visit_has_a_receipt_with_lines_taxes_and_tender(till: Till) -> None:
    salon = till.salon
    salon.as_owner("PUT", f"{API}/tenants/{salon.tenant_id}", json={"tax_number": "DE123456789"})
    add_tax(salon, 1900)
    coupon = add_coupon(salon, name="Spring", value=1000)
    card = sell_gift_card(salon, 2000)
    paid = paid_online(till, coupon_code=coupon["code"], gift_card_code=card["code"])

    receipt = receipt_of(salon, paid["payment_id"])
    assert (receipt["number"], receipt["kind"], receipt["total_cents"], receipt["tax_cents"]) == (
        1,
        "receipt",
        4500,
        718,
    )
    assert [(one["kind"], one["amount_cents"]) for one in receipt["lines"]] == [
        ("item", 5000),
        ("discount", -500),
        ("tax", 718),
    ]
    assert receipt["taxes"] == [{"label": "VAT", "basis_points": 1900, "is_included": True, "tax_cents": 718}]
    assert [(one["kind"], one["amount_cents"]) for one in receipt["tenders"]] == [("gift_card", 2000), ("card", 2500)]
    assert receipt["business"]["tax_number"] == "DE123456789"
    assert receipt["visit"]["confirmation_number"] == paid["confirmation_number"]


def test_what_is_paid_in_cash_has_its_receipt_at_once(salon: Salon) -> None:
    booked = at_desk(salon, salon.slot())
    body = {"booking_id": booked["id"]}
    paid = ok(salon.as_owner("POST", f"{API}/payments/cash", key=str(uuid4()), json=body))
    receipt = receipt_of(salon, paid["id"])
    assert [one["kind"] for one in receipt["tenders"]] == ["cash"]
    assert receipt["total_cents"] == 5000


def test_cash_beyond_the_price_is_a_line_of_its_own(salon: Salon) -> None:
    booked = at_desk(salon, salon.slot())
    body = {"booking_id": booked["id"], "amount_cents": 5600}
    paid = ok(salon.as_owner("POST", f"{API}/payments/cash", key=str(uuid4()), json=body))
    lines = receipt_of(salon, paid["id"])["lines"]
    assert [(one["kind"], one["amount_cents"]) for one in lines] == [("item", 5000), ("other", 600)]


def test_the_numbers_of_each_business_have_no_gap(till: Till, other_salon: Salon) -> None:
    for hour in (9, 11, 13):
        paid_online(till, slot={"hour": hour})
    assert numbers(till.salon) == [(1, "receipt"), (2, "receipt"), (3, "receipt")]
    assert numbers(other_salon) == []


def test_facts_that_are_told_twice_make_no_second_receipt(till: Till) -> None:
    paid = paid_online(till)
    ok(till.salon.press("refund", paid["id"], refund_type="full"))
    for _ in range(2):
        work(till.worker_app)
    assert numbers(till.salon) == [(1, "receipt"), (2, "credit_note")]


def test_credit_notes_give_back_exactly_the_tax(till: Till) -> None:
    add_tax(till.salon, 825, is_inclusive=False)
    paid = paid_online(till)
    for cents in (1001, 1001, 1001):
        ok(till.salon.press("refund", paid["id"], refund_type="partial", amount_cents=cents))
    ok(till.salon.press("refund", paid["id"], refund_type="full"))
    work(till.worker_app)

    found = ok(till.salon.as_owner("GET", RECEIPTS))["receipts"]
    notes = [one for one in found if one["kind"] == "credit_note"]
    assert len(notes) == 4
    assert sum(one["total_cents"] for one in notes) == -5413
    assert sum(one["tax_cents"] for one in notes) == -413
    newest = ok(till.salon.as_owner("GET", f"{RECEIPTS}/{notes[0]['id']}"))
    assert (newest["receipt_number"], newest["lines"][0]["amount_cents"]) == (1, -2410)


def test_a_refund_that_fails_later_takes_its_credit_note_back_with_the_next_number(till: Till) -> None:
    add_tax(till.salon, 1900)
    card = {"type": "card", "stripe_payment_method_id": "pm_card_refundFail"}
    paid = paid_online(till, payment_method=card)
    ok(till.salon.press("refund", paid["id"], refund_type="partial", amount_cents=2001))
    work(till.worker_app)
    assert numbers(till.salon) == [(1, "receipt"), (2, "credit_note")]
    till.stack.stripe.state.advance(3600)
    try:
        for event in till.events() * 2:
            till.tell(event)
    finally:
        till.stack.stripe.state.advance(-3600)
    work(till.worker_app)
    assert numbers(till.salon) == [(1, "receipt"), (2, "credit_note"), (3, "reversal")]
    assert till.facts("payment.refund_failed") == 1
    newest, *_ = ok(till.salon.as_owner("GET", RECEIPTS))["receipts"]
    reversal = ok(till.salon.as_owner("GET", f"{RECEIPTS}/{newest['id']}"))
    assert (reversal["total_cents"], reversal["receipt_number"]) == (2001, 1)
    assert [(one["kind"], one["amount_cents"]) for one in reversal["lines"]] == [("reversal", 2001)]
    assert [(one["kind"], one["amount_cents"]) for one in reversal["tenders"]] == [("card", 2001)]
    assert till.salon.as_owner("GET", f"{RECEIPTS}/{newest['id']}/pdf").data[:5] == b"%PDF-"
    mails = ok(till.salon.as_owner("GET", f"{API}/notifications?booking_id={paid['id']}"))["notifications"]
    assert [one["recipient"] for one in mails if one["template"] == "payment_refund_failed"] == ["business"]

    ok(till.salon.press("refund", paid["id"], refund_type="full"))
    work(till.worker_app)
    found = ok(till.salon.as_owner("GET", RECEIPTS))["receipts"]
    assert [one["kind"] for one in reversed(found)] == ["receipt", "credit_note", "reversal", "credit_note"]
    shown = till.shown(paid["id"])
    assert sum(one["total_cents"] for one in found) == shown["captured_cents"] - shown["refunded_cents"] == 0
    assert sum(one["tax_cents"] for one in found) == 0


def test_a_fee_has_a_receipt_without_tax(till: Till) -> None:
    add_tax(till.salon, 1900)
    booked = ok(online(till.salon, till.salon.slot()))
    ok(till.salon.press("no-show", booked["booking_id"]))
    work(till.worker_app)
    receipt = receipt_of(till.salon, till.shown(booked["booking_id"])["payment_id"])
    assert [one["kind"] for one in receipt["lines"]] == ["fee"]
    assert (receipt["total_cents"], receipt["tax_cents"]) == (5000, 0)


def test_what_is_not_paid_has_no_receipt(salon: Salon) -> None:
    booked = at_desk(salon, salon.slot())
    answer = salon.as_owner("GET", f"{API}/payments/{booked['payment_id']}/receipt")
    assert (answer.status_code, answer.json["code"]) == (404, "TITHI_RECEIPT_NOT_FOUND")


def test_a_receipt_can_be_printed_by_staff_and_by_its_customer(till: Till) -> None:
    paid = paid_online(till, customer_info={**guest(), "name": "Łukasz Жук"})
    own = ok(till.salon.request("GET", f"{API}/manage/{paid['manage_token']}/receipts", None))["receipts"]
    (receipt,) = own
    paths = (
        f"{API}/payments/{paid['payment_id']}/receipt.pdf",
        f"{RECEIPTS}/{receipt['id']}/pdf",
    )
    pages = [till.salon.as_owner("GET", path) for path in paths]
    pages.append(till.salon.request("GET", f"{API}/manage/{paid['manage_token']}/receipts/{receipt['id']}/pdf", None))
    for page in pages:
        assert (page.status_code, page.content_type, page.data[:5]) == (200, "application/pdf", b"%PDF-")


def test_a_customer_sees_the_receipts_of_their_own_visit_alone(till: Till) -> None:
    first, second = paid_online(till), paid_online(till, slot={"hour": 14})
    theirs = receipt_of(till.salon, second["payment_id"])["id"]
    answer = till.salon.request("GET", f"{API}/manage/{first['manage_token']}/receipts/{theirs}/pdf", None)
    assert (answer.status_code, answer.json["code"]) == (404, "TITHI_RECEIPT_NOT_FOUND")


@pytest.mark.parametrize(
    ("cents", "currency", "said"),
    [
        (123456, "USD", "1,234.56 USD"),
        (-5, "EUR", "-0.05 EUR"),
        (5000, "JPY", "5,000 JPY"),
        (1500, "KWD", "1.500 KWD"),
    ],
)
def test_amounts_have_the_decimals_of_their_currency(cents: int, currency: str, said: str) -> None:
    assert receipt_pdf.money(cents, currency) == said


def test_a_visit_that_is_charged_in_part_with_a_tip_is_taxed_in_part(till: Till) -> None:
    salon = till.salon
    add_tax(salon, 1000, is_inclusive=False)
    booked = ok(online(salon, salon.slot()))
    ok(salon.press("complete", booked["booking_id"], charge_cents=2750, tip_cents=300, note="Half."))
    work(till.worker_app)
    assert till.taken() == 3050

    receipt = receipt_of(salon, till.shown(booked["booking_id"])["payment_id"])
    assert [(one["kind"], one["amount_cents"]) for one in receipt["lines"]] == [
        ("item", 5000),
        ("tax", 500),
        ("tip", 300),
        ("other", -2750),
    ]
    assert (receipt["total_cents"], receipt["tax_cents"], receipt["taxes"][0]["tax_cents"]) == (3050, 250, 250)
