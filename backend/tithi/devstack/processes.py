# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""Starting, stopping and finding again the programs of the stack."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import psutil

_LAUNCHER = Path(__file__).with_name("child.py")
_START_TIME_TOLERANCE = 2.0  # seconds: a clock step moves the start times that the system reports
_KILL_SECONDS = 5.0
_POLL_SECONDS = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """What to start.

    `stop_signal` asks it to end in good order, and reaches it by itself when this process is gone. `user` is the system
    user to become, None to stay who we are. With `pid_file` a later start can find a leftover.
    """

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    directory: Path
    stop_signal: signal.Signals = signal.SIGTERM
    user: str | None = None
    pid_file: Path | None = None


def start(
    program: Program, *, output: int | IO[bytes], errors: int | IO[bytes] = subprocess.STDOUT
) -> subprocess.Popen[bytes]:
    """Start the program in a session of its own, so that Ctrl-C at the terminal reaches us alone."""
    launcher = [sys.executable, "-I", "-S", str(_LAUNCHER), str(os.getpid()), str(int(program.stop_signal))]
    process = subprocess.Popen(  # noqa: S603 - the commands are ours
        [*launcher, program.user or "-", *program.command],
        cwd=program.directory,
        env=dict(program.environment),
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=errors,
        start_new_session=True,
    )
    if program.pid_file is not None:
        _remember(program, process.pid)
    return process


def stop(program: Program, process: subprocess.Popen[bytes], *, seconds: float) -> None:
    """Ask the program to end; after `seconds` kill it and all of its session."""
    stop_together([(program, process)], seconds=seconds)


def stop_together(running: Sequence[tuple[Program, subprocess.Popen[bytes]]], *, seconds: float) -> None:
    """Ask all programs at once to end; after `seconds` kill who is left, each with all of its session."""
    for program, process in running:
        if process.poll() is None:
            process.send_signal(program.stop_signal)
    deadline = time.monotonic() + seconds
    for program, process in running:
        try:
            process.wait(max(0.0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            kill(process)
        forget(program)


def kill(process: subprocess.Popen[bytes]) -> None:
    """End the program and all of its session at once."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def forget(program: Program) -> None:
    if program.pid_file is not None:
        program.pid_file.unlink(missing_ok=True)


def stop_leftovers(pid_directory: Path, *, seconds: float = 10.0) -> list[str]:
    """Stop what an earlier supervisor left running, newest first; the names of what was found alive."""
    found = []
    for pid_file in sorted(pid_directory.glob("*.json"), key=lambda file: file.stat().st_mtime, reverse=True):
        leftover = _recall(pid_file)
        if leftover is not None:
            process, stop_signal = leftover
            found.append(pid_file.stem)
            end_tree(process, stop_signal, seconds=seconds)
        pid_file.unlink(missing_ok=True)
    return found


def end_tree(process: psutil.Process, stop_signal: int, *, seconds: float) -> None:
    """Ask a process that is not our child to end; after `seconds` kill it; then kill what it left behind."""
    try:
        offspring = process.children(recursive=True)
        process.send_signal(stop_signal)
    except psutil.NoSuchProcess:
        return
    wait_until_gone([process], seconds=seconds)
    for survivor in (process, *offspring):
        with suppress(psutil.NoSuchProcess):
            survivor.kill()
    wait_until_gone([process, *offspring], seconds=_KILL_SECONDS)


def wait_until_gone(processes: Iterable[psutil.Process], *, seconds: float) -> bool:
    """Whether all have ended in time. One that has ended and that nobody has collected yet counts as gone."""
    deadline = time.monotonic() + seconds
    while any(_is_alive(process) for process in processes):
        if time.monotonic() > deadline:
            return False
        time.sleep(_POLL_SECONDS)
    return True


def _is_alive(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def _remember(program: Program, pid: int) -> None:
    if program.pid_file is None:
        return
    try:
        started = psutil.Process(pid).create_time()
    except psutil.NoSuchProcess:
        return
    record = {"pid": pid, "started": started, "stop_signal": int(program.stop_signal)}
    program.pid_file.parent.mkdir(parents=True, exist_ok=True)
    program.pid_file.write_text(json.dumps(record), encoding="utf-8")


def _recall(pid_file: Path) -> tuple[psutil.Process, int] | None:
    try:
        record = json.loads(pid_file.read_text(encoding="utf-8"))
        pid, started, stop_signal = int(record["pid"]), float(record["started"]), int(record["stop_signal"])
        process = psutil.Process(pid)
        # A number that was given to another program since is not ours to stop.
        is_same = abs(process.create_time() - started) < _START_TIME_TOLERANCE
    except (ValueError, KeyError, TypeError, psutil.NoSuchProcess):
        return None
    return (process, stop_signal) if is_same and _is_alive(process) else None
