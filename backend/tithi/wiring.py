# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""The rooms, and how they are found: by name, no room registers itself."""

from collections.abc import Iterator
from datetime import timedelta
from importlib import import_module
from importlib.util import find_spec
from types import ModuleType

from flask import Flask

from tithi.billing.processor import Billing
from tithi.billing.queries import MirroredEntitlements
from tithi.bookings import visit_queries
from tithi.delivery.senders import Senders
from tithi.identity.service import Identities, Principals
from tithi.integrations.email.factory import email_sender
from tithi.integrations.identity.signing import TokenSigner
from tithi.integrations.identity.tokens import LocalKeys, RemoteKeys, TokenVerifier, fetch_key_document
from tithi.integrations.sms.factory import sms_sender
from tithi.integrations.stripe.billing_client import StripeBilling
from tithi.integrations.stripe.budget import CallBudget
from tithi.integrations.stripe.client import StripeProcessor
from tithi.payments.processor import Processing
from tithi.platform import clock
from tithi.platform.db import refuse_open_transaction
from tithi.platform.http import Room
from tithi.platform.pipeline import Ports
from tithi.platform.ratelimit import RateLimiter
from tithi.platform.settings import Settings, SettingsError
from tithi.tenants.queries import directory

DOMAINS = (
    "tenants",
    "identity",
    "billing",
    "resources",
    "team",
    "customers",
    "delivery",
    "catalog",
    "availability",
    "payments",
    "promotions",
    "bookings",
    "notifications",
)
ROUTE_MODULES = (
    "routes",
    "public_routes",
    "desk_routes",
    "class_routes",
    "waitlist_routes",
    "calendar_routes",
    "change_routes",
    "explain_routes",
    "quote_routes",
    "gift_card_routes",
    "package_routes",
    "referral_routes",
    "receipt_routes",
    "money_routes",
    "ledger_routes",
    "dispute_routes",
)
LIVE_KEY = "_live_"
ROOM_NAMES = ("blueprint", "flow")


def load(part: str) -> list[ModuleType]:
    """Import one part (`models`, `handlers`, `tasks`, …) of every room that has it."""
    return [import_module(f"tithi.{room}.{part}") for room in DOMAINS if find_spec(f"tithi.{room}.{part}") is not None]


def rooms() -> Iterator[Room]:
    """Every blueprint of every room."""
    for part in ROUTE_MODULES:
        for module in load(part):
            for name in ROOM_NAMES:
                if hasattr(module, name):
                    yield getattr(module, name)


def connect(app: Flask, settings: Settings) -> None:
    """Fill the ports that the platform and the rooms declare."""
    identities = _identities(settings)
    app.extensions["tithi"] = Ports(
        settings=settings,
        tenants=directory,
        principals=Principals(identities),
        entitlements=MirroredEntitlements(timedelta(days=settings.trial_days)),
        limiter=RateLimiter(settings.redis_url),
    )
    app.extensions["tithi.identities"] = identities
    app.extensions["tithi.visits"] = visit_queries
    _connect_money(app, settings)
    app.extensions["tithi.senders"] = Senders(
        email=email_sender(
            provider=settings.email_provider,
            from_address=settings.email_from,
            api_key=settings.sendgrid_api_key if settings.email_provider == "sendgrid" else settings.resend_api_key,
            sandbox_url=settings.message_sandbox_url,
            before_call=refuse_open_transaction,
        ),
        sms=sms_sender(
            provider=settings.sms_provider,
            account_sid=settings.twilio_account_sid,
            auth_token=settings.twilio_auth_token,
            sender=settings.twilio_from,
            sandbox_url=settings.message_sandbox_url,
            before_call=refuse_open_transaction,
        ),
    )


def _connect_money(app: Flask, settings: Settings) -> None:
    processor = StripeProcessor(
        secret_key=settings.stripe_secret_key,
        api_base=settings.stripe_api_base,
        before_call=refuse_open_transaction,
        budget=CallBudget(settings.redis_url, calls_per_second=settings.stripe_calls_per_second),
    )
    app.extensions["tithi.payments"] = Processing(
        processor=processor,
        webhook_secrets=settings.stripe_connect_webhook_secrets,
        publishable_key=settings.stripe_publishable_key,
    )
    app.extensions["tithi.billing"] = Billing(
        processor=StripeBilling(processor),
        events=processor,
        webhook_secrets=settings.stripe_platform_webhook_secrets,
        publishable_key=settings.stripe_publishable_key,
        is_live=LIVE_KEY in settings.stripe_secret_key,
        unit_amount_cents=settings.subscription_price_cents,
        currency=settings.subscription_currency,
        trial=timedelta(days=settings.trial_days),
    )


def _identities(settings: Settings) -> Identities:
    if settings.identity_provider == "supabase":
        return _supabase(settings)
    local = import_module("tithi.identity.local")
    signer = TokenSigner(private_pem=settings.token_signing_key or "", issuer=settings.token_issuer, clock=clock.now)
    verifier = TokenVerifier(issuer=settings.token_issuer, keys=LocalKeys(signer.jwks()), clock=clock.now)
    return Identities(local.LocalProvider(signer), verifier, signer.jwks(), mirrors_accounts=False)


def _supabase(settings: Settings) -> Identities:
    if settings.supabase_url is None or settings.supabase_key is None:
        message = "TITHI_SUPABASE_URL and TITHI_SUPABASE_KEY are needed"
        raise SettingsError(message)
    base = f"{settings.supabase_url.rstrip('/')}/auth/v1"
    keys = RemoteKeys(url=f"{base}/.well-known/jwks.json", fetch=fetch_key_document, clock=clock.now)
    provider = import_module("tithi.integrations.identity.supabase").SupabaseProvider(
        url=settings.supabase_url, key=settings.supabase_key, before_call=refuse_open_transaction
    )
    verifier = TokenVerifier(issuer=base, keys=keys, clock=clock.now)
    return Identities(provider, verifier, {"keys": []}, mirrors_accounts=True)
