# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""How soon the processes are there, what they import, and what they keep in memory."""

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

import psutil

from benchmarks import requests
from benchmarks.load import Load, Spec, fire, write_requests
from benchmarks.plan import World
from benchmarks.report import Report
from benchmarks.stack import WORKERS, serving
from benchmarks.world import token_of
from tithi.devstack import system_user
from tithi.devstack.ports import free_port

HEAVY = ("stripe", "twilio", "celery", "sendgrid", "resend", "supabase")
RUN_SECONDS = 120.0
TOKEN_REQUESTS = 20_000
PORTS = ("TITHI_PORT", "TITHI_INTERNAL_PORT", "TITHI_POSTGRES_PORT", "TITHI_VALKEY_PORT", "TITHI_STRIPE_SANDBOX_PORT",
         "TITHI_MESSAGE_SANDBOX_PORT")  # fmt: skip


def start(world: World) -> Report:
    report = Report(f"Start: to the first 200 with {WORKERS} workers, bytecode there")
    first: dict[str, list[float]] = {"raw": [], "tithi": []}
    for _ in range(world.repeats + 1):
        for name, seconds in first.items():
            with serving(world.bench, name, "small") as web:
                seconds.append(web.first_answer_seconds)
    helps = [_seconds(lambda: _command(world, "--help")) for _ in range(world.repeats + 1)][1:]
    report.most("web, to the first 200", 0.65, median(first["tithi"][1:]), unit="s")
    report.most("`tithi --help`", 0.5, median(helps), unit="s")
    imported = _imported(world)
    report.exactly(f"of {', '.join(HEAVY)} imported by the web process", 0, len(imported))
    report.note(f"raw Flask to its first 200: {median(first['raw'][1:]):.2f} s")
    if not world.is_quick:
        _make_run(world, report)
    return report


def memory(world: World) -> Report:
    report = Report("Memory of a web worker (PSS) under mixed requests")
    warm, more = (2_000, 10_000) if world.is_quick else (10_000, 100_000)
    with serving(world.bench, "tithi", "middle") as web:
        began = _largest(web.process.pid)
        _mix(world, web.port, warm)
        after_warm = _largest(web.process.pid)
        _mix(world, web.port, more)
        at_end = _largest(web.process.pid)
    report.most(f"after {warm:,} requests", 95, after_warm, unit="MB")
    report.most(f"growth over the next {more:,}", 2, at_end - after_warm, unit="MB")
    report.note(f"largest worker: {began:.1f} MB at start, {after_warm:.1f} MB, {at_end:.1f} MB at the end")
    return report


def _mix(world: World, port: int, count: int) -> Load:
    """Searches, pages and mistakes in turn; the token is made anew before it ends."""
    for begun in range(0, count, TOKEN_REQUESTS):
        token = token_of(world.bench, world.shop)
        kinds = [
            *requests.availability(world.shop),
            requests.bookings(token, limit=10),
            requests.request("GET", "/api/v1/services", token=token),
            requests.request("GET", f"/api/v1/public/{world.shop.slug}"),
            requests.request("GET", "/api/v1/nothing-here"),
            requests.request("POST", "/api/v1/bookings", body={"start_time": "never"}, token=token, key="k"),
        ]
        number = min(TOKEN_REQUESTS, count - begun)
        path = write_requests(world.bench.folder / "mix", (kinds[at % len(kinds)] for at in range(number)))
        last = fire(Spec(port=port, requests=str(path), once=True))
    return last


def _largest(pid: int) -> float:
    """The largest worker's share of memory, in MB; the parent serves nothing."""
    workers = psutil.Process(pid).children(recursive=True)
    return max(int(process.memory_full_info().pss) for process in workers) / 1_000_000


def _imported(world: World) -> list[str]:
    program = (
        "import sys\nfrom tithi.app import create_app\ncreate_app()\n"
        f"print(*[name for name in {HEAVY!r} if name in sys.modules])"
    )
    done = subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-c", program],
        env=world.bench.environment_for("small"),
        capture_output=True,
        check=True,
        text=True,
    )
    return done.stdout.split()


def _command(world: World, *arguments: str) -> None:
    subprocess.run(  # noqa: S603 - our own module
        [sys.executable, "-m", "tithi.cli", *arguments],
        env=world.bench.environment_for("small"),
        stdout=subprocess.DEVNULL,
        check=True,
    )


def _seconds(run: Callable[[], None]) -> float:
    began = time.perf_counter()
    run()
    return time.perf_counter() - began


def _make_run(world: World, report: Report) -> None:
    """The whole stack with demo data, in a state directory of its own, first and again."""
    state = Path(world.bench.folder) / "state"
    ports = {name: str(free_port()) for name in PORTS}
    environment = {name: value for name, value in os.environ.items() if not name.startswith("TITHI_")}
    environment |= {**ports, "TITHI_STATE_DIR": str(state), "PYTHONPATH": world.bench.environment["PYTHONPATH"]}
    try:
        for name, goal in (("first", 60.0), ("later", 5.0)):
            report.most(f"`make run`, {name} start", goal, _stack_seconds(environment), unit="s")
    finally:
        for part in state.glob("*"):
            system_user.remove(part)
        shutil.rmtree(state, ignore_errors=True)


def _stack_seconds(environment: dict[str, str]) -> float:
    began = time.perf_counter()
    with subprocess.Popen(
        [sys.executable, "-m", "tithi.cli", "dev"],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        address = re.compile(rf"localhost:{environment['TITHI_PORT']}")
        try:
            for line in process.stdout or ():
                if address.search(line):
                    return time.perf_counter() - began
                if time.perf_counter() > began + RUN_SECONDS:
                    break
        finally:
            process.send_signal(signal.SIGTERM)
            process.communicate(timeout=RUN_SECONDS)
    message = "the stack did not come up"
    raise RuntimeError(message)
