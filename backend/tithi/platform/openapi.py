# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""What the OpenAPI document says of a route, from the same declaration that handles it."""

from functools import cache
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from marshmallow import Schema, fields

from tithi.platform import access, errors, idempotency

if TYPE_CHECKING:
    from collections.abc import Callable

    from tithi.platform.http import Endpoint

JSON = "application/json"
PROBLEM = "application/problem+json"
SIGNED_IN = frozenset({"user", "viewer", "staff", "admin", "owner"})
WITH_ROLE = frozenset({"staff", "admin", "owner"})
WRITES = frozenset({"POST", "PUT", "DELETE"})


class ProblemError(Schema):
    """RFC 9457, with a stable `code` and the request's id."""

    type = fields.String(required=True)
    title = fields.String(required=True)
    status = fields.Integer(required=True)
    detail = fields.String(required=True)
    instance = fields.String(required=True)
    code = fields.String(required=True)
    request_id = fields.String(required=True)
    success = fields.Boolean(required=True)
    errors = fields.Dict(keys=fields.String())
    details = fields.Dict(keys=fields.String())
    alternatives = fields.List(fields.Dict(keys=fields.String()))


def possible_errors(endpoint: "Endpoint") -> list[type[errors.TithiError]]:
    """Every error that a route may answer with: its own, and those of the steps before it."""
    has_tenant = endpoint.access not in {"anyone", "user"}
    is_member = endpoint.access in {"viewer", *WITH_ROLE}
    by_step: tuple[tuple[bool, tuple[type[errors.TithiError], ...]], ...] = (
        (True, (errors.InvalidError, errors.TooManyRequestsError, errors.UnavailableError, *endpoint.errors)),
        ("<" in endpoint.path, (errors.NotFoundError,)),
        (
            endpoint.access in SIGNED_IN,
            (errors.UnauthenticatedError, access.TokenExpiredError, access.TokenInvalidError),
        ),
        (has_tenant, (access.TenantNotFoundError, access.TenantMismatchError)),
        (is_member, (access.TenantNotChosenError,)),
        (endpoint.access in WITH_ROLE, (errors.ForbiddenError,)),
        (has_tenant and endpoint.needed_entitlement != "always", (access.FeatureNotAvailableError,)),
        (endpoint.access == "link", (access.LinkNotFoundError,)),
        (not has_tenant, (access.TenantNotFoundError,)),
        (
            endpoint.idempotent != "no",
            (idempotency.KeyInvalidError, idempotency.KeyInUseError, idempotency.KeyReusedError),
        ),
        (endpoint.idempotent == "required", (idempotency.KeyMissingError,)),
        (endpoint.etag, (errors.PreconditionFailedError,)),
        (endpoint.method in WRITES, (errors.ConflictError,)),
    )
    return [error for applies, found in by_step if applies for error in found]


def describe(endpoint: "Endpoint", view: "Callable[..., Any]") -> None:
    """Attach the documentation as flask-smorest reads it.

    Its own decorators wrap the view and copy every schema for every answer, which took most of the start. Schemas are
    named by class: a class is not copied.
    """
    documented: dict[str, Any] = {
        "response": {"responses": {endpoint.status: [_success(endpoint)]}},
        "success_status_codes": [endpoint.status],
        "manual_doc": _extras(endpoint),
    }
    for status, codes in _by_status(endpoint).items():
        described = {"schema": ProblemError, "description": ", ".join(sorted(codes)), "content_type": PROBLEM}
        documented["response"]["responses"].setdefault(status, []).append(described)
    taken = [
        {"in": location, "required": True, "schema": type(schema)}
        for location, schema in (("query", endpoint.query), ("json", endpoint.body))
        if schema is not None
    ]
    if taken:
        status = HTTPStatus.UNPROCESSABLE_ENTITY
        documented["arguments"] = {"parameters": taken, "responses": {status.value: status.name}}
    view._apidoc = documented  # type: ignore[attr-defined]  # noqa: SLF001 - the name flask-smorest reads


def _success(endpoint: "Endpoint") -> dict[str, Any]:
    described: dict[str, Any] = {"description": HTTPStatus(endpoint.status).phrase, "content_type": None}
    returned = _returned(endpoint)
    if endpoint.media != JSON:
        described |= {"content_type": endpoint.media, "schema": {"type": "string", "format": "binary"}}
    elif returned is not None:
        described["schema"] = returned
    if endpoint.example is not None:
        described["example"] = endpoint.example
    return described


def _by_status(endpoint: "Endpoint") -> dict[int, set[str]]:
    grouped: dict[int, set[str]] = {}
    for error in possible_errors(endpoint):
        grouped.setdefault(error.status, set()).add(error.code)
    return dict(sorted(grouped.items()))


def _returned(endpoint: "Endpoint") -> type[Schema] | None:
    if endpoint.returns is None:
        return None
    return _envelope(type(endpoint.returns)) if endpoint.enveloped else type(endpoint.returns)


@cache
def _envelope(returned: type[Schema]) -> type[Schema]:
    return Schema.from_dict(
        {"success": fields.Boolean(required=True), "data": fields.Nested(returned, required=True)},
        name=f"{returned.__name__}Envelope",
    )


def _extras(endpoint: "Endpoint") -> dict[str, Any]:
    extras: dict[str, Any] = {"operationId": endpoint.name.replace(".", "_"), "x-access": endpoint.access}
    if endpoint.method in WRITES:
        extras["x-entitlement"] = endpoint.needed_entitlement
    if endpoint.access in SIGNED_IN:
        extras["security"] = [{"bearer": []}]
    parameters: list[dict[str, Any]] = []
    if endpoint.idempotent != "no":
        parameters.append(
            {
                "in": "header",
                "name": "Idempotency-Key",
                "required": False,
                "schema": {
                    "type": "string",
                    "minLength": 1,
                    "maxLength": idempotency.LONGEST_KEY,
                    "pattern": "^[ -~]+$",
                },
                "description": "One effect per key, compared over path and body; the answer is kept for 72 hours."
                + (" Required here or as `idempotency_key` in the body." if endpoint.idempotent == "required" else ""),
            }
        )
    if endpoint.etag and endpoint.method != "GET":
        parameters.append(
            {
                "in": "header",
                "name": "If-Match",
                "required": False,
                "schema": {"type": "string"},
                "description": "The ETag last read; 412 when it changed since.",
            }
        )
    if parameters:
        extras["parameters"] = parameters
    return extras
