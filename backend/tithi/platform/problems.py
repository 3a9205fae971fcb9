# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""The one place where an error becomes an answer: RFC 9457, and never a word of the database's."""

from typing import Any

import orjson
import structlog
from flask import Flask, Response, g, request
from psycopg2 import errors as postgres
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from werkzeug.exceptions import HTTPException

from tithi.platform.errors import TithiError

PROBLEM_JSON = "application/problem+json"
HTTP_CODES = {
    400: "TITHI_BAD_REQUEST",
    404: "TITHI_NOT_FOUND",
    405: "TITHI_METHOD_NOT_ALLOWED",
    408: "TITHI_REQUEST_TIMEOUT",
    413: "TITHI_BODY_TOO_LARGE",
    415: "TITHI_MEDIA_TYPE_UNSUPPORTED",
}
RETRY_AFTER_SECONDS = "2"

log = structlog.get_logger(__name__)


def install(app: Flask) -> None:
    app.register_error_handler(TithiError, _expected)
    app.register_error_handler(HTTPException, _of_http)
    app.register_error_handler(DBAPIError, _of_database)
    app.register_error_handler(PoolTimeoutError, _of_busy_pool)
    app.register_error_handler(Exception, _unexpected)


def problem(*, status: int, code: str, title: str, detail: str, **more: Any) -> Response:
    """A problem answer; `more` are members beside the standard ones."""
    body = {
        "type": f"urn:tithi:problem:{code.removeprefix('TITHI_').lower().replace('_', '-')}",
        "title": title,
        "status": status,
        "detail": detail,
        "instance": request.path,
        "code": code,
        "request_id": g.get("request_id", ""),
        "success": False,
        **more,
    }
    content = orjson.dumps(body, option=orjson.OPT_NON_STR_KEYS)  # errors in a list are named by their position
    return Response(content, status=status, content_type=PROBLEM_JSON)


def _expected(error: TithiError) -> Response:
    more: dict[str, Any] = {}
    details = dict(error.details)
    if "alternatives" in details:
        more["alternatives"] = details.pop("alternatives")
    if error.errors:
        more["errors"] = error.errors
    if details:
        more["details"] = details
    answer = problem(status=error.status, code=error.code, title=error.title, detail=error.detail, **more)
    answer.headers.update(error.headers)
    return answer


def _of_http(error: HTTPException) -> Response:
    status = error.code or 500
    title = error.name
    answer = problem(
        status=status, code=HTTP_CODES.get(status, "TITHI_HTTP_ERROR"), title=title, detail=error.description or title
    )
    for name, value in error.get_headers():
        if name.lower() not in {"content-type", "content-length"}:
            answer.headers[name] = value
    return answer


def _of_database(error: DBAPIError) -> Response:
    original = error.orig
    if isinstance(original, (postgres.DeadlockDetected, postgres.SerializationFailure, postgres.LockNotAvailable)):
        answer = problem(
            status=409,
            code="TITHI_CONFLICT",
            title="Others changed this at the same time.",
            detail="Others changed this at the same time: try again.",
        )
        answer.headers["Retry-After"] = "1"
        return answer
    if isinstance(error, IntegrityError):
        log.warning("database.integrity", constraint=getattr(getattr(original, "diag", None), "constraint_name", None))
        return problem(
            status=409,
            code="TITHI_CONFLICT",
            title="This does not fit what is there.",
            detail="This does not fit what is there.",
        )
    if isinstance(error, DataError):
        return problem(
            status=400,
            code="TITHI_VALIDATION_ERROR",
            title="The request is not valid.",
            detail="A value is out of its range.",
        )
    if isinstance(error, OperationalError) or error.connection_invalidated:
        log.error("database.unavailable", reason=type(original).__name__)
        return _unavailable()
    return _unexpected(error)


def _of_busy_pool(_error: PoolTimeoutError) -> Response:
    log.error("database.pool_exhausted")
    return _unavailable()


def _unavailable() -> Response:
    answer = problem(
        status=503, code="TITHI_UNAVAILABLE", title="Try again in a moment.", detail="Try again in a moment."
    )
    answer.headers["Retry-After"] = RETRY_AFTER_SECONDS
    return answer


def _unexpected(error: Exception) -> Response:
    log.error("request.failed", error=type(error).__name__, exc_info=error)
    return problem(
        status=500,
        code="TITHI_INTERNAL_ERROR",
        title="Something broke on our side.",
        detail="Something broke on our side; the request id finds it in our logs.",
    )
