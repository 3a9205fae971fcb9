# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""Text messages into the message sandbox, which keeps them and shows them instead of delivering them."""

from collections.abc import Callable

from tithi.integrations.outbound import Answer, NoAnswerError, NotSentError, Outbound
from tithi.integrations.sms.contract import (
    Accepted,
    SmsError,
    SmsMessage,
    SmsRefusedError,
    SmsUnavailableError,
    SmsUnknownError,
)

PROVIDER = "sandbox"
_ACCEPTED = frozenset({200, 201})
_MESSAGE_AT_FAULT = frozenset({400, 413, 422})


class SandboxSmsSender:
    deduplicates = True

    def __init__(self, *, sandbox_url: str, before_call: Callable[[], None], http: Outbound | None = None) -> None:
        self._url = sandbox_url.rstrip("/")
        self._before_call = before_call
        self._http = http or Outbound()

    def send(self, message: SmsMessage) -> Accepted:
        body = {"to": message.to_e164, "text": message.text, "dedupe_key": message.dedupe_key}
        self._before_call()
        try:
            answer = self._http.request("POST", f"{self._url}/v1/sms", json_body=body)
        except NotSentError as error:
            raise SmsUnavailableError(str(error)) from error
        except NoAnswerError as error:
            raise SmsUnknownError(str(error)) from error
        if answer.status not in _ACCEPTED:
            raise _refusal(answer)
        return Accepted(provider=PROVIDER, provider_ref=str(answer.fields["ref"]))

    def lookup(self, dedupe_key: str) -> Accepted | None:
        self._before_call()
        try:
            answer = self._http.request("GET", f"{self._url}/v1/sms", params={"dedupe_key": dedupe_key, "limit": 1})
        except (NotSentError, NoAnswerError) as error:
            raise SmsUnavailableError(str(error)) from error
        if answer.status not in _ACCEPTED:
            raise SmsUnavailableError(_status(answer), retry_after=answer.retry_after)
        found = answer.fields["sms"]
        return Accepted(provider=PROVIDER, provider_ref=str(found[0]["ref"])) if found else None

    def close(self) -> None:
        self._http.close()


def _refusal(answer: Answer) -> SmsError:
    if answer.status in _MESSAGE_AT_FAULT:
        return SmsRefusedError(_status(answer))
    return SmsUnavailableError(_status(answer), retry_after=answer.retry_after)


def _status(answer: Answer) -> str:
    return f"the message sandbox answered with status {answer.status}"
