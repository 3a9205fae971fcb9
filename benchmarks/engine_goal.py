# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""The scheduling engine on the shared workload, against cal.com's slot code, a bitmask, and one query that does all."""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from uuid import UUID

from psycopg2.extras import execute_values
from sqlalchemy import text

from benchmarks import bitmask
from benchmarks.calcom import peer
from benchmarks.plan import World
from benchmarks.report import DATABASE_NOISE, Report
from benchmarks.stack import build_database, run_sql
from benchmarks.workload import HALF_HOUR, HOURS, LENGTH, MONDAY, SHIFTS, SIZES, STEP, Size
from benchmarks.world import ZONE, application
from tithi.availability import engine, queries, slots
from tithi.availability.queries.offers import LONGEST_CLAIM
from tithi.availability.slots import Span
from tithi.platform.db import session, transaction
from tithi.platform.ids import new_id
from tithi.platform.tenancy import tenant_scope

DATABASE = "engine"
CALCOM_GOALS = {"A": 15, "B": 40, "C": 60}
OUTPUTS = ("union", "each")
Found = list[list[int]]
Contender = Callable[[Size, str], Found]


@dataclass(slots=True)
class Times:
    """Seconds of a computation, by contender, size and output; every contender has to find the same."""

    spent: dict[tuple[str, str, str], list[float]] = field(default_factory=dict)

    def take(self, name: str, contender: Contender, size: Size, output: str) -> None:
        seconds = []
        for number in range(-size.runs // 5, size.runs):
            began = time.perf_counter()
            found = contender(size, output)
            if number >= 0:
                seconds.append(time.perf_counter() - began)
        self.add(name, size, output, seconds, found)

    def add(self, name: str, size: Size, output: str, seconds: Iterable[float], found: Found) -> None:
        if [sorted(one) for one in found] != bitmask_of(size, output):
            counted = sum(map(len, found)), len(set().union(*found))
            message = f"{name} finds other times for {size.name}, {output}: {counted}"
            raise ValueError(message)
        self.spent.setdefault((name, size.name, output), []).append(median(seconds))

    def ratio(self, slow: str, fast: str, size: Size, output: str) -> float:
        return self.of(slow, size, output) / self.of(fast, size, output)

    def of(self, name: str, size: Size, output: str) -> float:
        """The median of the repeats, each of which is a median."""
        return median(self.spent[name, size.name, output])


def scheduling(world: World) -> Report:
    report = Report("Scheduling engine: the shared workload, every contender with the same answers")
    for size in SIZES:
        report.exactly(f"{size.name}: slots of all staff", size.each, sum(map(len, bitmask_of(size, "each"))))
        report.exactly(f"{size.name}: distinct times", size.distinct, len(bitmask_of(size, "union")[0]))
    program = _installed(Path(world.bench.folder) / "peer", report)
    times = Times()
    with _database(world) as contenders:
        for _ in range(world.repeats):
            for size in SIZES:
                for output in OUTPUTS:
                    for name, contender in {**COMPUTING, **contenders}.items():
                        times.take(name, contender, size, output)
            if program:
                _take_peer(times, program)
    _judge(report, times, with_peer=program is not None)
    return report


def _installed(folder: Path, report: Report) -> Path | None:
    try:
        return peer.install(folder)
    except peer.MissingPeerError as error:
        report.note(f"not compared with cal.com: {error}")
        return None


def _take_peer(times: Times, program: Path) -> None:
    asked = [(size, output) for size in SIZES for output in OUTPUTS]
    for (size, output), answer in zip(asked, peer.compute(program, asked), strict=True):
        times.add("cal.com", size, output, [spent / 1000 for spent in answer["spent"]], answer["minutes"])


def windows_of(size: Size) -> list[Span]:
    return slots.windows_of_rules(HOURS.rules, ZONE, MONDAY, size.last)


def bitmask_of(size: Size, output: str) -> Found:
    windows, bookings = windows_of(size), size.bookings
    return [bitmask.union(windows, bookings)] if output == "union" else bitmask.each(windows, bookings)


def engine_of(size: Size, output: str) -> Found:
    return _searched(size, output, size.bookings)


def shown_of(size: Size, output: str) -> Found:
    """As `engine_of`, and made into what a caller is shown: text with the offset, by local day."""
    found = engine_of(size, output)
    for one in found:
        days: dict[str, list[str]] = {}
        for start in one:
            shown = slots.local_text(ZONE, start)
            days.setdefault(shown[:10], []).append(shown)
    return found


def _searched(size: Size, output: str, taken: Sequence[Sequence[Span]]) -> Found:
    windows = windows_of(size)
    if output == "union":
        return [engine.starts_of_anyone(windows=windows, staff=[[busy] for busy in taken], demand=HALF_HOUR)]
    return engine.starts_of_each(windows=windows, staff=[[busy] for busy in taken], demand=HALF_HOUR)


COMPUTING: dict[str, Contender] = {"bitmask": bitmask_of, "engine": engine_of, "shown": shown_of}


@contextmanager
def _database(world: World) -> Iterator[dict[str, Contender]]:
    """The contenders that read the bookings as claims: read and search, and one query."""
    tenant_id = new_id()
    resources = {size.name: [new_id() for _ in range(size.staff)] for size in SIZES}
    _fill(world, tenant_id, resources)

    def read(size: Size, output: str) -> Found:
        since, until = map(slots.from_epoch_minute, size.bounds)
        taken = queries.taken(resources[size.name], since, until)
        return _searched(size, output, [taken[resource, 0].hard for resource in resources[size.name]])

    def query(size: Size, output: str) -> Found:
        return _queried(tenant_id, resources[size.name], size, output)

    with application(world.bench, DATABASE), tenant_scope(tenant_id), transaction():
        yield {"read": read, "query": query}


def _fill(world: World, tenant_id: UUID, resources: dict[str, list[UUID]]) -> None:
    build_database(world.bench, DATABASE, template="empty")
    rows = [
        (str(tenant_id), str(new_id()), str(resource), start, end, str(new_id()))
        for size in SIZES
        for resource, spans in zip(resources[size.name], size.bookings, strict=True)
        for start, end in (map(slots.from_epoch_minute, span) for span in spans)
    ]
    with closing(world.bench.connect(DATABASE)) as connection, connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        execute_values(
            cursor,
            "INSERT INTO claims (tenant_id, id, resource_id, lane, starts_at, ends_at, kind, owner_id) VALUES %s",
            rows,
            template="(%s, %s, %s, 0, %s, %s, 'booking', %s)",
        )
        connection.commit()
    run_sql(world.bench, DATABASE, "VACUUM ANALYZE claims")


_FREE = """
    WITH hours AS (
        SELECT range_agg(tstzrange((day + opens) AT TIME ZONE :zone, (day + closes) AT TIME ZONE :zone)) AS times
        FROM generate_series(CAST(:first AS timestamp), CAST(:last AS timestamp), interval '1 day') AS day
        CROSS JOIN unnest(CAST(:opens AS interval[]), CAST(:closes AS interval[])) AS shift(opens, closes)
    ), taken AS (
        SELECT c.resource_id, range_agg(c.during) AS times FROM claims c
        WHERE c.tenant_id = :tenant_id AND c.resource_id = ANY(CAST(:resource_ids AS uuid[])) AND c.active
        AND c.starts_at < :until AND c.starts_at > :long_before AND c.ends_at > :since
        GROUP BY c.resource_id
    ), starts AS (
        SELECT staff.place, extract(epoch FROM start)::bigint / 60 AS minute
        FROM unnest(CAST(:resource_ids AS uuid[])) WITH ORDINALITY AS staff(resource_id, place)
        CROSS JOIN hours LEFT JOIN taken USING (resource_id)
        CROSS JOIN unnest(hours.times - coalesce(taken.times, '{}')) AS free
        CROSS JOIN generate_series(lower(free), upper(free) - :length * interval '1 minute',
            :step * interval '1 minute') AS start
    )
"""
_QUERIES = {
    "union": text(f"{_FREE} SELECT 1 AS place, array_agg(DISTINCT minute) AS minutes FROM starts"),  # noqa: S608 - ours
    "each": text(f"{_FREE} SELECT place, array_agg(minute) AS minutes FROM starts GROUP BY place ORDER BY place"),  # noqa: S608 - ours
}


def _queried(tenant_id: UUID, resource_ids: Sequence[UUID], size: Size, output: str) -> Found:
    since, until = map(slots.from_epoch_minute, size.bounds)
    rows = session().execute(
        _QUERIES[output],
        {
            "tenant_id": tenant_id,
            "resource_ids": [str(resource_id) for resource_id in resource_ids],
            "zone": ZONE,
            "first": MONDAY,
            "last": size.last,
            "opens": [f"{opens} minutes" for opens, _ in SHIFTS],
            "closes": [f"{closes} minutes" for _, closes in SHIFTS],
            "since": since,
            "until": until,
            "long_before": since - LONGEST_CLAIM,
            "length": LENGTH,
            "step": STEP,
        },
    )
    return [row.minutes for row in rows]


def _judge(report: Report, times: Times, *, with_peer: bool) -> None:
    for size in SIZES if with_peer else ():
        report.least(
            f"{size.name}: of cal.com", CALCOM_GOALS[size.name], times.ratio("cal.com", "shown", size, "union")
        )
    for size in SIZES:
        for output in OUTPUTS:
            name = f"{size.name}, {output}: of the bitmask"
            report.most(name, 2.2, times.ratio("engine", "bitmask", size, output))
    for size in SIZES:
        for output in OUTPUTS:
            name = f"{size.name}, {output}: read and searched, of all in SQL"
            report.most(name, 1.0, times.ratio("read", "query", size, output), noise=DATABASE_NOISE)
    names = [*(("cal.com",) if with_peer else ()), *COMPUTING, "read", "query"]
    for size in SIZES:
        for output in OUTPUTS:
            figures = ", ".join(f"{name} {times.of(name, size, output) * 1000:.3g}" for name in names)
            report.note(f"{size.name} ({size.staff} staff, {size.days} days), {output}, ms: {figures}")
