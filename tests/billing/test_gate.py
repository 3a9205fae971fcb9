# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""What a business is not entitled to is refused by what its routes declare, and everything else works."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Literal, cast
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import event, text

from tests.factories.businesses import Answer, Salon, open_salon
from tests.factories.records import make_records
from tests.factories.worker import work
from tests.platform.every_route import Route, ask, routes
from tithi.platform.access import ALLOWED, EntitlementLevel
from tithi.platform.db import db, transaction
from tithi.platform.tenancy import tenant_scope
from tithi.tenants.queries import directory

REFUSED = (403, "TITHI_FEATURE_NOT_AVAILABLE")
WITHOUT_TENANT = {"anyone", "user"}
STANDINGS: dict[EntitlementLevel, str] = {
    "full": "status = 'active', past_due_since = NULL",
    "no_new_bookings": "status = 'past_due', past_due_since = now() - interval '15 days'",
    "read_only": "status = 'paused', past_due_since = NULL",
}
OF_TENANTS = [route for route in routes() if route.endpoint.access not in WITHOUT_TENANT]
WRITES = {"POST", "PUT", "DELETE"}
KEPT_IN_URLS = {"slug", "tenant_id", "token", "waitlist_token"}
World = tuple[Salon, dict[str, str]]


@pytest.fixture(scope="module")
def world(app: Flask, worker_app: Flask) -> World:
    salon = open_salon(app)
    return salon, make_records(salon, lambda: work(worker_app))


def put(salon: Salon, level: EntitlementLevel) -> None:
    """Let the business's dues entitle it to no more than this."""
    with salon.app.app_context(), tenant_scope(salon.tenant_id), transaction() as current:
        current.execute(text(f"UPDATE subscriptions SET {STANDINGS[level]}"))  # noqa: S608 - our own words
    directory.forget()


def _asked(route: Route, world: World) -> Answer:
    """Ask about records that nobody has, so that whoever enters changes nothing."""
    salon, records = world
    values = {name: records[name] if name in KEPT_IN_URLS else str(uuid4()) for name in records}
    body = {"tenant_id": records["tenant_id"]} if route.endpoint.tenant_in_body else {}
    member = None if route.endpoint.access in {"public", "link"} else salon.owner
    return ask(route, salon, member, values=values, body=body)


def _code(answer: Answer) -> tuple[int, Any]:
    found = answer.get_json(silent=True)
    return answer.status_code, found.get("code") if isinstance(found, dict) else None


@pytest.mark.parametrize("route", OF_TENANTS, ids=str)
@pytest.mark.parametrize("level", STANDINGS)
def test_a_route_is_refused_as_it_declares(world: World, route: Route, level: EntitlementLevel) -> None:
    put(world[0], level)
    answer = _asked(route, world)
    is_refused = route.endpoint.needed_entitlement not in ALLOWED[level]
    assert (_code(answer) == REFUSED) is is_refused, answer.text
    assert answer.status_code < 500


@pytest.mark.parametrize(
    ("action", "status"), [("complete", 200), ("no_show", 200), ("cancel", 200), ("confirm", 403), ("check_in", 403)]
)
def test_many_bookings_at_once_are_refused_what_one_alone_is(world: World, action: str, status: int) -> None:
    salon, _ = world
    put(salon, "read_only")
    body = {"action": action, "booking_ids": [str(uuid4())]}
    answer = salon.as_owner("POST", "/api/v1/admin/bookings/bulk-actions", key=str(uuid4()), json=body)
    assert answer.status_code == status, answer.text


def test_reading_money_and_the_way_out_are_never_refused() -> None:
    free = {str(route) for route in routes() if route.endpoint.needed_entitlement == "always"}
    assert {str(route) for route in routes() if route.endpoint.method == "GET"} <= free
    assert {
        "POST /api/v1/admin/subscription/activate",
        "POST /api/v1/admin/subscription/card",
        "POST /api/v1/auth/login",
        "POST /api/v1/bookings/<uuid:booking_id>/cancel",
        "POST /api/v1/bookings/<uuid:booking_id>/complete",
        "POST /api/v1/bookings/<uuid:booking_id>/no-show",
        "POST /api/v1/manage/<token>/cancel",
        "POST /api/v1/manage/<token>/card",
        "POST /api/v1/manage/<token>/pay",
        "POST /api/v1/payments/cash",
        "POST /api/v1/payments/refund",
        "POST /api/v1/payments/webhooks/connect",
        "POST /api/v1/payments/webhooks/platform",
    } <= free


