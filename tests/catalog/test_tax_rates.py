# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

from tests.factories.businesses import Salon
from tests.factories.promotions import add_tax, lines_of, quoted
from tests.factories.visits import API, add_service, at_desk, change_service, ok

RATES = f"{API}/tax-rates"


def test_a_tax_rate_is_added_changed_and_taken_out_of_use(salon: Salon) -> None:
    rate_id = add_tax(salon, 1900)
    changed = ok(salon.as_owner("PUT", f"{RATES}/{rate_id}", json={"basis_points": 2000}))
    assert (changed["basis_points"], changed["version"], changed["is_default"]) == (2000, 2, True)
    assert [one["id"] for one in ok(salon.as_owner("GET", RATES))["tax_rates"]] == [rate_id]

    assert salon.as_owner("DELETE", f"{RATES}/{rate_id}").status_code == 204
    assert salon.as_owner("GET", f"{RATES}/{rate_id}").status_code == 404
    assert lines_of(quoted(salon).json, "tax") == []


def test_the_rate_made_default_last_is_the_only_default(salon: Salon) -> None:
    first, second = add_tax(salon, 700), add_tax(salon, 1900)
    shown = ok(salon.as_owner("GET", RATES))["tax_rates"]
    assert {one["id"]: one["is_default"] for one in shown} == {first: False, second: True}


def test_a_rate_that_is_switched_off_cannot_be_the_default(salon: Salon) -> None:
    rate_id = add_tax(salon)
    answer = salon.as_owner("PUT", f"{RATES}/{rate_id}", json={"is_active": False})
    assert (answer.status_code, list(answer.json["errors"])) == (400, ["is_default"])
    assert ok(salon.as_owner("GET", f"{RATES}/{rate_id}"))["is_active"]


def test_a_service_without_a_rate_of_its_own_has_the_default_one(salon: Salon) -> None:
    add_tax(salon, 1900)
    reduced = add_tax(salon, 700, is_default=False)
    other = add_service(salon, tax_rate_id=reduced)
    assert lines_of(quoted(salon).json, "tax") == [798]
    assert lines_of(quoted(salon, service_id=other).json, "tax") == [327]


def test_a_service_with_an_unknown_rate_is_refused(salon: Salon) -> None:
    answer = salon.as_owner("PUT", f"{API}/services/{salon.service_id}", json={"tax_rate_id": str(salon.tenant_id)})
    assert (answer.status_code, answer.json["code"]) == (404, "TITHI_TAX_RATE_NOT_FOUND")


def test_a_visit_keeps_the_rate_that_it_was_booked_with(salon: Salon) -> None:
    rate_id = add_tax(salon, 1000, is_inclusive=False)
    booked = at_desk(salon, salon.slot())
    ok(salon.as_owner("PUT", f"{RATES}/{rate_id}", json={"basis_points": 2000}))
    change_service(salon, salon.service_id, price_cents=9000)

    shown = ok(salon.as_owner("GET", f"{API}/bookings/{booked['id']}"))
    assert (shown["subtotal_cents"], shown["tax_cents"], shown["amount_cents"]) == (5000, 500, 5500)
    assert [line["basis_points"] for line in shown["lines"] if line["kind"] == "tax"] == [1000]
