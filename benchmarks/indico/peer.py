# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""Indico from its package, in an environment of its own that ends with the benchmark; filled and asked from outside."""

import json
import re
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from importlib.metadata import version
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlencode

import httpx

from benchmarks import requests
from benchmarks.calcom.peer import MissingPeerError
from benchmarks.stack import BASE_DOMAIN, THREADS, WORKERS, Bench, run_sql
from benchmarks.world import BOOKINGS_EACH, DAYS, STAFF, ZONE, booked, first_day
from tithi.devstack import postgres
from tithi.devstack.ports import HOST, free_port

VERSION = "3.2.9"
DATABASE = "indico"
EXTENSIONS = ("unaccent", "pg_trgm")
# Tithi's cache is database 0 of the same server.
CACHE, BROKER = 14, 15
LENGTH = timedelta(minutes=30)
INSTALL_SECONDS = 420
COMMAND_SECONDS = 120
START_SECONDS = 60.0
POLL_SECONDS = 0.1
STOP_SECONDS = 10.0
ASKED = 20.0  # seconds that one request of the set-up may take
ADMIN = ("admin@example.com", "Pat", "Doe", "", "admin", "bench-bench-bench", "bench-bench-bench", "y")
# JSON is YAML.
LOGGING = {
    "version": 1,
    "formatters": {},
    "handlers": {"stderr": {"class": "logging.StreamHandler"}},
    "loggers": {},
    "root": {"level": "WARNING", "handlers": ["stderr"]},
}


@dataclass(frozen=True, slots=True)
class Indico:
    """A server with ten rooms, of which `room` holds the bookings."""

    port: int
    token: str
    room: int

    def timeline(self) -> bytes:
        """The request for a week of the room; nobody may ask for it without a token."""
        return requests.request("GET", f"{self._path}?{urlencode(_week())}", token=self.token)

    def booked(self) -> int:
        """How many bookings its answer shows."""
        with _client(self.port, self.token) as client:
            answer = client.get(self._path, params=_week()).raise_for_status().json()
        return sum(len(day) for day in answer["availability"]["bookings"].values())

    @property
    def _path(self) -> str:
        return f"/rooms/api/rooms/{self.room}/timeline"


def install(folder: Path) -> Path:
    """The folder of the programs of an environment made in `folder`."""
    _run([sys.executable, "-m", "venv", str(folder)], INSTALL_SECONDS)
    programs = folder / "bin"
    # The server is the one that Tithi has.
    wanted = (f"indico=={VERSION}", f"granian=={version('granian')}")
    _run([str(programs / "python"), "-m", "pip", "install", "--quiet", "--retries=1", *wanted], INSTALL_SECONDS)
    return programs


@contextmanager
def serving(bench: Bench, programs: Path) -> Iterator[Indico]:
    """Indico on a database of its own, with the rooms and the bookings of the shared week."""
    folder = bench.folder / "indico-files"
    environment = {**bench.environment, "INDICO_CONFIG": str(_configure(bench, folder)), "PYTHONPATH": ""}
    token = _prepare(bench, str(programs / "indico"), environment)
    port = free_port()
    log = folder / "log"
    command = [
        str(programs / "granian"), "--interface", "wsgi", "--host", HOST, "--port", str(port), "--workers",
        str(WORKERS), "--blocking-threads", str(THREADS), "--no-access-log", "--log-level", "warning", "--factory",
        "indico.web.flask.app:make_app",
    ]  # fmt: skip
    with log.open("wb") as output:
        process = subprocess.Popen(command, cwd=folder, env=environment, stdout=output, stderr=output)  # noqa: S603 - our own arguments
    try:
        with _client(port, token) as client:
            _wait_for_answer(client, process, log)
            room = _add_rooms(client)
            _add_bookings(client, room)
        run_sql(bench, DATABASE, "VACUUM ANALYZE")
        yield Indico(port, token, room)
    finally:
        _stop(process)


def _prepare(bench: Bench, indico: str, environment: dict[str, str]) -> str:
    """Make the database with one administrator and say their token."""
    run_sql(bench, "postgres", f"CREATE DATABASE {DATABASE}")
    for extension in EXTENSIONS:
        run_sql(bench, DATABASE, f"CREATE EXTENSION {extension}")
    _run([indico, "db", "prepare"], COMMAND_SECONDS, environment=environment)
    # It asks the network about the domain of an address, but not in a test.
    without_network = {**environment, "PYTEST_CURRENT_TEST": "yes"}
    said = _run([indico, "user", "create", "--admin"], COMMAND_SECONDS, environment=without_network, lines=ADMIN)
    user = _found(r"ID: (\d+)\s*$", said)
    create = [indico, "user", "token", "create", user, "bench", "--scope", "full:everything"]
    return _found(r"created: (?:\x1b\[[\d;]*m)*(\w+)", _run(create, COMMAND_SECONDS, environment=environment))


