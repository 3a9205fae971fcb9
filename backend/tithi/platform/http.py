# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""Routes: what a route declares, and the one order in which every request is handled.

A route states its path, one access word, its schemas and its errors; the OpenAPI document and the handling both follow
from that. The order is: address limit, tenant, identity, role, caller limit, entitlement, input, idempotency,
transaction, view.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal
from uuid import UUID

import orjson
from flask import Response, g, request
from flask_smorest import Blueprint
from marshmallow import RAISE, Schema, ValidationError

from tithi.platform import idempotency, pipeline
from tithi.platform.access import AccessWord, EntitlementWord
from tithi.platform.db import transaction
from tithi.platform.errors import InvalidError, PreconditionFailedError, TithiError
from tithi.platform.openapi import JSON, describe

MOST_BODY_BYTES = 256 * 1024
TENANT_NAMES = frozenset({"tenant_id", "slug", *pipeline.LINK_NAMES})

View = Callable[..., Any]
LimitName = Literal["by_user", "bookings", "payments", "sign_in", "public_booking", "unlimited"]


class BodyNotJsonError(InvalidError):
    code = "TITHI_BODY_NOT_JSON"
    title = "The body is not a JSON object."


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """What a route declares."""

    name: str
    method: str
    path: str
    access: AccessWord
    body: Schema | None
    query: Schema | None
    returns: Schema | None
    status: int
    errors: tuple[type[TithiError], ...]
    idempotent: Literal["no", "optional", "required"]
    phased: bool
    ready: bool
    etag: bool
    limit: LimitName
    tenant_in_body: bool
    enveloped: bool
    media: str
    example: Mapping[str, Any] | None
    entitlement: EntitlementWord | None

    @property
    def needed_entitlement(self) -> EntitlementWord:
        """Reading is never refused; a write that does not say is one that changes something."""
        return self.entitlement or ("always" if self.method == "GET" else "changes")


class Room(Blueprint):  # type: ignore[misc]  # flask-smorest ships no types
    """A room's blueprint. `root` puts its paths at the root instead of under /api/v1."""

    def __init__(self, name: str, *, description: str, root: bool = False) -> None:
        super().__init__(name, f"tithi.{name}", description=description)
        self.root = root
        self.endpoints: list[Endpoint] = []

    def declare(  # noqa: PLR0913 - everything a route declares is named here
        self,
        method: str,
        path: str,
        *,
        access: AccessWord,
        body: type[Schema] | None = None,
        query: type[Schema] | None = None,
        returns: type[Schema] | None = None,
        status: int = 200,
        errors: Sequence[type[TithiError]] = (),
        idempotent: Literal["no", "optional", "required"] = "no",
        phased: bool = False,
        ready: bool = False,
        etag: bool = False,
        limit: LimitName = "by_user",
        tenant_in_body: bool = False,
        enveloped: bool = False,
        media: str = JSON,
        example: Mapping[str, Any] | None = None,
        entitlement: EntitlementWord | None = None,
    ) -> Callable[[View], View]:
        """Declare a route.

        `phased`: the service opens its own transactions, because it waits on a provider between them. `ready`: the
        view's answer has the schema's fields already and is written as it is. `etag`: the answer has a `version`, sent
        as ETag; the view may ask `expected_version()`. `tenant_in_body`: the body's `tenant_id` selects whose public
        site is meant. `enveloped`: the answer is `{"success": true, "data": …}`, as booking sites expect. `media`: what
        the view answers as bytes, where it is not JSON.
        `entitlement`: what the tenant must be entitled to; every route that writes states it.
        """

        def register(view: View) -> View:
            declared = Endpoint(
                name=f"{self.name}.{view.__name__}",
                method=method,
                path=path,
                access=access,
                body=body(unknown=RAISE) if body else None,
                query=query(unknown=RAISE) if query else None,
                returns=returns() if returns else None,
                status=status,
                errors=tuple(errors),
                idempotent=idempotent,
                phased=phased,
                ready=ready,
                etag=etag,
                limit=limit,
                tenant_in_body=tenant_in_body,
                enveloped=enveloped,
                media=media,
                example=example,
                entitlement=entitlement,
            )
            self.endpoints.append(declared)

            def handle(**path_values: Any) -> Response:
                return _handle(declared, view, path_values)

            handle.__name__ = view.__name__
            handle.__doc__ = view.__doc__
            handle.__module__ = view.__module__
            handle.tithi_endpoint = declared  # type: ignore[attr-defined]
            describe(declared, handle)
            self.route(path, methods=[method])(handle)
            return view

        return register

    def get(self, path: str, **declared: Any) -> Callable[[View], View]:
        return self.declare("GET", path, **declared)

    def post(self, path: str, **declared: Any) -> Callable[[View], View]:
        return self.declare("POST", path, **declared)

    def put(self, path: str, **declared: Any) -> Callable[[View], View]:
        return self.declare("PUT", path, **declared)

    def delete(self, path: str, **declared: Any) -> Callable[[View], View]:
        return self.declare("DELETE", path, **declared)


def expected_version() -> int | None:
    """The version that `If-Match` names, or None where the client did not ask.

    Raises:
        PreconditionFailed: the header is not a version of ours.
    """
    header = request.headers.get("If-Match")
    if header is None or header.strip() == "*":
        return None
    text = header.strip().removeprefix("W/").strip('"')
    if not text.isascii() or not text.isdigit() or len(text) > 9:  # noqa: PLR2004 - a version fits an int4
        raise PreconditionFailedError
    return int(text)


def caller_address() -> str:
    return request.remote_addr or "unknown"


def idempotency_key() -> str | None:
    key: idempotency.Key | None = g.get("idempotency_key")
    return key.key if key else None


