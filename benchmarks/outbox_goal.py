# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""The outbox: how fast one worker drains it, against Celery on the same machine, and how soon a fact is heard."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from statistics import median

import redis
from celery import Celery

from benchmarks import noop
from benchmarks.plan import World
from benchmarks.report import DATABASE_NOISE, Report
from benchmarks.stack import build_database, run_sql
from benchmarks.world import application
from tithi.devstack.environment import REPOSITORY
from tithi.platform.db import transaction
from tithi.platform.events import publish
from tithi.platform.ids import new_id
from tithi.platform.tenancy import tenant_scope

CELERY_TASKS = 5000
CELERY_SECONDS = 60.0
LATENCY_EVENTS = 60
DATABASES = ("outbox_fresh", "outbox_old")


def outbox(world: World) -> Report:
    report = Report("Outbox drain: no-op handler, one worker, batches of one tenant and handler")
    count = 20_000 if world.is_quick else 50_000
    done = 200_000 if world.is_quick else 1_000_000
    for database in DATABASES:
        build_database(world.bench, database, template="empty")
    _fill(world, "outbox_old", done, state="done")
    rates: dict[str, list[float]] = {"outbox_fresh": [], "outbox_old": [], "celery": []}
    for _ in range(world.repeats):
        for database in DATABASES:
            _fill(world, database, count)
            rates[database].append(_drain(world, database))
        rates["celery"].append(_celery(world))
    fresh, old, celery = (median(rates[name]) for name in ("outbox_fresh", "outbox_old", "celery"))
    report.least("events per second", 25_000, fresh, unit="/s", noise=DATABASE_NOISE)
    report.least("of Celery on Valkey, prefork of 2", 14, fresh / celery)
    report.least(f"with {done:,} done rows, of fresh", 0.8, old / fresh, noise=DATABASE_NOISE)
    waits = _waits(world)
    report.most("commit to handler, p50", 2.0, median(waits), unit="ms")
    report.note(f"drain of {count:,}: {fresh:,.0f}/s, beside {done:,} done rows {old:,.0f}/s; Celery {celery:,.0f}/s")
    report.note(f"commit to handler: p50 {median(waits):.2f} ms, worst of {len(waits)} {max(waits):.2f} ms")
    return report


def _fill(world: World, database: str, count: int, *, state: str = "available") -> None:
    tenant_id = world.shop.tenant_id
    run_sql(
        world.bench,
        database,
        f"""
        CREATE TEMP TABLE told AS SELECT uuidv7() AS id, uuidv7() AS thing_id, uuidv7() AS delivery_id
            FROM generate_series(1, {count});
        INSERT INTO event_outbox (tenant_id, id, code, payload, aggregate_id, actor, request_id, occurred_at)
            SELECT '{tenant_id}', id, 'bench.told', jsonb_build_object('thing_id', thing_id, 'customer_id', thing_id),
                thing_id, 'bench', 'bench', now() FROM told;
        INSERT INTO deliveries (tenant_id, id, event_id, handler, network, aggregate_id, state, available_at,
                created_at, done_at)
            SELECT '{tenant_id}', delivery_id, id, '{noop.HANDLER}', false, thing_id, '{state}', now(), now(),
                CASE WHEN '{state}' = 'done' THEN now() END FROM told;
        DROP TABLE told
        """,  # noqa: S608 - the parts are written in this file
    )
    run_sql(world.bench, database, "VACUUM ANALYZE deliveries")
    run_sql(world.bench, database, "VACUUM ANALYZE event_outbox")


def _drain(world: World, database: str) -> float:
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.drainer"],
        cwd=REPOSITORY,
        env=world.bench.environment_for(database),
        capture_output=True,
        check=True,
        text=True,
    )
    found = json.loads(done.stdout)
    return float(found["count"]) / float(found["seconds"])


def _celery(world: World) -> float:
    """Tasks per second of a worker that finds them queued, from the first that is taken to the last."""
    with Celery("bench", broker=world.bench.redis_url) as sender, redis.Redis.from_url(world.bench.redis_url) as queue:
        thing = str(new_id())
        for _ in range(CELERY_TASKS):
            sender.send_task("bench.nothing", args=(thing, thing))
        worker = subprocess.Popen(
            [
                sys.executable, "-m", "celery", "-q", "-A", "benchmarks.noop:celery", "worker", "--pool=prefork",
                "--concurrency=2", "--without-gossip", "--without-mingle", "--loglevel=ERROR",
            ],
            cwd=REPOSITORY,
            env=world.bench.environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )  # fmt: skip
        try:
            return _rate_of(queue)
        finally:
            worker.terminate()
            worker.wait()


def _rate_of(queue: redis.Redis) -> float:
    deadline = time.monotonic() + CELERY_SECONDS
    began, at_begin = 0.0, CELERY_TASKS
    while time.monotonic() < deadline:
        left = int(queue.llen("celery"))
        if not began and left < CELERY_TASKS:
            began, at_begin = time.perf_counter(), left
        if not left:
            return at_begin / (time.perf_counter() - began)
        time.sleep(0.002)
    message = "the Celery worker did not finish"
    raise RuntimeError(message)


def _waits(world: World) -> list[float]:
    """Milliseconds from a commit to its handler, in a worker that listens."""
    waits = []
    with _listening(world) as heard, application(world.bench, "outbox_fresh"):
        for _ in range(LATENCY_EVENTS):
            thing_id = new_id()
            with tenant_scope(world.shop.tenant_id), transaction():
                publish(noop.Told(thing_id=thing_id, customer_id=thing_id))
            committed = time.monotonic()
            waits.append((float(next(heard)) - committed) * 1000)
            time.sleep(0.01)
    return waits[5:]


@contextmanager
def _listening(world: World) -> Iterator[Iterator[str]]:
    process = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.listener"],
        cwd=REPOSITORY,
        env=world.bench.environment_for("outbox_fresh"),
        stdout=subprocess.PIPE,
        text=True,
    )
    output = process.stdout
    if output is None:
        raise RuntimeError
    try:
        _wait_for_listener(world)
        yield iter(output.readline, "")
    finally:
        process.terminate()
        process.wait()
        output.close()


def _wait_for_listener(world: World) -> None:
    deadline = time.monotonic() + 20
    with closing(world.bench.connect("outbox_fresh")) as connection:
        connection.autocommit = True
        with connection.cursor() as cursor:
            while time.monotonic() < deadline:
                cursor.execute(
                    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'LISTEN%%'"
                )
                if cursor.fetchone() == (1,):
                    return
                time.sleep(0.05)
    message = "the worker does not listen"
    raise RuntimeError(message)
