# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""What row-level security costs the hot queries: as the application's role, and as one that bypasses it."""

import re
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from statistics import median
from typing import Any

from psycopg2.extensions import cursor as Cursor  # noqa: N812 - psycopg2 names its classes in lower case

from benchmarks.plan import World
from benchmarks.report import DATABASE_NOISE, Report
from benchmarks.world import DAYS, first_day
from tithi.availability.queries.offers import _OFFERS, _TAKEN, LONGEST_CLAIM, NOBODY
from tithi.bookings import queries as bookings
from tithi.platform import clock, roles

DATABASE = "large"
CALLS = 60


def rls(world: World) -> Report:
    report = Report("Row-level security: the hot queries with it, of the same with bypass and explicit tenant")
    for name, statement, parameters in _hot(world):
        bound, free = _compare(world, statement, parameters)
        report.most(name, 1.15, bound / free, noise=DATABASE_NOISE)
        report.note(f"{name}: {bound * 1000:.2f} ms bound, {free * 1000:.2f} ms with bypass")
    return report


def _hot(world: World) -> Iterator[tuple[str, str, dict[str, Any]]]:
    first = first_day()
    begin = datetime.combine(first, datetime.min.time(), UTC)
    tenant = {"tenant_id": str(world.shop.tenant_id)}
    yield (
        "a service with staff, hours and exceptions",
        str(_OFFERS),
        {
            **tenant,
            "services": [str(world.shop.service_id)],
            "members": [str(world.shop.members[0])],
            "first": first,
            "last": first + timedelta(days=DAYS),
            "also_inactive": False,
        },
    )
    yield (
        "the claims of a week",
        str(_TAKEN),
        {
            **tenant,
            "resource_ids": [str(world.shop.resources[0])],
            "since": begin,
            "until": begin + timedelta(days=DAYS),
            "long_before": begin - LONGEST_CLAIM,
            "now": clock.now(),
            "except_owner": str(NOBODY),
        },
    )
    yield (
        "a page of 50 bookings",
        f"{bookings._PAGE}{bookings._ORDER['-starts_at']}",  # noqa: SLF001 - the very statement
        {**tenant, "limit": 51},
    )


def _compare(world: World, statement: str, parameters: dict[str, Any]) -> tuple[float, float]:
    """Median seconds of a call as the bound role and as the superuser, in turn."""
    text = re.sub(r"(?<!:):(\w+)", r"%(\1)s", statement)
    spent: dict[str, list[float]] = {"bound": [], "free": []}
    with (
        closing(world.bench.connect(DATABASE, roles.APP)) as bound,
        closing(world.bench.connect(DATABASE)) as free,
        bound.cursor() as bound_cursor,
        free.cursor() as free_cursor,
    ):
        for cursor in (bound_cursor, free_cursor):
            cursor.execute("SELECT set_config('app.tenant_id', %s, false)", (parameters["tenant_id"],))
            _time(cursor, text, parameters)
        for _ in range(CALLS * world.repeats):
            spent["bound"].append(_time(bound_cursor, text, parameters))
            spent["free"].append(_time(free_cursor, text, parameters))
    return median(spent["bound"]), median(spent["free"])


def _time(cursor: Cursor, text: str, parameters: dict[str, Any]) -> float:
    began = time.perf_counter()
    cursor.execute(text, parameters)
    cursor.fetchall()
    return time.perf_counter() - began
