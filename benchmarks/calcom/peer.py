# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""cal.com's slot code from its npm package, installed for the time of the benchmark and never kept."""

import json
import shutil
import subprocess
import tarfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.workload import LENGTH, SHIFTS, STEP, Size
from benchmarks.world import ZONE
from tithi.availability import slots

PACKAGE = "@calcom/platform-libraries@0.0.360"
LIBRARIES = ("dayjs@1.11.4", "zod@3.25.76", "esbuild@0.25.12")
HERE = Path(__file__).parent
SECONDS = 600


class MissingPeerError(Exception):
    """The peer cannot be had on this machine; the message says why."""


def install(folder: Path) -> Path:
    """The bundled program, made in `folder`."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        message = "there is no node or npm"
        raise MissingPeerError(message)
    folder.mkdir()
    (folder / "package.json").write_text('{"private": true}\n', encoding="utf-8")
    program = folder / "peer.mjs"
    options = ("--fetch-retries=0", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error")
    _run([npm, "pack", PACKAGE, *options], folder)
    with tarfile.open(next(folder.glob("*.tgz"))) as archive:
        archive.extractall(folder, filter="data")
    _run([npm, "install", "--no-save", *options, *LIBRARIES], folder)
    _run([node, str(HERE / "bundle.mjs"), str(folder), str(program)], folder)
    return program


def _run(arguments: list[str], folder: Path) -> None:
    try:
        subprocess.run(  # noqa: S603 - node and npm, with names that stand in this file
            arguments, cwd=folder, check=True, capture_output=True, text=True, timeout=SECONDS
        )
    except subprocess.CalledProcessError as error:
        message = f"{Path(arguments[0]).name} {Path(arguments[1]).name} ended with {error.returncode}"
        raise MissingPeerError(message) from error
    except subprocess.TimeoutExpired as error:
        message = f"{Path(arguments[0]).name} {Path(arguments[1]).name} took more than {SECONDS} s"
        raise MissingPeerError(message) from error


def compute(program: Path, sizes: Sequence[tuple[Size, str]]) -> list[dict[str, Any]]:
    """For each size and output (`union` or `each`) the milliseconds `spent` and the `minutes` found."""
    done = subprocess.run(  # noqa: S603 - the program that `install` made
        [shutil.which("node") or "node", str(program)],
        input=json.dumps({"zone": ZONE, "shifts": SHIFTS, "sizes": [_asked(size, output) for size, output in sizes]}),
        env={"TZ": "UTC", "NODE_ENV": "production"},
        check=True,
        capture_output=True,
        text=True,
        timeout=SECONDS,
    )
    found: list[dict[str, Any]] = json.loads(done.stdout)
    return found


def _asked(size: Size, output: str) -> dict[str, Any]:
    since, until = (slots.from_epoch_minute(minute).isoformat() for minute in size.bounds)
    return {
        "from": since,
        "until": until,
        "length": LENGTH,
        "step": STEP,
        "runs": size.runs,
        "output": output,
        "bookings": size.bookings,
    }
