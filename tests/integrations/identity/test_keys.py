# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

from collections.abc import Iterator

import jwt
import pytest

from tests.integrations.identity.issuer import ISSUER, SUBJECT, Clock, Issuer, KeyDocument, rsa_key
from tests.integrations.scripted_service import Reply, ScriptedService, closed_address
from tithi.integrations.identity.contract import KeysUnavailableError, TokenInvalidError
from tithi.integrations.identity.keys import KeysFetchFailedError, RemoteKeys, fetch_key_document, usable_keys
from tithi.integrations.identity.tokens import TokenVerifier

URL = "https://tithi.example/auth/.well-known/jwks.json"
ONCE, TWICE = 1, 2


@pytest.fixture
def document(issuer: Issuer) -> KeyDocument:
    return KeyDocument(issuer.signer.jwks())


@pytest.fixture
def verifier(document: KeyDocument, clock: Clock) -> TokenVerifier:
    keys = RemoteKeys(url=URL, fetch=document.fetch, clock=clock)
    return TokenVerifier(issuer=ISSUER, keys=keys, clock=clock)


@pytest.fixture
def service() -> Iterator[ScriptedService]:
    service = ScriptedService(lambda _asked: Reply())
    yield service
    service.stop()


def test_keys_are_fetched_once_in_ten_minutes(
    issuer: Issuer, verifier: TokenVerifier, document: KeyDocument, clock: Clock
) -> None:
    for _ in range(3):
        verifier.verify(issuer.token())
        clock.pass_by(minutes=3)
    assert document.fetches == ONCE
    clock.pass_by(minutes=2)
    assert verifier.verify(issuer.token()).subject == SUBJECT
    assert document.fetches == TWICE


def test_forged_key_names_fetch_at_most_once_a_minute(
    issuer: Issuer, verifier: TokenVerifier, document: KeyDocument, clock: Clock
) -> None:
    verifier.verify(issuer.token())
    for number in range(50):
        clock.pass_by(seconds=1)
        with pytest.raises(TokenInvalidError):
            verifier.verify(issuer.token(headers={"kid": f"forged-{number}"}))
    assert document.fetches == ONCE
    clock.pass_by(seconds=10)
    with pytest.raises(TokenInvalidError):
        verifier.verify(issuer.token(headers={"kid": "forged"}))
    assert document.fetches == TWICE


def test_a_new_key_is_found_without_waiting_ten_minutes(
    issuer: Issuer, verifier: TokenVerifier, document: KeyDocument, clock: Clock
) -> None:
    verifier.verify(issuer.token())
    successor = Issuer(clock)
    document.document = {"keys": [*issuer.signer.jwks()["keys"], *successor.signer.jwks()["keys"]]}
    clock.pass_by(minutes=1)
    assert verifier.verify(successor.token()).subject == SUBJECT
    assert verifier.verify(issuer.token()).subject == SUBJECT


def test_a_withdrawn_key_ends_even_tokens_seen_before(
    issuer: Issuer, verifier: TokenVerifier, document: KeyDocument, clock: Clock
) -> None:
    seen = issuer.token(exp=int(clock().timestamp()) + 3600)
    verifier.verify(seen)
    document.document = Issuer(clock).signer.jwks()
    clock.pass_by(minutes=10, seconds=1)
    with pytest.raises(TokenInvalidError):
        verifier.verify(seen)


def test_another_key_under_the_same_name_ends_tokens_seen_before(
    issuer: Issuer, verifier: TokenVerifier, document: KeyDocument, clock: Clock
) -> None:
    seen = issuer.token(exp=int(clock().timestamp()) + 3600)
    verifier.verify(seen)
    [other] = Issuer(clock).signer.jwks()["keys"]
    document.document = {"keys": [{**other, "kid": issuer.kid}]}
    clock.pass_by(minutes=10, seconds=1)
    with pytest.raises(TokenInvalidError):
        verifier.verify(seen)


def test_an_outage_of_the_issuer_is_bridged_for_a_day(
    issuer: Issuer, verifier: TokenVerifier, document: KeyDocument, clock: Clock
) -> None:
    verifier.verify(issuer.token())
    document.is_reachable = False
    clock.pass_by(hours=24)
    assert verifier.verify(issuer.token()).subject == SUBJECT
    clock.pass_by(seconds=1)
    with pytest.raises(KeysUnavailableError):
        verifier.verify(issuer.token())
    document.is_reachable = True
    clock.pass_by(minutes=1)
    assert verifier.verify(issuer.token()).subject == SUBJECT


