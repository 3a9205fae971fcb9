# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

from typing import Any
from uuid import uuid4

import pytest

from tests.factories.businesses import Answer, Salon

RULES = "/api/v1/availability/rules"
EXCEPTIONS = "/api/v1/availability/exceptions"
MORNING = {"day_of_week": 1, "start_time": "09:00", "end_time": "12:00"}


def _location(salon: Salon, name: str = "West") -> str:
    path = f"/api/v1/tenants/{salon.tenant_id}/locations"
    found: str = salon.as_owner("POST", path, json={"name": name, "timezone": "Europe/Berlin"}).json["id"]
    return found


def _room(salon: Salon) -> str:
    made = salon.as_owner("POST", "/api/v1/resources", json={"kind": "room", "name": "Cabin"})
    found: str = made.json["id"]
    return found


def _rule(salon: Salon, **body: Any) -> Answer:
    return salon.as_owner("POST", RULES, json={**MORNING, **body})


def _exception(salon: Salon, **body: Any) -> Answer:
    span = {"starts_local": "2030-12-24T12:00:00", "ends_local": "2030-12-25T00:00:00"}
    return salon.as_owner("POST", EXCEPTIONS, json={"kind": "closed", **span, **body})


def test_rules_are_of_people_rooms_locations_and_services(salon: Salon) -> None:
    west, room, me, service = _location(salon), _room(salon), str(salon.resource_id), str(salon.service_id)
    assert (
        salon.as_owner("POST", f"/api/v1/team/{salon.member_id}/availability", json={"availability": []}).json[
            "availability"
        ]
        == []
    )
    subjects: list[dict[str, str]] = [
        {"resource_id": me},
        {"resource_id": me, "location_id": west},
        {"resource_id": room},
        {"location_id": west},
        {"service_id": service},
        {"location_id": west, "service_id": service},
    ]
    for subject in subjects:
        made = _rule(salon, **subject)
        assert made.status_code == 201, made.text
        nobody = {"resource_id": None, "location_id": None, "service_id": None}
        assert {**nobody, **subject, "kind": "open"}.items() <= made.json.items()
    for query, number in ((f"resource_id={me}", 2), (f"location_id={west}", 3), (f"service_id={service}", 2), ("", 6)):
        listed = salon.as_owner("GET", f"{RULES}?{query}").json
        assert (listed["total"], len(listed["rules"])) == (number, number)
    both = salon.as_owner("GET", f"{RULES}?location_id={west}&service_id={service}").json["rules"]
    assert [(one["location_id"], one["service_id"]) for one in both] == [(west, service)]


def test_a_rule_is_somebodys(salon: Salon) -> None:
    before = salon.as_owner("GET", RULES).json
    nobodys = _rule(salon)
    assert (nobodys.status_code, set(nobodys.json["errors"])) == (400, {"resource_id"})
    of_a_service = _rule(salon, kind="break", service_id=str(salon.service_id))
    assert (of_a_service.status_code, set(of_a_service.json["errors"])) == (400, {"kind"})
    assert salon.as_owner("GET", RULES).json == before


def test_a_location_or_a_person_has_breaks(salon: Salon) -> None:
    west = _location(salon)
    lunch = {"start_time": "12:00", "end_time": "13:00", "kind": "break"}
    for subject in ({"location_id": west}, {"resource_id": str(salon.resource_id)}):
        assert _rule(salon, **lunch, **subject).json["kind"] == "break"


def test_a_rule_changes_its_kind_and_place_but_stays_somebodys(salon: Salon) -> None:
    west, east = _location(salon), _location(salon, "East")
    made = _rule(salon, location_id=west).json
    path = f"{RULES}/{made['id']}"
    moved = salon.as_owner("PUT", path, json={"location_id": east, "kind": "break"}).json
    assert (moved["location_id"], moved["kind"], moved["version"]) == (east, "break", 2)
    orphaned = salon.as_owner("PUT", path, json={"location_id": None})
    assert (orphaned.status_code, set(orphaned.json["errors"])) == (400, {"resource_id"})
    unknown = salon.as_owner("PUT", path, json={"location_id": str(uuid4())})
    assert (unknown.status_code, unknown.json["code"]) == (404, "TITHI_LOCATION_NOT_FOUND")
    assert salon.as_owner("GET", path).json == moved


