# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

from datetime import timedelta

import jwt
import pytest

from tests.integrations.identity.issuer import (
    ISSUER,
    SESSION,
    START,
    SUBJECT,
    Clock,
    Issuer,
    hmac_sha256,
    rsa_key,
)
from tithi.integrations.identity.contract import Identity, TokenExpiredError, TokenInvalidError
from tithi.integrations.identity.tokens import LocalKeys, TokenVerifier

ADA = Identity(
    subject=SUBJECT,
    email="ada@example.org",
    session_id=SESSION,
    assurance="aal1",
    issued_at=START,
    expires_at=START + timedelta(minutes=15),
)


def test_an_honest_token_proves_who_speaks(issuer: Issuer, verifier: TokenVerifier) -> None:
    assert verifier.verify(issuer.token()) == ADA


def test_an_rsa_signed_token_is_accepted_from_an_issuer_with_an_rsa_key(issuer: Issuer, clock: Clock) -> None:
    key, entry = rsa_key(2048)
    verifier = TokenVerifier(issuer=ISSUER, keys=LocalKeys({"keys": [entry]}), clock=clock)
    assert verifier.verify(jwt.encode(issuer.claims(), key, algorithm="RS256", headers={"kid": "rsa"})) == ADA


def test_a_token_without_a_signature_is_refused(issuer: Issuer, verifier: TokenVerifier) -> None:
    for algorithm in ("none", "None", "NONE", ""):
        token = issuer.raw_token({"alg": algorithm, "typ": "JWT", "kid": issuer.kid}, lambda _signed: b"")
        with pytest.raises(TokenInvalidError):
            verifier.verify(token)


def test_a_symmetric_signature_made_with_the_public_key_is_refused(issuer: Issuer, verifier: TokenVerifier) -> None:
    token = issuer.raw_token({"alg": "HS256", "typ": "JWT", "kid": issuer.kid}, hmac_sha256(issuer.public_pem))
    with pytest.raises(TokenInvalidError):
        verifier.verify(token)


def test_a_symmetric_key_in_the_key_document_is_not_a_key(issuer: Issuer, clock: Clock) -> None:
    document = {"keys": [{"kty": "oct", "k": "c2VjcmV0", "kid": issuer.kid, "alg": "HS256"}]}
    verifier = TokenVerifier(issuer=ISSUER, keys=LocalKeys(document), clock=clock)
    for algorithm in ("HS256", "ES256"):
        token = issuer.raw_token({"alg": algorithm, "kid": issuer.kid}, hmac_sha256(b"secret"))
        with pytest.raises(TokenInvalidError):
            verifier.verify(token)


def test_a_legacy_service_key_is_no_user(issuer: Issuer, verifier: TokenVerifier) -> None:
    claims = {"iss": "supabase", "ref": "project", "role": "service_role", "iat": 1, "exp": 4_000_000_000}
    token = issuer.raw_token({"alg": "HS256", "typ": "JWT"}, hmac_sha256(b"project secret"), claims)
    with pytest.raises(TokenInvalidError):
        verifier.verify(token)


def test_a_good_signature_under_another_algorithms_name_is_refused(issuer: Issuer, verifier: TokenVerifier) -> None:
    good = issuer.token()
    _, claims, signature = good.split(".")
    for algorithm in ("RS256", "ES384", "PS256", "es256"):
        header = issuer.raw_token({"alg": algorithm, "kid": issuer.kid}, lambda _signed: b"").split(".")[0]
        with pytest.raises(TokenInvalidError):
            verifier.verify(f"{header}.{claims}.{signature}")


@pytest.mark.parametrize("claim", ["exp", "iat", "sub", "aud", "iss", "session_id"])
def test_a_token_lacking_a_required_claim_is_refused(issuer: Issuer, verifier: TokenVerifier, claim: str) -> None:
    with pytest.raises(TokenInvalidError):
        verifier.verify(issuer.token(without=claim))


@pytest.mark.parametrize(
    ("claim", "value"),
    [
        ("aud", "anon"),
        ("aud", ["authenticated", "others"]),
        ("aud", []),
        ("iss", "https://tithi.example/auth/"),
        ("iss", "https://evil.example/auth"),
        ("sub", "admin"),
        ("sub", ""),
        ("session_id", ""),
        ("session_id", "s" * 129),
        ("exp", "4000000000"),
        ("exp", True),
        ("exp", 1e300),
        ("exp", 1_772_366_400),
        ("iat", None),
        ("iat", 1_772_366_400 + 31),
        ("nbf", 1_772_366_400 + 31),
        ("nbf", "soon"),
        ("email", ["ada@example.org"]),
        ("is_anonymous", True),
    ],
)
def test_an_odd_claim_is_refused(issuer: Issuer, verifier: TokenVerifier, claim: str, value: object) -> None:
    with pytest.raises(TokenInvalidError):
        verifier.verify(issuer.token(changes={claim: value}))


