# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""Access tokens for the local provider, in the shape the hosted one uses, signed with ES256."""

import hashlib
import json
from base64 import urlsafe_b64encode
from collections.abc import Callable
from datetime import datetime
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from tithi.integrations.identity.contract import Assurance

ACCESS_TOKEN_SECONDS = 900
AUDIENCE = "authenticated"
ALGORITHM = "ES256"
_COORDINATE_BYTES = 32


class SigningKeyInvalidError(ValueError):
    """The configured key is not an unencrypted P-256 private key in PEM form."""


class TokenSigner:
    r"""Mints access tokens that live 15 minutes.

    `private_pem` may hold its line breaks as `\n`, as environment files do.

    Raises:
        SigningKeyInvalid: the key cannot sign ES256.
    """

    def __init__(self, *, private_pem: str, issuer: str, clock: Callable[[], datetime]) -> None:
        self._key = _private_key(private_pem)
        self._issuer = issuer
        self._clock = clock
        self._jwk = _public_jwk(self._key.public_key())

    def mint(
        self,
        *,
        subject: str,
        email: str,
        session_id: str,
        assurance: Assurance = "aal1",
        methods: tuple[str, ...] = ("password",),
    ) -> str:
        """Sign a token for a session; `subject` is a UUID, `methods` is how the person proved who they are."""
        issued_at = int(self._clock().timestamp())
        claims: dict[str, Any] = {
            "iss": self._issuer,
            "aud": AUDIENCE,
            "sub": subject,
            "email": email,
            "session_id": session_id,
            "role": "authenticated",
            "aal": assurance,
            "amr": [{"method": method, "timestamp": issued_at} for method in methods],
            "iat": issued_at,
            "exp": issued_at + ACCESS_TOKEN_SECONDS,
        }
        return jwt.encode(claims, self._key, algorithm=ALGORITHM, headers={"kid": self._jwk["kid"]})

    def jwks(self) -> dict[str, list[dict[str, str]]]:
        """The public half, as the document that verifiers fetch."""
        return {"keys": [dict(self._jwk)]}


def generate_signing_key() -> str:
    """A new P-256 private key in PEM form."""
    key = ec.generate_private_key(ec.SECP256R1())
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def _private_key(private_pem: str) -> ec.EllipticCurvePrivateKey:
    message = "the signing key must be an unencrypted P-256 private key in PEM form"
    try:
        key = load_pem_private_key(private_pem.replace("\\n", "\n").encode(), password=None)
    except (ValueError, TypeError) as error:
        raise SigningKeyInvalidError(message) from error
    if not isinstance(key, ec.EllipticCurvePrivateKey) or not isinstance(key.curve, ec.SECP256R1):
        raise SigningKeyInvalidError(message)
    return key


def _public_jwk(key: ec.EllipticCurvePublicKey) -> dict[str, str]:
    point = key.public_numbers()
    members = {"crv": "P-256", "kty": "EC", "x": _coordinate(point.x), "y": _coordinate(point.y)}
    return {**members, "alg": ALGORITHM, "use": "sig", "kid": _thumbprint(members)}


def _thumbprint(members: dict[str, str]) -> str:
    """RFC 7638: the hash of the required members, sorted, without spaces."""
    canonical = json.dumps(members, separators=(",", ":"), sort_keys=True)
    return _base64url(hashlib.sha256(canonical.encode()).digest())


def _coordinate(value: int) -> str:
    return _base64url(value.to_bytes(_COORDINATE_BYTES, "big"))


def _base64url(value: bytes) -> str:
    return urlsafe_b64encode(value).rstrip(b"=").decode()
