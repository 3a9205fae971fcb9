# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""Links between pages lead somewhere."""

import re
from collections.abc import Iterator
from pathlib import Path

from tests.docs.pages import ROOT, pages, prose

_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
_CODE = re.compile(r"`[^`\n]*`")
_HEADING = re.compile(r"^#+ (.+)$", flags=re.MULTILINE)
_OUTSIDE = ("http://", "https://", "mailto:")
_NAMED = re.compile(
    r"`((?:\.ci|backend|benchmarks|docs|infra|migrations|tests)/[\w./-]*[\w-]|Makefile|docker-compose\.yml|\.env\.example)`"
)


def test_every_relative_link_leads_to_a_file_in_the_repository() -> None:
    broken = [f"{_name(page)}: {link}" for page, link in _links() if not _target(page, link).exists()]

    assert not broken


def test_every_link_to_a_heading_names_one_that_the_page_has() -> None:
    broken = []
    for page, link in _links():
        _, _, anchor = link.partition("#")
        target = _target(page, link)
        if anchor and target.suffix == ".md" and target.exists() and anchor not in _anchors(target):
            broken.append(f"{_name(page)}: {link}")

    assert not broken


def test_every_path_that_is_named_in_full_is_there() -> None:
    missing = [
        f"{_name(page)}: {path}"
        for page in pages()
        for path in _NAMED.findall(prose(page))
        if not (ROOT / path).exists()
    ]

    assert not missing


def test_every_page_of_the_documentation_is_reached_from_the_readme() -> None:
    reached = {ROOT / "README.md"}
    waiting = list(reached)
    while waiting:
        page = waiting.pop()
        found = {_target(page, link) for link in _LINK.findall(prose(page)) if not link.startswith(_OUTSIDE)}
        pages_found = {target for target in found if target.suffix == ".md" and target.exists()} - reached
        reached |= pages_found
        waiting += pages_found

    assert [_name(page) for page in pages() if page not in reached] == []


def _links() -> Iterator[tuple[Path, str]]:
    for page in pages():
        for link in _LINK.findall(_CODE.sub("", prose(page))):
            if not link.startswith(_OUTSIDE):
                yield page, link


def _target(page: Path, link: str) -> Path:
    path, _, _ = link.partition("#")
    return (page.parent / path).resolve() if path else page


def _anchors(page: Path) -> set[str]:
    """The anchors of a page's headings, as renderers of Markdown make them."""
    headings = _HEADING.findall(prose(page))
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def _name(page: Path) -> str:
    return str(page.relative_to(ROOT))
