# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""HTTP requests to outside services, with the one question that decides a retry answered: did the request go out?"""

import json
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3.exceptions import ConnectTimeoutError, NewConnectionError, ProxyError
from urllib3.exceptions import SSLError as HandshakeError

CONNECT_TIMEOUT_SECONDS = 1.0
READ_TIMEOUT_SECONDS = 10.0
POOL_SIZE = 32
MAX_RETRY_AFTER_SECONDS = 3600.0


class NotSentError(Exception):
    """No connection came about; the other side has seen nothing."""


class NoAnswerError(Exception):
    """The request may have been received, and no answer came back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    """Looked up without regard to case."""
    body: bytes

    @property
    def fields(self) -> dict[str, Any]:
        """The body as a JSON object; empty when it is none."""
        try:
            document = json.loads(self.body)
        except ValueError:
            return {}
        return document if isinstance(document, dict) else {}

    @property
    def retry_after(self) -> float | None:
        """Seconds the other side asks to be left alone, at most an hour."""
        return retry_after(self.headers)


class Outbound:
    """Keeps connections to the services it has talked to; follows no redirects and retries nothing."""

    def __init__(
        self, *, connect_timeout: float = CONNECT_TIMEOUT_SECONDS, read_timeout: float = READ_TIMEOUT_SECONDS
    ) -> None:
        self._timeout = (connect_timeout, read_timeout)
        self._session = requests.Session()
        for scheme in ("https://", "http://"):
            self._session.mount(scheme, HTTPAdapter(pool_maxsize=POOL_SIZE, max_retries=0))

    def request(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        params: Mapping[str, Any] | None = None,
        json_body: object = None,
        form: Mapping[str, Any] | None = None,
        auth: tuple[str, str] | None = None,
    ) -> Answer:
        """Ask once and return whatever was answered, errors included.

        Raises:
            NotSent: the other side has certainly seen nothing.
            NoAnswer: it may have acted on the request.
        """
        try:
            response = self._session.request(
                method,
                url,
                headers=headers,
                params=params,
                json=json_body,
                data=form,
                auth=auth,
                timeout=self._timeout,
                allow_redirects=False,
            )
        except requests.RequestException as error:
            message = type(error).__name__
            raise (NotSentError if _never_connected(error) else NoAnswerError)(message) from error
        return Answer(status=response.status_code, headers=response.headers, body=response.content)

    def close(self) -> None:
        self._session.close()


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Read the `Retry-After` header, in either of its forms, as seconds from now, at most an hour."""
    value = headers.get("Retry-After") or headers.get("retry-after") or ""
    if value.isdecimal():
        return min(float(value), MAX_RETRY_AFTER_SECONDS)
    try:
        moment = parsedate_to_datetime(value)
    except ValueError:
        return None
    seconds = (moment.replace(tzinfo=moment.tzinfo or UTC) - datetime.now(UTC)).total_seconds()
    return min(max(seconds, 0.0), MAX_RETRY_AFTER_SECONDS)


def _never_connected(error: requests.RequestException) -> bool:
    if isinstance(error, requests.exceptions.InvalidURL | requests.exceptions.MissingSchema):
        return True
    cause = error.args[0] if error.args else None
    reason = getattr(cause, "reason", cause)
    if isinstance(reason, HandshakeError):
        return bool(reason.args) and isinstance(reason.args[0], ssl.SSLCertVerificationError)
    return isinstance(reason, NewConnectionError | ConnectTimeoutError | ProxyError)
