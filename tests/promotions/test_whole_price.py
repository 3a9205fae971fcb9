# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""Everything that a price can have on one visit, from the quote to a refund in part: every line, every cent."""

from typing import Any
from uuid import uuid4

from tests.factories.promotions import add_coupon, add_tax, left_on, quoted, sell_gift_card
from tests.factories.visits import API, change_service, ok, online
from tests.factories.worker import work
from tests.payments.books import accounts, facts
from tests.payments.till import Till

RECEIPTS = f"{API}/receipts"
PRICE, DISCOUNT, TAX, TIP, GIFT, DEPOSIT = 11_900, 1_190, 1_710, 500, 3_000, 2_142
AMOUNT = PRICE - DISCOUNT
CARD = AMOUNT + TIP - GIFT - DEPOSIT


def receipts_of(till: Till) -> list[dict[str, Any]]:
    """Receipts and credit notes in the order of their numbers."""
    work(till.worker_app)
    brief = ok(till.salon.as_owner("GET", RECEIPTS))["receipts"]
    return [ok(till.salon.as_owner("GET", f"{RECEIPTS}/{one['id']}")) for one in reversed(brief)]


def test_coupon_tax_deposit_tip_and_gift_card_on_one_visit_then_a_refund_in_part(till: Till) -> None:
    salon = till.salon
    policy = {"deposit": {"type": "percent", "value": 20}}
    ok(salon.as_owner("PUT", f"{API}/tenants/{salon.tenant_id}/policies", json=policy))
    change_service(salon, salon.service_id, price_cents=PRICE)
    add_tax(salon, 1900)
    card = sell_gift_card(salon, GIFT, paid_by="cash")
    codes = {"coupon_code": add_coupon(salon, name="Spring", value=1000)["code"], "gift_card_code": card["code"]}

    quote = ok(quoted(salon, **codes, tip_cents=TIP))
    assert [(line["kind"], line["amount_cents"]) for line in quote["lines"]] == [
        ("item", PRICE),
        ("discount", -DISCOUNT),
        ("tax", TAX),
        ("tip", TIP),
        ("gift_card", -GIFT),
    ]
    assert (quote["amount_cents"], quote["due_cents"]) == (AMOUNT, CARD + DEPOSIT)
    assert (quote["due_now_cents"], quote["due_later_cents"]) == (DEPOSIT, CARD)

    booked = ok(online(salon, salon.slot(), **codes))
    assert (till.taken(), left_on(salon, card)) == (DEPOSIT, (0, GIFT))
    ok(salon.press("complete", booked["booking_id"], tip_cents=TIP))
    assert (till.taken(), left_on(salon, card)) == (CARD + DEPOSIT, (0, 0))
    assert sorted((one["amount_received"], one["application_fee_amount"]) for one in till.intents()) == [
        (DEPOSIT, 21),
        (CARD, 61),
    ]
    assert accounts(till) | {"processor": 0, "business": 0} == {
        "customer": -(CARD + DEPOSIT + GIFT),
        "platform": 82,
        "tax": TAX,
        "processor": 0,
        "business": 0,
    }

    paid_before, receipt = receipts_of(till)
    assert (paid_before["total_cents"], paid_before["tax_cents"]) == (DEPOSIT, 0)
    assert (receipt["total_cents"], receipt["tax_cents"]) == (CARD + GIFT, TAX)
    assert [(one["kind"], one["amount_cents"]) for one in receipt["lines"]] == [
        ("item", PRICE),
        ("discount", -DISCOUNT),
        ("tax", TAX),
        ("tip", TIP),
        ("deposit", -DEPOSIT),
    ]
    assert [(one["kind"], one["amount_cents"]) for one in receipt["tenders"]] == [("gift_card", GIFT), ("card", CARD)]

    given = ok(salon.press("refund", booked["booking_id"], refund_type="partial", amount_cents=4_000))
    assert (given["amount_cents"], given["gift_card_cents"]) == (4_000, GIFT)
    assert (left_on(salon, card), [one["amount"] for one in till.refunds()]) == ((GIFT, 0), [1_000])

    notes = receipts_of(till)[2:]
    assert sum(note["total_cents"] for note in notes) == -4_000
    assert sum(note["tax_cents"] for note in notes) == -610
    tenders = [(one["kind"], one["amount_cents"]) for note in notes for one in note["tenders"]]
    assert sorted(tenders) == [("card", -1_000), ("gift_card", -GIFT)]
    assert [note["number"] for note in notes] == [3, 4]

    ok(salon.press("refund", booked["booking_id"], refund_type="full"))
    assert sum(one["tax_cents"] for one in receipts_of(till)) == 0
    assert till.shown(booked["booking_id"])["payment_status"] == "refunded"
    assert accounts(till).get("tax", 0) == 0


def test_a_gift_card_is_owed_until_it_is_spent_or_over(till: Till) -> None:
    salon = till.salon
    add_tax(salon, 1900)
    sold = sell_gift_card(salon, 2000, paid_by="cash", price_cents=1800)
    given = sell_gift_card(salon, 1000)
    assert [fact["lines"] for fact in facts(till, "gift_card_sold")] == [
        {"customer": -1800, "business": -200, "gift_card_liability": 2000},
        {"business": -1000, "gift_card_liability": 1000},
    ]
    booked = ok(online(salon, salon.slot(), gift_card_code=sold["code"]))
    assert facts(till, "gift_card_taken") == []
    ok(salon.press("complete", booked["booking_id"]))
    (taken,) = facts(till, "gift_card_taken")
    assert taken["lines"] == {"gift_card_liability": -2000, "business": 1681, "tax": 319}
    (capture,) = facts(till, "capture")
    assert capture["lines"]["tax"] == 798 - 319

    ok(salon.as_owner("POST", f"{API}/gift-cards/{given['id']}/void", key=str(uuid4()), json={}))
    (voided,) = facts(till, "gift_card_voided")
    assert voided["lines"] == {"gift_card_liability": -1000, "business": 1000}
