# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""What the platform asks of a text message provider.

SmsError
├── SmsRefused         never going to be accepted as it is: bad number, opted out, bad content
├── SmsUnavailable     certainly not accepted; try again later or elsewhere
├── SmsUnknown         no answer: it may have been accepted; look it up, do not resend
└── LookupUnsupported  this provider cannot tell what it accepted
"""

import re
from dataclasses import dataclass
from typing import Protocol

MAX_DEDUPE_KEY_LENGTH = 256
_E164 = re.compile(r"\+[1-9][0-9]{6,14}", re.ASCII)


class SmsError(Exception):
    """Base of what a text message provider can answer besides yes; the text holds no number and no content."""


class SmsRefusedError(SmsError):
    """The message will not be accepted as it is, now or later.

    `is_bad_number` is true when the number cannot receive messages, `is_opted_out` when its owner replied STOP; in
    both cases the number can be suppressed.
    """

    def __init__(self, reason: str, *, is_bad_number: bool = False, is_opted_out: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.is_bad_number = is_bad_number
        self.is_opted_out = is_opted_out


class SmsUnavailableError(SmsError):
    """The message was certainly not accepted; `retry_after` is in seconds when the provider asked for a pause."""

    def __init__(self, reason: str, *, retry_after: float | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.retry_after = retry_after


class SmsUnknownError(SmsError):
    """The request went out and no answer came back."""


class LookupUnsupportedError(SmsError):
    """The provider has no way to find a message by its dedupe key."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SmsMessage:
    """One text message to one number in E.164 form; `dedupe_key` has at most 256 characters.

    Raises:
        SmsRefused: the number is not in E.164 form, or the dedupe key is empty or too long.
    """

    to_e164: str
    text: str
    dedupe_key: str

    def __post_init__(self) -> None:
        if not _E164.fullmatch(self.to_e164):
            message = "the number is not in E.164 form"
            raise SmsRefusedError(message, is_bad_number=True)
        if not 0 < len(self.dedupe_key) <= MAX_DEDUPE_KEY_LENGTH:
            message = f"the dedupe key needs 1 to {MAX_DEDUPE_KEY_LENGTH} characters"
            raise SmsRefusedError(message)


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """The provider took the message over; `provider_ref` is what its delivery reports will name."""

    provider: str
    provider_ref: str


class SmsSender(Protocol):
    @property
    def deduplicates(self) -> bool:
        """Whether a dedupe key sent again within a day reaches the recipient once, so that an unknown may be resent."""
        ...

    def send(self, message: SmsMessage) -> Accepted:
        """Hand the message to the provider.

        Raises:
            SmsRefused: it will never be accepted.
            SmsUnavailable: nothing happened; try again later.
            SmsUnknown: no answer; look it up before doing anything else.
        """
        ...

    def lookup(self, dedupe_key: str) -> Accepted | None:
        """Tell whether a message with this key was accepted; `None` means it certainly was not.

        Raises:
            SmsUnavailable: the provider did not answer.
            LookupUnsupported: the provider cannot tell.
        """
        ...
