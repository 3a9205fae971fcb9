# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""Explanations, visits of several services, and a large business, over HTTP."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from statistics import median
from uuid import UUID
from zoneinfo import ZoneInfo

from flask import Flask

from benchmarks.contest import take_turns
from benchmarks.load import Load, Spec, fire, write_requests
from benchmarks.plan import World
from benchmarks.report import DATABASE_NOISE, Report
from benchmarks.requests import request
from benchmarks.stack import BASE_DOMAIN, build_database, run_sql
from benchmarks.web_goals import statements
from benchmarks.world import SHOP_HOURS, ZONE, Business, add_month, add_past, application, open_business, token_of
from tithi.catalog import service as catalog
from tithi.platform import clock
from tithi.platform.db import transaction
from tithi.platform.tenancy import tenant_scope
from tithi.resources import service as resources

DATABASE = "scheduling"
CREW = 50
CREW_DAYS = 30
PAST_EACH = 1800
COMING_EACH = 200
CART_STAFF = 20
CART_ROOMS = 10
CART_DAYS = 7
CART_BOOKINGS = 3
LENGTHS = (30, 45, 60, 20)
FEW = 5
TEN = 10
TEN_DAYS = 7
CLIENTS = 16
OFF_GRID = timedelta(minutes=7)


def scheduling(world: World) -> Report:
    report = Report("Scheduling over HTTP: explanations, visits of several services, a large business")
    build_database(world.bench, DATABASE, template="empty")
    with application(world.bench, DATABASE):
        crew, cart, few, ten = (
            open_business(world.bench, DATABASE, name, hours=SHOP_HOURS, staff=staff)
            for name, staff in (("crew", CREW), ("cart", CART_STAFF), ("few", FEW), ("ten", TEN))
        )
    add_past(world.bench, DATABASE, crew, each=PAST_EACH)
    add_month(world.bench, DATABASE, crew, each=COMING_EACH)
    for business in (cart, few, ten):
        add_month(world.bench, DATABASE, business, each=COMING_EACH, a_day=CART_BOOKINGS)
    with application(world.bench, DATABASE):
        services = {business.slug: _furnish(business) for business in (cart, few)}
    run_sql(world.bench, DATABASE, "VACUUM ANALYZE")
    _against_raw(world, report, ten)
    _explanations(world, report, crew)
    _carts(world, report, cart, services["cart"])
    _crew(world, report, crew)
    _count(world, report, few, crew)
    _count_carts(world, report, {few.slug: few, cart.slug: cart}, services)
    return report


def _furnish(business: Business) -> tuple[UUID, ...]:
    """Rooms, and services each of which needs one of them; call it inside the application's context."""
    with tenant_scope(business.tenant_id, actor="bench"), transaction():
        rooms = [resources.create(kind="room", name=f"Cabin {number}").id for number in range(CART_ROOMS)]
        made = [
            catalog.create_service(
                details={
                    "name": f"Part {number}",
                    "duration_min": length,
                    "price_cents": 5000,
                    "needs": [{"resource_ids": rooms}],
                }
            )
            for number, length in enumerate(LENGTHS)
        ]
    return tuple(one["id"] for one in made)


def _explanations(world: World, report: Report, crew: Business) -> None:
    """Of one person and of everybody, against the search of that day, with one client."""
    for name, members in (("one person", list(crew.members)), (f"{CREW} staff", [None])):
        asked = {
            "search": [_search(world, crew, day, member) for day, member in _days(members)],
            "explain": [
                _explain(world, crew, at, member)
                for day, member in _days(members)
                for at in (day + timedelta(hours=9), day + timedelta(hours=9) + OFF_GRID, day + timedelta(hours=20))
            ],
        }
        found = _take(world, {f"{word} {name}": requests for word, requests in asked.items()})
        slow, fast = (median(load.p50 for load in found[f"{word} {name}"]) for word in ("explain", "search"))
        report.most(f"explanation of {name}, of the search of its day", 3.0, slow / fast, noise=DATABASE_NOISE)
        report.note(f"{name}: explanation p50 {slow:.2f} ms, search of the day p50 {fast:.2f} ms")


def _carts(world: World, report: Report, cart: Business, services: Sequence[UUID]) -> None:
    with application(world.bench, DATABASE) as app:
        offered = _offered(app, cart, services)
    found = _take(world, {"carts": [_cart(cart, services)]})["carts"]
    report.most(
        f"{len(services)} services, {CART_STAFF} staff, {CART_ROOMS} rooms, {CART_DAYS} days: p95",
        300,
        median(load.p95 for load in found),
        unit="ms",
    )
    report.least("times found for them", 1, offered, unit="", noise=1.0)
    report.note(f"visits of {len(services)} services: p50 {median(load.p50 for load in found):.1f} ms")


def _offered(app: Flask, cart: Business, services: Sequence[UUID]) -> int:
    wish = {"items": [{"service_id": str(one)} for one in services], **_dates(CART_DAYS)}
    path = f"/api/v1/public/{cart.slug}/availability/visits"
    answer = app.test_client().post(path, json=wish, headers={"Host": BASE_DOMAIN})
    return len(answer.get_json()["slots"])


