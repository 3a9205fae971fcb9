# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

import pytest

from tithi.platform.settings import SettingsError, load_settings

GOOD = {
    "ENV": "development",
    "DATABASE_URL": "postgresql://tithi_app@localhost/tithi",
    "WORKER_DATABASE_URL": "postgresql://tithi_worker@localhost/tithi",
    "REDIS_URL": "redis://localhost:6379/0",
    "SECRET_KEY": "k" * 32,
    "BASE_DOMAIN": "localhost:5001",
    "STRIPE_SECRET_KEY": "sk_sandbox_x",
    "STRIPE_PUBLISHABLE_KEY": "pk_sandbox_x",
    "STRIPE_CONNECT_WEBHOOK_SECRETS": "whsec_new,whsec_old",
    "STRIPE_PLATFORM_WEBHOOK_SECRETS": "whsec_platform",
    "EMAIL_PROVIDER": "sandbox",
    "EMAIL_FROM": "bookings@example.com",
    "MESSAGE_SANDBOX_URL": "http://localhost:5006",
    "IDENTITY_PROVIDER": "local",
    "TOKEN_SIGNING_KEY": "pem",
}


def _set(monkeypatch: pytest.MonkeyPatch, **changes: str | None) -> None:
    for name, value in {**GOOD, **changes}.items():
        if value is None:
            monkeypatch.delenv(f"TITHI_{name}", raising=False)
        else:
            monkeypatch.setenv(f"TITHI_{name}", value)


def test_good_settings_are_read_with_their_types(monkeypatch: pytest.MonkeyPatch) -> None:
    _set(monkeypatch, PORT="6001")
    settings = load_settings()
    assert settings.stripe_connect_webhook_secrets == ("whsec_new", "whsec_old")
    assert (settings.port, settings.internal_port) == (6001, 6002)
    assert settings.rate_limits.by_user == "100/minute"


@pytest.mark.parametrize("name", sorted(set(GOOD) - {"ENV"}))
def test_a_missing_setting_stops_the_start_and_is_named(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    _set(monkeypatch, **{name: None})
    with pytest.raises(SettingsError, match=name):
        load_settings()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DATABASE_URL", "mysql://localhost/tithi"),
        ("SECRET_KEY", "short"),
        ("PORT", "seventy"),
        ("PORT", "70000"),
        ("EMAIL_PROVIDER", "pigeon"),
        ("EMAIL_FROM", "nobody"),
        ("RATE_LIMIT_BY_USER", "many"),
        ("EMAIL_PROVIDER", "sendgrid"),
        ("IDENTITY_PROVIDER", "supabase"),
        ("SMS_PROVIDER", "twilio"),
        ("LOG_LEVEL", "LOUD"),
    ],
)
def test_a_wrong_setting_stops_the_start(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    _set(monkeypatch, **{name: value})
    with pytest.raises(SettingsError):
        load_settings()


PRODUCTION: dict[str, str | None] = {
    "ENV": None,
    "STRIPE_SECRET_KEY": "rk_live_x",
    "EMAIL_PROVIDER": "sendgrid",
    "SENDGRID_API_KEY": "SG.x",
}


def test_production_is_what_runs_when_nothing_else_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    _set(monkeypatch, **PRODUCTION)
    assert load_settings().is_production


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("STRIPE_SECRET_KEY", "sk_sandbox_x"),
        ("STRIPE_API_BASE", "http://localhost:5005"),
        ("EMAIL_PROVIDER", "sandbox"),
        ("SMS_PROVIDER", "sandbox"),
        ("PUBLIC_SCHEME", "http"),
    ],
)
def test_a_sandbox_is_refused_in_production(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    _set(monkeypatch, **{**PRODUCTION, name: value})
    with pytest.raises(SettingsError, match=name):
        load_settings()
