# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""`make run`: starts the whole stack, keeps it running and stops it in order."""

import fcntl
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.client import HTTPConnection, HTTPException
from types import FrameType
from typing import IO, Any, Self

from tithi.devstack import postgres, processes, system_user, valkey
from tithi.devstack.children import Children, all_children
from tithi.devstack.console import Console
from tithi.devstack.environment import DATABASE, Secrets, Stack, child_environment, load_secrets, read_stack
from tithi.devstack.errors import DevstackError, StackConfigurationError
from tithi.devstack.ports import HOST, refuse_taken_ports
from tithi.devstack.processes import Program
from tithi.devstack.summary import summary
from tithi.devstack.watching import Watched, check, watch
from tithi.platform.roles import bootstrap_cluster, bootstrap_database

_POLL_SECONDS = 0.2
_STOP_SECONDS = 20.0
_HEALTHY_SECONDS = 90.0
_FAILURES_WHILE_STARTING = 3
_STATE_FILES = ("postgres", "valkey", "pids", "logs", "sandboxes", "secrets.json", "demo.txt", "beat")
_STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_HTTP_OK = 200


class StopRequestedError(Exception):
    """The person at the terminal has asked to stop while the stack was starting."""


def run() -> int:
    """Run the stack until Ctrl-C or SIGTERM.

    Returns:
        the exit code: 0 when it was stopped, 1 when it could not start.
    """
    os.umask(0o077)
    console = Console(is_coloured=sys.stdout.isatty() and "NO_COLOR" not in os.environ)
    try:
        stack = read_stack()
        with _only_supervisor(stack):
            for name in processes.stop_leftovers(stack.pids):
                console.say(f"stopped {name}, left over from an earlier run")
            refuse_taken_ports(_wanted_ports(stack))
            with Supervisor(stack, load_secrets(stack.state), console) as supervisor:
                supervisor.serve()
    except StopRequestedError:
        return 0
    except DevstackError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


def reset() -> None:
    """Stop leftovers and remove all data of the stack: databases, queues, secrets, sandboxes.

    Raises:
        StackConfigurationError: the stack is running.
    """
    stack = read_stack()
    if not stack.state.exists():
        return
    with _only_supervisor(stack):
        processes.stop_leftovers(stack.pids)
        if stack.postgres.exists():
            postgres.end_leftover(stack.postgres.resolve() / "cluster")
        for name in _STATE_FILES:
            system_user.remove(stack.state / name)


