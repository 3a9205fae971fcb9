# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import tithi
from tests.integrations.identity.auth_service import AuthService, refusal, subject_of
from tests.integrations.scripted_service import Reply, ScriptedService, closed_address
from tithi.integrations.identity.contract import (
    AccountExistsError,
    CredentialsInvalidError,
    IdentityProvider,
    ProviderUnavailableError,
    RefreshRejectedError,
    Session,
    WeakPasswordError,
)
from tithi.integrations.identity.supabase import SupabaseProvider

ADA = "ada@example.org"
BOB = "bob@example.org"
WORD = "correct horse battery"
PROJECT_KEY = "publishable"
RETURN_URL = "https://tithi.example/welcome"

USES: list[Callable[[IdentityProvider], object]] = [
    lambda provider: provider.sign_up(email=ADA, password=WORD, metadata={}),
    lambda provider: provider.sign_in(email=ADA, password=WORD),
    lambda provider: provider.refresh("refresh"),
    lambda provider: provider.sign_out("access"),
]


@pytest.fixture
def auth() -> AuthService:
    return AuthService()


@pytest.fixture
def service(auth: AuthService) -> Iterator[ScriptedService]:
    service = ScriptedService(auth)
    yield service
    service.stop()


@pytest.fixture
def provider(service: ScriptedService) -> Iterator[SupabaseProvider]:
    provider = SupabaseProvider(url=service.url, key=PROJECT_KEY, return_url=RETURN_URL)
    yield provider
    provider.close()


def test_signing_up_opens_a_session_when_no_confirmation_is_asked_for(
    service: ScriptedService, provider: SupabaseProvider
) -> None:
    session = provider.sign_up(email=ADA, password=WORD, metadata={"full_name": "Ada"})
    assert session == Session(
        access_token=f"access-{ADA}",
        refresh_token=f"refresh-1-{ADA}",
        expires_in=3600,
        subject=subject_of(ADA),
        email=ADA,
    )
    [asked] = service.asked
    assert asked.json["data"] == {"full_name": "Ada"}
    assert asked.query["redirect_to"] == [RETURN_URL]
    assert asked.headers["apiKey"] == PROJECT_KEY


def test_signing_up_waits_for_the_confirmation_mail(auth: AuthService, provider: SupabaseProvider) -> None:
    auth.confirms_by_mail = True
    assert provider.sign_up(email=ADA, password=WORD, metadata={}) is None
    assert provider.sign_up(email=ADA, password="another word", metadata={}) is None  # noqa: S106 - a test's
    assert auth.passwords == {ADA: WORD}


def test_a_taken_address_is_told(provider: SupabaseProvider) -> None:
    provider.sign_up(email=ADA, password=WORD, metadata={})
    with pytest.raises(AccountExistsError):
        provider.sign_up(email=ADA, password=WORD, metadata={})


def test_a_weak_password_is_refused_with_a_reason_to_show(auth: AuthService, provider: SupabaseProvider) -> None:
    with pytest.raises(WeakPasswordError) as caught:
        provider.sign_up(email=ADA, password="short", metadata={})  # noqa: S106 - a test's
    assert "8 characters" in caught.value.reason
    assert auth.passwords == {}


def test_an_address_that_is_not_accepted_is_refused(auth: AuthService, provider: SupabaseProvider) -> None:
    auth.override = refusal(400, "email_address_invalid", f"Email address {ADA} is invalid")
    with pytest.raises(CredentialsInvalidError) as caught:
        provider.sign_up(email=ADA, password=WORD, metadata={})
    assert ADA not in str(caught.value)


def test_the_right_pair_opens_a_session_and_a_wrong_one_none(auth: AuthService, provider: SupabaseProvider) -> None:
    auth.passwords[ADA] = WORD
    assert provider.sign_in(email=ADA, password=WORD).subject == subject_of(ADA)
    for email, password in ((ADA, "wrong word"), (BOB, WORD)):
        with pytest.raises(CredentialsInvalidError):
            provider.sign_in(email=email, password=password)


def test_a_refresh_token_works_once(auth: AuthService, provider: SupabaseProvider) -> None:
    auth.passwords[ADA] = WORD
    first = provider.sign_in(email=ADA, password=WORD)
    assert provider.refresh(first.refresh_token).email == ADA
    for used in (first.refresh_token, "unknown", ""):
        with pytest.raises(RefreshRejectedError):
            provider.refresh(used)


