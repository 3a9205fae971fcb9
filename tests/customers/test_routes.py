# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

from tests.factories.businesses import Salon

API = "/api/v1"


def test_a_customer_is_added_found_and_changed(salon: Salon) -> None:
    body = {"display_name": "Zoë Müller", "email": "Zoe@Example.com", "phone": "+49 151 1234 5678"}
    made = salon.as_owner("POST", f"{API}/customers", json=body)
    assert made.status_code == 201, made.text
    assert made.json["phone"] == "+4915112345678"
    for search in ("zoë", "zoe@exam", "15112"):
        found = salon.as_owner("GET", f"{API}/customers?search={search}").json
        assert [one["id"] for one in found["customers"]] == [made.json["id"]], search
    assert salon.as_owner("GET", f"{API}/customers?search=%25").json["customers"] == []
    path = f"{API}/customers/{made.json['id']}"
    assert salon.as_owner("PUT", path, json={"notes": "likes tea"}).json["notes"] == "likes tea"


def test_an_email_belongs_to_one_customer_of_a_business(salon: Salon, other_salon: Salon) -> None:
    body = {"display_name": "Ray", "email": "ray@example.com"}
    assert salon.as_owner("POST", f"{API}/customers", json=body).status_code == 201
    again = salon.as_owner("POST", f"{API}/customers", json={**body, "email": "RAY@example.com"})
    assert (again.status_code, again.json["code"]) == (409, "TITHI_CUSTOMER_EMAIL_TAKEN")
    assert salon.as_owner("GET", f"{API}/customers").json["total"] == 1
    assert other_salon.as_owner("POST", f"{API}/customers", json=body).status_code == 201


def test_a_wrong_phone_or_email_is_refused(salon: Salon) -> None:
    for body in ({"display_name": "Ray", "phone": "12"}, {"display_name": "Ray", "email": "ray@"}):
        assert salon.as_owner("POST", f"{API}/customers", json=body).status_code == 400
    assert salon.as_owner("GET", f"{API}/customers").json["total"] == 0


def test_viewers_do_not_see_customers(salon: Salon) -> None:
    refused = salon.as_role("viewer", "GET", f"{API}/customers")
    assert (refused.status_code, refused.json["code"]) == (403, "TITHI_FORBIDDEN")


def test_a_customers_bookings_are_listed(salon: Salon) -> None:
    booking = salon.booked()
    customer = salon.as_owner("GET", f"{API}/bookings/{booking['booking_id']}").json["customer"]["id"]
    listed = salon.as_owner("GET", f"{API}/customers/{customer}/bookings").json["bookings"]
    assert [one["id"] for one in listed] == [booking["booking_id"]]
