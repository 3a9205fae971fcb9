# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""The configured senders of this process."""

from dataclasses import dataclass

from flask import current_app

from tithi.integrations.email.contract import EmailSender
from tithi.integrations.sms.contract import SmsSender


@dataclass(frozen=True, slots=True)
class Senders:
    """`sms` is None where text messages are switched off."""

    email: EmailSender
    sms: SmsSender | None


def senders() -> Senders:
    found: Senders = current_app.extensions["tithi.senders"]
    return found
