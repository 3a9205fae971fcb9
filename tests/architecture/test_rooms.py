# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

import ast
from pathlib import Path

import pytest

from tests.architecture.sources import PACKAGE, imports_of, module_of, name_of, python_files, tree_of
from tithi import wiring

SHAPES = {"errors", "schemas"}
DOORS = {"service", "queries", "events"} | SHAPES
WITHOUT_DOORS = {"platform", "integrations", "devstack", "commands"}
ASSEMBLY = {"app", "worker", "cli", "wiring", "aliases"}
CELLARS = {"utils", "helpers", "common", "core", "misc", "base", "util", "helper"}
LONGEST_FILE = 400
LONGEST_FUNCTION = 40
LONG_FUNCTIONS = {
    "backend/tithi/bookings/queries.py:_shown",
    "backend/tithi/integrations/messages_sandbox/app.py:_add_provider_routes",
    "backend/tithi/platform/http.py:declare",
    "backend/tithi/platform/settings.py:_read",
}


def test_a_room_is_entered_through_its_doors() -> None:
    broken = []
    for path in python_files():
        module = module_of(path).split(".")
        if len(module) < 2 or module[1] in WITHOUT_DOORS | ASSEMBLY:
            continue
        for imported, for_types in imports_of(path):
            parts = imported.split(".")
            if parts[0] != "tithi" or len(parts) < 3 or parts[1] == module[1] or parts[1] in WITHOUT_DOORS:
                continue
            reads_models = parts[2] == "models" and (for_types or "queries" in module)
            if parts[2].rpartition("_")[2] not in DOORS and not reads_models and not _is_pure(parts):
                broken.append(f"{name_of(path)} -> {imported}")
    assert not broken, "\n".join(broken)


def _is_pure(parts: list[str]) -> bool:
    """A module of computation or of shared words, which touches neither database nor clock."""
    path = PACKAGE.joinpath(*parts[1:3]).with_suffix(".py")
    return path.exists() and not any(
        name.startswith(("sqlalchemy", "tithi.platform.db", "tithi.platform.clock")) for name, _ in imports_of(path)
    )


def test_the_platform_and_the_integrations_know_no_room() -> None:
    rooms = {f"tithi.{room}" for room in wiring.DOMAINS}
    broken = [
        f"{name_of(path)} -> {imported}"
        for folder in ("platform", "integrations")
        for path in python_files(PACKAGE / folder)
        for imported, _ in imports_of(path)
        if any(imported == room or imported.startswith(f"{room}.") for room in rooms)
    ]
    assert not broken, broken


def test_every_room_is_listed_in_the_wiring() -> None:
    folders = {path.name for path in PACKAGE.iterdir() if (path / "__init__.py").exists()}
    assert folders - WITHOUT_DOORS == set(wiring.DOMAINS)


def test_no_file_is_a_cellar() -> None:
    cellars = [name_of(path) for path in python_files() if path.stem in CELLARS or path.parent.name in CELLARS]
    assert not cellars


@pytest.mark.parametrize("path", python_files(), ids=name_of)
def test_files_and_functions_are_short(path: Path) -> None:
    lines = path.read_text(encoding="utf-8").count("\n")
    long_functions = [
        f"{name_of(path)}:{node.name}"
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.FunctionDef) and (node.end_lineno or 0) - node.body[0].lineno >= LONGEST_FUNCTION
    ]
    assert lines <= LONGEST_FILE
    assert set(long_functions) <= LONG_FUNCTIONS


def _calls(name: str) -> list[str]:
    return [
        f"{name_of(path)}:{node.lineno}"
        for path in python_files()
        if path.parent.name != "platform"
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == name
    ]


def test_nobody_but_the_platform_commits() -> None:
    outside = [place for place in _calls("commit") if "/integrations/" not in place]
    assert not outside


def test_no_work_leaves_through_the_queue_beside_a_commit() -> None:
    assert not _calls("delay") + _calls("apply_async")


def test_the_environment_is_read_by_settings_and_commands_alone() -> None:
    readers = {
        name_of(path)
        for path in python_files()
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.Attribute) and node.attr in {"environ", "getenv"}
    }
    allowed = ("backend/tithi/commands/", "backend/tithi/devstack/", "backend/tithi/integrations/")
    assert not [reader for reader in readers if not reader.startswith(allowed)]


def test_work_without_a_tenant_is_opened_in_few_listed_places() -> None:
    users = {
        name_of(path)
        for path in python_files()
        for imported, _ in imports_of(path)
        if imported == "tithi.platform.tenancy.scope_without_tenant"
    }
    assert users == {
        "backend/tithi/identity/local.py",
        "backend/tithi/identity/service.py",
        "backend/tithi/payments/service/events_in.py",
        "backend/tithi/platform/health.py",
        "backend/tithi/platform/ingest.py",
        "backend/tithi/platform/jobs.py",
        "backend/tithi/platform/outbox.py",
        "backend/tithi/platform/pipeline.py",
        "backend/tithi/tenants/queries.py",
    }