def _crew(world: World, report: Report, crew: Business) -> None:
    found = _take(world, {"crew": [_month(crew)]})["crew"]
    report.most(
        f"{CREW} staff, {CREW_DAYS} days, 100,000 bookings: p95", 200, median(load.p95 for load in found), unit="ms"
    )
    report.note(f"{CREW} staff, {CREW_DAYS} days: p50 {median(load.p50 for load in found):.1f} ms")


def _against_raw(world: World, report: Report, ten: Business) -> None:
    """The week of ten people, here and in the reference application."""
    path = write_requests(world.bench.folder / "scheduling-ten", [_free_times(ten, TEN_DAYS)])

    def firing(name: str) -> Callable[[], Load]:
        port = world.bench.port_of(name, DATABASE)
        return _firing(Spec(port=port, requests=str(path), connections=CLIENTS, seconds=world.seconds))

    contenders = {name: firing(name) for name in ("raw", "tithi")}
    for warm in contenders.values():
        warm()
    found = take_turns(contenders, repeats=world.repeats)
    answers = {name: {status for load in loads for status in load.statuses} for name, loads in found.items()}
    if any(statuses != {"200"} for statuses in answers.values()):
        raise RuntimeError(answers)
    rates = {name: median(load.rate for load in loads) for name, loads in found.items()}
    report.least(
        f"{TEN} staff, {TEN_DAYS} days, of raw Flask", 0.6, rates["tithi"] / rates["raw"], noise=DATABASE_NOISE
    )
    report.note(f"{TEN} staff, {TEN_DAYS} days: raw {rates['raw']:,.0f}/s, Tithi {rates['tithi']:,.0f}/s")


def _count(world: World, report: Report, few: Business, crew: Business) -> None:
    with application(world.bench, DATABASE) as app:
        (day, _), *_ = _days([None])
        for what, make in (
            ("a search", _month),
            ("an explanation", lambda one: _explain(world, one, day + timedelta(hours=9) + OFF_GRID, None)),
        ):
            least, most = (statements(app, make(one)) for one in (few, crew))
            report.exactly(f"statements of {what} with {CREW} staff, as with {FEW}", least, most)


def _count_carts(
    world: World, report: Report, businesses: dict[str, Business], services: dict[str, tuple[UUID, ...]]
) -> None:
    with application(world.bench, DATABASE) as app:
        counts = [statements(app, _cart(one, services[slug])) for slug, one in businesses.items()]
    report.exactly(f"statements of a visit's search with {CART_STAFF} staff, as with {FEW}", counts[0], counts[1])


def _take(world: World, asked: dict[str, list[bytes]]) -> dict[str, list[Load]]:
    port = world.bench.port_of("tithi", DATABASE)
    contenders = {
        name: _firing(
            Spec(
                port=port,
                requests=str(write_requests(world.bench.folder / f"scheduling-{number}", requests)),
                connections=1,
                seconds=world.seconds,
            )
        )
        for number, (name, requests) in enumerate(asked.items())
    }
    for warm in contenders.values():
        warm()
    found = take_turns(contenders, repeats=world.repeats)
    for name, loads in found.items():
        if any(set(load.statuses) != {"200"} for load in loads):
            message = f"{name} answered {loads}"
            raise RuntimeError(message)
    return found


def _firing(spec: Spec) -> Callable[[], Load]:
    return lambda: fire(spec)


def _days(members: Sequence[UUID | None]) -> list[tuple[datetime, UUID | None]]:
    """Midnights of the coming weeks, each with one of the people."""
    today = clock.now().astimezone(ZoneInfo(ZONE)).date()
    midnight = datetime(today.year, today.month, today.day, tzinfo=ZoneInfo(ZONE))
    return [(midnight + timedelta(days=2 + number), members[number % len(members)]) for number in range(20)]


def _search(world: World, business: Business, day: datetime, member: UUID | None) -> bytes:
    person = f"&team_member_id={member}" if member else ""
    path = f"/api/v1/availability?service_id={business.service_id}&date={day.date()}{person}"
    return request("GET", path, token=token_of(world.bench, business))


def _explain(world: World, business: Business, at: datetime, member: UUID | None) -> bytes:
    body = {"service_id": str(business.service_id), "start_time": at.isoformat(), "as_staff": True}
    if member:
        body["team_member_id"] = str(member)
    return request("POST", "/api/v1/availability/explain", body=body, token=token_of(world.bench, business))


def _cart(business: Business, services: Sequence[UUID]) -> bytes:
    return request(
        "POST",
        f"/api/v1/public/{business.slug}/availability/visits",
        body={"items": [{"service_id": str(one)} for one in services], **_dates(CART_DAYS)},
    )


def _month(business: Business) -> bytes:
    return _free_times(business, CREW_DAYS)


def _free_times(business: Business, days: int) -> bytes:
    body = {"service_id": str(business.service_id), **_dates(days)}
    return request("POST", f"/api/v1/public/{business.slug}/availability", body=body)


def _dates(days: int) -> dict[str, str]:
    first = clock.now().date() + timedelta(days=1)
    return {"start_date": first.isoformat(), "end_date": (first + timedelta(days=days - 1)).isoformat()}
