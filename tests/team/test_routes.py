# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

import pytest

from tests.factories.businesses import Salon

API = "/api/v1/team/members"


def test_a_member_has_caps_and_serves_some_clients_at_once(salon: Salon) -> None:
    body = {"first_name": "Bo", "last_name": "Lee", "concurrent_clients": 3, "max_visits_per_day": 6}
    made = salon.as_owner("POST", API, json=body)
    assert made.status_code == 201, made.text
    assert (made.json["concurrent_clients"], made.json["max_visits_per_day"], made.json["max_visits_per_week"]) == (
        3,
        6,
        None,
    )
    resource = f"/api/v1/resources/{made.json['resource_id']}"
    assert salon.as_owner("GET", resource).json["capacity"] == 3
    path = f"{API}/{made.json['id']}"
    changed = salon.as_owner(
        "PUT", path, json={"concurrent_clients": 1, "max_visits_per_day": None, "max_visits_per_week": 20}
    ).json
    assert changed == salon.as_owner("GET", path).json
    assert (changed["concurrent_clients"], changed["max_visits_per_day"], changed["max_visits_per_week"]) == (
        1,
        None,
        20,
    )
    assert salon.as_owner("GET", resource).json["capacity"] == 1
    listed = salon.as_owner("GET", API).json["members"]
    assert [one["concurrent_clients"] for one in listed] == [1, 1]


def test_who_serves_two_at_once_has_two_visits_at_one_time(salon: Salon) -> None:
    salon.booked()
    assert salon.book().status_code == 409
    assert salon.as_owner("PUT", f"{API}/{salon.member_id}", json={"concurrent_clients": 2}).status_code == 200
    assert salon.booked()["status"] == "confirmed"
    assert salon.book().status_code == 409


@pytest.mark.parametrize(
    "body",
    [
        {"concurrent_clients": 0},
        {"concurrent_clients": 21},
        {"max_visits_per_day": 0},
        {"max_visits_per_week": -1},
        {"max_visits_per_week": 1.5},
    ],
)
def test_caps_that_make_no_sense_are_refused(salon: Salon, body: dict[str, object]) -> None:
    path = f"{API}/{salon.member_id}"
    before = salon.as_owner("GET", path).json
    answer = salon.as_owner("PUT", path, json=body)
    assert (answer.status_code, set(answer.json["errors"])) == (400, set(body))
    assert salon.as_owner("GET", path).json == before


def test_a_renamed_member_keeps_lanes_and_renames_the_resource(salon: Salon) -> None:
    salon.as_owner("PUT", f"{API}/{salon.member_id}", json={"concurrent_clients": 2})
    salon.as_owner("PUT", f"{API}/{salon.member_id}", json={"display_name": "Ana S."})
    shown = salon.as_owner("GET", f"/api/v1/resources/{salon.resource_id}").json
    assert (shown["name"], shown["capacity"], shown["kind"]) == ("Ana S.", 2, "staff")
