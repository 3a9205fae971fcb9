# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""The public keys that access tokens are verified with: given at start, or fetched from the issuer and kept."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock
from typing import Any, Literal, Protocol

import requests
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from jwt import PyJWK
from jwt.exceptions import PyJWTError

from tithi.integrations.identity.contract import KeysUnavailableError

KEYS_FRESH_FOR = timedelta(minutes=10)
KEYS_USABLE_FOR = timedelta(hours=24)
FETCH_AT_MOST_EVERY = timedelta(minutes=1)
FETCH_TIMEOUT_SECONDS = (1.0, 10.0)
MIN_RSA_BITS = 2048
MAX_DOCUMENT_BYTES = 65_536

Algorithm = Literal["ES256", "RS256"]
PublicKey = ec.EllipticCurvePublicKey | rsa.RSAPublicKey


@dataclass(frozen=True, slots=True, kw_only=True)
class VerificationKey:
    """A public key bound to the one algorithm it may be used with."""

    algorithm: Algorithm
    public_key: PublicKey


class KeySource(Protocol):
    def key(self, kid: str) -> VerificationKey | None:
        """The key of that name, or `None` when the issuer does not have it.

        Raises:
            KeysUnavailable: the issuer's keys are not known at the moment.
        """
        ...


class KeysFetchFailedError(Exception):
    """The issuer gave no usable key document; `RemoteKeys` keeps what it has."""


class LocalKeys:
    """Keys known at start; entries that could not verify an allowed algorithm are left out."""

    def __init__(self, public_jwks: Mapping[str, Any]) -> None:
        self._keys = usable_keys(public_jwks)

    def key(self, kid: str) -> VerificationKey | None:
        return self._keys.get(kid)


class RemoteKeys:
    """Keys fetched from the issuer's key document.

    They are fetched anew after ten minutes, or when a token names an unknown one, but never more than once a minute.
    While the issuer does not answer, the last good document serves for a day.
    """

    def __init__(self, *, url: str, fetch: Callable[[str], Mapping[str, Any]], clock: Callable[[], datetime]) -> None:
        self._url = url
        self._fetch = fetch
        self._clock = clock
        self._keys: dict[str, VerificationKey] = {}
        self._fetched_at: datetime | None = None
        self._tried_at: datetime | None = None
        self._fetching = Lock()

    def key(self, kid: str) -> VerificationKey | None:
        if self._age() > KEYS_FRESH_FOR or kid not in self._keys:
            self._refresh(kid)
        if self._age() > KEYS_USABLE_FOR:
            message = "the issuer's keys cannot be fetched"
            raise KeysUnavailableError(message)
        return self._keys.get(kid)

    def _refresh(self, kid: str) -> None:
        """Fetch once for all threads; those that find a usable key go on with it instead of waiting."""
        has_usable_key = kid in self._keys and self._age() <= KEYS_USABLE_FOR
        if not self._fetching.acquire(blocking=not has_usable_key):
            return
        try:
            if self._tried_at is None or self._clock() - self._tried_at >= FETCH_AT_MOST_EVERY:
                self._fetch_now()
        finally:
            self._fetching.release()

    def _fetch_now(self) -> None:
        try:
            keys = usable_keys(self._fetch(self._url))
        except KeysFetchFailedError:
            keys = {}
        finally:
            self._tried_at = self._clock()
        if keys:
            self._keys = keys
            self._fetched_at = self._tried_at

    def _age(self) -> timedelta:
        fetched_at = self._fetched_at
        return timedelta.max if fetched_at is None else self._clock() - fetched_at


def fetch_key_document(url: str) -> Mapping[str, Any]:
    """Get a key document over HTTP.

    Raises:
        KeysFetchFailed: no answer, a refusal, or something that is no key document.
    """
    try:
        with requests.get(url, timeout=FETCH_TIMEOUT_SECONDS, allow_redirects=False, stream=True) as response:
            body = response.raw.read(MAX_DOCUMENT_BYTES + 1, decode_content=True)
            is_good = response.status_code == requests.codes.ok and len(body) <= MAX_DOCUMENT_BYTES
            document = json.loads(body) if is_good else None
    except (OSError, ValueError) as error:
        message = "the key document cannot be fetched"
        raise KeysFetchFailedError(message) from error
    if not isinstance(document, dict):
        message = "the answer is no key document"
        raise KeysFetchFailedError(message)
    return document


def usable_keys(document: Mapping[str, Any]) -> dict[str, VerificationKey]:
    """The named signing keys for ES256 and RS256; symmetric, weak and foreign entries are passed over."""
    entries = document.get("keys")
    found: dict[str, VerificationKey] = {}
    for entry in entries if isinstance(entries, list) else ():
        kid = entry.get("kid") if isinstance(entry, dict) else None
        key = _verification_key(entry) if isinstance(kid, str) and kid else None
        if key is not None:
            found[str(kid)] = key
    return found


def _verification_key(entry: dict[str, Any]) -> VerificationKey | None:
    algorithm = _algorithm(entry)
    if algorithm is None:
        return None
    members = {name: value for name, value in entry.items() if name in {"kty", "crv", "x", "y", "n", "e"}}
    try:
        public_key = PyJWK(members, algorithm=algorithm).key
    except (PyJWTError, ValueError, TypeError):
        return None
    if isinstance(public_key, rsa.RSAPublicKey) and public_key.key_size < MIN_RSA_BITS:
        return None
    if not isinstance(public_key, ec.EllipticCurvePublicKey | rsa.RSAPublicKey):
        return None
    return VerificationKey(algorithm=algorithm, public_key=public_key)


def _algorithm(entry: dict[str, Any]) -> Algorithm | None:
    algorithm: Algorithm
    if entry.get("kty") == "EC" and entry.get("crv") == "P-256":
        algorithm = "ES256"
    elif entry.get("kty") == "RSA":
        algorithm = "RS256"
    else:
        return None
    is_for_signing = entry.get("use", "sig") == "sig" and entry.get("alg", algorithm) == algorithm
    return algorithm if is_for_signing else None
