# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

from collections.abc import Callable
from uuid import uuid4

import pytest

from tests.factories.businesses import Salon

PATH = "/api/v1/notifications"
OK, INVALID, UNAUTHENTICATED, FORBIDDEN, NOT_FOUND = 200, 400, 401, 403, 404
Drain = Callable[[], None]


def test_the_log_shows_each_message_without_its_text(salon: Salon, drain: Drain) -> None:
    booking_id = salon.booked()["booking_id"]
    drain()

    answer = salon.as_role("staff", "GET", PATH)
    assert answer.status_code == OK, answer.text
    first = answer.json["notifications"][0]
    assert set(first) == {
        "id", "channel", "recipient", "template", "booking_id", "to", "subject", "status", "provider", "failure",
        "created_at", "sent_at",
    }  # fmt: skip
    assert first["booking_id"] == booking_id
    assert answer.json["total"] == len(answer.json["notifications"])


def test_one_message_is_shown_with_its_text_and_attachments(salon: Salon, drain: Drain) -> None:
    salon.booked()
    drain()
    listed = salon.as_owner("GET", PATH).json["notifications"]
    wanted = next(one for one in listed if one["template"] == "booking_confirmed")

    found = salon.as_role("staff", "GET", f"{PATH}/{wanted['id']}").json
    assert wanted.items() <= found.items()
    assert found["attachments"] == [{"filename": "booking.ics", "content_type": "text/calendar; method=PUBLISH"}]
    assert found["text"]
    assert found["html"].startswith("<!DOCTYPE html>")


def test_pages_of_the_log_hold_each_message_once(salon: Salon, drain: Drain) -> None:
    salon.booked()
    drain()
    seen, cursor = [], ""
    while True:
        page = salon.as_owner("GET", f"{PATH}?limit=1{cursor}").json
        seen += [one["id"] for one in page["notifications"]]
        if page["next_cursor"] is None:
            break
        cursor = f"&cursor={page['next_cursor']}"

    assert len(seen) == len(set(seen)) == page["total"]


def test_the_log_is_filtered_by_booking_and_status(salon: Salon, drain: Drain) -> None:
    wanted = salon.booked()["booking_id"]
    salon.booked(start=salon.slot(hour=12))
    drain()

    of_booking = salon.as_owner("GET", f"{PATH}?booking_id={wanted}&status=sent").json
    assert {one["booking_id"] for one in of_booking["notifications"]} == {wanted}
    assert salon.as_owner("GET", f"{PATH}?status=failed").json["total"] == 0


@pytest.mark.parametrize("query", ["limit=0", "limit=101", "cursor=x", "status=lost", "booking_id=1", "page=2"])
def test_a_query_out_of_the_contract_is_refused(salon: Salon, query: str) -> None:
    answer = salon.as_owner("GET", f"{PATH}?{query}")

    assert answer.status_code == INVALID
    assert answer.json["code"] == "TITHI_VALIDATION_ERROR"


def test_only_staff_reads_the_log(salon: Salon, other_salon: Salon) -> None:
    for path in (PATH, f"{PATH}/{uuid4()}"):
        assert salon.request("GET", path, None).status_code == UNAUTHENTICATED
        assert salon.as_role("viewer", "GET", path).status_code == FORBIDDEN
    assert other_salon.as_owner("GET", PATH).json["notifications"] == []


def test_another_businesss_message_answers_like_an_unknown_one(salon: Salon, other_salon: Salon, drain: Drain) -> None:
    salon.booked()
    drain()
    message_id = salon.as_owner("GET", PATH).json["notifications"][0]["id"]

    for unknown in (message_id, uuid4()):
        answer = other_salon.as_owner("GET", f"{PATH}/{unknown}")
        assert answer.status_code == NOT_FOUND
        assert answer.json["code"] == "TITHI_NOTIFICATION_NOT_FOUND"
