# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""The environment in which a process of its own works on the tests' stack."""

import os
import sys
from dataclasses import fields
from pathlib import Path

from tithi.platform.settings import RateLimits, Settings

ROOT = Path(__file__).parents[2]
LEFT_OUT = frozenset({"environment", "rate_limits", "migrator_database_url", "stripe_calls_per_second"})


def environment(settings: Settings) -> dict[str, str]:
    """Variables from which the same settings are read."""
    values = {field.name: getattr(settings, field.name) for field in fields(Settings) if field.name not in LEFT_OUT}
    limits = {f"rate_limit_{field.name}": getattr(settings.rate_limits, field.name) for field in fields(RateLimits)}
    given = {
        f"TITHI_{name.upper()}": ",".join(value) if isinstance(value, tuple) else str(value)
        for name, value in {**values, **limits, "env": settings.environment}.items()
        if value is not None
    }
    path = os.pathsep.join([str(ROOT / "backend"), str(ROOT)])
    return {**os.environ, **given, "PYTHONPATH": path}


def python(*arguments: str) -> list[str]:
    return [sys.executable, *arguments]
