# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""What the benchmarks run on: a Postgres that flushes, Valkey, databases built by the migrations, and web servers."""

import os
import shutil
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psycopg2
from alembic import command
from psycopg2.extensions import connection as Connection  # noqa: N812 - psycopg2 names its classes in lower case

from tithi.commands.migrate import configuration
from tithi.devstack import postgres, system_user
from tithi.devstack.environment import REPOSITORY
from tithi.devstack.ports import HOST, free_port
from tithi.devstack.postgres import PostgresServer
from tithi.devstack.valkey import ThrowawayValkey
from tithi.integrations.identity.signing import generate_signing_key
from tithi.platform import roles

WORKERS = 2
THREADS = 2
BASE_DOMAIN = "tithi.test"
UNLIMITED = "1000000000/minute"
START_SECONDS = 30.0
POLL_SECONDS = 0.005
STOP_SECONDS = 5.0
LIMITS = ("BY_ADDRESS", "BY_USER", "BOOKINGS", "PAYMENTS", "SIGN_IN", "PUBLIC_BOOKING")
# Data on disk, flushed at each commit, as in production; room for a million bookings in memory.
POSTGRES_OPTIONS = """
shared_buffers = 1GB
max_wal_size = 8GB
checkpoint_timeout = 30min
autovacuum_naptime = 10min
jit = off
"""


@dataclass(slots=True)
class Bench:
    """The servers of one run; `folder` is for files that end with it."""

    server: PostgresServer
    redis_url: str
    folder: Path
    signing_key: str
    environment: dict[str, str]
    held: ExitStack
    web: dict[tuple[str, str], int] = field(default_factory=dict)

    def dsn(self, role: str, database: str) -> str:
        return self.server.socket_dsn(role, database)

    def connect(self, database: str, role: str = postgres.SUPERUSER) -> Connection:
        return psycopg2.connect(self.dsn(role, database))

    def environment_for(self, database: str, **changes: str) -> dict[str, str]:
        return {
            **self.environment,
            "TITHI_DATABASE_URL": self.dsn(roles.APP, database),
            "TITHI_WORKER_DATABASE_URL": self.dsn(roles.WORKER, database),
            **changes,
        }

    def port_of(self, contender: str, database: str) -> int:
        """The port of a web server on that database, started when it is first asked for and kept."""
        known = (contender, database)
        if known not in self.web:
            self.web[known] = self.held.enter_context(serving(self, contender, database)).port
        return self.web[known]


@dataclass(frozen=True, slots=True)
class Web:
    port: int
    process: subprocess.Popen[bytes]
    first_answer_seconds: float


@contextmanager
def running_bench() -> Iterator[Bench]:
    with ExitStack() as held:
        user = system_user.needed_user()
        directory = system_user.temporary_directory("tithi-bench-", user)
        held.callback(system_user.remove, directory)
        server = postgres.prepare(directory, port=free_port(), log=directory / "log")
        options = server.cluster / "postgresql.conf"
        options.write_text(options.read_text(encoding="utf-8") + POSTGRES_OPTIONS, encoding="utf-8")
        process = postgres.start(server)
        held.callback(postgres.stop, server, process)
        valkey = held.enter_context(ThrowawayValkey())
        folder = directory / "files"
        folder.mkdir()
        held.callback(shutil.rmtree, folder, ignore_errors=True)
        roles.bootstrap_cluster(server.superuser_dsn)
        key = generate_signing_key()
        bench = Bench(server, valkey.url, folder, key, _environment(valkey.url, key), held)
        yield bench


def build_database(bench: Bench, name: str, *, template: str | None = None) -> None:
    """Make a database as production does, or copy one that was made."""
    roles.bootstrap_database(bench.server.superuser_dsn, name, template=template)
    if template is None:
        command.upgrade(configuration(bench.dsn(roles.MIGRATOR, name)), "head")


def run_sql(bench: Bench, database: str, statement: str) -> None:
    """Run statements as the superuser, with triggers and foreign keys off."""
    with closing(bench.connect(database)) as connection:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute("SET session_replication_role = replica")
            cursor.execute(statement)


@contextmanager
def serving(bench: Bench, contender: str, database: str, **changes: str) -> Iterator[Web]:
    """A web server of `tithi` or of `raw`, up when the block begins."""
    port, internal = free_port(), free_port()
    environment = bench.environment_for(
        database, TITHI_PORT=str(port), TITHI_INTERNAL_PORT=str(internal), BENCH_DATABASE=database, **changes
    )
    commands = {
        "tithi": [sys.executable, "-m", "tithi.cli", "web"],
        "raw": [sys.executable, "-m", "benchmarks.raw_server"],
    }
    log = bench.folder / f"{contender}-{database}-{port}.log"
    with log.open("wb") as output:
        began = time.perf_counter()
        process = subprocess.Popen(  # noqa: S603 - our own modules
            commands[contender], cwd=REPOSITORY, env=environment, stdout=output, stderr=output
        )
        try:
            yield Web(port, process, _wait_for_answer(port, began, process, log))
        finally:
            # A server that was told to stop right after its start may not hear it.
            time.sleep(max(0.0, began + 1.5 - time.perf_counter()))
            _stop(process)


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _wait_for_answer(port: int, began: float, process: subprocess.Popen[bytes], log: Path) -> float:
    request = urllib.request.Request(f"http://{HOST}:{port}/health/ready", headers={"Host": BASE_DOMAIN})
    while time.perf_counter() < began + START_SECONDS and process.poll() is None:
        try:
            with urllib.request.urlopen(request, timeout=5):  # noqa: S310 - our own server
                return time.perf_counter() - began
        except (urllib.error.URLError, OSError):
            time.sleep(POLL_SECONDS)
    message = f"the server did not answer:\n{log.read_text(errors='replace')[-2000:]}"
    raise RuntimeError(message)


def _environment(redis_url: str, signing_key: str) -> dict[str, str]:
    return {
        "PATH": os.environ.get("PATH", "/usr/bin:/bin"),
        "PYTHONPATH": os.pathsep.join([str(REPOSITORY / "backend"), str(REPOSITORY)]),
        "PYTHONWARNINGS": "ignore",
        "TITHI_ENV": "development",
        "TITHI_REDIS_URL": redis_url,
        "TITHI_SECRET_KEY": "b" * 64,
        "TITHI_BASE_DOMAIN": BASE_DOMAIN,
        "TITHI_PUBLIC_SCHEME": "http",
        "TITHI_WEB_WORKERS": str(WORKERS),
        "TITHI_WEB_THREADS": str(THREADS),
        "TITHI_DATABASE_POOL_SIZE": str(THREADS),
        "TITHI_STRIPE_SECRET_KEY": "sk_sandbox_" + "b" * 24,
        "TITHI_STRIPE_PUBLISHABLE_KEY": "pk_sandbox_" + "b" * 24,
        "TITHI_STRIPE_API_BASE": f"http://{HOST}:1",
        "TITHI_STRIPE_CONNECT_WEBHOOK_SECRETS": "whsec_" + "b" * 32,
        "TITHI_STRIPE_PLATFORM_WEBHOOK_SECRETS": "whsec_" + "p" * 32,
        "TITHI_EMAIL_PROVIDER": "sandbox",
        "TITHI_EMAIL_FROM": "bookings@tithi.test",
        "TITHI_MESSAGE_SANDBOX_URL": f"http://{HOST}:1",
        "TITHI_IDENTITY_PROVIDER": "local",
        "TITHI_TOKEN_SIGNING_KEY": signing_key,
        **{f"TITHI_RATE_LIMIT_{name}": UNLIMITED for name in LIMITS},
    }
