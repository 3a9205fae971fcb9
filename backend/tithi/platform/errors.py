# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""One tree of errors; services raise them, one place turns them into RFC 9457 problem answers.

TithiError
├── InvalidError               400
├── UnauthenticatedError       401
├── PaymentRequiredError       402
├── ForbiddenError             403
├── NotFoundError              404
├── ConflictError              409
├── PreconditionFailedError    412
├── UnprocessableError         422
├── TooManyRequestsError       429
├── UpstreamFailedError        502
└── UnavailableError           503
"""

from collections.abc import Mapping
from typing import Any, ClassVar


class TithiError(Exception):
    """The parent of every expected refusal.

    Subclasses state `status` (HTTP), `code` (stable, upper case, `TITHI_…`) and `title`.
    """

    status: ClassVar[int]
    code: ClassVar[str]
    title: ClassVar[str]

    def __init__(
        self,
        detail: str | None = None,
        *,
        details: Mapping[str, Any] | None = None,
        errors: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail or self.title)
        self.detail = detail or self.title
        self.details = dict(details or {})
        self.errors = dict(errors or {})
        self.headers = dict(headers or {})

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        for name in ("status", "code", "title"):
            if not hasattr(cls, name):
                message = f"{cls.__qualname__} does not state {name}"
                raise TypeError(message)


class InvalidError(TithiError):
    status = 400
    code = "TITHI_VALIDATION_ERROR"
    title = "The request is not valid."


class UnauthenticatedError(TithiError):
    status = 401
    code = "TITHI_AUTH_TOKEN_MISSING"
    title = "Sign in to do this."


class PaymentRequiredError(TithiError):
    status = 402
    code = "TITHI_PAYMENT_NEEDS_CUSTOMER"
    title = "The customer has to act on the payment."


class ForbiddenError(TithiError):
    status = 403
    code = "TITHI_FORBIDDEN"
    title = "You may not do this."


class NotFoundError(TithiError):
    status = 404
    code = "TITHI_NOT_FOUND"
    title = "There is no such thing here."


class ConflictError(TithiError):
    status = 409
    code = "TITHI_CONFLICT"
    title = "This does not fit the present state."


class PreconditionFailedError(TithiError):
    status = 412
    code = "TITHI_PRECONDITION_FAILED"
    title = "It changed since you read it."


class UnprocessableError(TithiError):
    status = 422
    code = "TITHI_UNPROCESSABLE"
    title = "The request cannot be carried out."


class TooManyRequestsError(TithiError):
    status = 429
    code = "TITHI_RATE_LIMIT_EXCEEDED"
    title = "Too many requests."


class UpstreamFailedError(TithiError):
    status = 502
    code = "TITHI_UPSTREAM_FAILED"
    title = "A service that this needs did not answer."


class UnavailableError(TithiError):
    status = 503
    code = "TITHI_UNAVAILABLE"
    title = "Try again in a moment."
