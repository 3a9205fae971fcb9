# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

from uuid import uuid4

import pytest

from tests.factories.businesses import Salon

API = "/api/v1/resources"


def test_a_room_is_added_changed_and_removed(salon: Salon) -> None:
    made = salon.as_owner("POST", API, json={"kind": "room", "name": "Cabin", "capacity": 2})
    assert made.status_code == 201, made.text
    shown = {"kind": "room", "name": "Cabin", "capacity": 2, "location_id": None, "is_active": True, "version": 1}
    assert made.json == {"id": made.json["id"], **shown}
    path = f"{API}/{made.json['id']}"
    changed = salon.as_owner("PUT", path, json={"name": "Quiet cabin", "is_active": False})
    assert (changed.json["name"], changed.json["is_active"], changed.headers["ETag"]) == ("Quiet cabin", False, '"2"')
    assert salon.as_owner("DELETE", path).status_code == 204
    gone = salon.as_owner("GET", path)
    assert (gone.status_code, gone.json["code"]) == (404, "TITHI_RESOURCE_NOT_FOUND")
    assert salon.as_owner("DELETE", path).status_code == 404
    assert salon.as_owner("GET", f"{API}?kind=room").json["resources"] == []


def test_rooms_are_found_by_kind_and_by_where_they_can_be_used(salon: Salon) -> None:
    locations = f"/api/v1/tenants/{salon.tenant_id}/locations"
    (main,) = salon.as_owner("GET", locations).json["locations"]
    west = salon.as_owner("POST", locations, json={"name": "West", "timezone": "Europe/Berlin"}).json
    for name, kind, location_id in (
        ("Cabin", "room", main["id"]),
        ("Sauna", "room", west["id"]),
        ("Laser", "equipment", None),
    ):
        place = {"location_id": location_id} if location_id else {}
        assert salon.as_owner("POST", API, json={"kind": kind, "name": name, **place}).status_code == 201
    everything = salon.as_owner("GET", API).json
    assert [one["name"] for one in everything["resources"]] == ["Laser", "Cabin", "Sauna", "Ana Silva"]
    assert everything["total"] == 4
    rooms = salon.as_owner("GET", f"{API}?kind=room&location_id={west['id']}").json["resources"]
    assert [one["name"] for one in rooms] == ["Sauna"]
    there = salon.as_owner("GET", f"{API}?location_id={main['id']}").json["resources"]
    assert [one["name"] for one in there] == ["Laser", "Cabin", "Ana Silva"]


def test_a_persons_resource_is_left_to_the_team(salon: Salon) -> None:
    made = salon.as_owner("POST", API, json={"kind": "staff", "name": "Bo"})
    assert (made.status_code, set(made.json["errors"])) == (400, {"kind"})
    path = f"{API}/{salon.resource_id}"
    before = salon.as_owner("GET", path).json
    for method, body in (("PUT", {"json": {"name": "Robot"}}), ("DELETE", {})):
        refused = salon.as_owner(method, path, **body)
        assert (refused.status_code, refused.json["code"]) == (409, "TITHI_RESOURCE_IS_STAFF")
    assert salon.as_owner("GET", path).json == before


def test_who_leaves_the_team_leaves_the_resources(salon: Salon) -> None:
    assert salon.as_owner("DELETE", f"/api/v1/team/members/{salon.member_id}").status_code == 204
    assert salon.as_owner("GET", f"{API}/{salon.resource_id}").status_code == 404
    assert salon.as_owner("GET", API).json["total"] == 0


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"capacity": 0}, "capacity"),
        ({"capacity": 101}, "capacity"),
        ({"name": ""}, "name"),
        ({"kind": "garden"}, "kind"),
        ({"color": "red"}, "color"),
    ],
)
def test_a_bad_room_is_refused(salon: Salon, body: dict[str, object], field: str) -> None:
    answer = salon.as_owner("POST", API, json={"kind": "room", "name": "Cabin", **body})
    assert (answer.status_code, set(answer.json["errors"])) == (400, {field})
    assert salon.as_owner("GET", API).json["total"] == 1


def test_a_room_stands_at_a_location_of_the_business(salon: Salon, other_salon: Salon) -> None:
    locations = other_salon.as_owner("GET", f"/api/v1/tenants/{other_salon.tenant_id}/locations").json["locations"]
    for location_id in (str(uuid4()), locations[0]["id"]):
        body = {"kind": "room", "name": "Cabin", "location_id": location_id}
        answer = salon.as_owner("POST", API, json=body)
        assert (answer.status_code, answer.json["code"]) == (404, "TITHI_LOCATION_NOT_FOUND")
    assert salon.as_owner("GET", API).json["total"] == 1


def test_a_stale_change_of_a_room_is_refused(salon: Salon) -> None:
    path = f"{API}/{salon.as_owner('POST', API, json={'kind': 'room', 'name': 'Cabin'}).json['id']}"
    salon.as_owner("PUT", path, json={"capacity": 3})
    stale = salon.as_owner("PUT", path, json={"capacity": 4}, headers={"If-Match": '"1"'})
    assert (stale.status_code, stale.json["code"]) == (412, "TITHI_PRECONDITION_FAILED")
    assert salon.as_owner("GET", path).json["capacity"] == 3


def test_staff_see_the_rooms_and_admins_set_them_up(salon: Salon) -> None:
    body = {"kind": "room", "name": "Cabin"}
    assert salon.as_role("viewer", "GET", API).status_code == 200
    assert salon.as_role("staff", "POST", API, json=body).status_code == 403
    assert salon.as_owner("GET", API).json["total"] == 1
    assert salon.as_role("admin", "POST", API, json=body).status_code == 201
