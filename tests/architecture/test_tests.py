# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

import ast

from tests.architecture.sources import ROOT, name_of, python_files, tree_of

ASSERTING = ("Assert(", "'raises'", "'check", "'assert", "'expect", "run_state_machine")
VAGUE = {"test_create", "test_update", "test_delete", "test_list", "test_get", "test_it_works", "test_success"}


def _tests() -> list[tuple[str, ast.FunctionDef]]:
    return [
        (f"{name_of(path)}:{node.name}", node)
        for path in python_files(ROOT / "tests")
        if path.name.startswith("test_")
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    ]


def test_every_test_asserts() -> None:
    silent = [name for name, node in _tests() if not any(word in ast.dump(node) for word in ASSERTING)]
    assert not silent


def test_tests_are_named_after_behaviour() -> None:
    vague = [name for name, node in _tests() if node.name in VAGUE or "phase" in node.name.split("_")]
    assert not vague


def test_no_test_is_skipped() -> None:
    skipped = [
        name_of(path)
        for path in python_files(ROOT / "tests")
        if path.name != "test_tests.py" and ("mark.skip(" in (text := path.read_text()) or "pytest.skip(" in text)
    ]
    assert not skipped
