# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""Picks the mail provider that the settings name."""

from collections.abc import Callable

from tithi.integrations.email.contract import EmailSender
from tithi.integrations.email.resend import ResendSender
from tithi.integrations.email.sandbox import SandboxEmailSender
from tithi.integrations.email.sendgrid import SendGridSender


class EmailProviderUnusableError(ValueError):
    """The provider is unknown, or lacks its key or address."""


def email_sender(
    *,
    provider: str,
    from_address: str,
    before_call: Callable[[], None],
    api_key: str | None = None,
    sandbox_url: str | None = None,
) -> EmailSender:
    """A sender that keeps its connections; make one per process.

    `provider` is "sendgrid", "resend" or "sandbox". `before_call` runs before each request and may raise to refuse it.

    Raises:
        EmailProviderUnusable: the provider is unknown, or lacks its key or address.
    """
    if provider == "sandbox" and sandbox_url:
        return SandboxEmailSender(sandbox_url=sandbox_url, from_address=from_address, before_call=before_call)
    if provider == "sendgrid" and api_key:
        return SendGridSender(api_key=api_key, from_address=from_address, before_call=before_call)
    if provider == "resend" and api_key:
        return ResendSender(api_key=api_key, from_address=from_address, before_call=before_call)
    message = f'the mail provider "{provider}" is unknown or not fully configured'
    raise EmailProviderUnusableError(message)
