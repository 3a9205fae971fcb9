# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""The hosted identity provider, through its own client library."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

import httpx

from tithi.integrations.identity.contract import (
    AccountExistsError,
    CredentialsInvalidError,
    IdentityError,
    ProviderUnavailableError,
    RefreshRejectedError,
    Session,
    WeakPasswordError,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from supabase import AuthError, Client
    from supabase_auth.types import Session as OpenedSession
    from supabase_auth.types import SignUpWithPasswordCredentials

Answer = TypeVar("Answer")

TIMEOUT = httpx.Timeout(connect=1.0, read=10.0, write=10.0, pool=1.0)
MAX_RETRY_AFTER_SECONDS = 3600.0
_REFUSALS = frozenset({400, 401, 403, 404, 422})
_ACCOUNT_EXISTS = frozenset({"user_already_exists", "email_exists"})
_BAD_REGISTRATION = frozenset({"email_address_invalid", "email_address_not_authorized", "validation_failed"})
_MISCONFIGURED = frozenset({"captcha_failed", "email_provider_disabled", "no_authorization", "signup_disabled"})
NO_SESSION = "the refresh token opens no session"


class SupabaseProvider:
    """Accounts and sessions kept by Supabase Auth.

    `key` is the project's publishable key. `return_url` is where its mails lead people back to; the project's own
    setting holds when it is absent. `before_call` runs before each request.
    """

    def __init__(
        self, *, url: str, key: str, before_call: Callable[[], None] = lambda: None, return_url: str | None = None
    ) -> None:
        self._url = url
        self._key = key
        self._before_call = before_call
        self._return_url = return_url
        self._http = httpx.Client(timeout=TIMEOUT, follow_redirects=False)

    def sign_up(self, *, email: str, password: str, metadata: Mapping[str, str]) -> Session | None:
        """Open an account; for an address that has one the project may answer as if a mail had been sent."""
        credentials: SignUpWithPasswordCredentials = {
            "email": email,
            "password": password,
            "options": {
                "data": dict(metadata),
                **({"email_redirect_to": self._return_url} if self._return_url else {}),
            },
        }
        opened = self._call(lambda client: client.auth.sign_up(credentials), refusal=_sign_up_refusal)
        return _session(opened.session) if opened is not None and opened.session is not None else None

    def sign_in(self, *, email: str, password: str) -> Session:
        opened = self._call(
            lambda client: client.auth.sign_in_with_password({"email": email, "password": password}),
            refusal=_sign_in_refusal,
        )
        return _session(opened.session if opened is not None else None)

    def refresh(self, refresh_token: str) -> Session:
        if not refresh_token:
            raise RefreshRejectedError(NO_SESSION)
        opened = self._call(lambda client: client.auth.refresh_session(refresh_token), refusal=_refresh_refusal)
        return _session(opened.session if opened is not None else None)

    def sign_out(self, access_token: str) -> None:
        self._call(lambda client: client.auth.admin.sign_out(access_token, "local"), refusal=_no_refusal)

    def close(self) -> None:
        self._http.close()

    def _call(
        self, action: Callable[[Client], Answer], *, refusal: Callable[[str, str], IdentityError | None]
    ) -> Answer | None:
        """Run one request on a client of its own, since the library's client keeps the last caller's token.

        `refusal` turns the code and text of a refused request into an error, or into `None` when it is as good as done.
        """
        import supabase  # noqa: PLC0415 - takes most of a second to load and is not needed by the local provider

        self._before_call()
        options = supabase.ClientOptions(
            auto_refresh_token=False, persist_session=False, flow_type="implicit", httpx_client=self._http
        )
        try:
            return action(supabase.create_client(self._url, self._key, options))
        except supabase.AuthError as error:
            translated = _translate(error, refusal)
            if translated is None:
                return None
            raise translated from error
        except ValueError as error:
            message = "the identity provider's answer is not understood"
            raise ProviderUnavailableError(message) from error


def _session(session: OpenedSession | None) -> Session:
    if session is None:
        message = "the identity provider's answer holds no session"
        raise ProviderUnavailableError(message)
    return Session(
        access_token=session.access_token,
        refresh_token=session.refresh_token,
        expires_in=session.expires_in,
        subject=session.user.id,
        email=session.user.email or "",
    )


def _translate(error: AuthError, refusal: Callable[[str, str], IdentityError | None]) -> IdentityError | None:
    status: int = getattr(error, "status", 0)
    code = str(error.code or "")
    if code == "weak_password":
        return WeakPasswordError(error.message)
    if status in _REFUSALS and code not in _MISCONFIGURED and not _is_from_the_gateway(status, code):
        return refusal(code, error.message)
    message = f"the identity provider answered with status {status}" if status else "the identity provider is silent"
    return ProviderUnavailableError(message, retry_after=_retry_after(error))


def _is_from_the_gateway(status: int, code: str) -> bool:
    """A 401 without a code does not come from the identity service: the project key is wrong."""
    return status == httpx.codes.UNAUTHORIZED and not code


def _sign_up_refusal(code: str, text: str) -> IdentityError:
    if code in _ACCOUNT_EXISTS or "already registered" in text.lower():
        message = "the address already has an account"
        return AccountExistsError(message)
    if code in _BAD_REGISTRATION:
        message = "the address is not accepted"
        return CredentialsInvalidError(message)
    message = f"the identity provider refused to open an account ({code or 'no reason given'})"
    return ProviderUnavailableError(message)


def _sign_in_refusal(_code: str, _text: str) -> IdentityError:
    message = "the address and password do not open an account"
    return CredentialsInvalidError(message)


def _refresh_refusal(_code: str, _text: str) -> IdentityError:
    return RefreshRejectedError(NO_SESSION)


def _no_refusal(_code: str, _text: str) -> None:
    """A refused sign-out has nothing to end; a refused reset must look like a granted one."""


def _retry_after(error: BaseException) -> float | None:
    response = getattr(error.__cause__, "response", None)
    seconds = response.headers.get("retry-after", "") if response is not None else ""
    return min(float(seconds), MAX_RETRY_AFTER_SECONDS) if seconds.isdecimal() else None
