# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""Change the money core, one operator or value at a time, and see whether a test fails; leaves with 1 below the goal.

`python -m tests.mutation [--jobs N] [--keep] [group …]`; without a group all of them. A group is a configuration of
mutmut beside this file: which modules are changed, and which tests are run against each change.
"""

import argparse
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import click
import orjson
from mutmut.stats import status_by_exit_code

from tests.mutation import copies
from tests.stack import DATABASE, build_database
from tithi.devstack.postgres import ThrowawayPostgres

ROOT = Path(__file__).resolve().parents[2]
WORK = ROOT / ".mutation"
GOAL_PER_CENT = 85
NOTICED = "killed"
LINKED = {
    "tithi": "backend/tithi",
    "tests": "tests",
    "migrations": "migrations",
    "pyproject.toml": "backend/pyproject.toml",
}


@dataclass(frozen=True, slots=True)
class Score:
    """What became of the mutants of one module; `left` are those that no test was seen to notice, by name."""

    module: str
    mutants: int
    left: dict[str, str]

    @property
    def killed(self) -> int:
        return self.mutants - len(self.left)


def main() -> int:
    groups = {path.stem: path for path in sorted(Path(__file__).parent.glob("*.cfg"))}
    parser = argparse.ArgumentParser(prog="python -m tests.mutation")
    parser.add_argument("groups", nargs="*", choices=[*groups, []], metavar="group", help=", ".join(groups))
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), help="how many mutants at a time")
    parser.add_argument("--keep", action="store_true", help="go on from what the run before found")
    given = parser.parse_args()
    is_below = False
    with built_database() as environment:
        for name in given.groups or groups:
            place = staged(groups[name], is_kept=given.keep)
            mutated(place, jobs=given.jobs, environment=environment)
            is_below |= not report(name, list(scores(place)), place)
    return 1 if is_below else 0


@contextmanager
def built_database() -> Iterator[dict[str, str]]:
    """The environment of processes whose stacks are copies of one database."""
    with ThrowawayPostgres() as postgres:
        build_database(postgres, DATABASE)
        yield {**os.environ, copies.BUILT: postgres.dsn("postgres", DATABASE)}


def staged(configuration: Path, *, is_kept: bool) -> Path:
    """A folder laid out as mutmut wants it, with the code and its tests side by side."""
    place = WORK / configuration.stem
    if not is_kept:
        shutil.rmtree(place, ignore_errors=True)
    place.mkdir(parents=True, exist_ok=True)
    for name, target in LINKED.items():
        (place / name).unlink(missing_ok=True)
        (place / name).symlink_to(ROOT / target)
    shutil.copyfile(configuration, place / "setup.cfg")
    return place


def mutated(place: Path, *, jobs: int, environment: dict[str, str]) -> None:
    command = [str(Path(sys.executable).with_name("mutmut")), "run", "--max-children", str(jobs)]
    subprocess.run(command, cwd=place, env=environment, check=True)  # noqa: S603 - a program of the environment


def scores(place: Path) -> Iterator[Score]:
    for found in sorted((place / "mutants").rglob("*.py.meta")):
        codes = orjson.loads(found.read_bytes())["exit_code_by_key"]
        states = {name: status_by_exit_code[code] for name, code in codes.items()}
        left = {name: state for name, state in states.items() if state != NOTICED}
        yield Score(str(found.relative_to(place / "mutants").with_suffix("")), len(codes), left)


def report(group: str, found: list[Score], place: Path) -> bool:
    """Print the survivors and the figures; whether the goal is met."""
    for score in found:
        for name, state in score.left.items():
            click.echo(f"\n{state}: {changed(name, place)}")
    killed, mutants = sum(score.killed for score in found), sum(score.mutants for score in found)
    click.echo(f"\n{group}")
    for score in found:
        click.echo(f"{score.killed:6} of {score.mutants:5} {per_cent(score.killed, score.mutants)} {score.module}")
    click.echo(f"{killed:6} of {mutants:5} {per_cent(killed, mutants)}")
    return killed * 100 >= GOAL_PER_CENT * mutants > 0


def changed(name: str, place: Path) -> str:
    """A mutant as the difference from the code."""
    shown = subprocess.run(  # noqa: S603 - a program of the environment
        [str(Path(sys.executable).with_name("mutmut")), "show", name],
        cwd=place,
        capture_output=True,
        text=True,
        check=True,
    )
    return shown.stdout


def per_cent(part: int, whole: int) -> str:
    return f"{100 * part / whole:6.1f} %" if whole else "       -  "


if __name__ == "__main__":
    sys.exit(main())