def test_new_bookings_are_the_first_to_go() -> None:
    found = {str(route) for route in routes() if route.endpoint.needed_entitlement == "new_bookings"}
    assert found == {
        "POST /api/v1/bookings",
        "POST /api/v1/class-sessions/<uuid:class_session_id>/bookings",
        "POST /api/v1/holds",
        "POST /api/v1/holds/<uuid:hold_id>/extend",
        "POST /api/v1/public/<slug>/bookings",
        "POST /api/v1/public/<slug>/class-sessions/<uuid:class_session_id>/bookings",
        "POST /api/v1/public/<slug>/holds",
        "POST /api/v1/public/<slug>/waitlist",
        "POST /api/v1/series",
        "POST /api/v1/waitlist",
        "POST /api/v1/waitlist/<uuid:entry_id>/offer",
        "POST /api/v1/waitlist/own/<waitlist_token>/accept",
        "POST /booking/create",
    }


def test_a_booking_that_is_there_lives_on_while_the_business_may_only_read(salon: Salon) -> None:
    kept, moved = salon.booked(), salon.booked(start=salon.slot(hour=12))
    put(salon, "read_only")
    assert salon.as_owner("GET", "/api/v1/bookings").json["bookings"] != []
    assert salon.press("complete", kept["booking_id"]).json["payment_status"] == "captured"
    canceled = salon.request("POST", f"/api/v1/manage/{moved['manage_token']}/cancel", None, json={})
    assert canceled.status_code == 200, canceled.text
    refund = salon.as_owner(
        "POST", f"/api/v1/admin/bookings/{kept['booking_id']}/refund", key="back", json={"refund_type": "full"}
    )
    assert refund.status_code == 201, refund.text


@pytest.mark.parametrize("level", ["no_new_bookings", "read_only"])
def test_a_refused_booking_changes_nothing(salon: Salon, level: Literal["no_new_bookings", "read_only"]) -> None:
    put(salon, level)
    before = _count(salon)
    public = salon.book()
    staff = salon.as_owner(
        "POST",
        "/api/v1/bookings",
        key="staff",
        json={
            "service_id": str(salon.service_id),
            "start_time": salon.slot().isoformat(),
            "customer_info": {"name": "Jo", "email": "jo@example.com"},
        },
    )
    assert [_code(public), _code(staff)] == [REFUSED, REFUSED]
    assert _count(salon) == before == {"bookings": 0, "claims": 0, "customers": 0, "idempotency_keys": 0}
    put(salon, "full")
    assert salon.book().status_code == 201


def _count(salon: Salon) -> dict[str, int]:
    tables = ("bookings", "claims", "customers", "idempotency_keys")
    with salon.app.app_context(), tenant_scope(salon.tenant_id), transaction() as current:
        statements = {table: text(f"SELECT count(*) FROM {table}") for table in tables}  # noqa: S608 - our own names
        return {table: current.execute(statement).scalar_one() for table, statement in statements.items()}


def test_members_are_told_why_and_what_to_do_and_customers_are_not(salon: Salon) -> None:
    put(salon, "no_new_bookings")
    told = salon.as_owner("POST", "/api/v1/holds", key="hold", json={}).json["details"]
    assert (told["entitlement"], told["reason"]) == ("no_new_bookings", "past_due")
    assert "card" in told["remedy"]
    assert salon.book().json["details"] == {"remedy": "Ask the business directly."}


@pytest.mark.parametrize("level", STANDINGS)
def test_the_site_can_always_be_read_and_says_whether_it_takes_bookings(salon: Salon, level: EntitlementLevel) -> None:
    put(salon, level)
    site = salon.request("GET", f"/api/v1/public/{salon.slug}/info", None)
    flow = salon.request("GET", f"/booking/tenant-data/{salon.tenant_id}", None)
    assert (site.status_code, flow.status_code) == (200, 200)
    assert site.json["accepts_bookings"] is flow.json["data"]["tenant"]["accepts_bookings"] is (level == "full")


def test_another_business_is_not_limited(salon: Salon, other_salon: Salon) -> None:
    put(salon, "read_only")
    assert other_salon.book().status_code == 201


def test_the_entitlement_costs_no_statement_of_its_own(app: Flask, salon: Salon) -> None:
    put(salon, "full")
    path = f"/api/v1/public/{salon.slug}"
    assert salon.request("GET", path, None).status_code == 200
    with app.app_context(), _statements(app) as seen:
        salon.request("POST", f"{path}/holds", None, key="free", json={})
        allowed = len(seen)
        seen.clear()
        directory.forget()
        salon.request("GET", path, None)
        assert sum("directory_tenant_by_slug" in one for one in seen) == 1
    put(salon, "read_only")
    salon.request("GET", path, None)
    with app.app_context(), _statements(app) as seen:
        assert _code(salon.request("POST", f"{path}/holds", None, key="free", json={})) == REFUSED
        assert seen == []
    assert allowed == 0


@contextmanager
def _statements(app: Flask) -> Iterator[list[str]]:
    seen: list[str] = []

    def note(*arguments: object) -> None:
        seen.append(cast("str", arguments[2]))

    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(engine, "before_cursor_execute", note)
