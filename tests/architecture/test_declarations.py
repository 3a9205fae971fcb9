# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

import re
from importlib import import_module

from marshmallow import fields, missing

from tests.architecture.sources import PACKAGE, python_files
from tithi import wiring
from tithi.aliases import ALIASES
from tithi.app import document
from tithi.platform import errors, events
from tithi.platform.errors import TithiError
from tithi.platform.openapi import ProblemError
from tithi.tenants.slugs import RESERVED


def _all_errors() -> list[type[TithiError]]:
    for path in python_files():
        if path.stem in {"errors", "access", "idempotency", "http"}:
            import_module(".".join(("tithi", *path.relative_to(PACKAGE).with_suffix("").parts)))
    found: list[type[TithiError]] = []
    waiting = list(TithiError.__subclasses__())
    while waiting:
        one = waiting.pop()
        found.append(one)
        waiting += one.__subclasses__()
    return found


def test_every_error_states_status_code_and_title() -> None:
    for error in _all_errors():
        assert 400 <= error.status < 600, error
        assert re.fullmatch(r"TITHI_[A-Z0-9_]+", error.code), error
        assert error.title.endswith((".", "switch-tenant.")), error


def test_an_error_code_means_one_thing() -> None:
    statuses: dict[str, set[int]] = {}
    for error in _all_errors():
        statuses.setdefault(error.code, set()).add(error.status)
    assert not {code: found for code, found in statuses.items() if len(found) > 1}


def test_the_drawing_of_the_error_tree_is_true() -> None:
    drawn = dict(re.findall(r"[├└]── (\w+)\s+(\d{3})", errors.__doc__ or ""))
    written = {one.__name__: str(one.status) for one in TithiError.__subclasses__()}
    assert drawn == written


def test_reserved_slugs_cover_the_first_segment_of_every_path() -> None:
    segments = {path.split("/")[1] for path in document()["paths"]} | {"health", "metrics", "admin"}
    assert {segment for segment in segments if not segment.startswith("{")} <= RESERVED


def test_answers_have_no_defaults_and_name_every_field_as_required() -> None:
    loose = []
    for room in wiring.rooms():
        for endpoint in room.endpoints:
            if endpoint.returns is None or isinstance(endpoint.returns, ProblemError):
                continue
            for name, field in endpoint.returns.fields.items():
                if field.dump_default is not missing or (not field.required and not _is_address(field)):
                    loose.append(f"{endpoint.name}.{name}")
    assert not loose, loose


def _is_address(field: fields.Field[object]) -> bool:
    return isinstance(field, fields.Nested)


def test_every_route_that_writes_states_what_it_needs_to_be_entitled_to() -> None:
    silent = [
        f"{endpoint.method} {endpoint.path}"
        for room in wiring.rooms()
        for endpoint in room.endpoints
        if (endpoint.entitlement is None) is not (endpoint.method == "GET")
    ]
    assert not silent


def test_every_route_has_a_summary() -> None:
    silent = [
        f"{method} {path}"
        for path, item in document()["paths"].items()
        for method, operation in item.items()
        if method != "parameters" and not operation.get("summary")
    ]
    assert not silent


def test_aliases_are_marked_in_the_document_and_lead_to_a_path() -> None:
    paths = document()["paths"]
    for alias in ALIASES:
        shown = re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", alias.path)
        operation = paths[shown][alias.method.lower()]
        assert operation["x-alias-of"] in paths


def test_facts_are_past_tense_and_carry_no_personal_data() -> None:
    wiring.load("events")
    personal = {"name", "email", "phone", "address", "text", "notes", "first_name", "last_name"}
    for code, event in events.known_events().items():
        assert re.fullmatch(r"[a-z_]+\.[a-z_]+", code)
        assert event.aggregate in event.__dataclass_fields__
        assert not personal & set(event.__dataclass_fields__), code


def test_every_handler_is_known_by_the_name_of_its_room() -> None:
    wiring.load("handlers")
    for name, handler in events.known_handlers().items():
        assert name.split(".")[0] in wiring.DOMAINS
        assert handler.event in events.known_events().values()