def _configure(bench: Bench, folder: Path) -> Path:
    folder.mkdir()
    valkey = bench.redis_url.rpartition("/")[0]
    settings = {
        # Its migrations take no per cent sign in an address.
        "SQLALCHEMY_DATABASE_URI": unquote(bench.dsn(postgres.SUPERUSER, DATABASE)),
        "REDIS_CACHE_URL": f"{valkey}/{CACHE}",
        "CELERY_BROKER": f"{valkey}/{BROKER}",
        "SECRET_KEY": "b" * 64,
        "BASE_URL": f"http://{BASE_DOMAIN}",
        "DEFAULT_TIMEZONE": ZONE,
        "ENABLE_ROOMBOOKING": True,
        "SUPPORT_EMAIL": "support@example.com",
        "NO_REPLY_EMAIL": "bookings@example.com",
        "SYSTEM_NOTICES_URL": None,
        "STORAGE_BACKENDS": {"default": f"fs:{folder}"},
        **{f"{name}_DIR": str(folder) for name in ("CACHE", "LOG", "TEMP")},
    }
    (folder / "logging.yaml").write_text(json.dumps(LOGGING), encoding="utf-8")
    path = folder / "indico.conf"
    path.write_text("".join(f"{name} = {value!r}\n" for name, value in settings.items()), encoding="utf-8")
    return path


def _add_rooms(client: httpx.Client) -> int:
    """The number of the first of as many rooms as there are staff."""
    location = _post(client, "admin/locations", name="Main", room_name_format="{building}-{floor}-{number}")["id"]
    owner = client.get("/rooms/api/user/").raise_for_status().json()["identifier"]
    details = {
        "location_id": location,
        "building": "1",
        "floor": "1",
        "owner": owner,
        "protection_mode": "public",
        "is_reservable": True,
        "notifications_enabled": False,
    }
    rooms: list[int] = [_post(client, "admin/rooms/", number=str(number), **details)["id"] for number in range(STAFF)]
    return rooms[0]


def _add_bookings(client: httpx.Client, room: int) -> None:
    """Those of the first member of staff."""
    for start in booked(0, first_day(), DAYS, BOOKINGS_EACH):
        local = start.replace(tzinfo=None)
        times = {"start_dt": local.isoformat(), "end_dt": (local + LENGTH).isoformat()}
        _post(client, "booking/create", room_id=room, repeat_frequency="NEVER", reason="Cut", **times)


def _week() -> dict[str, str]:
    last = first_day() + timedelta(days=DAYS - 1)
    return {
        "start_dt": f"{first_day()}T00:00:00",
        "end_dt": f"{last}T23:59:00",
        "repeat_frequency": "DAY",
        "repeat_interval": "1",
    }


def _post(client: httpx.Client, path: str, **body: object) -> dict[str, Any]:
    answer = client.post(f"/rooms/api/{path}", json=body)
    if answer.is_error:
        message = f"indico answered {answer.status_code} to {path}: {answer.text[:1000]}"
        raise RuntimeError(message)
    found: dict[str, Any] = answer.json()
    return found


def _client(port: int, token: str) -> httpx.Client:
    return httpx.Client(
        base_url=f"http://{HOST}:{port}",
        headers={"Host": BASE_DOMAIN, "Authorization": f"Bearer {token}"},
        timeout=ASKED,
        trust_env=False,
    )


def _wait_for_answer(client: httpx.Client, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            client.get("/rooms/api/locations").raise_for_status()
        except httpx.TransportError:
            time.sleep(POLL_SECONDS)
        else:
            return
    message = f"indico did not answer:\n{log.read_text(errors='replace')[-2000:]}"
    raise RuntimeError(message)


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _found(pattern: str, said: str) -> str:
    match = re.search(pattern, said, re.MULTILINE)
    if match is None:
        message = f"indico said something else: {said[-1000:]}"
        raise RuntimeError(message)
    return match.group(1)


def _run(
    command: Sequence[str], seconds: float, *, environment: dict[str, str] | None = None, lines: Sequence[str] = ()
) -> str:
    """What a command said; `lines` answer what it asks, in a session without a terminal."""
    name = " ".join(Path(part).name for part in command[:3])
    try:
        done = subprocess.run(  # noqa: S603 - programs of the environment that `install` makes
            command,
            env=environment,
            input="".join(f"{line}\n" for line in lines),
            check=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            text=True,
            timeout=seconds,
        )
    except subprocess.CalledProcessError as error:
        last = (error.stdout.strip().splitlines() or ["nothing"])[-1]
        message = f"{name} ended with {error.returncode} and said: {last}"
        raise MissingPeerError(message) from error
    except subprocess.TimeoutExpired as error:
        message = f"{name} took more than {seconds} s"
        raise MissingPeerError(message) from error
    return done.stdout
