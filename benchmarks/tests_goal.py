# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""The tests: how long one with a database takes on average in one process, and how soon the database is there."""

import json
import subprocess
import sys
from pathlib import Path
from statistics import mean

from benchmarks.plan import World
from benchmarks.report import Report
from benchmarks.stack import _environment as clean_environment
from tithi.devstack.environment import REPOSITORY

QUICK = ("tests/catalog", "tests/customers")
WHOLE = (*QUICK, "tests/availability", "tests/bookings", "tests/team", "tests/tenants")
SECONDS = 900


def tests(world: World) -> Report:
    report = Report("Tests with a database, in one process")
    output = Path(world.bench.folder) / "tests.json"
    environment = {
        name: value
        for name, value in clean_environment(world.bench.redis_url, world.bench.signing_key).items()
        if not name.startswith("TITHI_")
    }
    subprocess.run(  # noqa: S603 - our own tests
        [
            sys.executable, "-m", "pytest", "-c", "backend/pyproject.toml", "--rootdir=.", "-q", "-m", "not long",
            "-p", "benchmarks.test_times", "-p", "no:cacheprovider", *(QUICK if world.is_quick else WHOLE),
        ],
        cwd=REPOSITORY,
        env={**environment, "BENCH_TIMES": str(output)},
        stdout=subprocess.DEVNULL,
        check=False,
        timeout=SECONDS,
    )  # fmt: skip
    found = json.loads(output.read_text(encoding="utf-8"))
    spent: list[float] = found["tests"]
    report.most("mean of a test with a database", 12, mean(spent) * 1000, unit="ms")
    report.most("the database is there after", 3, found["database"], unit="s")
    report.note(
        f"{len(spent):,} tests with a database in {sum(spent):.0f} s; longest {max(spent) * 1000:,.0f} ms;"
        f" of {', '.join(QUICK if world.is_quick else WHOLE)}"
    )
    return report