def _handle(endpoint: Endpoint, view: View, path_values: dict[str, Any]) -> Response:
    if endpoint.limit != "unlimited":
        pipeline.limit_by_address()
    raw = _read_body(endpoint) if endpoint.body is not None or endpoint.idempotent != "no" else None
    pipeline.identify(endpoint.access, path_values, _tenant_named(endpoint, raw))
    if endpoint.limit != "unlimited":
        pipeline.limit_by_caller(endpoint.limit, endpoint.access)
    pipeline.require_entitlement(endpoint.needed_entitlement)
    arguments = {name: value for name, value in path_values.items() if name not in TENANT_NAMES}
    key_text = _idempotency_text(endpoint, raw)
    if endpoint.query is not None:
        arguments["query"] = _load(endpoint.query, request.args.to_dict())
    if endpoint.body is not None:
        arguments["body"] = _load(endpoint.body, raw)
    with pipeline.scope_of_request(endpoint.access):
        if key_text is not None:
            key = idempotency.Key(
                tenant_id=pipeline.scope_tenant_id(endpoint.access),
                actor=pipeline.actor(),
                route=endpoint.name,
                key=key_text,
                fingerprint=idempotency.fingerprint(path=request.path, body=raw),
            )
            g.idempotency_key = key
            return _answer_once(endpoint, view, arguments, key)
        if endpoint.phased:
            return _answer(endpoint, _render(endpoint, view(**arguments)))
        with transaction():
            rendered = _render(endpoint, view(**arguments))
        return _answer(endpoint, rendered)


def _answer_once(endpoint: Endpoint, view: View, arguments: dict[str, Any], key: idempotency.Key) -> Response:
    if endpoint.phased:
        answer, replayed = idempotency.run_in_phases(
            key, lambda: view(**arguments), lambda result: _render(endpoint, result)
        )
    else:
        with transaction():
            stored = idempotency.claim(key)
            answer, replayed = (stored, True) if stored else (_render(endpoint, view(**arguments)), False)
            if not replayed:
                idempotency.store(key, answer)
    response = _answer(endpoint, answer)
    if replayed:
        response.headers["Idempotency-Replayed"] = "true"
    return response


def _read_body(endpoint: Endpoint) -> dict[str, Any]:
    content_type = request.mimetype
    data = request.get_data(cache=True)
    if not data and endpoint.body is None:
        return {}
    if data and content_type not in {JSON, ""} and not content_type.endswith("+json"):
        raise BodyNotJsonError
    try:
        found = orjson.loads(data) if data else {}
    except orjson.JSONDecodeError as error:
        raise BodyNotJsonError from error
    if not isinstance(found, dict):
        raise BodyNotJsonError
    if b"\\u0000" in data and _holds_nul(found):
        raise InvalidError(errors={"body": ["holds the character U+0000"]})
    return found


def _holds_nul(value: object) -> bool:
    if isinstance(value, str):
        return "\x00" in value
    if isinstance(value, dict):
        return any(_holds_nul(key) or _holds_nul(part) for key, part in value.items())
    return isinstance(value, list) and any(_holds_nul(part) for part in value)


def _load(schema: Schema, values: dict[str, Any] | None) -> dict[str, Any]:
    try:
        loaded: dict[str, Any] = schema.load(values or {})
    except ValidationError as error:
        messages = error.messages if isinstance(error.messages, dict) else {"body": error.messages}
        raise InvalidError(errors=messages) from error
    return loaded


def _tenant_named(endpoint: Endpoint, raw: dict[str, Any] | None) -> UUID | None:
    if not endpoint.tenant_in_body:
        return None
    text = (raw or {}).get("tenant_id")
    if text is None:
        if pipeline.is_at_site():
            return None
        raise InvalidError(errors={"tenant_id": ["Missing data for required field."]})
    try:
        return UUID(text)
    except (ValueError, AttributeError, TypeError) as error:
        raise InvalidError(errors={"tenant_id": ["Not a valid UUID."]}) from error


def _idempotency_text(endpoint: Endpoint, raw: dict[str, Any] | None) -> str | None:
    if endpoint.idempotent == "no":
        return None
    header = request.headers.get("Idempotency-Key")
    in_body = raw.pop("idempotency_key", None) if raw else None
    if in_body is not None and (not isinstance(in_body, str) or (header is not None and header != in_body)):
        raise idempotency.KeyInvalidError
    text = header if header is not None else in_body
    if text is None:
        if endpoint.idempotent == "required":
            raise idempotency.KeyMissingError
        return None
    if not (0 < len(text) <= idempotency.LONGEST_KEY and text.isascii() and text.isprintable()):
        raise idempotency.KeyInvalidError
    return text


def _render(endpoint: Endpoint, result: object) -> idempotency.StoredAnswer:
    if endpoint.media != JSON and isinstance(result, bytes):
        return idempotency.StoredAnswer(endpoint.status, result)
    if endpoint.returns is None:
        return idempotency.StoredAnswer(endpoint.status, b"")
    content: Any = result if endpoint.ready else endpoint.returns.dump(result)
    if endpoint.enveloped:
        content = {"success": True, "data": content}
    if endpoint.etag:
        g.etag = content["version"]
    return idempotency.StoredAnswer(endpoint.status, orjson.dumps(content))


def _answer(endpoint: Endpoint, answer: idempotency.StoredAnswer) -> Response:
    response = Response(answer.body, status=answer.status, content_type=endpoint.media if answer.body else None)
    if not answer.body:
        response.headers.pop("Content-Type", None)
    if endpoint.etag and (version := g.get("etag")) is not None:
        response.headers["ETag"] = f'"{version}"'
    return response
