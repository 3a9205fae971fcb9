# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""Verification of access tokens: who is speaking, never what they may do."""

import hashlib
import math
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from threading import Lock
from typing import Any
from uuid import UUID

import jwt
from jwt.exceptions import PyJWTError

from tithi.integrations.identity.contract import Assurance, Identity, TokenExpiredError, TokenInvalidError
from tithi.integrations.identity.keys import (
    KeySource,
    LocalKeys,
    RemoteKeys,
    VerificationKey,
    fetch_key_document,
)

__all__ = ["KeySource", "LocalKeys", "RemoteKeys", "TokenVerifier", "fetch_key_document"]

ALLOWED_ALGORITHMS = ("ES256", "RS256")
REQUIRED_CLAIMS = ("exp", "iat", "sub", "aud", "iss", "session_id")
MAX_LEEWAY = timedelta(seconds=30)
MAX_TOKEN_LENGTH = 16_384
MAX_SESSION_ID_LENGTH = 128
DEFAULT_CACHE_SIZE = 4096


@dataclass(frozen=True, slots=True, kw_only=True)
class _Verified:
    identity: Identity
    kid: str
    key: VerificationKey


class TokenVerifier:
    """Turns an access token into an `Identity`.

    The signature is checked once per token and remembered; the key's being in force and the token's times are checked
    on every call. Claims about roles and the metadata claims are not read.
    """

    def __init__(
        self,
        *,
        issuer: str,
        keys: KeySource,
        clock: Callable[[], datetime],
        audience: str = "authenticated",
        leeway: timedelta = MAX_LEEWAY,
        cache_size: int = DEFAULT_CACHE_SIZE,
    ) -> None:
        if not timedelta(0) <= leeway <= MAX_LEEWAY:
            message = f"the leeway must lie between 0 and {MAX_LEEWAY.total_seconds():.0f} seconds"
            raise ValueError(message)
        self._issuer = issuer
        self._audience = audience
        self._keys = keys
        self._clock = clock
        self._leeway = leeway
        self._remembered = _RecentTokens(cache_size)

    def verify(self, token: str) -> Identity:
        """Prove who a token speaks for.

        Raises:
            TokenExpired: it was good and is over.
            TokenInvalid: it proves nothing.
            KeysUnavailable: the issuer's keys are not known at the moment.
        """
        if len(token) > MAX_TOKEN_LENGTH or not token.isascii():
            message = "the token is no compact JWT"
            raise TokenInvalidError(message)
        digest = hashlib.sha256(token.encode()).digest()
        verified = self._remembered.get(digest)
        if verified is None or self._keys.key(verified.kid) != verified.key:
            verified = self._verify_signature(token)
            self._check_times(verified.identity)
            self._remembered.put(digest, verified)
        else:
            self._check_times(verified.identity)
        return verified.identity

    def _verify_signature(self, token: str) -> _Verified:
        kid, key = self._key_of(token)
        try:
            claims = jwt.decode(
                token,
                key=key.public_key,
                algorithms=[key.algorithm],
                audience=self._audience,
                issuer=self._issuer,
                options={
                    "require": list(REQUIRED_CLAIMS),
                    "verify_exp": False,
                    "verify_iat": False,
                    "verify_nbf": False,
                },
            )
            identity = _identity(claims, audience=self._audience, now=self._clock(), leeway=self._leeway)
        except (PyJWTError, ValueError, OverflowError, RecursionError) as error:
            message = "the token proves nothing"
            raise TokenInvalidError(message) from error
        return _Verified(identity=identity, kid=kid, key=key)

    def _key_of(self, token: str) -> tuple[str, VerificationKey]:
        try:
            header = jwt.get_unverified_header(token)
        except (PyJWTError, ValueError, RecursionError) as error:
            message = "the token is no compact JWT"
            raise TokenInvalidError(message) from error
        kid = header.get("kid")
        if header.get("alg") not in ALLOWED_ALGORITHMS or "crit" in header or not isinstance(kid, str):
            message = "the token's header is not acceptable"
            raise TokenInvalidError(message)
        key = self._keys.key(kid)
        if key is None:
            message = "the token names a key that the issuer does not have"
            raise TokenInvalidError(message)
        return kid, key

    def _check_times(self, identity: Identity) -> None:
        now = self._clock()
        if now >= identity.expires_at + self._leeway:
            message = "the token's time is over"
            raise TokenExpiredError(message)
        if identity.issued_at > now + self._leeway:
            message = "the token is from the future"
            raise TokenInvalidError(message)


class _RecentTokens:
    """The tokens verified last, by the hash of the whole token; the least recently used one gives way."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._entries: OrderedDict[bytes, _Verified] = OrderedDict()
        self._lock = Lock()

    def get(self, digest: bytes) -> _Verified | None:
        with self._lock:
            verified = self._entries.get(digest)
            if verified is not None:
                self._entries.move_to_end(digest)
            return verified

    def put(self, digest: bytes, verified: _Verified) -> None:
        with self._lock:
            self._entries[digest] = verified
            self._entries.move_to_end(digest)
            while len(self._entries) > self._size:
                self._entries.popitem(last=False)


def _identity(claims: Mapping[str, Any], *, audience: str, now: datetime, leeway: timedelta) -> Identity:
    """Read the claims of a token whose signature, issuer and audience are good; `ValueError` when one is odd."""
    if claims["aud"] not in (audience, [audience]):
        message = "meant for others too"
        raise ValueError(message)
    if claims.get("is_anonymous", False) is not False:
        message = "an anonymous account is nobody"
        raise ValueError(message)
    if "nbf" in claims and _time(claims["nbf"]) > now + leeway:
        message = "not valid yet"
        raise ValueError(message)
    identity = Identity(
        subject=str(UUID(_text(claims["sub"], longest=36))),
        email=_text(claims.get("email") or "", longest=320),
        session_id=_text(claims["session_id"], longest=MAX_SESSION_ID_LENGTH),
        assurance=_assurance(claims.get("aal")),
        issued_at=_time(claims["iat"]),
        expires_at=_time(claims["exp"]),
    )
    if not identity.session_id or identity.expires_at <= identity.issued_at:
        message = "no session, or no time"
        raise ValueError(message)
    return identity


def _text(value: object, *, longest: int) -> str:
    if not isinstance(value, str) or len(value) > longest:
        message = "not a text of fitting length"
        raise ValueError(message)
    return value


def _time(value: object) -> datetime:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        message = "not a time"
        raise ValueError(message)
    return datetime.fromtimestamp(value, tz=UTC)


def _assurance(value: object) -> Assurance:
    """Anything but a proven second factor counts as one factor."""
    return "aal2" if value == "aal2" else "aal1"
