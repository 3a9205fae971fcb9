# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

from dataclasses import replace
from typing import Any, cast
from uuid import uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.factories.businesses import BASE_URL, Answer, Salon, add_member
from tests.stack import Stack
from tithi.app import create_app

PHRASE = "correct horse battery"
WRONG = "wrong horse battery"
SHORT = "short"


@pytest.fixture
def person(client: FlaskClient) -> dict[str, Any]:
    email = f"{uuid4().hex}@example.com"
    answer = _post(client, "register", email=email, password=PHRASE, first_name="Pat", last_name="Doe")
    assert answer.status_code == 201
    return {"email": email, **answer.json["session"]}


def _post(client: FlaskClient, word: str, token: str | None = None, **body: str) -> Answer:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    return cast("Answer", client.post(f"/api/v1/auth/{word}", base_url=BASE_URL, json=body, headers=headers))


def _me(client: FlaskClient, token: str) -> Answer:
    headers = {"Authorization": f"Bearer {token}"}
    return cast("Answer", client.get("/api/v1/auth/me", base_url=BASE_URL, headers=headers))


def test_a_registered_person_signs_in_and_is_known(client: FlaskClient, person: dict[str, Any]) -> None:
    session = _post(client, "login", email=person["email"].upper(), password=PHRASE).json
    me = _me(client, session["access_token"])
    assert me.status_code == 200
    assert me.json["email"] == person["email"]
    assert me.json["memberships"] == []


def test_a_second_account_for_one_email_is_refused(client: FlaskClient, person: dict[str, Any]) -> None:
    answer = _post(
        client, "register", email=person["email"].upper(), password=PHRASE, first_name="Eve", last_name="Doe"
    )
    assert (answer.status_code, answer.json["code"]) == (409, "TITHI_ACCOUNT_EXISTS")
    assert _post(client, "login", email=person["email"], password=PHRASE).status_code == 200


def test_a_short_password_is_refused_and_no_account_is_left(client: FlaskClient) -> None:
    email = f"{uuid4().hex}@example.com"
    answer = _post(client, "register", email=email, password=SHORT, first_name="Pat", last_name="Doe")
    assert (answer.status_code, answer.json["code"]) == (400, "TITHI_PASSWORD_TOO_WEAK")
    assert _post(client, "login", email=email, password=SHORT).status_code == 401


def test_a_wrong_password_and_an_unknown_email_answer_alike(client: FlaskClient, person: dict[str, Any]) -> None:
    answers = [
        _post(client, "login", email=person["email"], password=WRONG).json,
        _post(client, "login", email=f"{uuid4().hex}@example.com", password=PHRASE).json,
    ]
    for answer in answers:
        del answer["request_id"]
    assert answers[0] == answers[1]
    assert answers[0]["code"] == "TITHI_AUTH_CREDENTIALS_INVALID"


def test_a_refresh_token_works_once(client: FlaskClient, person: dict[str, Any]) -> None:
    renewed = _post(client, "refresh", refresh_token=person["refresh_token"]).json
    assert _me(client, renewed["access_token"]).status_code == 200
    again = _post(client, "refresh", refresh_token=renewed["refresh_token"]).json
    assert _me(client, again["access_token"]).status_code == 200


def test_a_refresh_token_that_comes_back_ends_the_session(client: FlaskClient, person: dict[str, Any]) -> None:
    renewed = _post(client, "refresh", refresh_token=person["refresh_token"]).json
    stolen = _post(client, "refresh", refresh_token=person["refresh_token"])
    assert (stolen.status_code, stolen.json["code"]) == (401, "TITHI_AUTH_REFRESH_REJECTED")
    assert _me(client, renewed["access_token"]).status_code == 401
    assert _post(client, "refresh", refresh_token=renewed["refresh_token"]).status_code == 401


@pytest.mark.parametrize("token", ["", "a.b.c", "x" * 500, "a" * 32 + "." + "b" * 32 + ".secret"])
def test_a_made_up_refresh_token_is_refused(client: FlaskClient, token: str) -> None:
    assert _post(client, "refresh", refresh_token=token).status_code in {400, 401}


