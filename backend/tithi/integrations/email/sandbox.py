# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""Mail into the message sandbox, which keeps it and shows it instead of delivering it."""

from base64 import b64encode
from collections.abc import Callable

from tithi.integrations.email.contract import (
    Accepted,
    EmailError,
    EmailMessage,
    EmailRefusedError,
    EmailUnavailableError,
    EmailUnknownError,
)
from tithi.integrations.outbound import Answer, NoAnswerError, NotSentError, Outbound

PROVIDER = "sandbox"
_ACCEPTED = frozenset({200, 201})
_MESSAGE_AT_FAULT = frozenset({400, 413, 422})


class SandboxEmailSender:
    deduplicates = True

    def __init__(
        self,
        *,
        sandbox_url: str,
        from_address: str,
        before_call: Callable[[], None],
        http: Outbound | None = None,
    ) -> None:
        self._url = sandbox_url.rstrip("/")
        self._from_address = from_address
        self._before_call = before_call
        self._http = http or Outbound()

    def send(self, message: EmailMessage) -> Accepted:
        self._before_call()
        try:
            answer = self._http.request("POST", f"{self._url}/v1/emails", json_body=self._body(message))
        except NotSentError as error:
            raise EmailUnavailableError(str(error)) from error
        except NoAnswerError as error:
            raise EmailUnknownError(str(error)) from error
        if answer.status not in _ACCEPTED:
            raise _refusal(answer)
        return Accepted(provider=PROVIDER, provider_ref=str(answer.fields["ref"]))

    def lookup(self, dedupe_key: str) -> Accepted | None:
        self._before_call()
        try:
            answer = self._http.request("GET", f"{self._url}/v1/emails", params={"dedupe_key": dedupe_key, "limit": 1})
        except (NotSentError, NoAnswerError) as error:
            raise EmailUnavailableError(str(error)) from error
        if answer.status not in _ACCEPTED:
            raise EmailUnavailableError(_status(answer), retry_after=answer.retry_after)
        found = answer.fields["emails"]
        return Accepted(provider=PROVIDER, provider_ref=str(found[0]["ref"])) if found else None

    def close(self) -> None:
        self._http.close()

    def _body(self, message: EmailMessage) -> dict[str, object]:
        return {
            "to": message.to,
            "from": self._from_address,
            "from_name": message.from_name,
            "reply_to": message.reply_to,
            "subject": message.subject,
            "text": message.text,
            "html": message.html,
            "tags": dict(message.tags),
            "dedupe_key": message.dedupe_key,
            "attachments": [
                {
                    "filename": attachment.filename,
                    "content_type": attachment.content_type,
                    "content": b64encode(attachment.content).decode(),
                }
                for attachment in message.attachments
            ],
        }


def _refusal(answer: Answer) -> EmailError:
    if answer.status in _MESSAGE_AT_FAULT:
        return EmailRefusedError(_status(answer))
    return EmailUnavailableError(_status(answer), retry_after=answer.retry_after)


def _status(answer: Answer) -> str:
    return f"the message sandbox answered with status {answer.status}"
