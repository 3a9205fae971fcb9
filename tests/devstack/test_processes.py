# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""Children: stopped in good order, found again after a kill, gone with their parent."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from tithi.devstack import processes
from tithi.devstack.processes import Program

SLEEP = [sys.executable, "-S", "-c", "print('up', flush=True); import time; time.sleep(60)"]
STUBBORN = [
    sys.executable,
    "-S",
    "-c",
    "import signal, time; signal.signal(15, signal.SIG_IGN); print('up', flush=True); time.sleep(60)",
]
PARENT = """
import subprocess, sys
from pathlib import Path
from tithi.devstack import processes
program = processes.Program(name="sleeper", command=sys.argv[2:], environment={}, directory=Path("/"))
process = processes.start(program, output=subprocess.PIPE)
process.stdout.readline()
print(process.pid, flush=True)
process.wait()
"""


@pytest.fixture
def started() -> Iterator[list[subprocess.Popen[bytes]]]:
    """What a test starts, ended when it is over."""
    running: list[subprocess.Popen[bytes]] = []
    yield running
    for process in running:
        processes.kill(process)
        if process.stdout is not None:
            process.stdout.close()


@pytest.fixture
def sleeper(tmp_path: Path) -> Program:
    pid_file = tmp_path / "sleeper.json"
    return Program(name="sleeper", command=SLEEP, environment={}, directory=tmp_path, pid_file=pid_file)


def test_a_child_runs_in_a_session_of_its_own(sleeper: Program, started: list[subprocess.Popen[bytes]]) -> None:
    process = processes.start(sleeper, output=subprocess.DEVNULL)
    started.append(process)

    assert os.getpgid(process.pid) == process.pid


def test_stopping_ends_the_child_and_forgets_it(sleeper: Program, started: list[subprocess.Popen[bytes]]) -> None:
    process = processes.start(sleeper, output=subprocess.DEVNULL)
    started.append(process)

    processes.stop(sleeper, process, seconds=10)

    assert process.returncode == -signal.SIGTERM
    assert sleeper.pid_file is not None
    assert not sleeper.pid_file.exists()


def test_a_child_that_does_not_listen_is_killed(tmp_path: Path, started: list[subprocess.Popen[bytes]]) -> None:
    program = Program(name="stubborn", command=STUBBORN, environment={}, directory=tmp_path)
    process = processes.start(program, output=subprocess.PIPE)
    started.append(process)
    assert process.stdout is not None
    process.stdout.readline()

    processes.stop(program, process, seconds=0.1)

    assert process.returncode == -signal.SIGKILL


def test_a_leftover_is_found_by_its_pid_file_and_stopped(
    sleeper: Program, tmp_path: Path, started: list[subprocess.Popen[bytes]]
) -> None:
    process = processes.start(sleeper, output=subprocess.DEVNULL)
    started.append(process)

    assert processes.stop_leftovers(tmp_path) == ["sleeper"]
    assert process.wait(10) == -signal.SIGTERM
    assert processes.stop_leftovers(tmp_path) == []


def test_another_program_with_the_same_pid_is_left_alone(
    sleeper: Program, tmp_path: Path, started: list[subprocess.Popen[bytes]]
) -> None:
    process = processes.start(sleeper, output=subprocess.DEVNULL)
    started.append(process)
    record = {"pid": process.pid, "started": psutil.Process(process.pid).create_time() - 3600, "stop_signal": 15}
    (tmp_path / "sleeper.json").write_text(json.dumps(record), encoding="utf-8")

    assert processes.stop_leftovers(tmp_path) == []
    assert process.poll() is None
    assert not (tmp_path / "sleeper.json").exists()


@pytest.mark.parametrize("content", ["", "{}", "[]", '{"pid": "x"}'])
def test_a_damaged_pid_file_is_removed(tmp_path: Path, content: str) -> None:
    (tmp_path / "web.json").write_text(content, encoding="utf-8")

    assert processes.stop_leftovers(tmp_path) == []
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(sys.platform != "linux", reason="the signal at the parent's death exists on Linux only")
def test_a_child_ends_when_its_parent_is_killed(started: list[subprocess.Popen[bytes]]) -> None:
    command = [sys.executable, "-c", PARENT, "--", *SLEEP]
    parent = subprocess.Popen(command, stdout=subprocess.PIPE)  # noqa: S603 - the command is ours
    started.append(parent)
    assert parent.stdout is not None
    child = psutil.Process(int(parent.stdout.readline()))

    parent.kill()

    assert processes.wait_until_gone([child], seconds=10)
