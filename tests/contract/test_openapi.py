# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""Generated requests against the application: what it answers is what the document says, and never a 5xx."""

import os
from typing import Any

import pytest
import schemathesis
from flask import Flask
from hypothesis import HealthCheck, Phase, given, note, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.factories.businesses import BASE_URL, Salon
from tests.factories.classes import scheduled
from tests.factories.waitlist import waiting

CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
HOST = "tithi.test"
CASES = int(os.environ.get("TITHI_TEST_SCHEMA_CASES", "9"))


@pytest.fixture(scope="module")
def document(app: Flask) -> schemathesis.BaseSchema:
    schema = schemathesis.openapi.from_wsgi("/api/openapi.json", app, base_url=BASE_URL)
    schema.config.update(base_url=BASE_URL)
    return schema


def _operations() -> list[str]:
    from tithi.app import document as described  # noqa: PLC0415

    return sorted(
        f"{method.upper()} {path}"
        for path, item in described()["paths"].items()
        for method in item
        if method != "parameters"
    )


def _known(salon: Salon) -> dict[str, str]:
    """Real ids of the salon by the names that paths and bodies give them."""
    booking = salon.booked()
    shown = salon.as_owner("GET", f"/api/v1/bookings/{booking['booking_id']}").json
    category = salon.as_owner("POST", "/api/v1/service-categories", json={"name": "Hair"}).json
    add_on = salon.as_owner("POST", "/api/v1/add-ons", json={"name": "Mask", "price_cents": 1500}).json
    rules = salon.as_owner("GET", "/api/v1/availability/rules").json["rules"]
    return {
        "add_on_id": add_on["id"],
        "booking_id": booking["booking_id"],
        "category_id": category["id"],
        "confirmation_number": booking["confirmation_number"],
        "customer_id": shown["customer"]["id"],
        "end_date": salon.slot(days=5).date().isoformat(),
        "location_id": shown["location_id"],
        "member_id": str(salon.member_id),
        "payment_id": shown["payment_id"],
        "resource_id": str(salon.resource_id),
        "rule_id": rules[0]["id"],
        "service_id": str(salon.service_id),
        "slug": salon.slug,
        "start_date": salon.slot(days=4).date().isoformat(),
        "start_time": salon.slot(days=4).isoformat(),
        "team_member_id": str(salon.member_id),
        "tenant_id": str(salon.tenant_id),
        "token": booking["manage_token"],
    }


def _known_of_subject(salon: Salon, path: str) -> dict[str, str]:
    """What only the routes of one subject ask for."""
    if "/class-sessions" in path:
        session = scheduled(salon, start=salon.slot(days=6))
        start = salon.slot(days=8).isoformat()
        return {"class_session_id": session["id"], "service_id": session["service_id"], "start_time": start}
    if "/waitlist" in path:
        guest = waiting(salon, salon.slot(days=4).date())
        days = {"first_date": salon.slot(days=4).date().isoformat(), "last_date": salon.slot(days=5).date().isoformat()}
        return {"entry_id": guest.id, "waitlist_token": guest.token, **days}
    return {}


@pytest.mark.parametrize("name", _operations())
@pytest.mark.parametrize("caller", ["owner", "anonymous"])
def test_answers_are_as_documented(document: schemathesis.BaseSchema, salon: Salon, name: str, caller: str) -> None:
    method, path = name.split(" ")
    operation = document[path][method]
    headers = salon.owner.headers if caller == "owner" else {}
    known = _known(salon) | _known_of_subject(salon, path)

    @settings(
        max_examples=CASES,
        deadline=None,
        database=None,
        print_blob=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(), uses_known=st.booleans(), key=st.uuids())
    def probe(case: schemathesis.Case[Any], *, uses_known: bool, key: object) -> None:
        if uses_known and isinstance(case.path_parameters, dict):
            case.path_parameters.update({one: known[one] for one in case.path_parameters if one in known})
        if uses_known and isinstance(case.body, dict):
            case.body.update({one: known[one] for one in case.body if one in known})
        if uses_known and isinstance(case.query, dict):
            case.query.update({one: known[one] for one in case.query if one in known})
        note(case.as_curl_command())
        answer = case.call(headers={"Idempotency-Key": str(key), "Host": HOST, **headers})
        case.validate_response(answer, checks=CHECKS)

    probe()
