# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""The three senders, each pointed at a service of the test's choice."""

from collections.abc import Callable
from typing import Protocol

from tests.integrations.scripted_service import Reply
from tithi.integrations.email.contract import EmailSender
from tithi.integrations.email.resend import ResendSender
from tithi.integrations.email.sandbox import SandboxEmailSender
from tithi.integrations.email.sendgrid import SendGridSender

PROVIDERS = ("sendgrid", "resend", "sandbox")
FROM = "mail@tithi.example"

ACCEPTING = {
    "sendgrid": Reply(status=202, headers={"X-Message-Id": "ref-1"}),
    "resend": Reply(status=200, body={"id": "ref-1"}),
    "sandbox": Reply(status=201, body={"id": 1, "ref": "ref-1", "duplicate": False, "attempts": 1}),
}


class ClosingSender(EmailSender, Protocol):
    def close(self) -> None: ...


def sender_for(provider: str, url: str, before_call: Callable[[], None] = lambda: None) -> ClosingSender:
    if provider == "sendgrid":
        return SendGridSender(api_key="key", from_address=FROM, before_call=before_call, api_base=url)
    if provider == "resend":
        return ResendSender(api_key="key", from_address=FROM, before_call=before_call, api_base=url)
    return SandboxEmailSender(sandbox_url=url, from_address=FROM, before_call=before_call)
