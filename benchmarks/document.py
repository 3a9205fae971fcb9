# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""`docs/performance.md`: the goals as measured last; goals that were not measured keep their lines."""

import json
import os
import platform
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path

from benchmarks.plan import World
from benchmarks.report import DATABASE_NOISE, NOISE, Finding, Report
from benchmarks.stack import THREADS, WORKERS
from tithi.devstack.environment import REPOSITORY

PAGE = REPOSITORY / "docs" / "performance.md"
KEPT = REPOSITORY / "benchmarks" / "last.json"
PACKAGES = ("flask", "sqlalchemy", "psycopg2-binary", "granian", "orjson", "celery")
HEAD = f"""# Performance

Written by `make bench`; do not edit. Only ratios taken in one run count: load generator, application and database share
the machine's cores, contenders take turns, and medians are compared. A figure within {NOISE}x of its goal
({DATABASE_NOISE}x where the database decides) does not fail the gate; what is not a ratio or a count is recorded with
the machine and fails nothing. "Raw Flask" is `benchmarks/raw_app.py`: the same
routes with Flask, psycopg2 and orjson under the same row-level security, on the same server and database, reading and
writing the same rows, without limits, logs and figures.
"""


def machine(world: World) -> str:
    """The machine in one line, with the versions that matter."""
    with closing(world.bench.connect("postgres")) as connection, connection.cursor() as cursor:
        cursor.execute("SHOW server_version")
        row = cursor.fetchone()
    server = row[0].split(" ")[0] if row else "?"
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    packages = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    return (
        f"{_processor()}, {os.cpu_count()} cores, {memory:.0f} GB; {platform.system()} {platform.release()},"
        f" Python {platform.python_version()}, PostgreSQL {server} (fsync on, Unix socket); {packages}; granian with"
        f" {WORKERS} workers of {THREADS} threads"
    )


def write(name: str, report: Report, on: str, *, is_quick: bool) -> None:
    """Put the report of one goal in its place."""
    kept = json.loads(KEPT.read_text(encoding="utf-8")) if KEPT.exists() else {}
    kept[name] = {**asdict(report), "machine": on, "run": "quick" if is_quick else "full"}
    KEPT.write_text(json.dumps(kept, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    PAGE.write_text("\n".join([HEAD, *_body(kept)]), encoding="utf-8")


def _body(kept: Mapping[str, dict[str, object]]) -> Iterator[str]:
    machines: list[str] = []
    for one in kept.values():
        report = Report(
            str(one["title"]),
            [Finding(**found) for found in one["findings"]],  # type: ignore[attr-defined]  # as asdict wrote it
            list(one["absolutes"]),  # type: ignore[call-overload]  # as asdict wrote it
        )
        on = str(one["machine"])
        if on not in machines:
            machines.append(on)
        yield f"## {report.title}\n"
        yield "| what | goal | measured | gate | holds |\n|---|---|---|---|---|"
        yield from (finding.line() for finding in report.findings)
        yield ""
        yield from (f"- {line}" for line in report.absolutes)
        yield f"- {one['run']} run on machine {machines.index(on) + 1}\n"
    yield "## Machines\n"
    yield from (f"{number}. {on}" for number, on in enumerate(machines, 1))
    yield ""


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()
