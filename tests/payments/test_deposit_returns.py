# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""A deposit that goes back when a part of it went back already, in the business's own dashboard."""

from tests.factories.books import reconcile, refund_in_dashboard
from tests.payments.till import Till

API = "/api/v1"


def test_the_rest_of_a_deposit_goes_back_where_nobody_told_of_the_part_that_went_before(till: Till) -> None:
    policy = {"deposit": {"type": "percent", "value": 20}}
    changed = till.salon.as_owner("PUT", f"{API}/tenants/{till.salon.tenant_id}/policies", json=policy)
    assert changed.status_code == 200, changed.text
    booking_id = till.salon.booked()["booking_id"]
    refund_in_dashboard(till.salon, till.intents()[0]["id"], 800)
    assert till.salon.press("cancel", booking_id, canceled_by="business").status_code == 200
    for minutes in (1, 20):
        till.recover(minutes=minutes)
    assert sorted(one["amount"] for one in till.refunds()) == [200, 800]
    assert till.shown(booking_id)["refunded_cents"] == 1000
    assert reconcile(till.salon)["breaks_open"] == 0