class Supervisor:
    """The children of one run. Leaving its `with` block stops them: children, then Valkey, then Postgres."""

    def __init__(self, stack: Stack, known: Secrets, console: Console) -> None:
        self._stack = stack
        self._known = known
        self._console = console
        self._children: list[Watched] = []
        self._servers: list[Watched] = []
        self._single: tuple[Program, subprocess.Popen[bytes]] | None = None
        self._requests = 0
        self._superuser_dsn: str | None = None
        self._previous: dict[signal.Signals, Any] = {}

    def __enter__(self) -> Self:
        self._previous = {number: signal.signal(number, self._hear) for number in _STOP_SIGNALS}
        return self

    def __exit__(self, *_: object) -> None:
        self._console.say("stopping; Ctrl-C once more ends everything at once")
        running = [(watched.program, watched.process) for watched in reversed(self._children)]
        processes.stop_together([*([self._single] if self._single else []), *running], seconds=_STOP_SECONDS)
        for server in reversed(self._servers):
            processes.stop(server.program, server.process, seconds=_STOP_SECONDS)
        self._console.say("stopped")
        for number, handler in self._previous.items():
            signal.signal(number, handler)

    def serve(self) -> None:
        """Start everything and look after it until a stop is asked for.

        Raises:
            DevstackError: something did not start.
            StopRequestedError: the stop came while starting.
        """
        environment = child_environment(self._stack, self._known)
        children = all_children(self._stack, self._known, environment)
        if self._stack.has_embedded_postgres:
            self._start_postgres()
        if self._stack.has_embedded_valkey:
            self._start_valkey()
        self._prepare(children)
        for program in children.processes:
            self._children.append(watch(program, self._start_child))
        self._wait_until("the web process answers", lambda: _answers(self._stack.ports.web))
        self._console.block(summary(self._stack, superuser_dsn=self._superuser_dsn))
        while not self._requests:
            self._look_after(_restart_for_ever)
            time.sleep(_POLL_SECONDS)

    def _prepare(self, children: Children) -> None:
        self._console.say("bringing the database up to date")
        self._run_once(children.migrate, output=subprocess.PIPE)
        for directory in (self._stack.sandboxes, self._stack.beat):
            directory.mkdir(exist_ok=True)
        for program in children.sandboxes:
            self._children.append(watch(program, self._start_child))
        ports = _sandbox_ports(self._stack).values()
        self._wait_until("the sandboxes answer", lambda: all(map(_listens, ports)))
        if self._stack.has_embedded_postgres and not self._stack.demo_notes.exists():
            self._console.say("loading demo data")
            notes = self._stack.demo_notes.with_suffix(".unfinished")
            with notes.open("wb") as output:
                self._run_once(children.demo, output=output)
            notes.rename(self._stack.demo_notes)

    def _start_postgres(self) -> None:
        self._console.say("starting Postgres")
        is_new = not (self._stack.postgres / "cluster").exists()
        server = postgres.prepare(
            self._stack.postgres,
            port=self._stack.ports.postgres,
            log=self._stack.logs / "postgres.log",
            pid_file=self._stack.pids / "postgres.json",
        )
        if is_new:
            self._stack.demo_notes.unlink(missing_ok=True)

        def start(_: Program) -> subprocess.Popen[bytes]:
            postgres.end_leftover(server.cluster)
            return postgres.start(server)

        self._servers.append(watch(server.program(), start))
        self._superuser_dsn = server.superuser_dsn
        bootstrap_cluster(server.superuser_dsn, self._known.database_passwords())
        bootstrap_database(server.superuser_dsn, DATABASE)
        self._refuse_to_go_on_after_stop()

    def _start_valkey(self) -> None:
        self._console.say("starting Valkey")
        server = valkey.ValkeyServer(
            directory=self._stack.state / "valkey",
            port=self._stack.ports.valkey,
            password=self._known.valkey_password,
            log=self._stack.logs / "valkey.log",
            is_throwaway=False,
            pid_file=self._stack.pids / "valkey.json",
        )
        self._servers.append(watch(server.program(), lambda _: valkey.start(server)))
        self._refuse_to_go_on_after_stop()

    def _start_child(self, program: Program) -> subprocess.Popen[bytes]:
        process = processes.start(program, output=subprocess.PIPE)
        if process.stdout is not None:
            self._console.follow(program.name, process.stdout)
        return process

    def _run_once(self, program: Program, *, output: int | IO[bytes]) -> None:
        errors = subprocess.STDOUT if output == subprocess.PIPE else subprocess.PIPE
        process = processes.start(program, output=output, errors=errors)
        self._single = (program, process)
        for stream in (process.stdout, process.stderr):
            if stream is not None:
                self._console.follow(program.name, stream)
        while process.poll() is None:
            self._refuse_to_go_on_after_stop()
            time.sleep(_POLL_SECONDS)
        self._single = None
        processes.forget(program)
        if process.returncode != 0:
            message = f"{program.name} failed with code {process.returncode}; its lines are above."
            raise DevstackError(message)

    def _wait_until(self, what: str, is_so: Callable[[], bool]) -> None:
        deadline = time.monotonic() + _HEALTHY_SECONDS
        while not is_so():
            self._refuse_to_go_on_after_stop()
            self._look_after(_give_up_soon)
            if time.monotonic() > deadline:
                message = f"Waited {_HEALTHY_SECONDS:.0f} s in vain until {what}; the lines above may say why."
                raise DevstackError(message)
            time.sleep(_POLL_SECONDS)

    def _look_after(self, judge: Callable[[Watched], None]) -> None:
        for watched in (*self._servers, *self._children):
            happened = check(watched, now=time.monotonic())
            if happened:
                self._console.say(happened)
            judge(watched)

    def _refuse_to_go_on_after_stop(self) -> None:
        if self._requests:
            raise StopRequestedError

    def _hear(self, _number: int, _frame: FrameType | None) -> None:
        self._requests += 1
        if self._requests > 1:
            single = [self._single[1]] if self._single else []
            for process in (*single, *(watched.process for watched in (*self._children, *self._servers))):
                with suppress(ProcessLookupError, PermissionError):
                    os.killpg(process.pid, signal.SIGKILL)


def _restart_for_ever(_: Watched) -> None:
    """A running stack keeps trying."""


def _give_up_soon(watched: Watched) -> None:
    if watched.failures >= _FAILURES_WHILE_STARTING:
        message = f"{watched.program.name} ended {watched.failures} times; its lines are above."
        raise DevstackError(message)


@contextmanager
def _only_supervisor(stack: Stack) -> Iterator[None]:
    # The lock is the kernel's: it goes with the process, however that ends.
    if not stack.state.exists():
        stack.state.mkdir(parents=True)
        stack.state.chmod(0o711)  # the user that Postgres runs as has to get through
    with (stack.state / "lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            message = f"The stack is running already (state directory {stack.state}): stop it first."
            raise StackConfigurationError(message) from error
        yield


def _wanted_ports(stack: Stack) -> dict[str, int]:
    ports = stack.ports
    wanted = {
        "TITHI_PORT": ports.web,
        "TITHI_INTERNAL_PORT": ports.internal,
        "TITHI_WORKER_INTERNAL_PORT": ports.worker_internal,
        **_sandbox_ports(stack),
    }
    if stack.has_embedded_postgres:
        wanted["TITHI_POSTGRES_PORT"] = ports.postgres
    if stack.has_embedded_valkey:
        wanted["TITHI_VALKEY_PORT"] = ports.valkey
    return wanted


def _sandbox_ports(stack: Stack) -> dict[str, int]:
    wanted = {"TITHI_MESSAGE_SANDBOX_PORT": stack.ports.message_sandbox}
    if stack.has_stripe_sandbox:
        wanted["TITHI_STRIPE_SANDBOX_PORT"] = stack.ports.stripe_sandbox
    return wanted


def _listens(port: int) -> bool:
    with suppress(OSError), socket.create_connection((HOST, port), timeout=1):
        return True
    return False


def _answers(port: int) -> bool:
    connection = HTTPConnection(HOST, port, timeout=5)
    try:
        connection.request("GET", "/health/ready", headers={"Host": f"localhost:{port}"})
        return connection.getresponse().status == _HTTP_OK
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()
