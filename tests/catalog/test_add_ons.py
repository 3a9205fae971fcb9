# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

from typing import Any
from uuid import uuid4

import pytest

from tests.factories.businesses import BASE_URL, Salon

API = "/api/v1/add-ons"
MASK = {"name": "Mask", "price_cents": 1500, "duration_min": 10}


def _public(salon: Salon) -> list[dict[str, Any]]:
    (shown,) = salon.client.get(f"/api/v1/public/{salon.slug}/services", base_url=BASE_URL).get_json()["services"]
    found: list[dict[str, Any]] = shown["add_ons"]
    return found


def test_an_add_on_is_offered_with_the_services_that_name_it(salon: Salon) -> None:
    made = salon.as_owner("POST", API, json=MASK)
    assert made.status_code == 201, made.text
    assert (made.json["currency"], made.json["is_active"], made.json["version"]) == ("USD", True, 1)
    service = f"/api/v1/services/{salon.service_id}"
    assert _public(salon) == []
    assert salon.as_owner("PUT", service, json={"add_on_ids": [made.json["id"]]}).json["add_on_ids"] == [
        made.json["id"]
    ]
    assert _public(salon) == [{"id": made.json["id"], "description": None, **MASK}]
    path = f"{API}/{made.json['id']}"
    changed = salon.as_owner("PUT", path, json={"price_cents": 2000})
    assert (changed.json["price_cents"], changed.headers["ETag"]) == (2000, '"2"')
    assert _public(salon)[0]["price_cents"] == 2000
    salon.as_owner("PUT", path, json={"is_active": False})
    assert _public(salon) == []
    assert salon.as_owner("GET", service).json["add_on_ids"] == [made.json["id"]]


def test_a_deleted_add_on_is_off_every_service(salon: Salon) -> None:
    add_on = salon.as_owner("POST", API, json=MASK).json["id"]
    service = f"/api/v1/services/{salon.service_id}"
    salon.as_owner("PUT", service, json={"add_on_ids": [add_on]})
    assert salon.as_owner("DELETE", f"{API}/{add_on}").status_code == 204
    gone = salon.as_owner("GET", f"{API}/{add_on}")
    assert (gone.status_code, gone.json["code"]) == (404, "TITHI_ADD_ON_NOT_FOUND")
    assert salon.as_owner("GET", API).json == {"add_ons": [], "total": 0, "next_cursor": None}
    assert salon.as_owner("GET", service).json["add_on_ids"] == []
    refused = salon.as_owner("PUT", service, json={"add_on_ids": [add_on]})
    assert (refused.status_code, refused.json["code"]) == (404, "TITHI_ADD_ON_NOT_FOUND")


def test_add_ons_are_listed_in_the_order_that_the_salon_gave(salon: Salon) -> None:
    for name, order in (("Toner", 2), ("Mask", 1), ("Gloss", 1)):
        salon.as_owner("POST", API, json={"name": name, "price_cents": 100, "sort_order": order})
    assert [one["name"] for one in salon.as_owner("GET", API).json["add_ons"]] == ["Gloss", "Mask", "Toner"]


def test_only_the_business_own_add_ons_go_with_a_service(salon: Salon, other_salon: Salon) -> None:
    own = salon.as_owner("POST", API, json=MASK).json["id"]
    foreign = other_salon.as_owner("POST", API, json=MASK).json["id"]
    service = f"/api/v1/services/{salon.service_id}"
    for add_on_id in (str(uuid4()), foreign):
        answer = salon.as_owner("PUT", service, json={"add_on_ids": [own, add_on_id]})
        assert (answer.status_code, answer.json["code"]) == (404, "TITHI_ADD_ON_NOT_FOUND")
    assert salon.as_owner("GET", service).json["add_on_ids"] == []


@pytest.mark.parametrize("body", [{"name": ""}, {"price_cents": -1}, {"duration_min": 481}, {"sort_order": 10**9}])
def test_a_bad_add_on_is_refused(salon: Salon, body: dict[str, Any]) -> None:
    answer = salon.as_owner("POST", API, json={**MASK, **body})
    assert (answer.status_code, set(answer.json["errors"])) == (400, set(body))
    assert salon.as_owner("GET", API).json["total"] == 0


def test_a_stale_change_of_an_add_on_is_refused(salon: Salon) -> None:
    path = f"{API}/{salon.as_owner('POST', API, json=MASK).json['id']}"
    salon.as_owner("PUT", path, json={"price_cents": 1})
    stale = salon.as_owner("PUT", path, json={"price_cents": 2}, headers={"If-Match": '"1"'})
    assert (stale.status_code, stale.json["code"]) == (412, "TITHI_PRECONDITION_FAILED")
    assert salon.as_owner("GET", path).json["price_cents"] == 1


def test_admins_set_up_add_ons(salon: Salon) -> None:
    assert salon.as_role("staff", "POST", API, json=MASK).status_code == 403
    assert salon.as_role("viewer", "GET", API).json["total"] == 0
    assert salon.as_role("admin", "POST", API, json=MASK).status_code == 201
