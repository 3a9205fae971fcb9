"""What the OpenAPI document says of a route, from the same declaration that handles it."""

from functools import cache
from typing import TYPE_CHECKING, Any

from marshmallow import Schema, fields

from tithi.platform import access, errors, idempotency

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask_smorest import Blueprint

    from tithi.platform.http import Endpoint

PROBLEM = "application/problem+json"
SIGNED_IN = frozenset({"user", "viewer", "staff", "admin", "owner"})
WITH_ROLE = frozenset({"staff", "admin", "owner"})
WRITES = frozenset({"POST", "PUT", "DELETE"})


class Problem(Schema):
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
        (True, (errors.Invalid, errors.TooManyRequests, errors.Unavailable, *endpoint.errors)),
        ("<" in endpoint.path, (errors.NotFound,)),
        (endpoint.access in SIGNED_IN, (errors.Unauthenticated, access.TokenExpired, access.TokenInvalid)),
        (has_tenant, (access.TenantNotFound, access.TenantMismatch)),
        (is_member, (access.TenantNotChosen,)),
        (endpoint.access in WITH_ROLE, (errors.Forbidden,)),
        (endpoint.access == "link", (access.LinkNotFound,)),
        (not has_tenant, (access.TenantNotFound,)),
        (endpoint.idempotent != "no", (idempotency.KeyInvalid, idempotency.KeyInUse, idempotency.KeyReused)),
        (endpoint.idempotent == "required", (idempotency.KeyMissing,)),
        (endpoint.etag, (errors.PreconditionFailed,)),
        (endpoint.method in WRITES, (errors.Conflict,)),
    )
    return [error for applies, found in by_step if applies for error in found]


def describe(blueprint: "Blueprint", endpoint: "Endpoint", view: "Callable[..., Any]") -> None:
    """Attach the documentation that flask-smorest reads, without its run-time wrappers."""
    documented: Any = _stand_in(view)
    if endpoint.query is not None:
        documented = blueprint.arguments(endpoint.query, location="query")(documented)
    if endpoint.body is not None:
        documented = blueprint.arguments(endpoint.body, location="json")(documented)
    documented = blueprint.response(endpoint.status, _returned(endpoint), example=endpoint.example)(documented)
    for status, codes in _by_status(endpoint).items():
        documented = blueprint.alt_response(
            status, schema=Problem, content_type=PROBLEM, description=", ".join(sorted(codes)), success=False
        )(documented)
    documented = blueprint.doc(**_extras(endpoint))(documented)
    view._apidoc = documented._apidoc  # type: ignore[attr-defined]  # noqa: SLF001 - the name flask-smorest reads


def _stand_in(view: "Callable[..., Any]") -> "Callable[..., Any]":
    def documented(**_values: object) -> None:
        return None

    documented.__doc__ = view.__doc__
    documented.__name__ = view.__name__
    return documented


def _by_status(endpoint: "Endpoint") -> dict[int, set[str]]:
    grouped: dict[int, set[str]] = {}
    for error in possible_errors(endpoint):
        grouped.setdefault(error.status, set()).add(error.code)
    return dict(sorted(grouped.items()))


def _returned(endpoint: "Endpoint") -> Schema | None:
    if endpoint.returns is None or not endpoint.enveloped:
        return endpoint.returns
    return _envelope(type(endpoint.returns))


@cache
def _envelope(returned: type[Schema]) -> Schema:
    made = Schema.from_dict(
        {"success": fields.Boolean(required=True), "data": fields.Nested(returned, required=True)},
        name=f"{returned.__name__}Envelope",
    )
    return made()


def _extras(endpoint: "Endpoint") -> dict[str, Any]:
    extras: dict[str, Any] = {"operationId": endpoint.name.replace(".", "_"), "x-access": endpoint.access}
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
