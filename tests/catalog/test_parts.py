# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import Engine, event

from tests.factories.businesses import BASE_URL, Answer, Salon

API = "/api/v1/services"


def _room(salon: Salon, name: str, kind: str = "room") -> str:
    found: str = salon.as_owner("POST", "/api/v1/resources", json={"kind": kind, "name": name}).json["id"]
    return found


def _member(salon: Salon, name: str) -> str:
    found: str = salon.as_owner("POST", "/api/v1/team/members", json={"first_name": name, "last_name": "Li"}).json["id"]
    return found


def _change(salon: Salon, **body: Any) -> Answer:
    return salon.as_owner("PUT", f"{API}/{salon.service_id}", json=body)


def _service(salon: Salon, name: str = "Bleach", **more: Any) -> dict[str, Any]:
    made = salon.as_owner("POST", API, json={"name": name, "duration_min": 30, "price_cents": 4000, **more})
    assert made.status_code == 201, made.text
    found: dict[str, Any] = made.json
    return found


def test_a_service_needs_one_of_some_rooms_and_one_of_some_equipment(salon: Salon) -> None:
    first, second, laser = _room(salon, "One"), _room(salon, "Two"), _room(salon, "Laser", "equipment")
    needs = [{"resource_ids": [first, second]}, {"resource_ids": [laser]}]
    assert _change(salon, needs=needs).json["needs"] == needs
    assert _change(salon, name="Cut").json["needs"] == needs
    assert _change(salon, needs=needs[1:]).json["needs"] == needs[1:]
    assert _change(salon, needs=[]).json["needs"] == []


def test_people_unknown_rooms_and_too_many_needs_are_refused(salon: Salon, other_salon: Salon) -> None:
    room, foreign = _room(salon, "One"), _room(other_salon, "Theirs")
    kept = _change(salon, needs=[{"resource_ids": [room]}]).json
    for resource_id in (str(uuid4()), foreign):
        answer = _change(salon, needs=[{"resource_ids": [room, resource_id]}])
        assert (answer.status_code, answer.json["code"]) == (404, "TITHI_RESOURCE_NOT_FOUND")
    for resource_ids, times in (([str(salon.resource_id)], 1), ([], 1), ([room], 6)):
        answer = _change(salon, needs=[{"resource_ids": resource_ids}] * times)
        assert (answer.status_code, set(answer.json["errors"])) == (400, {"needs"})
    assert salon.as_owner("GET", f"{API}/{salon.service_id}").json == kept


def test_a_removed_room_serves_no_service(salon: Salon) -> None:
    room = _room(salon, "One")
    salon.as_owner("DELETE", f"/api/v1/resources/{room}")
    answer = _change(salon, needs=[{"resource_ids": [room]}])
    assert (answer.status_code, answer.json["code"]) == (404, "TITHI_RESOURCE_NOT_FOUND")


def test_people_have_their_own_length_and_price(salon: Salon) -> None:
    other = _member(salon, "Bo")
    staff: list[dict[str, Any]] = [
        {"team_member_id": str(salon.member_id), "duration_min": None, "price_cents": None},
        {"team_member_id": other, "duration_min": 45, "price_cents": 7000},
    ]
    changed = _change(salon, staff=[{"team_member_id": str(salon.member_id)}, staff[1]]).json
    assert (changed["staff"], changed["team_member_ids"]) == (staff, [str(salon.member_id), other])
    (shown,) = salon.client.get(f"/api/v1/public/{salon.slug}/services", base_url=BASE_URL).get_json()["services"]
    assert shown["staff"] == [{**staff[0], "duration_min": 30, "price_cents": 5000}, staff[1]]
    plain = _change(salon, team_member_ids=[other]).json
    assert plain["staff"] == [{"team_member_id": other, "duration_min": None, "price_cents": None}]


def test_people_are_named_once_and_in_one_way(salon: Salon, other_salon: Salon) -> None:
    me = {"team_member_id": str(salon.member_id)}
    before = salon.as_owner("GET", f"{API}/{salon.service_id}").json
    refused: tuple[dict[str, Any], ...] = (
        {"staff": [me, me]},
        {"staff": [me], "team_member_ids": []},
        {"staff": [{**me, "duration_min": 0}]},
    )
    for body in refused:
        answer = _change(salon, **body)
        assert (answer.status_code, set(answer.json["errors"])) == (400, {"staff"})
    for member_id in (str(uuid4()), str(other_salon.member_id)):
        answer = _change(salon, staff=[me, {"team_member_id": member_id}])
        assert (answer.status_code, answer.json["code"]) == (404, "TITHI_TEAM_MEMBER_NOT_FOUND")
    assert salon.as_owner("GET", f"{API}/{salon.service_id}").json == before


