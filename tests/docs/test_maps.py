# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""Pages that list what there is leave nothing out."""

import re
import tomllib

from tests.docs.pages import ROOT, blocks
from tithi import wiring

PACKAGE = ROOT / "backend/tithi"
_PACKAGES = re.compile(r"^\| ([a-z0-9, -]+?)(?: \(extra `embedded`\))? \|", flags=re.MULTILINE)


def test_the_map_names_every_file_of_the_platform() -> None:
    section = _section("docs/README.md", "## The platform")
    files = {path.name for path in (PACKAGE / "platform").iterdir() if path.suffix in {".py", ".sql"}}

    assert set(re.findall(r"`(\w+\.(?:py|sql))`", section)) == files - {"__init__.py"}


def test_the_map_places_every_room() -> None:
    section = _section("docs/README.md", "## The floors")

    assert {room for room in wiring.DOMAINS if f"`{room}`" not in section} == set()


def test_the_index_of_decisions_lists_every_one_in_order() -> None:
    listed = re.findall(r"^\| \[\d{4}\]\((.+?)\)", _read("docs/decisions/README.md"), flags=re.MULTILINE)
    written = sorted(path.name for path in (ROOT / "docs/decisions").glob("[0-9]*.md"))

    assert listed == written
    assert [name[:4] for name in written] == [f"{number:04}" for number in range(1, len(written) + 1)]


def test_every_dependency_is_named_with_its_reason() -> None:
    project = tomllib.loads(_read("backend/pyproject.toml"))["project"]
    wanted = [*project["dependencies"], *project["optional-dependencies"]["embedded"]]
    declared = {re.split(r"[\[<>=]", requirement)[0] for requirement in wanted}
    rows = _PACKAGES.findall(_read("docs/decisions/0011-dependencies.md"))

    assert {name for row in rows for name in row.split(", ")} == declared


def test_the_code_that_the_guide_shows_stands_in_the_application() -> None:
    sources = "".join(path.read_text(encoding="utf-8") for path in PACKAGE.rglob("*.py"))
    shown = [block for page in (ROOT / "docs/guide").glob("*.md") for block in blocks(page, "python")]

    assert shown
    assert [block for block in shown if block not in sources] == []


def _section(page: str, heading: str) -> str:
    return _read(page).partition(f"{heading}\n")[2].partition("\n## ")[0]


def _read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")
