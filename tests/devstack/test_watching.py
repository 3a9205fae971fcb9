# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""A child that ends by itself is started again, later each time."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tithi.devstack.errors import ServerError
from tithi.devstack.processes import Program
from tithi.devstack.watching import Watched, check, restart_pause, watch


@pytest.fixture
def watched(tmp_path: Path) -> Iterator[Watched]:
    """A child that has ended with code 3."""
    program = Program(name="web", command=[], environment={}, directory=tmp_path)
    child = watch(program, lambda _: subprocess.Popen([sys.executable, "-S", "-c", "raise SystemExit(3)"]))
    child.process.wait()
    yield child
    child.process.wait()


def test_the_pause_doubles_and_has_an_end() -> None:
    assert [restart_pause(failures) for failures in (1, 2, 3, 4, 5, 6, 60)] == [1, 2, 4, 8, 16, 30, 30]


def test_an_ended_child_is_started_again_after_the_pause(watched: Watched) -> None:
    now = watched.started_at + 5
    first = watched.process

    assert check(watched, now=now) == "web ended with code 3; starting it again in 1 s"
    assert check(watched, now=now + 0.5) is None
    assert watched.process is first
    assert check(watched, now=now + 1) == "web was started again"
    assert watched.process is not first


def test_a_child_that_keeps_ending_waits_longer(watched: Watched) -> None:
    now = watched.started_at + 5
    check(watched, now=now)
    check(watched, now=now + 1)
    watched.process.wait()

    assert check(watched, now=now + 2) == "web ended with code 3; starting it again in 2 s"


def test_a_child_that_lived_long_starts_with_a_clean_record(watched: Watched) -> None:
    watched.failures = 5

    check(watched, now=watched.started_at + 120)

    assert watched.failures == 1


def test_a_server_that_does_not_come_back_is_tried_again_later(watched: Watched) -> None:
    attempts = []

    def fail(program: Program) -> subprocess.Popen[bytes]:
        attempts.append(program.name)
        message = "Postgres did not start"
        raise ServerError(message)

    watched.start = fail
    now = watched.started_at + 5
    check(watched, now=now)

    assert check(watched, now=now + 1) == "Postgres did not start\nstarting it again in 2 s"
    assert check(watched, now=now + 1.5) is None
    assert attempts == ["web"]
