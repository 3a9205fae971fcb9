# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""An issuer of tokens for tests: honest ones, and every kind of dishonest one."""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key

from tithi.integrations.identity.keys import KeysFetchFailedError
from tithi.integrations.identity.signing import TokenSigner, generate_signing_key

ISSUER = "https://tithi.example/auth"
SUBJECT = "0c2a3f7e-7f1b-4f43-9a55-1d0c8f3b2a11"
SESSION = "5f0f5b9c-50a4-4c1c-8b57-3c2f1f3d9e21"
START = datetime(2026, 3, 1, 12, tzinfo=UTC)


@dataclass(slots=True)
class Clock:
    now: datetime = START

    def __call__(self) -> datetime:
        return self.now

    def pass_by(self, **span: float) -> None:
        self.now += timedelta(**span)


@dataclass(slots=True)
class Issuer:
    """Signs whatever claims it is told to with its P-256 key."""

    clock: Clock
    pem: str = field(default_factory=generate_signing_key)

    @property
    def signer(self) -> TokenSigner:
        return TokenSigner(private_pem=self.pem, issuer=ISSUER, clock=self.clock)

    @property
    def kid(self) -> str:
        return self.signer.jwks()["keys"][0]["kid"]

    @property
    def public_pem(self) -> bytes:
        key = load_pem_private_key(self.pem.encode(), password=None)
        return key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)

    def claims(self) -> dict[str, Any]:
        now = int(self.clock().timestamp())
        return {
            "iss": ISSUER,
            "aud": "authenticated",
            "sub": SUBJECT,
            "email": "ada@example.org",
            "session_id": SESSION,
            "role": "authenticated",
            "aal": "aal1",
            "iat": now,
            "exp": now + 900,
        }

    def token(
        self,
        *,
        headers: Mapping[str, object] | None = None,
        without: str = "",
        changes: Mapping[str, object] | None = None,
        **more_changes: object,
    ) -> str:
        changed = {**self.claims(), **(changes or {}), **more_changes}
        claims = {name: value for name, value in changed.items() if name != without}
        return jwt.encode(claims, self.pem, algorithm="ES256", headers={"kid": self.kid, **(headers or {})})

    def raw_token(
        self, header: Mapping[str, Any], sign: Callable[[bytes], bytes], claims: Mapping[str, Any] | None = None
    ) -> str:
        """A token put together by hand, past the library's own caution."""
        signed = f"{_segment(header)}.{_segment(claims or self.claims())}"
        return f"{signed}.{_base64url(sign(signed.encode()))}"


@dataclass(slots=True)
class KeyDocument:
    """The issuer's key document as seen over a network that a test can cut."""

    document: Mapping[str, Any]
    fetches: int = 0
    is_reachable: bool = True

    def fetch(self, _url: str) -> Mapping[str, Any]:
        self.fetches += 1
        if not self.is_reachable:
            message = "cut"
            raise KeysFetchFailedError(message)
        return self.document


def hmac_sha256(secret: bytes) -> Callable[[bytes], bytes]:
    return lambda signed: hmac.new(secret, signed, hashlib.sha256).digest()


def rsa_key(bits: int) -> tuple[rsa.RSAPrivateKey, dict[str, Any]]:
    """A private key and its public entry for a key document, under the name "rsa"."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=bits)
    entry = jwt.algorithms.RSAAlgorithm.to_jwk(key.public_key(), as_dict=True)
    return key, {**entry, "kid": "rsa", "alg": "RS256", "use": "sig"}


def _segment(content: Mapping[str, Any]) -> str:
    return _base64url(json.dumps(content).encode())


def _base64url(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()
