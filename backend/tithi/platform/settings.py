# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""Typed settings, read once from the environment when a process starts; a wrong or missing value stops the start."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from environs import Env, EnvError
from marshmallow import ValidationError, validate

ENVIRONMENTS = ("development", "test", "production")
SANDBOX_STRIPE_KEY_PREFIX = "sk_sandbox_"
MIN_SECRET_LENGTH = 32


class SettingsError(Exception):
    """A setting is missing or wrong; the message names it and what it takes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RateLimits:
    """Limits in the notation of the `limits` library ("100/minute")."""

    by_address: str
    by_user: str
    bookings: str
    payments: str
    sign_in: str
    public_booking: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    environment: str
    database_url: str
    worker_database_url: str
    migrator_database_url: str | None
    listen_database_url: str
    redis_url: str
    secret_key: str
    base_domain: str
    public_scheme: str
    api_host: str
    trusted_proxy_hops: int
    cors_origins: tuple[str, ...]
    bind_host: str
    port: int
    internal_port: int
    worker_internal_port: int
    web_workers: int
    web_threads: int
    database_pool_size: int
    stripe_secret_key: str
    stripe_publishable_key: str
    stripe_api_base: str | None
    stripe_calls_per_second: int
    stripe_connect_webhook_secrets: tuple[str, ...]
    stripe_platform_webhook_secrets: tuple[str, ...]
    subscription_price_cents: int
    subscription_currency: str
    trial_days: int
    email_provider: str
    email_from: str
    sendgrid_api_key: str | None
    resend_api_key: str | None
    sms_provider: str
    twilio_account_sid: str | None
    twilio_auth_token: str | None
    twilio_from: str | None
    message_sandbox_url: str | None
    identity_provider: str
    token_issuer: str
    token_signing_key: str | None
    supabase_url: str | None
    supabase_key: str | None
    sentry_dsn: str | None
    log_level: str
    log_format: str
    rate_limits: RateLimits

    @property
    def is_production(self) -> bool:
        return self.environment == "production"


def load_settings() -> Settings:
    """Read every `TITHI_*` variable.

    Raises:
        SettingsError: a value is missing or wrong.
    """
    env = Env(prefix="TITHI_", eager=True)
    try:
        settings = _read(env)
    except (EnvError, ValidationError) as error:
        raise SettingsError(str(error)) from error
    _check(settings)
    return settings


def _read(env: Env) -> Settings:
    database_url = env.str("DATABASE_URL", validate=_postgres_url)
    worker_database_url = env.str("WORKER_DATABASE_URL", validate=_postgres_url)
    base_domain = env.str("BASE_DOMAIN")
    scheme = env.str("PUBLIC_SCHEME", "https", validate=validate.OneOf(("http", "https")))
    port = env.int("PORT", 5001, validate=_port)
    return Settings(
        environment=env.str("ENV", "production", validate=validate.OneOf(ENVIRONMENTS)),
        database_url=database_url,
        worker_database_url=worker_database_url,
        migrator_database_url=env.str("MIGRATOR_DATABASE_URL", None),
        listen_database_url=env.str("LISTEN_DATABASE_URL", worker_database_url, validate=_postgres_url),
        redis_url=env.str("REDIS_URL"),
        secret_key=env.str("SECRET_KEY", validate=validate.Length(min=MIN_SECRET_LENGTH)),
        base_domain=base_domain,
        public_scheme=scheme,
        api_host=env.str("API_HOST", base_domain),
        trusted_proxy_hops=env.int("TRUSTED_PROXY_HOPS", 0, validate=validate.Range(min=0, max=5)),
        cors_origins=tuple(env.list("CORS_ORIGINS", [])),
        bind_host=env.str("BIND_HOST", "127.0.0.1"),
        port=port,
        internal_port=env.int("INTERNAL_PORT", port + 1, validate=_port),
        worker_internal_port=env.int("WORKER_INTERNAL_PORT", port + 6, validate=_port),
        web_workers=env.int("WEB_WORKERS", 1, validate=validate.Range(min=1, max=256)),
        web_threads=env.int("WEB_THREADS", 8, validate=validate.Range(min=1, max=256)),
        database_pool_size=env.int("DATABASE_POOL_SIZE", 8, validate=validate.Range(min=1, max=200)),
        stripe_secret_key=env.str("STRIPE_SECRET_KEY"),
        stripe_publishable_key=env.str("STRIPE_PUBLISHABLE_KEY"),
        stripe_api_base=env.str("STRIPE_API_BASE", None),
        stripe_calls_per_second=env.int("STRIPE_CALLS_PER_SECOND", 15, validate=validate.Range(min=1, max=1000)),
        stripe_connect_webhook_secrets=tuple(env.list("STRIPE_CONNECT_WEBHOOK_SECRETS", validate=_not_empty)),
        stripe_platform_webhook_secrets=tuple(env.list("STRIPE_PLATFORM_WEBHOOK_SECRETS", validate=_not_empty)),
        subscription_price_cents=env.int("SUBSCRIPTION_PRICE_CENTS", 1199, validate=validate.Range(min=50, max=99999)),
        subscription_currency=env.str("SUBSCRIPTION_CURRENCY", "USD", validate=validate.Regexp(r"^[A-Z]{3}$")),
        trial_days=env.int("TRIAL_DAYS", 14, validate=validate.Range(min=1, max=730)),
        email_provider=env.str("EMAIL_PROVIDER", validate=validate.OneOf(("sandbox", "sendgrid", "resend"))),
        email_from=env.str("EMAIL_FROM", validate=validate.Email()),
        sendgrid_api_key=env.str("SENDGRID_API_KEY", None),
        resend_api_key=env.str("RESEND_API_KEY", None),
        sms_provider=env.str("SMS_PROVIDER", "none", validate=validate.OneOf(("none", "sandbox", "twilio"))),
        twilio_account_sid=env.str("TWILIO_ACCOUNT_SID", None),
        twilio_auth_token=env.str("TWILIO_AUTH_TOKEN", None),
        twilio_from=env.str("TWILIO_FROM", None),
        message_sandbox_url=env.str("MESSAGE_SANDBOX_URL", None),
        identity_provider=env.str("IDENTITY_PROVIDER", validate=validate.OneOf(("local", "supabase"))),
        token_issuer=env.str("TOKEN_ISSUER", f"{scheme}://{base_domain}/auth"),
        token_signing_key=env.str("TOKEN_SIGNING_KEY", None),
        supabase_url=env.str("SUPABASE_URL", None),
        supabase_key=env.str("SUPABASE_KEY", None),
        sentry_dsn=env.str("SENTRY_DSN", None),
        log_level=env.str("LOG_LEVEL", "INFO", validate=validate.OneOf(("DEBUG", "INFO", "WARNING", "ERROR"))),
        log_format=env.str("LOG_FORMAT", "json", validate=validate.OneOf(("json", "console"))),
        rate_limits=RateLimits(
            by_address=env.str("RATE_LIMIT_BY_ADDRESS", "300/minute", validate=_rate),
            by_user=env.str("RATE_LIMIT_BY_USER", "100/minute", validate=_rate),
            bookings=env.str("RATE_LIMIT_BOOKINGS", "50/minute", validate=_rate),
            payments=env.str("RATE_LIMIT_PAYMENTS", "30/minute", validate=_rate),
            sign_in=env.str("RATE_LIMIT_SIGN_IN", "10/minute", validate=_rate),
            public_booking=env.str("RATE_LIMIT_PUBLIC_BOOKING", "30/minute", validate=_rate),
        ),
    )


def _check(settings: Settings) -> None:
    needed = {
        "sendgrid": {"SENDGRID_API_KEY": settings.sendgrid_api_key},
        "resend": {"RESEND_API_KEY": settings.resend_api_key},
        "twilio": {
            "TWILIO_ACCOUNT_SID": settings.twilio_account_sid,
            "TWILIO_AUTH_TOKEN": settings.twilio_auth_token,
            "TWILIO_FROM": settings.twilio_from,
        },
        "sandbox": {"MESSAGE_SANDBOX_URL": settings.message_sandbox_url},
        "local": {"TOKEN_SIGNING_KEY": settings.token_signing_key},
        "supabase": {"SUPABASE_URL": settings.supabase_url, "SUPABASE_KEY": settings.supabase_key},
    }
    for choice in (settings.email_provider, settings.sms_provider, settings.identity_provider):
        for name, value in needed.get(choice, {}).items():
            if not value:
                message = f'TITHI_{name} is needed with "{choice}"'
                raise SettingsError(message)
    if settings.is_production:
        _refuse_sandboxes(settings)


def _refuse_sandboxes(settings: Settings) -> None:
    sandboxed = {
        "TITHI_STRIPE_API_BASE": settings.stripe_api_base is not None,
        "TITHI_STRIPE_SECRET_KEY": settings.stripe_secret_key.startswith(SANDBOX_STRIPE_KEY_PREFIX),
        "TITHI_EMAIL_PROVIDER": settings.email_provider == "sandbox",
        "TITHI_SMS_PROVIDER": settings.sms_provider == "sandbox",
        "TITHI_PUBLIC_SCHEME": settings.public_scheme != "https",
    }
    for name, is_sandbox in sandboxed.items():
        if is_sandbox:
            message = f"{name}: a sandbox or an unprotected scheme is refused in production"
            raise SettingsError(message)


def _postgres_url(value: str) -> None:
    if urlsplit(value).scheme not in {"postgresql", "postgresql+psycopg2"}:
        message = "takes a URL postgresql://user:password@host/database"
        raise ValidationError(message)


def _not_empty(value: list[str]) -> None:
    if not value:
        message = "takes at least one value"
        raise ValidationError(message)


def _port(value: int) -> None:
    validate.Range(min=1, max=65535)(value)


def _rate(value: str) -> None:
    validate.Regexp(r"^\d+/(second|minute|hour|day)$", error='takes a rate such as "100/minute"')(value)
