# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""A late fee that was only proposed: whoever asks for it, what was paid before pays first."""

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest

from tests.factories.promotions import left_on, sell_gift_card
from tests.factories.visits import ok
from tests.payments.books import accounts
from tests.payments.till import Till, later

API = "/api/v1"


def _proposed(till: Till, *, fee_cents: int = 2500, deposit_percent: int = 0, **changes: Any) -> str:
    """A visit that its customer called off late, for a fee that nobody has asked for yet."""
    if deposit_percent:
        policy = {"deposit": {"type": "percent", "value": deposit_percent}}
        ok(till.salon.as_owner("PUT", f"{API}/tenants/{till.salon.tenant_id}/policies", json=policy))
    booking = till.salon.booked(**changes)
    start = datetime.fromisoformat(booking["start_time"])
    with later(seconds=(start - datetime.now(UTC)).total_seconds() - 3600):
        canceled = till.salon.request("POST", f"{API}/manage/{booking['manage_token']}/cancel", None, json={})
    assert canceled.json["due_cents"] == fee_cents, canceled.text
    return str(booking["booking_id"])


def _press(till: Till, word: str, booking_id: str) -> None:
    ok(till.salon.as_owner("POST", f"{API}/bookings/{booking_id}/{word}", key=str(uuid4()), json={}))


def test_a_deposit_pays_its_part_of_a_fee_that_is_charged_from_what_is_owed(till: Till) -> None:
    booking_id = _proposed(till, deposit_percent=20)
    _press(till, "charge", booking_id)
    assert sorted(one["amount_received"] for one in till.intents()) == [1000, 1500]
    assert till.shown(booking_id)["captured_cents"] == 2500
    till.recover(days=1)
    assert (till.taken(), till.refunds(), accounts(till).get("deposit_liability", 0)) == (2500, [], 0)


def test_a_gift_card_pays_its_part_of_a_fee_that_is_charged_from_what_is_owed(till: Till) -> None:
    card = sell_gift_card(till.salon, 700)
    booking_id = _proposed(till, gift_card_code=card["code"])
    _press(till, "charge", booking_id)
    assert till.taken() == 1800
    assert till.shown(booking_id)["captured_cents"] == 2500
    assert left_on(till.salon, card) == (0, 0)


@pytest.mark.parametrize("word", ["charge", "request-payment"])
def test_a_fee_that_the_deposit_covers_is_asked_of_nobody(till: Till, word: str) -> None:
    booking_id = _proposed(till, fee_cents=3000, deposit_percent=60)
    _press(till, word, booking_id)
    till.recover(minutes=1)
    assert [one["amount_received"] for one in till.intents()] == [3000]
    shown = till.shown(booking_id)
    assert (shown["payment_status"], shown["captured_cents"]) == ("captured", 3000)
    assert till.facts("payment.needs_customer") == 0


def test_a_customer_who_is_asked_for_a_fee_owes_what_the_deposit_leaves_of_it(till: Till) -> None:
    booking_id = _proposed(till, deposit_percent=20)
    _press(till, "request-payment", booking_id)
    till.recover(seconds=1)
    assert (till.taken(), till.facts("payment.needs_customer")) == (1000, 1)
    body = {"booking_id": booking_id, "payment_method": {"type": "card", "stripe_payment_method_id": "pm_card_visa"}}
    assert till.salon.as_owner("POST", f"{API}/payments/checkout", key=str(uuid4()), json=body).status_code == 201
    till.recover(seconds=3)
    assert sorted(one["amount_received"] for one in till.intents()) == [1000, 1500]
