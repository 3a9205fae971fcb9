# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

from uuid import uuid4

from tests.factories.businesses import BASE_URL, Salon

API = "/api/v1"


def test_a_service_is_added_changed_and_taken_off_the_site(salon: Salon) -> None:
    category = salon.as_owner("POST", f"{API}/service-categories", json={"name": "Hair", "color": "#FF5733"}).json
    body = {"name": "Colour", "duration_min": 90, "price_cents": 12000, "category_id": category["id"]}
    made = salon.as_owner("POST", f"{API}/services", json=body)
    assert made.status_code == 201, made.text
    assert (made.json["currency"], made.json["buffer_after_min"], made.json["version"]) == ("USD", 0, 1)
    changed = salon.as_owner("PUT", f"{API}/services/{made.json['id']}", json={"price_cents": 13000})
    assert (changed.json["price_cents"], changed.json["name"], changed.headers["ETag"]) == (13000, "Colour", '"2"')
    site = salon.client.get(f"{API}/public/{salon.slug}/services", base_url=BASE_URL).get_json()
    assert {one["name"] for one in site["services"]} == {"Cut", "Colour"}
    assert salon.as_owner("DELETE", f"{API}/services/{made.json['id']}").status_code == 204
    gone = salon.as_owner("GET", f"{API}/services/{made.json['id']}")
    assert (gone.status_code, gone.json["code"]) == (404, "TITHI_SERVICE_NOT_FOUND")
    site = salon.client.get(f"{API}/public/{salon.slug}/services", base_url=BASE_URL).get_json()
    assert {one["name"] for one in site["services"]} == {"Cut"}


def test_a_stale_change_is_refused_and_changes_nothing(salon: Salon) -> None:
    path = f"{API}/services/{salon.service_id}"
    salon.as_owner("PUT", path, json={"name": "Short cut"})
    answer = salon.as_owner("PUT", path, json={"name": "Long cut"}, headers={"If-Match": '"1"'})
    assert (answer.status_code, answer.json["code"]) == (412, "TITHI_PRECONDITION_FAILED")
    assert salon.as_owner("GET", path).json["name"] == "Short cut"


def test_bad_services_are_refused_field_by_field(salon: Salon) -> None:
    body = {"name": "", "duration_min": 0, "price_cents": -1, "colour": "red"}
    answer = salon.as_owner("POST", f"{API}/services", json=body)
    assert answer.status_code == 400
    assert answer.json["code"] == "TITHI_VALIDATION_ERROR"
    assert set(answer.json["errors"]) == {"name", "duration_min", "price_cents", "colour"}
    assert salon.as_owner("GET", f"{API}/services").json["total"] == 1


def test_a_service_names_who_can_do_it(salon: Salon) -> None:
    other = salon.as_owner("POST", f"{API}/team/members", json={"first_name": "Bo", "last_name": "Lee"}).json
    path = f"{API}/services/{salon.service_id}"
    assert salon.as_owner("PUT", path, json={"team_member_ids": [other["id"]]}).json["team_member_ids"] == [other["id"]]
    refused = salon.book()
    assert (refused.status_code, refused.json["code"]) == (404, "TITHI_TEAM_MEMBER_NOT_FOUND")
    unknown = salon.as_owner("PUT", path, json={"team_member_ids": [str(uuid4())]})
    assert (unknown.status_code, unknown.json["code"]) == (404, "TITHI_TEAM_MEMBER_NOT_FOUND")
    assert salon.as_owner("GET", path).json["team_member_ids"] == [other["id"]]


def test_deleting_a_category_keeps_its_services(salon: Salon) -> None:
    category = salon.as_owner("POST", f"{API}/service-categories", json={"name": "Hair"}).json
    salon.as_owner("PUT", f"{API}/services/{salon.service_id}", json={"category_id": category["id"]})
    assert salon.as_owner("DELETE", f"{API}/service-categories/{category['id']}").status_code == 204
    assert salon.as_owner("GET", f"{API}/services/{salon.service_id}").json["category_id"] is None
    assert salon.as_owner("GET", f"{API}/service-categories").json["service_categories"] == []


def test_staff_read_the_catalog_and_admins_write_it(salon: Salon) -> None:
    body = {"name": "Perm", "duration_min": 60, "price_cents": 8000}
    assert salon.as_role("viewer", "GET", f"{API}/services").status_code == 200
    refused = salon.as_role("staff", "POST", f"{API}/services", json=body)
    assert (refused.status_code, refused.json["code"]) == (403, "TITHI_FORBIDDEN")
    assert salon.as_role("admin", "POST", f"{API}/services", json=body).status_code == 201
