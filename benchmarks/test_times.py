# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""A plug-in for pytest that writes how long the tests with a database took, and their database to come up."""

import json
import os
import time
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest

DATABASE = "stack"
_spent: dict[str, float] = {}
_stack_seconds: list[float] = []


@pytest.hookimpl(wrapper=True)
def pytest_fixture_setup(fixturedef: pytest.FixtureDef[Any]) -> Generator[None, object, object]:
    began = time.perf_counter()
    try:
        return (yield)
    finally:
        if fixturedef.argname == DATABASE:
            _stack_seconds.append(time.perf_counter() - began)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    before = sum(_stack_seconds)
    began = time.perf_counter()
    try:
        return (yield)
    finally:
        if DATABASE in getattr(item, "fixturenames", ()):
            _spent[item.nodeid] = time.perf_counter() - began - (sum(_stack_seconds) - before)


def pytest_sessionfinish() -> None:
    found = {"tests": list(_spent.values()), "database": _stack_seconds[0] if _stack_seconds else 0.0}
    Path(os.environ["BENCH_TIMES"]).write_text(json.dumps(found), encoding="utf-8")
