# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

import pytest

from tests.factories.businesses import Salon
from tests.factories.classes import class_service
from tests.factories.waitlist import API, join, waiting


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"last_date": "2020-01-01", "first_date": "2020-01-01"}, "last_date"),
        ({"first_date": "2031-01-02", "last_date": "2031-01-01"}, "last_date"),
        ({"first_date": "2031-01-01", "last_date": "2031-04-04"}, "last_date"),
        ({"from_time": "12:00", "until_time": "12:00"}, "until_time"),
        ({"until_time": "24:01"}, "until_time"),
        ({"first_date": "9999-12-31"}, "first_date"),
    ],
)
def test_a_wish_that_cannot_be_is_refused(salon: Salon, changes: dict[str, str], field: str) -> None:
    answer = join(salon, salon.slot(days=5).date(), **changes)
    assert answer.status_code == 400, answer.text
    assert field in answer.json["errors"]
    assert salon.as_owner("GET", f"{API}/waitlist").json["waitlist"] == []


def test_a_class_has_no_waitlist(salon: Salon) -> None:
    answer = join(salon, salon.slot(days=5).date(), service_id=class_service(salon))
    assert (answer.status_code, answer.json["code"]) == (400, "TITHI_SERVICE_NOT_BOOKABLE")
    assert salon.as_owner("GET", f"{API}/waitlist").json["waitlist"] == []


def test_the_list_is_filtered_and_paged_by_age(salon: Salon) -> None:
    day = salon.slot(days=5).date()
    first, second = waiting(salon, day), waiting(salon, day)
    second.leave()
    page = salon.as_owner("GET", f"{API}/waitlist?limit=1").json
    assert [one["id"] for one in page["waitlist"]] == [first.id]
    rest = salon.as_owner("GET", f"{API}/waitlist?cursor={page['next_cursor']}").json
    assert ([one["id"] for one in rest["waitlist"]], rest["next_cursor"]) == ([second.id], None)
    left = salon.as_owner("GET", f"{API}/waitlist?status=left").json["waitlist"]
    assert [one["id"] for one in left] == [second.id]


def test_a_link_to_a_booking_opens_no_entry_of_the_waitlist(salon: Salon) -> None:
    guest = waiting(salon, salon.slot(days=5).date())
    manage = salon.booked()["manage_token"]
    assert salon.request("GET", f"{API}/waitlist/own/{manage}", None).json["code"] == "TITHI_LINK_NOT_FOUND"
    assert salon.request("GET", f"{API}/manage/{guest.token}", None).json["code"] == "TITHI_LINK_NOT_FOUND"
    assert guest.wish()["status"] == "waiting"
