# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""What every answer has, whatever is asked: ids, limits, errors, origins."""

from dataclasses import replace
from uuid import uuid4

import pytest
from flask import Flask

from tests.factories.businesses import BASE_URL, Salon
from tests.stack import Stack
from tithi.app import create_app
from tithi.platform.sentry import scrub

API = "/api/v1"


@pytest.fixture
def limited(stack: Stack, app: Flask) -> Flask:
    """The application with limits that are soon reached, counted in a Valkey that is down."""
    assert app is not None
    limits = replace(stack.settings.rate_limits, by_address="40/hour", by_user="8/hour")
    return create_app(replace(stack.settings, rate_limits=limits, redis_url="redis://127.0.0.1:1/0"))


def test_a_request_id_comes_back_or_is_made(salon: Salon) -> None:
    path = f"{API}/public/{salon.slug}/info"
    given = salon.client.get(path, base_url=BASE_URL, headers={"X-Request-ID": "mine-1"})
    made = salon.client.get(path, base_url=BASE_URL, headers={"X-Request-ID": "x" * 500})
    assert given.headers["X-Request-ID"] == "mine-1"
    assert len(made.headers["X-Request-ID"]) == 32


def test_an_unknown_path_is_a_problem_like_any_other(salon: Salon) -> None:
    answer = salon.client.get(f"{API}/nothing-here", base_url=BASE_URL)
    assert (answer.status_code, answer.content_type) == (404, "application/problem+json")
    body = answer.get_json()
    assert {"type", "title", "status", "detail", "instance", "code", "request_id", "success"} <= body.keys()
    assert body["code"] == "TITHI_NOT_FOUND"


@pytest.mark.parametrize(
    ("data", "content_type"),
    [(b"{", "application/json"), (b"[1]", "application/json"), (b"a=b", "application/x-www-form-urlencoded")],
)
def test_a_body_that_is_no_json_object_is_refused(salon: Salon, data: bytes, content_type: str) -> None:
    answer = salon.as_owner("POST", f"{API}/customers", data=data, content_type=content_type)
    assert (answer.status_code, answer.json["code"]) == (400, "TITHI_BODY_NOT_JSON")


def test_a_body_that_is_too_large_is_refused(salon: Salon) -> None:
    answer = salon.as_owner("POST", f"{API}/customers", json={"display_name": "x" * 300_000})
    assert (answer.status_code, answer.json["code"]) == (413, "TITHI_BODY_TOO_LARGE")


def test_text_that_the_database_cannot_hold_is_refused(salon: Salon) -> None:
    answer = salon.as_owner("POST", f"{API}/customers", json={"display_name": "a\x00b"})
    assert answer.status_code == 400
    assert salon.as_owner("GET", f"{API}/customers").json["total"] == 0


def test_with_valkey_down_requests_go_on_under_a_stricter_local_limit(limited: Flask, salon: Salon) -> None:
    client = limited.test_client()
    address = {"REMOTE_ADDR": f"198.51.100.{uuid4().int % 250}"}
    answers = [
        client.get(f"{API}/public/{salon.slug}/info", base_url=BASE_URL, environ_overrides=address) for _ in range(11)
    ]
    assert [answer.status_code for answer in answers] == [200] * 10 + [429]
    last = answers[-1]
    assert last.get_json()["code"] == "TITHI_RATE_LIMIT_EXCEEDED"
    assert int(last.headers["Retry-After"]) > 0


def test_callers_are_counted_by_user_and_tenant(limited: Flask, salon: Salon, other_salon: Salon) -> None:
    def ask(one: Salon) -> int:
        answer = limited.test_client().get(
            f"{API}/services",
            base_url=BASE_URL,
            headers=one.owner.headers,
            environ_overrides={"REMOTE_ADDR": f"203.0.113.{uuid4().int % 250}"},
        )
        return answer.status_code

    assert [ask(salon) for _ in range(3)] == [200, 200, 429]
    assert ask(other_salon) == 200


def test_only_listed_origins_and_business_hosts_may_read_answers(salon: Salon) -> None:
    def allowed(origin: str) -> str | None:
        answer = salon.client.get(f"{API}/public/{salon.slug}", base_url=BASE_URL, headers={"Origin": origin})
        assert "Origin" in answer.headers["Vary"]
        return answer.headers.get("Access-Control-Allow-Origin")

    assert allowed("https://dashboard.example") == "https://dashboard.example"
    assert allowed(f"http://{salon.slug}.tithi.test") == f"http://{salon.slug}.tithi.test"
    for origin in ("https://evil.example", "http://nobody.tithi.test", f"http://{salon.slug}.tithi.test.evil.example"):
        assert allowed(origin) is None


def test_the_process_lives_and_is_ready(salon: Salon) -> None:
    assert salon.client.get("/health/live", base_url=BASE_URL).get_json() == {"status": "ok"}
    assert salon.client.get("/health/ready", base_url=BASE_URL).status_code == 200
    report = salon.client.get("/health", base_url=BASE_URL).get_json()
    assert report == {"status": "ok", "database": "up", "valkey": "up"}


def test_the_documents_page_is_served_from_the_house(salon: Salon) -> None:
    page = salon.client.get("/api/docs/", base_url=BASE_URL)
    assert page.status_code == 200
    assert "/api/openapi.json" in page.text
    assert "https://" not in page.text


def test_reports_to_sentry_hold_no_personal_data() -> None:
    event = scrub(
        {
            "request": {
                "data": {"email": "jane@example.com"},
                "query_string": "search=jane",
                "headers": {"Authorization": "Bearer x", "Accept": "*/*"},
            },
            "user": {"email": "jane@example.com"},
            "exception": {"values": [{"stacktrace": {"frames": [{"vars": {"email": "jane@example.com"}}]}}]},
        },
        {},
    )
    assert "jane" not in str(event)
    assert event["request"]["headers"] == {"Accept": "*/*"}
