# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""Mail through Resend.

The dedupe key is its idempotency key: for a day the same key and content are accepted once, so an unknown may be
resent. Its library keeps account and connection in module state, so a process speaks for one Resend account.
"""

import re
from base64 import b64encode
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, cast

from tithi.integrations.email.contract import (
    Accepted,
    EmailError,
    EmailMessage,
    EmailRefusedError,
    EmailUnavailableError,
    EmailUnknownError,
    LookupUnsupportedError,
)
from tithi.integrations.outbound import NoAnswerError, NotSentError, Outbound, retry_after

if TYPE_CHECKING:
    import resend
    from resend.exceptions import ResendError
    from resend.http_client import HTTPClient

    SendParams = resend.Emails.SendParams

PROVIDER = "resend"
API_BASE = "https://api.resend.com"
KEY_USED_WITH_OTHER_CONTENT = "invalid_idempotent_request"
_MESSAGE_AT_FAULT = frozenset({400, 413, 422})
_LOST_ON_THE_WAY = frozenset({408, 409, 502, 504})
_NOT_IN_A_TAG = re.compile(r"[^A-Za-z0-9_-]")
_MAX_TAG_LENGTH = 256


class ResendSender:
    deduplicates = True

    def __init__(
        self, *, api_key: str, from_address: str, before_call: Callable[[], None], api_base: str = API_BASE
    ) -> None:
        self._api_key = api_key
        self._from_address = from_address
        self._before_call = before_call
        self._api_base = api_base
        self._http = Outbound()

    def send(self, message: EmailMessage) -> Accepted:
        import resend  # noqa: PLC0415 - slow to load, needed by the worker only
        from resend.exceptions import NoContentError, ResendError  # noqa: PLC0415 - as above

        resend.api_key = self._api_key
        resend.api_url = self._api_base
        resend.default_http_client = cast("HTTPClient", _Transport(self._http))
        self._before_call()
        try:
            answer = resend.Emails.send(
                _mail(message, from_address=self._from_address), {"idempotency_key": message.dedupe_key}
            )
        except ResendError as error:
            raise _refusal(error) from error
        except NoContentError as error:
            reason = "Resend answered without content"
            raise EmailUnknownError(reason) from error
        return Accepted(provider=PROVIDER, provider_ref=answer["id"])

    def lookup(self, dedupe_key: str) -> Accepted | None:
        del dedupe_key
        message = "Resend cannot be asked what it accepted"
        raise LookupUnsupportedError(message)

    def close(self) -> None:
        self._http.close()


class _Transport:
    """The connection that the library is given, in the form it asks for."""

    def __init__(self, http: Outbound) -> None:
        self._http = http

    def request(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str],
        json: object = None,
        files: object = None,
        data: object = None,
    ) -> tuple[bytes, int, Mapping[str, str]]:
        del files, data
        answer = self._http.request(method, url, headers=headers, json_body=json)
        return answer.body, answer.status, answer.headers


def _mail(message: EmailMessage, *, from_address: str) -> "SendParams":
    name = message.from_name.replace("\\", "\\\\").replace('"', '\\"')
    letter: SendParams = {
        "from": f'"{name}" <{from_address}>',
        "to": [message.to],
        "subject": message.subject,
        "text": message.text,
        "html": message.html,
        "tags": [{"name": _tag(name), "value": _tag(value)} for name, value in message.tags.items()],
    }
    if message.reply_to:
        letter["reply_to"] = message.reply_to
    if message.attachments:
        letter["attachments"] = [
            {
                "filename": attachment.filename,
                "content_type": attachment.content_type,
                "content": b64encode(attachment.content).decode(),
            }
            for attachment in message.attachments
        ]
    return letter


def _tag(text: str) -> str:
    return _NOT_IN_A_TAG.sub("_", text)[:_MAX_TAG_LENGTH]


def _refusal(error: "ResendError") -> EmailError:
    if isinstance(error.__context__, NotSentError):
        return EmailUnavailableError(str(error.__context__))
    if isinstance(error.__context__, NoAnswerError):
        return EmailUnknownError(str(error.__context__))
    status = int(error.code)
    text = f"Resend answered with status {status} ({error.error_type})"
    if status in _MESSAGE_AT_FAULT or error.error_type == KEY_USED_WITH_OTHER_CONTENT:
        return EmailRefusedError(text, is_bad_address="`to`" in str(error.message))
    if status in _LOST_ON_THE_WAY:
        return EmailUnknownError(text)
    return EmailUnavailableError(text, retry_after=retry_after(error.headers))
