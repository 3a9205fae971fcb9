# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

from functools import partial
from uuid import uuid4

from tests.concurrency.parallel import at_once
from tests.factories.businesses import Answer, Salon
from tests.factories.visits import API, at_desk, ok

RIVALS = 12


def pay(salon: Salon, booking_id: str) -> Answer:
    return salon.as_owner("POST", f"{API}/payments/cash", key=str(uuid4()), json={"booking_id": booking_id})


def test_payments_at_once_have_receipts_numbered_without_gap_or_double(salon: Salon) -> None:
    visits = [at_desk(salon, salon.slot(hour=place))["id"] for place in range(RIVALS)]
    answers = at_once([partial(pay, salon, visit) for visit in visits for _ in range(2)])

    assert sorted(answer.status_code for answer in answers) == [201] * RIVALS + [409] * RIVALS
    found = ok(salon.as_owner("GET", f"{API}/receipts"))["receipts"]
    assert sorted(one["number"] for one in found) == list(range(1, RIVALS + 1))
    assert len({one["payment_id"] for one in found}) == RIVALS