def test_a_list_naming_only_us_is_our_audience(issuer: Issuer, verifier: TokenVerifier) -> None:
    assert verifier.verify(issuer.token(aud=["authenticated"])) == ADA


def test_a_token_is_good_until_thirty_seconds_past_its_time(
    issuer: Issuer, verifier: TokenVerifier, clock: Clock
) -> None:
    token, fresh_token = issuer.token(), issuer.token(jti="another")
    clock.pass_by(minutes=15, seconds=29)
    assert verifier.verify(token) == ADA
    clock.pass_by(seconds=1)
    for late in (token, fresh_token):
        with pytest.raises(TokenExpiredError):
            verifier.verify(late)


def test_a_leeway_above_thirty_seconds_cannot_be_configured(issuer: Issuer, clock: Clock) -> None:
    with pytest.raises(ValueError, match="leeway"):
        TokenVerifier(issuer=ISSUER, keys=LocalKeys(issuer.signer.jwks()), clock=clock, leeway=timedelta(seconds=31))


def test_a_forged_key_name_opens_nothing(issuer: Issuer, verifier: TokenVerifier, clock: Clock) -> None:
    stranger = Issuer(clock)
    for kid in (stranger.kid, issuer.kid, "../../dev/null", "' OR 1=1"):
        with pytest.raises(TokenInvalidError):
            verifier.verify(stranger.token(headers={"kid": kid}))


def test_a_token_without_a_key_name_is_refused(issuer: Issuer, verifier: TokenVerifier) -> None:
    token = jwt.encode(issuer.claims(), issuer.pem, algorithm="ES256")
    with pytest.raises(TokenInvalidError):
        verifier.verify(token)


def test_a_key_carried_by_the_token_itself_is_not_used(verifier: TokenVerifier, clock: Clock) -> None:
    stranger = Issuer(clock)
    own_key = stranger.signer.jwks()["keys"][0]
    for header in ({"jwk": own_key}, {"jku": "https://evil.example/jwks.json"}, {"x5u": "https://evil.example/c.pem"}):
        with pytest.raises(TokenInvalidError):
            verifier.verify(stranger.token(headers=header))


def test_a_token_with_critical_extensions_is_refused(issuer: Issuer, verifier: TokenVerifier) -> None:
    headers: list[dict[str, object]] = [{"crit": ["exp"]}, {"crit": ["b64"], "b64": True}, {"crit": []}]
    for header in headers:
        token = issuer.token(headers=header)
        with pytest.raises(TokenInvalidError):
            verifier.verify(token)


def test_claims_about_roles_and_metadata_change_nothing(issuer: Issuer, verifier: TokenVerifier) -> None:
    forged = issuer.token(
        role="service_role",
        tenant_id="somebody-elses",
        membership_role="owner",
        user_metadata={"role": "owner", "email": "boss@example.org"},
        app_metadata={"role": "owner"},
    )
    assert verifier.verify(forged) == ADA


@pytest.mark.parametrize(("claimed", "granted"), [("aal2", "aal2"), ("aal3", "aal1"), (2, "aal1"), (None, "aal1")])
def test_only_a_proven_second_factor_raises_assurance(
    issuer: Issuer, verifier: TokenVerifier, claimed: object, granted: str
) -> None:
    assert verifier.verify(issuer.token(aal=claimed)).assurance == granted


@pytest.mark.parametrize(
    "token", ["", "a", "a.b", "a.b.c", "a.b.c.d", "e30.e30.e30", "ü.ü.ü", "a" * 20_000, "[" * 9_000]
)
def test_what_is_no_token_is_refused(verifier: TokenVerifier, token: str) -> None:
    with pytest.raises(TokenInvalidError):
        verifier.verify(token)


def test_an_altered_token_is_refused_after_the_honest_one_was_seen(issuer: Issuer, verifier: TokenVerifier) -> None:
    honest = issuer.token()
    assert verifier.verify(honest) == ADA
    head, _, signature = honest.split(".")
    other_claims = issuer.token(sub="00000000-0000-0000-0000-000000000001").split(".")[1]
    for altered in (f"{head}.{other_claims}.{signature}", honest[:-4] + "AAAA"):
        with pytest.raises(TokenInvalidError):
            verifier.verify(altered)


def test_remembering_few_tokens_still_judges_all_of_them(issuer: Issuer, clock: Clock) -> None:
    keys = LocalKeys(issuer.signer.jwks())
    verifier = TokenVerifier(issuer=ISSUER, keys=keys, clock=clock, cache_size=2)
    tokens = [issuer.token(jti=str(number)) for number in range(4)]
    assert [verifier.verify(token) for token in tokens * 2] == [ADA] * 8
