# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

from uuid import uuid4

import pytest

from tests.factories.businesses import BASE_URL, Salon

API = "/api/v1"
BUSINESS = {
    "name": "New Salon",
    "email": "new@example.com",
    "country": "DE",
    "currency": "EUR",
    "location": {"name": "Main", "timezone": "Europe/Berlin"},
}


def test_a_business_is_opened_by_its_owner_and_public_once_active(salon: Salon) -> None:
    slug = f"new-{uuid4().hex[:8]}"
    made = salon.as_owner("POST", f"{API}/tenants", json={**BUSINESS, "slug": slug})
    assert made.status_code == 201, made.text
    assert (made.json["status"], made.json["currency"]) == ("onboarding", "EUR")
    assert salon.client.get(f"{API}/public/{slug}", base_url=BASE_URL).status_code == 404
    tenant = f"{API}/tenants/{made.json['id']}"
    assert salon.as_owner("PUT", tenant, json={"status": "active"}).json["status"] == "active"
    site = salon.client.get(f"{API}/public/{slug}/info", base_url=BASE_URL).get_json()
    assert (site["name"], site["timezone"], site["accepts_bookings"]) == ("New Salon", "Europe/Berlin", True)
    listed = salon.as_owner("GET", f"{API}/tenants").json["tenants"]
    assert {one["slug"]: one["role"] for one in listed} == {slug: "owner", salon.slug: "owner"}


def test_a_slug_belongs_to_one_business(salon: Salon) -> None:
    answer = salon.as_owner("POST", f"{API}/tenants", json={**BUSINESS, "slug": salon.slug})
    assert (answer.status_code, answer.json["code"]) == (409, "TITHI_SLUG_TAKEN")
    assert salon.as_owner("GET", f"{API}/tenants").json["total"] == 1


@pytest.mark.parametrize("slug", ["admin", "api", "booking", "-x-", "a", "xn--salon", "sa lon", "\u0441alon", "x--y"])
def test_reserved_and_misleading_slugs_are_refused(salon: Salon, slug: str) -> None:
    answer = salon.as_owner("POST", f"{API}/tenants", json={**BUSINESS, "slug": slug})
    assert (answer.status_code, answer.json["code"]) == (400, "TITHI_SLUG_UNUSABLE")


def test_the_business_own_host_needs_no_slug(salon: Salon) -> None:
    host = f"http://{salon.slug}.tithi.test"
    assert salon.client.get(f"{API}/public/info", base_url=host).get_json()["slug"] == salon.slug
    body = {"service_id": str(salon.service_id), "start_date": "2031-01-06", "end_date": "2031-01-06"}
    assert salon.client.post(f"{API}/public/availability", base_url=host, json=body).status_code == 200
    assert salon.client.get(f"{API}/public/info", base_url=BASE_URL).status_code == 404


def test_host_and_path_may_not_name_two_businesses(salon: Salon, other_salon: Salon) -> None:
    answer = salon.client.get(f"{API}/public/{other_salon.slug}", base_url=f"http://{salon.slug}.tithi.test")
    assert (answer.status_code, answer.get_json()["code"]) == (400, "TITHI_TENANT_MISMATCH")


def test_a_foreign_host_is_refused(salon: Salon) -> None:
    answer = salon.client.get(f"{API}/public/{salon.slug}", base_url="http://evil.example")
    assert answer.status_code == 400


def test_changing_the_policy_raises_its_version(salon: Salon) -> None:
    path = f"{API}/public/{salon.slug}/policies"
    before = salon.client.get(path, base_url=BASE_URL).get_json()
    salon.as_owner("PUT", f"{API}/tenants/{salon.tenant_id}/policies", json={"cancellation_window_hours": 48})
    after = salon.client.get(path, base_url=BASE_URL).get_json()
    assert after["version"] == before["version"] + 1
    assert after["hash"] != before["hash"]


def test_a_fee_is_at_most_the_whole_price(salon: Salon) -> None:
    path = f"{API}/tenants/{salon.tenant_id}/policies"
    answer = salon.as_owner("PUT", path, json={"no_show_fee": {"type": "percent", "value": 101}})
    assert (answer.status_code, answer.json["code"]) == (400, "TITHI_VALIDATION_ERROR")
    assert salon.as_owner("GET", path).json["no_show_fee"] == {"type": "percent", "value": 100}


def test_only_owners_change_the_business(salon: Salon) -> None:
    path = f"{API}/tenants/{salon.tenant_id}"
    refused = salon.as_role("admin", "PUT", path, json={"name": "Mine now"})
    assert (refused.status_code, refused.json["code"]) == (403, "TITHI_FORBIDDEN")
    assert salon.as_owner("GET", path).json["name"] != "Mine now"


def test_a_location_has_a_zone_of_the_database(salon: Salon) -> None:
    path = f"{API}/tenants/{salon.tenant_id}/locations"
    refused = salon.as_owner("POST", path, json={"name": "Mars", "timezone": "Mars/Olympus"})
    assert refused.status_code == 400
    made = salon.as_owner("POST", path, json={"name": "West", "timezone": "America/Los_Angeles"})
    assert made.status_code == 201
    changed = salon.as_owner("PUT", f"{path}/{made.json['id']}", json={"is_active": False})
    assert changed.json["is_active"] is False
    assert salon.as_owner("GET", path).json["total"] == 2


def test_a_public_site_keeps_its_name(salon: Salon) -> None:
    path = f"{API}/tenants/{salon.tenant_id}"
    answer = salon.as_owner("PUT", path, json={"slug": f"other-{uuid4().hex[:8]}"})
    assert (answer.status_code, answer.json["code"]) == (409, "TITHI_SLUG_FIXED")
    back = salon.as_owner("PUT", path, json={"status": "paused"})
    assert back.json["slug"] == salon.slug
    refused = salon.as_owner("PUT", path, json={"status": "onboarding"})
    assert refused.status_code == 400