def test_rules_name_what_the_business_has(salon: Salon, other_salon: Salon) -> None:
    before = salon.as_owner("GET", RULES).json
    me = str(salon.resource_id)
    for place in (str(uuid4()), _location(other_salon)):
        answer = _rule(salon, resource_id=me, location_id=place)
        assert (answer.status_code, answer.json["code"]) == (404, "TITHI_LOCATION_NOT_FOUND")
    for resource in (str(uuid4()), str(other_salon.resource_id)):
        answer = _rule(salon, resource_id=resource)
        assert (answer.status_code, answer.json["code"]) == (404, "TITHI_RESOURCE_NOT_FOUND")
    assert _rule(salon, service_id=str(other_salon.service_id)).json["code"] == "TITHI_SERVICE_NOT_FOUND"
    assert salon.as_owner("GET", RULES).json == before


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"start_time": "24:00"}, "start_time"),
        ({"end_time": "48:30"}, "end_time"),
        ({"kind": "nap"}, "kind"),
        ({"valid_from": "2030-02-01", "valid_to": "2030-01-01"}, "valid_to"),
    ],
)
def test_hours_that_cannot_be_are_refused(salon: Salon, body: dict[str, Any], field: str) -> None:
    before = salon.as_owner("GET", RULES).json
    answer = _rule(salon, resource_id=str(salon.resource_id), **body)
    assert (answer.status_code, set(answer.json["errors"])) == (400, {field})
    assert salon.as_owner("GET", RULES).json == before


def test_a_persons_week_has_breaks_and_other_places(salon: Salon) -> None:
    west = _location(salon)
    path = f"/api/v1/team/{salon.member_id}/availability"
    week = [
        {"day_of_week": 1, "start_time": "09:00", "end_time": "17:00"},
        {"day_of_week": 1, "start_time": "12:00", "end_time": "13:00", "kind": "break"},
        {"day_of_week": 2, "start_time": "10:00", "end_time": "15:00", "location_id": west},
    ]
    made = salon.as_owner("POST", path, json={"availability": week})
    assert made.status_code == 200, made.text
    shown = [(one["start_time"], one["kind"], one["location_id"]) for one in made.json["availability"]]
    assert shown == [("09:00", "open", None), ("12:00", "break", None), ("10:00", "open", west)]
    wrong = salon.as_owner("POST", path, json={"availability": [week[0], {**week[2], "location_id": str(uuid4())}]})
    assert (wrong.status_code, wrong.json["code"]) == (404, "TITHI_LOCATION_NOT_FOUND")
    worse = salon.as_owner("POST", path, json={"availability": [week[0], {**week[2], "kind": "nap"}]})
    assert (worse.status_code, set(worse.json["errors"]["availability"])) == (400, {"1"})
    assert salon.as_owner("GET", path).json == made.json


