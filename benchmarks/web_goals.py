# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""Booking, availability and the dashboard's list over HTTP, against the reference on the same database."""

import time
from collections.abc import Callable, Iterable
from contextlib import closing
from statistics import median

import orjson
from flask import Flask
from sqlalchemy import event, text
from sqlalchemy.engine import Engine

from benchmarks import requests
from benchmarks.contest import take_turns
from benchmarks.load import Load, Spec, fire, write_requests
from benchmarks.plan import World
from benchmarks.report import DATABASE_NOISE, Report
from benchmarks.world import application, token_of
from tithi.bookings import queries
from tithi.platform import paging
from tithi.platform.db import transaction
from tithi.platform.tenancy import tenant_scope

CLIENTS = 16
RACE_SLOTS = 200
PAGE_ROWS = 50
FAR_PAGE = 1000
SERIALISED = 100


def booking(world: World) -> Report:
    report = Report("Booking creation over HTTP")
    times = {name: requests.FreeTimes(business) for name, business in world.desks.items()}
    count = 400 if world.is_quick else 1000

    def run(name: str, connections: int, number: int, each: int = 1) -> Load:
        token = token_of(world.bench, world.desks[name])
        return _once(world, name, "middle", times[name].book(token, count=number, times_each=each), connections)

    for name in times:
        run(name, CLIENTS, 100)
    many = take_turns({name: _call(run, name, CLIENTS, count) for name in times}, repeats=world.repeats)
    alone = take_turns({name: _call(run, name, 1, count // 5) for name in times}, repeats=world.repeats)
    race = run("tithi", CLIENTS, RACE_SLOTS, CLIENTS)
    _require(many, "201")
    report.least("bookings per second, of raw Flask", 0.5, _ratio(many))
    report.most("p50 with one client", 4.0, median(load.p50 for load in alone["tithi"]), unit="ms")
    report.exactly(
        f"winners when {CLIENTS} clients race for {RACE_SLOTS} slots", RACE_SLOTS, race.statuses.get("201", 0)
    )
    losers = RACE_SLOTS * (CLIENTS - 1)
    report.exactly("losers answered 409", losers, race.statuses.get("409", 0))
    report.exactly("other answers in the race", 0, race.count - RACE_SLOTS - losers)
    _note(report, f"{CLIENTS} clients", many)
    _note(report, "1 client", alone)
    return report


def availability(world: World) -> Report:
    report = Report("Availability over HTTP: one member of staff, seven days, no response cache")
    path = write_requests(world.bench.folder / "availability", requests.availability(world.shop))

    def run(name: str, database: str) -> Load:
        port = world.bench.port_of(name, database)
        return fire(Spec(port=port, requests=str(path), connections=CLIENTS, seconds=world.seconds))

    contenders = {"raw": _call(run, "raw", "small"), "tithi": _call(run, "tithi", "small")}
    contenders |= {database: _call(run, "tithi", database) for database in ("middle", "large")}
    for warm in contenders.values():
        warm()
    found = take_turns(contenders, repeats=world.repeats)
    _require(found, "200")
    report.least("searches per second, of raw Flask", 0.6, _ratio(found), noise=DATABASE_NOISE)
    rates = {name: median(load.rate for load in loads) for name, loads in found.items()}
    report.most("slower at 100,000 bookings", 1.15, rates["tithi"] / rates["middle"], noise=DATABASE_NOISE)
    report.most(f"slower at {world.size}", 1.15, rates["tithi"] / rates["large"], noise=DATABASE_NOISE)
    with application(world.bench, "small") as app:
        body = requests.availability(world.shop)[0]
        report.most("statements", 2, statements(app, body), unit="", noise=1.0)
    _note(report, f"{CLIENTS} clients, 400 bookings", {name: found[name] for name in ("raw", "tithi")})
    report.note(f"Tithi at 100,000: {rates['middle']:,.0f}/s; at {world.size}: {rates['large']:,.0f}/s")
    return report


def listing(world: World) -> Report:
    report = Report("The dashboard's list: 50 bookings with customer, service and payment")

    def run(name: str) -> Load:
        path = write_requests(world.bench.folder / "list", [requests.bookings(token_of(world.bench, world.shop))])
        port = world.bench.port_of(name, "middle")
        return fire(Spec(port=port, requests=str(path), connections=CLIENTS, seconds=world.seconds))

    contenders = {name: _call(run, name) for name in ("raw", "tithi")}
    for warm in contenders.values():
        warm()
    found = take_turns(contenders, repeats=world.repeats)
    _require(found, "200")
    report.least("pages per second, of raw Flask", 0.5, _ratio(found), noise=DATABASE_NOISE)
    with application(world.bench, "middle") as app:
        for limit in (10, 100):
            one = requests.bookings(token_of(world.bench, world.shop), limit=limit)
            report.most(f"statements for a page of {limit}", 4, statements(app, one), unit="", noise=1.0)
    pages = _pages(world)
    report.most(f"page {FAR_PAGE:,} against page 1", 1.2, pages, noise=DATABASE_NOISE)
    _serialise(world, report)
    _note(report, f"{CLIENTS} clients, {PAGE_ROWS} of 100,000 bookings", found)
    return report


def _pages(world: World) -> float:
    """How much longer a page far into the list takes, with one client."""
    tenant_id = str(world.shop.tenant_id)
    with closing(world.bench.connect("middle")) as connection, connection.cursor() as cursor:
        cursor.execute(
            "SELECT starts_at, id FROM bookings WHERE tenant_id = %s"
            " ORDER BY starts_at DESC, id DESC OFFSET %s LIMIT 1",
            (tenant_id, FAR_PAGE * PAGE_ROWS - 1),
        )
        starts_at, booking_id = cursor.fetchone() or (None, "")
    token = token_of(world.bench, world.shop)
    cursors = {"first": None, "far": paging.encode(starts_at, booking_id)}
    paths = {
        name: write_requests(world.bench.folder / name, [requests.bookings(token, cursor=cursor)])
        for name, cursor in cursors.items()
    }
    port = world.bench.port_of("tithi", "middle")
    found = take_turns(
        {
            name: _call(fire, Spec(port=port, requests=str(path), connections=1, seconds=world.seconds / 2))
            for name, path in paths.items()
        },
        repeats=world.repeats,
    )
    return median(load.p50 for load in found["far"]) / median(load.p50 for load in found["first"])


def _serialise(world: World, report: Report) -> None:
    """A page of 100 that was read: from its rows to bytes, and from ready objects to bytes."""
    statement = text(f"{queries._PAGE}{queries._ORDER['-starts_at']}")  # noqa: SLF001 - the cost of this step alone
    with application(world.bench, "middle"), tenant_scope(world.shop.tenant_id), transaction() as current:
        rows = current.execute(statement, {"tenant_id": world.shop.tenant_id, "limit": SERIALISED}).all()
    ready = [queries._shown(row) for row in rows]  # noqa: SLF001 - the cost of this step alone
    report.most(f"{SERIALISED} ready objects to JSON", 200, _microseconds(lambda: orjson.dumps(ready)), unit="µs")
    whole = _microseconds(lambda: orjson.dumps([queries._shown(row) for row in rows]))  # noqa: SLF001 - as above
    size = len(orjson.dumps(ready)) / 1024
    report.note(f"{SERIALISED} rows of 34 columns to objects of 32 fields to {size:,.0f} KB of JSON: {whole:,.0f} µs")


def _microseconds(run: Callable[[], object]) -> float:
    spent = []
    for _ in range(50):
        began = time.perf_counter()
        run()
        spent.append(time.perf_counter() - began)
    return median(spent) * 1_000_000


def statements(app: Flask, request: bytes) -> int:
    """How many statements the application runs for a request, besides transaction control and binding."""
    counted: list[str] = []

    def count(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        counted.append(statement)

    head, _, content = request.partition(b"\r\n\r\n")
    first, *lines = head.decode().split("\r\n")
    method, path, _ = first.split(" ")
    headers = dict(line.split(": ", 1) for line in lines)
    client = app.test_client()
    client.open(path, method=method, headers=headers, data=content)
    event.listen(Engine, "before_cursor_execute", count)
    client.open(path, method=method, headers=headers, data=content)
    event.remove(Engine, "before_cursor_execute", count)
    return len(counted)


def _once(world: World, name: str, database: str, wanted: Iterable[bytes], connections: int) -> Load:
    path = write_requests(world.bench.folder / "once", wanted)
    port = world.bench.port_of(name, database)
    return fire(Spec(port=port, requests=str(path), connections=connections, once=True))


def _call(function: Callable[..., Load], *arguments: object) -> Callable[[], Load]:
    return lambda: function(*arguments)


def _ratio(found: dict[str, list[Load]]) -> float:
    return median(load.rate for load in found["tithi"]) / median(load.rate for load in found["raw"])


def _require(found: dict[str, list[Load]], status: str) -> None:
    for name, loads in found.items():
        for load in loads:
            if set(load.statuses) != {status}:
                message = f"{name} answered {load.statuses}"
                raise RuntimeError(message)


def _note(report: Report, what: str, found: dict[str, list[Load]]) -> None:
    for name, loads in found.items():
        rate, p50, p99 = (median(values) for values in zip(*((o.rate, o.p50, o.p99) for o in loads), strict=True))
        report.note(f"{name}, {what}: {rate:,.0f}/s, p50 {p50:.1f} ms, p99 {p99:.1f} ms")
