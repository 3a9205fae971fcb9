# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""What a benchmark found, and `docs/performance.md` written from it."""

from dataclasses import dataclass, field
from typing import Literal

import click

NOISE = 1.15
DATABASE_NOISE = 1.25


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One line of the table; a figure within `noise` of the goal does not fail the gate."""

    name: str
    goal: float
    measured: float
    sign: Literal["≥", "≤", "="]
    unit: str = "x"
    noise: float = NOISE

    @property
    def is_gate(self) -> bool:
        """Ratios and counts gate; milliseconds, megabytes and the like are recorded with the machine."""
        return self.unit in {"x", ""}

    @property
    def gate(self) -> float:
        return self.goal / self.noise if self.sign == "≥" else self.goal * self.noise

    @property
    def verdict(self) -> Literal["yes", "within noise", "no", "NO"]:
        if self._holds(self.goal):
            return "yes"
        if self._holds(self.gate):
            return "within noise"
        return "NO" if self.is_gate else "no"

    def _holds(self, limit: float) -> bool:
        if self.sign == "=":
            return self.measured == limit
        return self.measured >= limit if self.sign == "≥" else self.measured <= limit

    def line(self) -> str:
        return (
            f"| {self.name} | {self.sign} {number(self.goal)} {self.unit} | {number(self.measured)} {self.unit} |"
            f" {number(self.gate) if self.is_gate else 'recorded'} | {self.verdict} |"
        )


@dataclass(slots=True)
class Report:
    """The findings of one goal, with the absolutes behind them."""

    title: str
    findings: list[Finding] = field(default_factory=list)
    absolutes: list[str] = field(default_factory=list)

    def least(self, name: str, goal: float, measured: float, *, unit: str = "x", noise: float = NOISE) -> None:
        self._add(Finding(name=name, goal=goal, measured=measured, sign="≥", unit=unit, noise=noise))

    def most(self, name: str, goal: float, measured: float, *, unit: str = "x", noise: float = NOISE) -> None:
        self._add(Finding(name=name, goal=goal, measured=measured, sign="≤", unit=unit, noise=noise))

    def exactly(self, name: str, expected: int, measured: int) -> None:
        """Counted, not timed: no noise."""
        self._add(Finding(name=name, goal=expected, measured=measured, sign="=", unit="", noise=1.0))

    def note(self, line: str) -> None:
        click.echo(f"  {line}")
        self.absolutes.append(line)

    def _add(self, finding: Finding) -> None:
        click.echo(f"  {finding.line()}")
        self.findings.append(finding)


def number(value: float) -> str:
    if value >= 100:  # noqa: PLR2004 - three digits are enough
        return f"{value:,.0f}"
    return f"{value:.3g}"