def test_closures_are_of_a_place_and_repeat(salon: Salon) -> None:
    west = _location(salon)
    made = _exception(salon, location_id=west, repeats="yearly", repeats_until="2034-12-31", reason="Christmas")
    assert made.status_code == 201, made.text
    assert (made.json["location_id"], made.json["repeats"], made.json["repeats_until"]) == (
        west,
        "yearly",
        "2034-12-31",
    )
    _exception(salon)
    listed = salon.as_owner("GET", f"{EXCEPTIONS}?location_id={west}").json
    assert [one["id"] for one in listed["exceptions"]] == [made.json["id"]]
    path = f"{EXCEPTIONS}/{made.json['id']}"
    refused = salon.as_owner("PUT", path, json={"repeats": None})
    assert (refused.status_code, set(refused.json["errors"])) == (400, {"repeats_until"})
    once = salon.as_owner("PUT", path, json={"repeats": None, "repeats_until": None, "location_id": None}).json
    assert (once["repeats"], once["repeats_until"], once["location_id"]) == (None, None, None)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"repeats": "daily"}, "repeats"),
        ({"repeats": "weekly", "ends_local": "2031-01-01T00:00:00"}, "ends_local"),
        ({"repeats": "yearly", "ends_local": "2031-12-25T12:00:00"}, "ends_local"),
        ({"repeats_until": "2031-01-01"}, "repeats_until"),
        ({"repeats": "weekly", "repeats_until": "2030-12-23"}, "repeats_until"),
        ({"ends_local": "2030-12-24T12:00:00"}, "ends_local"),
        ({"starts_local": "0001-01-01T00:00:00"}, "starts_local"),
        ({"ends_local": "9999-12-31T23:59:59"}, "ends_local"),
        ({"starts_local": "2030-12-24T12:00:00+01:00"}, "starts_local"),
    ],
)
def test_closures_that_cannot_be_are_refused(salon: Salon, body: dict[str, Any], field: str) -> None:
    answer = _exception(salon, **body)
    assert (answer.status_code, set(answer.json["errors"])) == (400, {field}), answer.text
    assert salon.as_owner("GET", EXCEPTIONS).json["total"] == 0


def test_time_off_is_a_closure_of_one_person(salon: Salon) -> None:
    path = f"/api/v1/team/{salon.member_id}/time-off"
    body = {"starts_local": "2030-07-01T00:00:00", "ends_local": "2030-07-15T00:00:00", "reason": "Sea"}
    made = salon.as_owner("POST", path, json=body)
    assert made.status_code == 201, made.text
    assert (made.json["kind"], made.json["resource_id"]) == ("closed", str(salon.resource_id))
    extra = _exception(salon, kind="open", resource_id=str(salon.resource_id)).json
    assert salon.as_owner("GET", path).json == {"time_off": [made.json], "total": 1, "next_cursor": None}
    assert salon.as_owner("GET", path.replace("team", "staff")).json["total"] == 1
    listed = salon.as_owner("GET", f"{EXCEPTIONS}?resource_id={salon.resource_id}").json
    assert {one["id"] for one in listed["exceptions"]} == {made.json["id"], extra["id"]}
    not_off = salon.as_owner("DELETE", f"{path}/{extra['id']}")
    assert (not_off.status_code, not_off.json["code"]) == (404, "TITHI_AVAILABILITY_EXCEPTION_NOT_FOUND")
    assert salon.as_owner("DELETE", f"{path}/{made.json['id']}").status_code == 204
    assert salon.as_owner("GET", path).json["total"] == 0


def test_time_off_hides_the_persons_hours(salon: Salon) -> None:
    day = salon.slot().date()
    search = f"/api/v1/availability?service_id={salon.service_id}&date={day}"
    assert salon.as_owner("GET", search).json["slots"]
    body = {"starts_local": f"{day}T00:00:00", "ends_local": f"{day}T23:59:00"}
    made = salon.as_owner("POST", f"/api/v1/team/{salon.member_id}/time-off", json=body)
    assert made.status_code == 201, made.text
    assert [one for one in salon.as_owner("GET", search).json["slots"] if one["start_time"].startswith(f"{day}")] == []


def test_one_persons_time_off_is_not_deleted_through_another(salon: Salon) -> None:
    other = salon.as_owner("POST", "/api/v1/team/members", json={"first_name": "Bo", "last_name": "Li"}).json["id"]
    body = {"starts_local": "2030-07-01T00:00:00", "ends_local": "2030-07-15T00:00:00"}
    path = f"/api/v1/team/{salon.member_id}/time-off"
    made = salon.as_owner("POST", path, json=body).json
    refused = salon.as_owner("DELETE", f"/api/v1/team/{other}/time-off/{made['id']}")
    assert refused.status_code == 404
    assert salon.as_owner("GET", path).json["total"] == 1
    assert salon.as_role("staff", "POST", path, json=body).status_code == 403
