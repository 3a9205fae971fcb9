# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""Who may call what: every route against every kind of caller, expected from the route's one access word."""

from functools import partial
from typing import get_args
from uuid import uuid4

import pytest
from flask import Flask

from tests.factories.businesses import Answer, Member, Salon, add_member, make_user, open_salon
from tests.factories.records import Records, make_records
from tests.factories.worker import work
from tests.platform.every_route import Route, ask, routes
from tithi import aliases
from tithi.platform.access import AccessWord, LinkNotFoundError, TenantNotFoundError
from tithi.platform.errors import ForbiddenError, UnauthenticatedError

CALLERS = ("anonymous", "outsider", "viewer", "staff", "admin", "owner")
ENTERS = "enters"
Expected = dict[str, str | tuple[int, str]]
SIGN_IN, HIDDEN, FORBIDDEN = (
    (refusal.status, refusal.code) for refusal in (UnauthenticatedError, TenantNotFoundError, ForbiddenError)
)
REFUSALS = (SIGN_IN, HIDDEN, FORBIDDEN, (LinkNotFoundError.status, LinkNotFoundError.code))
ANYBODY: Expected = dict.fromkeys(CALLERS, ENTERS)
STRANGERS: Expected = {"anonymous": SIGN_IN, "outsider": HIDDEN}
EXPECTED: dict[str, Expected] = {
    "public": ANYBODY,
    "anyone": ANYBODY,
    "link": ANYBODY,
    "user": {**ANYBODY, "anonymous": SIGN_IN},
    "viewer": {**STRANGERS, **dict.fromkeys(("viewer", "staff", "admin", "owner"), ENTERS)},
    "staff": {**STRANGERS, "viewer": FORBIDDEN, **dict.fromkeys(("staff", "admin", "owner"), ENTERS)},
    "admin": {**STRANGERS, **dict.fromkeys(("viewer", "staff"), FORBIDDEN), "admin": ENTERS, "owner": ENTERS},
    "owner": {**STRANGERS, **dict.fromkeys(("viewer", "staff", "admin"), FORBIDDEN), "owner": ENTERS},
}
OUTSIDE_THE_ROOMS = {
    "/api/docs/",
    "/api/docs/<path:path>",
    "/api/openapi.json",
    "/health",
    "/health/live",
    "/health/ready",
}
KEPT_IN_URLS = {"slug", "tenant_id", "token", "waitlist_token"}
World = tuple[Salon, Records]


@pytest.fixture(scope="module")
def world(app: Flask, worker_app: Flask) -> World:
    salon = open_salon(app)
    return salon, make_records(salon, partial(work, worker_app))


def test_every_access_word_is_expected_something_of() -> None:
    assert set(get_args(AccessWord)) == EXPECTED.keys()
    assert {route.endpoint.access for route in routes()} <= EXPECTED.keys()


def test_every_path_that_is_served_is_a_rooms_or_an_alias_of_one(app: Flask) -> None:
    served = {rule.rule for rule in app.url_map.iter_rules()}
    known = {route.path for route in routes()} | {alias.path for alias in aliases.ALIASES}
    assert served - known == OUTSIDE_THE_ROOMS


@pytest.mark.parametrize("caller", CALLERS)
@pytest.mark.parametrize("route", routes(), ids=str)
def test_a_caller_enters_or_is_refused_as_the_routes_word_says(
    app: Flask, world: World, route: Route, caller: str
) -> None:
    salon, records = world
    answer = _called(route, salon, records, _member(app, salon, caller))
    expected = EXPECTED[route.endpoint.access][caller]
    if expected == ENTERS:
        assert (answer.status_code, _code(answer)) not in REFUSALS, answer.text
        assert answer.status_code < 500, answer.text
    else:
        assert (answer.status_code, _code(answer)) == expected, answer.text


def _called(route: Route, salon: Salon, records: Records, member: Member | None) -> Answer:
    """Ask about records that nobody has, so that whoever enters changes nothing."""
    values = {name: records[name] if name in KEPT_IN_URLS else str(uuid4()) for name in records}
    body = {"tenant_id": records["tenant_id"]} if route.endpoint.tenant_in_body else {}
    return ask(route, salon, member, values=values, body=body)


def _member(app: Flask, salon: Salon, caller: str) -> Member | None:
    """A fresh person for each call: some routes end the session that calls them."""
    if caller == "anonymous":
        return None
    if caller == "outsider":
        with app.app_context():
            return make_user()
    return add_member(app, salon.tenant_id, caller)


def _code(answer: Answer) -> str | None:
    found = answer.get_json(silent=True)
    return found.get("code") if isinstance(found, dict) else None
