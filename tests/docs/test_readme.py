# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""The walks of the README, run as pasted against the stack that `make run` starts."""

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.docs.pages import ROOT, blocks
from tithi.devstack import system_user
from tithi.devstack.errors import PortError
from tithi.devstack.ports import DEFAULT_PORTS, refuse_taken_ports

README = ROOT / "README.md"
START_SECONDS = 120
STOP_SECONDS = 60
# Below the ports that clients are given, so that none of them is taken while the stack starts.
FIRST_PORTS = range(12_000, 32_000, 10)


@dataclass(frozen=True, slots=True, kw_only=True)
class RunningStack:
    ports: dict[str, int]
    state: Path


@pytest.fixture(scope="module")
def stack() -> Iterator[RunningStack]:
    """Everything that `make run` starts, on ports of its own and with a state directory of its own."""
    state = system_user.temporary_directory("tithi-readme-", system_user.needed_user())
    ports = _free_ports()
    environment = {name: value for name, value in os.environ.items() if not name.startswith("TITHI_")}
    environment |= {name: str(port) for name, port in ports.items()}
    environment |= {"TITHI_STATE_DIR": str(state), "PYTHONPATH": str(ROOT / "backend")}
    with (state / "output").open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "tithi.cli", "dev"],
            cwd=ROOT,
            env=environment,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        _wait_until_it_runs(process, state / "output")
        yield RunningStack(ports=ports, state=state)
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(timeout=STOP_SECONDS)
        finally:
            process.kill()
            system_user.remove(state)


def test_both_walks_of_the_readme_work_as_pasted(stack: RunningStack, tmp_path: Path) -> None:
    script = "\n".join(["set -eu -o pipefail", *blocks(README, "bash")])
    for written, meant in (
        ("http://localhost:5001", f"http://localhost:{stack.ports['TITHI_PORT']}"),
        ("http://127.0.0.1:5005", f"http://127.0.0.1:{stack.ports['TITHI_STRIPE_SANDBOX_PORT']}"),
        (".tithi/secrets.json", str(stack.state / "secrets.json")),
    ):
        assert script.count(written) == 1
        script = script.replace(written, meant)

    done = subprocess.run(  # noqa: S603 - our own README
        ["bash", "-c", script],  # noqa: S607 - whichever bash there is
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )

    assert done.returncode == 0, done.stderr
    for promised in (
        '"card_status": "card_on_file"',
        '"payment_status": "captured"',
        '"object": "application_fee"',
        '"amount": 140,',
        '"net": 13424',
        '"template": "payment_receipt"',
        '"card_payments": "restricted"',
        "\nactive\n",
    ):
        assert promised in done.stdout
    assert done.stdout.count('"status": "sent"') == 6
    assert done.stdout.endswith("\n1750\n")


def test_the_guide_for_salons_works_as_pasted(stack: RunningStack, tmp_path: Path) -> None:
    page = blocks(ROOT / "docs/guide/for-salons.md", "bash")
    script = "\n".join(["set -eu -o pipefail", *page])
    script = script.replace("http://localhost:5001", f"http://localhost:{stack.ports['TITHI_PORT']}")

    done = subprocess.run(  # noqa: S603 - our own page
        ["bash", "-c", script],  # noqa: S607 - whichever bash there is
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )

    assert done.returncode == 0, done.stdout + done.stderr
    for promised in ('"repeats":"yearly"', '"blocks":[{', '"kind":"break"', '"staff_choice":"fill_gaps"'):
        assert promised in done.stdout


def _free_ports() -> dict[str, int]:
    for first in random.sample(FIRST_PORTS, k=100):
        ports = {name: first + position for position, name in enumerate(DEFAULT_PORTS)}
        with suppress(PortError):
            refuse_taken_ports(ports)
            return ports
    raise PortError(FIRST_PORTS)


def _wait_until_it_runs(process: "subprocess.Popen[bytes]", output: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while "Everything runs." not in output.read_text(encoding="utf-8"):
        assert process.poll() is None, output.read_text(encoding="utf-8")
        assert time.monotonic() < deadline, output.read_text(encoding="utf-8")
        time.sleep(0.2)