def test_an_outage_is_probed_at_most_once_a_minute(
    issuer: Issuer, verifier: TokenVerifier, document: KeyDocument, clock: Clock
) -> None:
    verifier.verify(issuer.token())
    document.is_reachable = False
    clock.pass_by(minutes=11)
    for _ in range(5):
        verifier.verify(issuer.token())
        clock.pass_by(seconds=10)
    assert document.fetches == TWICE


def test_without_any_keys_tokens_cannot_be_judged(
    issuer: Issuer, verifier: TokenVerifier, document: KeyDocument
) -> None:
    document.is_reachable = False
    for _ in range(3):
        with pytest.raises(KeysUnavailableError):
            verifier.verify(issuer.token())
    assert document.fetches == ONCE


@pytest.mark.parametrize("emptied", [{}, {"keys": []}, {"keys": "none"}, {"keys": [None, {"kid": "x"}]}])
def test_a_document_without_usable_keys_counts_as_an_outage(
    issuer: Issuer, verifier: TokenVerifier, document: KeyDocument, clock: Clock, emptied: dict[str, object]
) -> None:
    verifier.verify(issuer.token())
    document.document = emptied
    clock.pass_by(minutes=11)
    assert verifier.verify(issuer.token()).subject == SUBJECT


def test_only_fitting_signing_keys_are_taken_from_a_document(issuer: Issuer) -> None:
    [good] = issuer.signer.jwks()["keys"]
    _, weak = rsa_key(1024)
    unfit = [
        {**good, "kid": "for encryption", "use": "enc"},
        {**good, "kid": "other algorithm", "alg": "ES384"},
        {**good, "kid": "other curve", "crv": "secp256k1"},
        {**good, "kid": "off the curve", "x": good["y"]},
        {**good, "kid": 7},
        {**good, "kid": ""},
        {**weak, "kid": "weak"},
        {"kid": "symmetric", "kty": "oct", "k": "c2VjcmV0"},
        {"kid": "edwards", "kty": "OKP", "crv": "Ed25519", "x": good["x"]},
    ]
    assert list(usable_keys({"keys": [*unfit, good]})) == [good["kid"]]


def test_the_key_document_is_fetched_over_http(issuer: Issuer, service: ScriptedService, clock: Clock) -> None:
    service.script = lambda _asked: Reply(body=issuer.signer.jwks())
    keys = RemoteKeys(url=f"{service.url}/jwks.json", fetch=fetch_key_document, clock=clock)
    assert TokenVerifier(issuer=ISSUER, keys=keys, clock=clock).verify(issuer.token()).subject == SUBJECT
    assert [asked.path for asked in service.asked] == ["/jwks.json"]


@pytest.mark.parametrize(
    "reply",
    [
        Reply(status=500, body={"keys": []}),
        Reply(status=302, headers={"Location": "/elsewhere"}),
        Reply(body="<html>"),
        Reply(body=["keys"]),
        Reply(body={"keys": "k" * 70_000}),
        Reply(is_lost=True),
    ],
)
def test_an_answer_that_is_no_key_document_is_a_failed_fetch(service: ScriptedService, reply: Reply) -> None:
    service.script = lambda _asked: reply
    with pytest.raises(KeysFetchFailedError):
        fetch_key_document(service.url)
    assert len(service.asked) == ONCE


def test_an_issuer_that_does_not_listen_is_a_failed_fetch() -> None:
    with pytest.raises(KeysFetchFailedError):
        fetch_key_document(closed_address())


def test_a_fetched_rsa_key_verifies_only_its_own_algorithm(issuer: Issuer, clock: Clock) -> None:
    key, entry = rsa_key(2048)
    document = KeyDocument({"keys": [entry]})
    keys = RemoteKeys(url=URL, fetch=document.fetch, clock=clock)
    verifier = TokenVerifier(issuer=ISSUER, keys=keys, clock=clock)
    good = jwt.encode(issuer.claims(), key, algorithm="RS256", headers={"kid": "rsa"})
    assert verifier.verify(good).subject == SUBJECT
    with pytest.raises(TokenInvalidError):
        verifier.verify(jwt.encode(issuer.claims(), key, algorithm="PS256", headers={"kid": "rsa"}))
