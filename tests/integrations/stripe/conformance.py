# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""Holds what goes over the wire against the vendor's published shapes."""

import json
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from threading import Lock
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from jsonschema import Draft202012Validator  # type: ignore[import-untyped]  # it ships no types
from jsonschema.exceptions import best_match  # type: ignore[import-untyped]  # it ships no types
from werkzeug.wrappers import Request

from tests.integrations.stripe.derive_schema import SCHEMA_PATH
from tithi.integrations.stripe.sandbox.forms import nested

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

Schema = dict[str, Any]

SCHEMA: Schema = json.loads(SCHEMA_PATH.read_text())
PUBLISHED: Schema = json.loads(SCHEMA_PATH.with_name("openapi_names.json").read_text())["objects"]
_VALIDATORS: dict[str, Draft202012Validator] = {}
_ERROR_STATUS = 400
_REFUSED = 400
_LIST = ("data", "has_more", "object", "url")


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    method: str
    path: str
    params: Mapping[str, Any]
    is_form: bool
    status: int
    answer: Mapping[str, Any]
    arrived_at: float


@dataclass(slots=True)
class Recorder:
    """A WSGI application around another one, which remembers every call of the vendor's API."""

    app: "WSGIApplication"
    exchanges: list[Exchange] = field(default_factory=list)
    _lock: Lock = field(default_factory=Lock)

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        arrived_at = time.monotonic()
        request = Request(environ)
        body = request.get_data(cache=True, parse_form_data=False)
        environ["wsgi.input"] = _Rewound(body)
        statuses: list[int] = []

        def started(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:  # noqa: ANN401 - WSGI's own
            statuses.append(int(status[:3]))
            return start_response(status, headers, *rest)

        chunks = list(self.app(environ, started))
        if request.path.startswith(("/v1/", "/v2/")) and request.method != "OPTIONS":
            self._keep(request, body, statuses[0], b"".join(chunks), arrived_at)
        return chunks

    def _keep(self, request: Request, body: bytes, status: int, answer: bytes, arrived_at: float) -> None:
        is_form = not request.path.startswith("/v2/") or request.method == "GET"
        if request.method in ("GET", "DELETE"):
            params = nested(request.args.items(multi=True))
        else:
            params = nested(parse_qsl(body.decode(), keep_blank_values=True)) if is_form else json.loads(body or b"{}")
        exchange = Exchange(
            method=request.method,
            path=request.path,
            params=params,
            is_form=is_form,
            status=status,
            arrived_at=arrived_at,
            answer=json.loads(answer),
        )
        with self._lock:
            self.exchanges.append(exchange)


class _Rewound:
    def __init__(self, body: bytes) -> None:
        self._left = body

    def read(self, size: int = -1) -> bytes:
        size = len(self._left) if size < 0 else size
        part, self._left = self._left[:size], self._left[size:]
        return part


def answer_faults(exchange: Exchange) -> list[str]:
    """What of an answer the vendor would not have said."""
    answer = exchange.answer
    if exchange.status >= _ERROR_STATUS:
        return _faults("error", answer["error"])
    if answer["object"] == "list":
        surplus = [f"list: {name} is not a field" for name in answer if name not in _LIST]
        return surplus + [fault for body in answer["data"] for fault in _faults(body["object"], body)]
    return _faults(answer["object"], answer)


def request_faults(exchange: Exchange) -> list[str]:
    """What of a request the vendor would not have understood, though the sandbox did."""
    schema = SCHEMA["parameters"].get(operation(exchange))
    if schema is None or exchange.status == _REFUSED:
        return []
    params = typed(schema, exchange.params) if exchange.is_form else exchange.params
    return [fault.message for fault in Draft202012Validator(_rooted(schema)).iter_errors(params)]


def operation(exchange: Exchange) -> str:
    """The method and the path with its ids taken out."""
    parts = [
        "{id}" if "_" in part and any(sign.isupper() for sign in part) else part for part in exchange.path.split("/")
    ]
    return f"{exchange.method} {'/'.join(parts)}"


def event_faults(event: Mapping[str, Any]) -> list[str]:
    subject = event["data"]["object"]
    known = subject["object"] in SCHEMA["definitions"]
    return _faults("event", event) + (_faults(subject["object"], subject) if known else [])


def typed(schema: Schema, value: Any) -> Any:  # noqa: ANN401 - JSON
    """Give the texts of a form the types that the schema has for them."""
    for choice in schema.get("anyOf", [schema]):
        properties = choice.get("properties", {})
        if isinstance(value, dict) and choice.get("type") == "object":
            return {name: typed(properties.get(name, {}), inner) for name, inner in value.items()}
        if isinstance(value, list) and choice.get("type") == "array":
            return [typed(choice["items"], inner) for inner in value]
        kinds = choice.get("type", [])
        kinds = [kinds] if isinstance(kinds, str) else kinds
        if isinstance(value, str) and "integer" in kinds and value.isdecimal():
            return int(value)
        if isinstance(value, str) and "boolean" in kinds and value in ("true", "false"):
            return value == "true"
    return value


def _faults(word: str, body: Mapping[str, Any]) -> list[str]:
    if word not in _VALIDATORS:
        _VALIDATORS[word] = Draft202012Validator(_rooted({"$ref": f"#/definitions/{word}"}))
    found = [best_match([fault]) for fault in _VALIDATORS[word].iter_errors(body)]
    faults = [f"{word}.{fault.json_path}: {fault.message}" for fault in found if fault is not None]
    return faults + _unmarked(word, body)


def _unmarked(word: str, body: Mapping[str, Any]) -> list[str]:
    """What the document marks more strictly than the library: what is always there, and what is never null.

    The document leaves these marks out in the second generation of the API.
    """
    if word not in PUBLISHED or word.startswith("v2."):
        return []
    published = PUBLISHED[word]
    missing = [f"{word}: {name} is always there" for name in published["required"] if name not in body]
    unset = [
        f"{word}: {name} is absent, or not null"
        for name, kind in published["properties"].items()
        if name in body and body[name] is None and "null" not in kind
    ]
    return missing + unset


def _rooted(schema: Schema) -> Schema:
    return {**schema, "definitions": SCHEMA["definitions"]}
