# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""Pages that are written by a command say what the command says now."""

import orjson

from tests.docs.pages import ROOT
from tithi.app import document
from tithi.commands import facts


def test_the_page_of_facts_is_what_the_command_prints() -> None:
    written = (ROOT / "docs/facts.md").read_text(encoding="utf-8")

    assert written == facts.page(), "write it again: python -m tithi.cli facts > docs/facts.md"


def test_the_openapi_document_is_what_the_routes_say() -> None:
    written = orjson.loads((ROOT / "docs/api/openapi.json").read_bytes())

    assert written == orjson.loads(orjson.dumps(document())), "write it again: make openapi"
