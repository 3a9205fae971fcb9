# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""Picks the text message provider that the settings name."""

from collections.abc import Callable

from tithi.integrations.sms.contract import SmsSender
from tithi.integrations.sms.sandbox import SandboxSmsSender
from tithi.integrations.sms.twilio import TwilioSender


class SmsProviderUnusableError(ValueError):
    """The provider is unknown, or lacks its account, sender or address."""


def sms_sender(
    *,
    provider: str,
    before_call: Callable[[], None],
    account_sid: str | None = None,
    auth_token: str | None = None,
    sender: str | None = None,
    sandbox_url: str | None = None,
) -> SmsSender | None:
    """A sender that keeps its connections; make one per process. `None` when the provider is "none".

    `provider` is "twilio", "sandbox" or "none". `before_call` runs before each request and may raise to refuse it.

    Raises:
        SmsProviderUnusable: the provider is unknown, or lacks its account, sender or address.
    """
    if provider == "none":
        return None
    if provider == "sandbox" and sandbox_url:
        return SandboxSmsSender(sandbox_url=sandbox_url, before_call=before_call)
    if provider == "twilio" and account_sid and auth_token and sender:
        return TwilioSender(account_sid=account_sid, auth_token=auth_token, sender=sender, before_call=before_call)
    message = f'the text message provider "{provider}" is unknown or not fully configured'
    raise SmsProviderUnusableError(message)
