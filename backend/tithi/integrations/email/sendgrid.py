# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""Mail through SendGrid.

It has no idempotency key and no dependable search, so a send without an answer stays unknown; the dedupe key travels
as a custom argument and comes back in delivery reports.
"""

from base64 import b64encode
from collections.abc import Callable
from typing import Any

from tithi.integrations.email.contract import (
    Accepted,
    EmailError,
    EmailMessage,
    EmailRefusedError,
    EmailUnavailableError,
    EmailUnknownError,
    LookupUnsupportedError,
)
from tithi.integrations.outbound import Answer, NoAnswerError, NotSentError, Outbound

PROVIDER = "sendgrid"
API_BASE = "https://api.sendgrid.com"
DEDUPE_ARGUMENT = "dedupe_key"
_ACCEPTED = frozenset({200, 202})
_MESSAGE_AT_FAULT = frozenset({400, 413})
_LOST_ON_THE_WAY = frozenset({408, 502, 504})


class SendGridSender:
    deduplicates = False

    def __init__(
        self, *, api_key: str, from_address: str, before_call: Callable[[], None], api_base: str = API_BASE
    ) -> None:
        self._api_key = api_key
        self._from_address = from_address
        self._before_call = before_call
        self._api_base = api_base
        self._http = Outbound()

    def send(self, message: EmailMessage) -> Accepted:
        import sendgrid  # type: ignore[import-untyped]  # noqa: PLC0415 - slow to load, needed by the worker only

        library = sendgrid.SendGridAPIClient(self._api_key, host=self._api_base)
        body = _mail(message, from_address=self._from_address)
        self._before_call()
        try:
            answer = self._http.request(
                "POST", f"{library.host}/v3/mail/send", headers=library.client.request_headers, json_body=body
            )
        except NotSentError as error:
            raise EmailUnavailableError(str(error)) from error
        except NoAnswerError as error:
            raise EmailUnknownError(str(error)) from error
        if answer.status not in _ACCEPTED:
            raise _refusal(answer)
        return Accepted(provider=PROVIDER, provider_ref=answer.headers.get("X-Message-Id") or message.dedupe_key)

    def lookup(self, dedupe_key: str) -> Accepted | None:
        del dedupe_key
        message = "SendGrid cannot be asked what it accepted"
        raise LookupUnsupportedError(message)

    def close(self) -> None:
        self._http.close()


def _mail(message: EmailMessage, *, from_address: str) -> dict[str, Any]:
    """The request's body; links are left as they are, since some of them are secrets of the recipient."""
    from sendgrid.helpers import mail  # type: ignore[import-untyped]  # noqa: PLC0415 - slow to load, as above

    letter = mail.Mail(
        from_email=mail.From(from_address, message.from_name),
        to_emails=mail.To(message.to),
        subject=message.subject,
        plain_text_content=message.text,
        html_content=message.html,
    )
    if message.reply_to:
        letter.reply_to = mail.ReplyTo(message.reply_to)
    for name, value in {**message.tags, DEDUPE_ARGUMENT: message.dedupe_key}.items():
        letter.add_custom_arg(mail.CustomArg(name, value))
    for attachment in message.attachments:
        letter.add_attachment(
            mail.Attachment(
                mail.FileContent(b64encode(attachment.content).decode()),
                mail.FileName(attachment.filename),
                mail.FileType(attachment.content_type.partition(";")[0]),
                mail.Disposition("attachment"),
            )
        )
    tracking = mail.TrackingSettings()
    tracking.click_tracking = mail.ClickTracking(enable=False, enable_text=False)
    tracking.open_tracking = mail.OpenTracking(enable=False)
    letter.tracking_settings = tracking
    body: dict[str, Any] = letter.get()
    return body


def _refusal(answer: Answer) -> EmailError:
    text = f"SendGrid answered with status {answer.status}"
    if answer.status in _MESSAGE_AT_FAULT:
        return EmailRefusedError(text, is_bad_address=_names_the_recipient(answer))
    if answer.status in _LOST_ON_THE_WAY:
        return EmailUnknownError(text)
    return EmailUnavailableError(text, retry_after=answer.retry_after)


def _names_the_recipient(answer: Answer) -> bool:
    errors = answer.fields.get("errors")
    fields = [error.get("field") for error in errors if isinstance(error, dict)] if isinstance(errors, list) else []
    return any(isinstance(field, str) and field.startswith("personalizations") and ".to" in field for field in fields)