def test_signing_out_refuses_the_token_from_the_next_request(client: FlaskClient, person: dict[str, Any]) -> None:
    token = person["access_token"]
    assert _post(client, "logout", token).status_code == 204
    answer = _me(client, token)
    assert (answer.status_code, answer.json["code"]) == (401, "TITHI_AUTH_TOKEN_INVALID")
    assert _post(client, "refresh", refresh_token=person["refresh_token"]).status_code == 401


def test_a_request_without_a_token_is_told_to_sign_in(client: FlaskClient) -> None:
    answer = cast("Answer", client.get("/api/v1/auth/me", base_url=BASE_URL))
    assert (answer.status_code, answer.json["code"]) == (401, "TITHI_AUTH_TOKEN_MISSING")


def test_a_member_who_is_removed_has_no_access_from_the_next_request(salon: Salon) -> None:
    assert salon.as_role("staff", "GET", "/api/v1/bookings").status_code == 200
    salon.remove("staff")
    answer = salon.as_role("staff", "GET", "/api/v1/bookings")
    assert (answer.status_code, answer.json["code"]) == (404, "TITHI_TENANT_NOT_FOUND")


def test_somebody_of_two_businesses_has_to_choose_one(salon: Salon, other_salon: Salon) -> None:
    member = add_member(salon.app, salon.tenant_id, "admin")
    other_salon.join(member, "viewer")
    undecided = salon.request("GET", "/api/v1/services", member)
    assert (undecided.status_code, undecided.json["code"]) == (409, "TITHI_TENANT_NOT_CHOSEN")
    chosen = salon.request("POST", "/api/v1/auth/switch-tenant", member, json={"tenant_id": str(other_salon.tenant_id)})
    assert chosen.status_code == 204
    services = salon.request("GET", "/api/v1/services", member).json["services"]
    assert [service["id"] for service in services] == [str(other_salon.service_id)]


def test_a_stranger_cannot_choose_a_business(salon: Salon, other_salon: Salon) -> None:
    answer = salon.as_owner("POST", "/api/v1/auth/switch-tenant", json={"tenant_id": str(other_salon.tenant_id)})
    assert answer.status_code == 404
    assert salon.as_owner("GET", "/api/v1/auth/me").json["chosen_tenant_id"] is None


def test_a_tenant_header_may_only_confirm(salon: Salon, other_salon: Salon) -> None:
    own = salon.as_owner("GET", "/api/v1/services", headers={"X-Tenant-ID": str(salon.tenant_id)})
    foreign = salon.as_owner("GET", "/api/v1/services", headers={"X-Tenant-ID": str(other_salon.tenant_id)})
    assert own.status_code == 200
    assert (foreign.status_code, foreign.json["code"]) == (400, "TITHI_TENANT_MISMATCH")


def test_the_host_names_the_tenant_of_a_member(salon: Salon, other_salon: Salon) -> None:
    def services(slug: str) -> TestResponse:
        return salon.client.get("/api/v1/services", base_url=f"http://{slug}.tithi.test", headers=salon.owner.headers)

    assert services(salon.slug).status_code == 200
    assert services(other_salon.slug).status_code == 404
    assert services("nobody-here").status_code == 404
    assert services(f"a.{salon.slug}").status_code == 404


def test_sign_in_is_limited_by_address(stack: Stack, app: Flask) -> None:
    assert app is not None
    limits = replace(stack.settings.rate_limits, sign_in="3/hour")
    limited = create_app(replace(stack.settings, rate_limits=limits)).test_client()
    address = {"REMOTE_ADDR": "198.51.100.7"}
    answers = [
        limited.post(
            "/api/v1/auth/login",
            base_url=BASE_URL,
            json={"email": f"{uuid4().hex}@example.com", "password": "guess guess"},
            environ_overrides=address,
        )
        for _ in range(4)
    ]
    assert [answer.status_code for answer in answers] == [401, 401, 401, 429]
    assert int(answers[3].headers["Retry-After"]) > 0
    assert answers[2].headers["X-RateLimit-Remaining"] == "0"
