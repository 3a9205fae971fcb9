# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""Measure the goals and write `docs/performance.md`; leaves with 1 when a gate fails.

`python -m benchmarks [--quick] [goal …]`; without a goal all of them, or, quickly, those that need no minutes.
"""

import argparse
import sys
import time
from collections.abc import Callable

import click

from benchmarks import (
    document,
    engine_goal,
    outbox_goal,
    peers_goal,
    rls_goal,
    scheduling_goal,
    start_goal,
    tests_goal,
    web_goals,
)
from benchmarks.plan import World, build_world
from benchmarks.report import Report
from benchmarks.stack import running_bench

GOALS: dict[str, Callable[[World], Report]] = {
    "booking": web_goals.booking,
    "availability": web_goals.availability,
    "list": web_goals.listing,
    "scheduling": scheduling_goal.scheduling,
    "engine": engine_goal.scheduling,
    "outbox": outbox_goal.outbox,
    "start": start_goal.start,
    "memory": start_goal.memory,
    "rls": rls_goal.rls,
    "tests": tests_goal.tests,
    "peers": peers_goal.peers,
}
LONG = {"peers"}


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks")
    parser.add_argument("goals", nargs="*", choices=[*GOALS, []], metavar="goal", help=", ".join(GOALS))
    parser.add_argument("--quick", action="store_true", help="fewer and shorter runs")
    given = parser.parse_args()
    began = time.monotonic()
    failed: list[str] = []
    with running_bench() as bench:
        click.echo("making the databases")
        world = build_world(bench, is_quick=given.quick)
        for name in given.goals or (name for name in GOALS if not (given.quick and name in LONG)):
            click.echo(f"{name} ({time.monotonic() - began:.0f} s)")
            report = GOALS[name](world)
            document.write(name, report, document.machine(world), is_quick=given.quick)
            failed += [one.name for one in report.findings if one.verdict == "NO"]
    click.echo(f"{time.monotonic() - began:.0f} s")
    for name in failed:
        click.echo(f"gate failed: {name}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
