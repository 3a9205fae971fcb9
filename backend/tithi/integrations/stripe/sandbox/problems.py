# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""The error answers of the vendor's API.

Problem
├── Invalid      400, 401, 403, 404, 429: nothing was begun, no idempotent result is kept
└── Settled      402 and refusals by an object's state: begun, so the answer is kept for its key
"""

from collections.abc import Container
from typing import Any

Body = dict[str, Any]


class ProblemError(Exception):
    """An error answer with its HTTP status."""

    kept = False

    def __init__(
        self,
        message: str,
        *,
        status: int = 400,
        code: str | None = None,
        param: str | None = None,
        kind: str = "invalid_request_error",
        more: Body | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.headers: dict[str, str] = {}
        self.body: Body = {"message": message, "type": kind}
        if code is not None:
            self.body |= {"code": code, "doc_url": f"https://stripe.com/docs/error-codes/{code.replace('_', '-')}"}
        if param is not None:
            self.body["param"] = param
        self.body |= more or {}


class InvalidError(ProblemError):
    """The request itself is wrong."""


class SettledError(ProblemError):
    """The request was carried out and this is what came of it."""

    kept = True


def refuse_fixed_method_types(given: Container[str]) -> None:
    """What was written in older versions is only shown since 2026-09-30."""
    name = "payment_method_types"
    if name in given:
        message = f"{name} is no longer supported. Use allowed_payment_method_types instead."
        raise InvalidError(message, code=f"{name}_no_longer_supported", param=name)


def missing_object(kind: str, name: str, param: str = "id") -> InvalidError:
    return InvalidError(f"No such {kind}: '{name}'", status=404, code="resource_missing", param=param)


def missing_reference(kind: str, name: str, param: str) -> InvalidError:
    return InvalidError(f"No such {kind}: '{name}'", code="resource_missing", param=param)


def missing_param(name: str) -> InvalidError:
    return InvalidError(f"Missing required param: {name}.", code="parameter_missing", param=name)


def invalid_param(name: str, message: str, code: str = "parameter_invalid_empty") -> InvalidError:
    return InvalidError(message, code=code, param=name)


def no_access(account: str) -> InvalidError:
    message = (
        f"The provided key does not have access to account '{account}' (or that account does not exist). "
        "Application access may have been revoked."
    )
    return InvalidError(message, status=403, code="account_invalid")


def unexpected_state(message: str, subject: Body) -> SettledError:
    name = subject["object"]
    return SettledError(message, code=f"{name}_unexpected_state", more={name: subject})


def card_problem(error: Body, **subjects: object) -> SettledError:
    """A 402 from the issuer; `error` is what the intent keeps as its last error."""
    fields = {name: value for name, value in error.items() if name not in {"message", "code", "type", "doc_url"}}
    return SettledError(
        error["message"], status=402, code=error["code"], kind="card_error", more={**fields, **subjects}
    )
