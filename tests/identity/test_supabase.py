# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""The hosted provider behind the same routes: its tokens are verified by the keys it publishes."""

from collections.abc import Iterator
from dataclasses import replace
from typing import cast
from uuid import uuid4

import pytest
from flask import Flask

from tests.factories.businesses import BASE_URL, Answer
from tests.integrations.scripted_service import Reply, ScriptedService
from tests.stack import Stack
from tithi.app import create_app
from tithi.integrations.identity.signing import TokenSigner, generate_signing_key
from tithi.platform import clock

API = "/api/v1"


@pytest.fixture
def hosted() -> Iterator[tuple[ScriptedService, TokenSigner]]:
    """The hosted service, which here publishes keys alone."""
    service = ScriptedService(lambda _asked: Reply(status=404))
    signer = TokenSigner(private_pem=generate_signing_key(), issuer=f"{service.url}/auth/v1", clock=clock.now)
    service.script = lambda asked: Reply(body=signer.jwks()) if asked.path.endswith("/jwks.json") else Reply(status=204)
    yield service, signer
    service.stop()


@pytest.fixture
def hosted_app(stack: Stack, app: Flask, hosted: tuple[ScriptedService, TokenSigner]) -> Iterator[Flask]:
    assert app is not None
    settings = replace(
        stack.settings, identity_provider="supabase", supabase_url=hosted[0].url, supabase_key="publishable"
    )
    made = create_app(settings)
    yield made
    made.extensions["tithi.identities"].provider.close()


def _me(app: Flask, token: str) -> Answer:
    headers = {"Authorization": f"Bearer {token}"}
    return cast("Answer", app.test_client().get(f"{API}/auth/me", base_url=BASE_URL, headers=headers))


def test_a_hosted_account_is_known_at_its_first_request(
    hosted_app: Flask, hosted: tuple[ScriptedService, TokenSigner]
) -> None:
    subject = str(uuid4())
    token = hosted[1].mint(subject=subject, email=f"{subject}@example.org", session_id=str(uuid4()))
    for _ in range(2):
        answer = _me(hosted_app, token)
        assert (answer.status_code, answer.json["id"]) == (200, subject)
    assert answer.json["email"] == f"{subject}@example.org"


def test_a_token_of_another_signer_is_refused(hosted_app: Flask, hosted: tuple[ScriptedService, TokenSigner]) -> None:
    forger = TokenSigner(private_pem=generate_signing_key(), issuer=f"{hosted[0].url}/auth/v1", clock=clock.now)
    answer = _me(hosted_app, forger.mint(subject=str(uuid4()), email="eve@example.org", session_id=str(uuid4())))
    assert (answer.status_code, answer.json["code"]) == (401, "TITHI_AUTH_TOKEN_INVALID")


def test_a_hosted_session_that_was_signed_out_is_refused(
    hosted_app: Flask, hosted: tuple[ScriptedService, TokenSigner]
) -> None:
    subject = str(uuid4())
    token = hosted[1].mint(subject=subject, email=f"{subject}@example.org", session_id=str(uuid4()))
    assert _me(hosted_app, token).status_code == 200
    signed_out = hosted_app.test_client().post(
        f"{API}/auth/logout", base_url=BASE_URL, headers={"Authorization": f"Bearer {token}"}
    )
    assert signed_out.status_code == 204
    assert _me(hosted_app, token).status_code == 401
