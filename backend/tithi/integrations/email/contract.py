# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""What the platform asks of a mail provider.

EmailError
├── EmailRefused       never going to be accepted as it is: bad address, bad content
├── EmailUnavailable   certainly not accepted; try again later or elsewhere
├── EmailUnknown       no answer: it may have been accepted; look it up, do not resend
└── LookupUnsupported  this provider cannot tell what it accepted
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

MAX_DEDUPE_KEY_LENGTH = 256
_BARE_ADDRESS = re.compile(r"[^\s<>,;:\"@]+@[^\s<>,;:\"@]+")


class EmailError(Exception):
    """Base of what a mail provider can answer besides yes; the text holds no address and no content."""


class EmailRefusedError(EmailError):
    """The message will not be accepted as it is, now or later.

    `is_bad_address` is true when the recipient's address is the cause, so that it can be suppressed.
    """

    def __init__(self, reason: str, *, is_bad_address: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.is_bad_address = is_bad_address


class EmailUnavailableError(EmailError):
    """The message was certainly not accepted; `retry_after` is in seconds when the provider asked for a pause."""

    def __init__(self, reason: str, *, retry_after: float | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.retry_after = retry_after


class EmailUnknownError(EmailError):
    """The request went out and no answer came back."""


class LookupUnsupportedError(EmailError):
    """The provider has no way to find a message by its dedupe key."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    filename: str
    content_type: str
    content: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class EmailMessage:
    """One mail to one address, given bare, without a display name.

    `from_name` is shown beside the provider's configured address. `dedupe_key` has at most 256 characters. `tags` are
    kept by the provider and returned in its delivery reports.

    Raises:
        EmailRefused: an address is not one bare address, a header field holds a line break, or the dedupe key is
            empty or too long.
    """

    to: str
    subject: str
    text: str
    html: str
    from_name: str
    dedupe_key: str
    reply_to: str | None = None
    attachments: tuple[Attachment, ...] = ()
    tags: Mapping[str, str]

    def __post_init__(self) -> None:
        headers = (self.to, self.subject, self.from_name, self.reply_to or "", *(a.filename for a in self.attachments))
        if any("\r" in header or "\n" in header or "\0" in header for header in headers):
            message = "a header field holds a line break"
            raise EmailRefusedError(message)
        for address, is_recipient in ((self.to, True), (self.reply_to, False)):
            if address is not None and not _BARE_ADDRESS.fullmatch(address):
                message = "not one bare address"
                raise EmailRefusedError(message, is_bad_address=is_recipient)
        if not 0 < len(self.dedupe_key) <= MAX_DEDUPE_KEY_LENGTH:
            message = f"the dedupe key needs 1 to {MAX_DEDUPE_KEY_LENGTH} characters"
            raise EmailRefusedError(message)


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """The provider took the message over; `provider_ref` is what its delivery reports will name."""

    provider: str
    provider_ref: str


class EmailSender(Protocol):
    @property
    def deduplicates(self) -> bool:
        """Whether a dedupe key sent again within a day reaches the recipient once, so that an unknown may be resent."""
        ...

    def send(self, message: EmailMessage) -> Accepted:
        """Hand the message to the provider.

        Raises:
            EmailRefused: it will never be accepted.
            EmailUnavailable: nothing happened; try again later.
            EmailUnknown: no answer; look it up before doing anything else.
        """
        ...

    def lookup(self, dedupe_key: str) -> Accepted | None:
        """Tell whether a message with this key was accepted; `None` means it certainly was not.

        Raises:
            EmailUnavailable: the provider did not answer.
            LookupUnsupported: the provider cannot tell.
        """
        ...
