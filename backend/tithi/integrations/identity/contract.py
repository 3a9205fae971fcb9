# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""What the platform asks of an identity provider, and what a verified access token proves.

IdentityError
├── TokenExpired         was good, is over: refresh or sign in again
├── TokenInvalid         not ours, altered, or lacking something; treat as no token
├── KeysUnavailable      tokens cannot be judged: no usable keys
├── CredentialsInvalid   wrong address or password, told apart from nothing
├── AccountExists        the address already has an account
├── WeakPassword         the provider's password rule is not met
├── RefreshRejected      the refresh token is unknown, used or revoked: sign in again
└── ProviderUnavailable  no answer, or asked to slow down; try again later
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

Assurance = Literal["aal1", "aal2"]


class IdentityError(Exception):
    """Base of what can go wrong; the text holds no address, password or token."""


class TokenExpiredError(IdentityError):
    """The access token's time is over."""


class TokenInvalidError(IdentityError):
    """The access token proves nothing."""


class KeysUnavailableError(IdentityError):
    """The verification keys could not be fetched and the kept ones are too old."""


class CredentialsInvalidError(IdentityError):
    """The address and password do not open an account."""


class AccountExistsError(IdentityError):
    """The address already has an account."""


class WeakPasswordError(IdentityError):
    """The password is refused; `reason` is fit to be shown to the person who chose it."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class RefreshRejectedError(IdentityError):
    """The refresh token opens no session any more."""


class ProviderUnavailableError(IdentityError):
    """The provider did not answer or refused to serve; `retry_after` is in seconds when it asked for a pause."""

    def __init__(self, reason: str, *, retry_after: float | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.retry_after = retry_after


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Who a verified access token speaks for; times are aware, in UTC. It says nothing about roles."""

    subject: str
    """UUID in lower case with hyphens."""
    email: str
    """As the provider knows it; empty for an account without one."""
    session_id: str
    assurance: Assurance
    issued_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """A signed-in person's tokens; `expires_in` is the access token's life in seconds."""

    access_token: str
    refresh_token: str
    expires_in: int
    subject: str
    email: str


class IdentityProvider(Protocol):
    """Every method raises `ProviderUnavailableError` when the provider cannot be reached."""

    def sign_up(self, *, email: str, password: str, metadata: Mapping[str, str]) -> Session | None:
        """Open an account; `None` means that a confirmation mail is on its way.

        Raises:
            AccountExists: the address is taken; a provider may hide this by returning `None`.
            WeakPassword: the password is refused.
        """
        ...

    def sign_in(self, *, email: str, password: str) -> Session:
        """Open a session.

        Raises:
            CredentialsInvalid: the pair opens nothing.
        """
        ...

    def refresh(self, refresh_token: str) -> Session:
        """Exchange a refresh token, once, for a new pair.

        Raises:
            RefreshRejected: it is unknown, used or revoked.
        """
        ...

    def sign_out(self, access_token: str) -> None:
        """End the token's session; a session that is already over is no error."""
        ...