def test_a_service_asks_for_others_before_it(salon: Salon) -> None:
    test = _service(salon, "Patch test")
    wanted = {"service_id": test["id"], "within_days": 180, "at_least_hours": 48}
    assert _change(salon, prerequisites=[wanted]).json["prerequisites"] == [wanted]
    plain = {"service_id": test["id"], "within_days": 30}
    assert _change(salon, prerequisites=[plain]).json["prerequisites"] == [{**plain, "at_least_hours": 0}]
    assert _change(salon, prerequisites=[]).json["prerequisites"] == []


def test_prerequisites_that_nobody_can_meet_are_refused(salon: Salon, other_salon: Salon) -> None:
    test = _service(salon, "Patch test")
    wanted = {"service_id": test["id"], "within_days": 2}
    kept = _change(salon, prerequisites=[wanted]).json
    for prerequisites in (
        [{**wanted, "service_id": str(salon.service_id)}],
        [wanted, wanted],
        [{**wanted, "at_least_hours": 48}],
        [{**wanted, "within_days": 0}],
        [{**wanted, "within_days": 3651}],
    ):
        answer = _change(salon, prerequisites=prerequisites)
        assert (answer.status_code, set(answer.json["errors"])) == (400, {"prerequisites"})
    for service_id in (str(uuid4()), str(other_salon.service_id)):
        answer = _change(salon, prerequisites=[{**wanted, "service_id": service_id}])
        assert (answer.status_code, answer.json["code"]) == (404, "TITHI_SERVICE_NOT_FOUND")
    assert salon.as_owner("GET", f"{API}/{salon.service_id}").json == kept


def test_a_class_has_seats_of_which_some_are_sold_online(salon: Salon) -> None:
    made = _service(salon, "Yoga", kind="class", capacity=12, online_capacity=8, min_notice_minutes=60)
    assert (made["kind"], made["capacity"], made["online_capacity"], made["min_notice_minutes"]) == ("class", 12, 8, 60)
    path = f"{API}/{made['id']}"
    for body in ({"online_capacity": 13}, {"capacity": 7}, {"capacity": 9, "online_capacity": 10}):
        answer = salon.as_owner("PUT", path, json=body)
        assert (answer.status_code, set(answer.json["errors"])) == (400, {"online_capacity"})
    assert salon.as_owner("GET", path).json == made
    cleared = salon.as_owner("PUT", path, json={"online_capacity": None, "min_notice_minutes": None, "capacity": 7})
    assert (cleared.json["online_capacity"], cleared.json["min_notice_minutes"], cleared.json["capacity"]) == (
        None,
        None,
        7,
    )


@pytest.mark.parametrize(
    "body",
    [
        {"kind": "party"},
        {"capacity": 0},
        {"capacity": 1001},
        {"max_advance_days": 0},
        {"min_notice_minutes": -1},
        {"requires_approval": "perhaps"},
    ],
)
def test_bad_terms_of_a_service_are_refused(salon: Salon, body: dict[str, Any]) -> None:
    before = salon.as_owner("GET", f"{API}/{salon.service_id}").json
    answer = _change(salon, **body)
    assert (answer.status_code, set(answer.json["errors"])) == (400, set(body))
    assert salon.as_owner("GET", f"{API}/{salon.service_id}").json == before


def test_a_list_of_services_takes_the_same_statements_for_one_as_for_many(salon: Salon) -> None:
    add_on = salon.as_owner("POST", "/api/v1/add-ons", json={"name": "Mask", "price_cents": 900}).json["id"]
    room = _room(salon, "One")
    parts = {
        "segments": [{"kind": "work", "duration_min": 30}],
        "needs": [{"resource_ids": [room]}],
        "staff": [{"team_member_id": str(salon.member_id)}],
        "prerequisites": [{"service_id": str(salon.service_id), "within_days": 5}],
        "add_on_ids": [add_on],
    }
    _service(salon, "First", **parts)
    with _counted() as for_two:
        assert salon.as_owner("GET", API).json["total"] == 2
    for number in range(6):
        _service(salon, f"More {number}", **parts)
    with _counted() as for_eight:
        listed = salon.as_owner("GET", API).json
    assert listed["total"] == 8
    assert all(one["add_on_ids"] == [add_on] for one in listed["services"] if one["name"] != "Cut")
    assert len(for_eight) == len(for_two)


@contextmanager
def _counted() -> Iterator[list[str]]:
    statements: list[str] = []

    def count(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        if statement.startswith("SELECT services") or "FROM service_" in statement or "FROM tenants" in statement:
            statements.append(statement)

    event.listen(Engine, "before_cursor_execute", count)
    try:
        yield statements
    finally:
        event.remove(Engine, "before_cursor_execute", count)
    assert len(statements) >= 6
