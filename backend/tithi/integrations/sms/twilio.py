# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""Text messages through Twilio.

Its messages carry no key of ours and cannot be searched for one, so a send without an answer stays unknown.
"""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from tithi.integrations.outbound import NoAnswerError, NotSentError, Outbound, retry_after
from tithi.integrations.sms.contract import (
    Accepted,
    LookupUnsupportedError,
    SmsError,
    SmsMessage,
    SmsRefusedError,
    SmsUnavailableError,
    SmsUnknownError,
)

if TYPE_CHECKING:
    from twilio.base.exceptions import TwilioRestException  # type: ignore[import-untyped]
    from twilio.http.response import Response  # type: ignore[import-untyped]

PROVIDER = "twilio"
API_BASE = "https://api.twilio.com"
MESSAGING_SERVICE_PREFIX = "MG"
BAD_NUMBER_CODES = frozenset({21211, 21214, 21217, 21612, 21614, 30005, 30006})
OPTED_OUT_CODE = 21610
_MESSAGE_AT_FAULT = frozenset({400, 413, 422})
_LOST_ON_THE_WAY = frozenset({408, 502, 504})
_CREATED = frozenset({200, 201})


class TwilioSender:
    """`sender` is a number in E.164 form or the id of a messaging service."""

    deduplicates = False

    def __init__(
        self,
        *,
        account_sid: str,
        auth_token: str,
        sender: str,
        before_call: Callable[[], None],
        api_base: str = API_BASE,
    ) -> None:
        self._account_sid = account_sid
        self._auth_token = auth_token
        is_service = sender.startswith(MESSAGING_SERVICE_PREFIX)
        self._origin = {"messaging_service_sid" if is_service else "from_": sender}
        self._before_call = before_call
        self._api_base = api_base
        self._http = Outbound()

    def send(self, message: SmsMessage) -> Accepted:
        from twilio.base.exceptions import TwilioException, TwilioRestException  # noqa: PLC0415 - slow to load, needed by the worker only
        from twilio.rest import Client  # type: ignore[import-untyped]  # noqa: PLC0415 - as above

        transport = _Transport(self._http)
        client = Client(self._account_sid, self._auth_token, http_client=transport)
        client.api.base_url = self._api_base
        self._before_call()
        try:
            created = client.messages.create(to=message.to_e164, body=message.text, **self._origin)
        except NotSentError as error:
            raise SmsUnavailableError(str(error)) from error
        except NoAnswerError as error:
            raise SmsUnknownError(str(error)) from error
        except TwilioRestException as error:
            raise _refusal(error, headers=transport.last_headers) from error
        except (TwilioException, ValueError, KeyError) as error:
            reason = "Twilio's answer is not understood"
            raise SmsUnknownError(reason) from error
        return Accepted(provider=PROVIDER, provider_ref=created.sid)

    def lookup(self, dedupe_key: str) -> Accepted | None:
        del dedupe_key
        message = "Twilio cannot be asked what it accepted"
        raise LookupUnsupportedError(message)

    def close(self) -> None:
        self._http.close()


class _Transport:
    """The connection that the library is given, in the form it asks for; made anew for each message."""

    def __init__(self, http: Outbound) -> None:
        self._http = http
        self.last_headers: Mapping[str, str] = {}

    def request(
        self,
        method: str,
        uri: str,
        params: Mapping[str, object] | None = None,
        data: Mapping[str, object] | None = None,
        headers: Mapping[str, str] | None = None,
        auth: tuple[str, str] | None = None,
        timeout: float | None = None,
        allow_redirects: bool = False,  # noqa: FBT001, FBT002 - the library's own signature
    ) -> "Response":
        from twilio.http.response import Response  # noqa: PLC0415 - as above

        del timeout, allow_redirects
        answer = self._http.request(method, uri, params=params, form=data, headers=headers, auth=auth)
        self.last_headers = answer.headers
        return Response(answer.status, answer.body.decode("utf-8", "replace"), answer.headers)


def _refusal(error: "TwilioRestException", *, headers: Mapping[str, str]) -> SmsError:
    status, code = int(error.status), int(error.code or 0)
    text = f"Twilio answered with status {status} (code {code})"
    if status in _CREATED or status in _LOST_ON_THE_WAY:
        return SmsUnknownError(text)
    if status in _MESSAGE_AT_FAULT:
        return SmsRefusedError(text, is_bad_number=code in BAD_NUMBER_CODES, is_opted_out=code == OPTED_OUT_CODE)
    return SmsUnavailableError(text, retry_after=retry_after(headers))
