# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""The page of settings names what the code reads, with its defaults."""

import ast
import re
from pathlib import Path

from tests.docs.pages import ROOT
from tithi.platform import settings

_ROW = re.compile(r"^\| `(TITHI_[A-Z_]+)` \| (.+?) \|", flags=re.MULTILINE)
NEEDED = "needed"


def test_the_page_names_every_setting_and_nothing_else() -> None:
    assert set(_written()) == set(_read_by_the_code())


def test_the_page_gives_the_defaults_of_the_code() -> None:
    written = _written()
    wrong = {
        name: written[name]
        for name, default in _read_by_the_code().items()
        if default is not None and written[name] != default
    }

    assert not wrong


def _written() -> dict[str, str]:
    return dict(_ROW.findall((ROOT / "docs/operations/settings.md").read_text(encoding="utf-8")))


def _read_by_the_code() -> dict[str, str | None]:
    """Each variable with its default as the page writes it; None where the default is computed."""
    tree = ast.parse(Path(settings.__file__).read_text(encoding="utf-8"))
    calls = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and ast.unparse(node.func.value) == "env"
    ]
    return {f"TITHI_{ast.literal_eval(call.args[0])}": _shown(call.args[1:]) for call in calls}


def _shown(default: list[ast.expr]) -> str | None:
    if not default:
        return NEEDED
    try:
        value = ast.literal_eval(default[0])
    except ValueError:
        return None
    return f"`{value}`" if value or value == 0 else "none"
