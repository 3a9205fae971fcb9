# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

import base64
import hashlib

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, NoEncryption, PrivateFormat

from tests.integrations.identity.issuer import ISSUER, SESSION, SUBJECT, Clock
from tithi.integrations.identity.signing import (
    ACCESS_TOKEN_SECONDS,
    SigningKeyInvalidError,
    TokenSigner,
    generate_signing_key,
)
from tithi.integrations.identity.tokens import LocalKeys, TokenVerifier


@pytest.fixture
def signer(clock: Clock) -> TokenSigner:
    return TokenSigner(private_pem=generate_signing_key(), issuer=ISSUER, clock=clock)


def test_a_minted_token_passes_verification(signer: TokenSigner, clock: Clock) -> None:
    token = signer.mint(subject=SUBJECT, email="ada@example.org", session_id=SESSION, assurance="aal2")
    identity = TokenVerifier(issuer=ISSUER, keys=LocalKeys(signer.jwks()), clock=clock).verify(token)
    assert (identity.subject, identity.email, identity.session_id) == (SUBJECT, "ada@example.org", SESSION)
    assert identity.assurance == "aal2"
    assert (identity.expires_at - identity.issued_at).total_seconds() == ACCESS_TOKEN_SECONDS


def test_a_minted_token_has_the_hosted_providers_shape(signer: TokenSigner, clock: Clock) -> None:
    token = signer.mint(subject=SUBJECT, email="ada@example.org", session_id=SESSION)
    claims = jwt.decode(token, options={"verify_signature": False})
    now = int(clock().timestamp())
    assert claims == {
        "iss": ISSUER,
        "aud": "authenticated",
        "sub": SUBJECT,
        "email": "ada@example.org",
        "session_id": SESSION,
        "role": "authenticated",
        "aal": "aal1",
        "amr": [{"method": "password", "timestamp": now}],
        "iat": now,
        "exp": now + ACCESS_TOKEN_SECONDS,
    }
    assert jwt.get_unverified_header(token) == {"alg": "ES256", "typ": "JWT", "kid": signer.jwks()["keys"][0]["kid"]}


def test_the_key_document_holds_the_public_half_only(signer: TokenSigner) -> None:
    [entry] = signer.jwks()["keys"]
    assert set(entry) == {"kty", "crv", "x", "y", "alg", "use", "kid"}


def test_the_key_name_is_the_standard_thumbprint(signer: TokenSigner) -> None:
    [entry] = signer.jwks()["keys"]
    canonical = f'{{"crv":"P-256","kty":"EC","x":"{entry["x"]}","y":"{entry["y"]}"}}'
    digest = hashlib.sha256(canonical.encode()).digest()
    assert entry["kid"] == base64.urlsafe_b64encode(digest).decode().rstrip("=")


def test_the_same_key_has_the_same_name_after_a_restart(clock: Clock) -> None:
    pem = generate_signing_key()
    first, second = (TokenSigner(private_pem=pem, issuer=ISSUER, clock=clock).jwks() for _ in range(2))
    assert first == second


def test_a_key_on_one_line_is_understood(clock: Clock) -> None:
    pem = generate_signing_key()
    on_one_line = TokenSigner(private_pem=pem.replace("\n", "\\n"), issuer=ISSUER, clock=clock)
    assert on_one_line.jwks() == TokenSigner(private_pem=pem, issuer=ISSUER, clock=clock).jwks()


def test_a_key_that_cannot_sign_is_refused_at_start(clock: Clock) -> None:
    unfit = [
        "",
        "no key",
        rsa.generate_private_key(public_exponent=65537, key_size=2048)
        .private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        .decode(),
        ec.generate_private_key(ec.SECP384R1())
        .private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        .decode(),
        ec.generate_private_key(ec.SECP256R1())
        .private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"word"))
        .decode(),
    ]
    for pem in unfit:
        with pytest.raises(SigningKeyInvalidError):
            TokenSigner(private_pem=pem, issuer=ISSUER, clock=clock)