def test_one_persons_requests_never_carry_anothers_token(
    auth: AuthService, service: ScriptedService, provider: SupabaseProvider
) -> None:
    auth.passwords.update({ADA: WORD, BOB: WORD})
    provider.sign_in(email=ADA, password=WORD)
    provider.sign_in(email=BOB, password=WORD)
    with pytest.raises(RefreshRejectedError):
        provider.refresh("unknown")
    assert {asked.headers["Authorization"] for asked in service.asked} == {f"Bearer {PROJECT_KEY}"}


def test_signing_out_ends_the_one_session_of_the_token(auth: AuthService, provider: SupabaseProvider) -> None:
    provider.sign_out("access-token")
    assert auth.ended == ["Bearer access-token local"]


@pytest.mark.parametrize("status", [401, 403, 404])
def test_signing_out_of_a_session_that_is_over_is_no_error(
    auth: AuthService, service: ScriptedService, provider: SupabaseProvider, status: int
) -> None:
    auth.override = refusal(status, "session_not_found", "Session not found")
    provider.sign_out("access-token")
    assert len(service.asked) == 1


@pytest.mark.parametrize("use", USES)
@pytest.mark.parametrize(
    "reply",
    [
        Reply(is_lost=True),
        Reply(status=500, body="<html>"),
        Reply(status=503, body={"message": "down"}),
        refusal(429, "over_request_rate_limit", "Request rate limit reached"),
        refusal(400, "captcha_failed", "captcha protection"),
        Reply(status=401, body={"message": "Invalid API key"}),
    ],
    ids=["lost", "broken", "down", "too many", "misconfigured", "wrong project key"],
)
def test_a_provider_that_does_not_serve_is_unavailable(
    auth: AuthService, provider: SupabaseProvider, use: Callable[[IdentityProvider], object], reply: Reply
) -> None:
    auth.override = reply
    with pytest.raises(ProviderUnavailableError):
        use(provider)


@pytest.mark.parametrize("use", USES[:3])
def test_an_answer_that_is_no_session_is_not_taken_for_one(
    auth: AuthService, provider: SupabaseProvider, use: Callable[[IdentityProvider], object]
) -> None:
    auth.override = Reply(body={"unexpected": True})
    with pytest.raises(ProviderUnavailableError):
        use(provider)


def test_a_pause_asked_for_is_passed_on(auth: AuthService, provider: SupabaseProvider) -> None:
    auth.override = Reply(
        status=429, body={"code": "over_request_rate_limit", "message": "slow"}, headers={"Retry-After": "30"}
    )
    with pytest.raises(ProviderUnavailableError) as caught:
        provider.sign_in(email=ADA, password=WORD)
    assert caught.value.retry_after == pytest.approx(30.0)


@pytest.mark.parametrize("use", USES)
def test_a_provider_that_does_not_listen_is_unavailable(use: Callable[[IdentityProvider], object]) -> None:
    provider = SupabaseProvider(url=closed_address(), key=PROJECT_KEY)
    with pytest.raises(ProviderUnavailableError):
        use(provider)
    provider.close()


@pytest.mark.parametrize("use", USES)
def test_the_guard_runs_before_each_request(
    service: ScriptedService, use: Callable[[IdentityProvider], object]
) -> None:
    class TransactionOpenError(Exception):
        pass

    def guard() -> None:
        raise TransactionOpenError

    provider = SupabaseProvider(url=service.url, key=PROJECT_KEY, before_call=guard)
    with pytest.raises(TransactionOpenError):
        use(provider)
    assert service.asked == []
    provider.close()


def test_the_providers_libraries_are_not_loaded_before_they_are_needed() -> None:
    program = """
import sys
import tithi.integrations.email.factory
import tithi.integrations.identity.supabase
import tithi.integrations.identity.tokens
import tithi.integrations.sms.factory
print(sorted({"supabase", "supabase_auth", "sendgrid", "resend", "twilio", "flask"} & set(sys.modules)))
"""
    done = subprocess.run(  # noqa: S603 - our own text
        [sys.executable, "-c", program],
        env={"PYTHONPATH": str(Path(tithi.__file__).parents[1])},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "[]"
