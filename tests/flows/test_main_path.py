# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

from collections.abc import Callable

from tests.factories.businesses import Salon


def test_a_visit_is_booked_completed_charged_and_told(salon: Salon, drain: Callable[[], None]) -> None:
    booking = salon.booked()
    assert booking["status"] == "confirmed"
    assert booking["card_status"] == "card_on_file"
    assert booking["payment_status"] == "requires_action"

    answer = salon.press("complete", booking["booking_id"])
    assert answer.status_code == 200, answer.text
    assert answer.json["status"] == "completed"
    assert answer.json["payment_status"] == "captured"
    assert answer.json["captured_cents"] == 5000

    drain()
    log = salon.as_owner("GET", "/api/v1/notifications").json
    told = {(one["template"], one["recipient"], one["status"]) for one in log["notifications"]}
    assert ("booking_confirmed", "customer", "sent") in told, told
    assert ("booking_confirmed", "business", "sent") in told
