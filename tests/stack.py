# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""The throw-away stack of one test process: Postgres built by the migrations, Valkey, and the sandboxes over HTTP."""

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from alembic import command

from tests.mutation import copies
from tests.mutation.copies import CopiedDatabase
from tithi.commands.migrate import configuration
from tithi.devstack.postgres import ThrowawayPostgres
from tithi.devstack.valkey import ThrowawayValkey
from tithi.integrations.identity.signing import generate_signing_key
from tithi.integrations.messages_sandbox import server as messages_sandbox
from tithi.integrations.stripe.sandbox import server as stripe_sandbox
from tithi.platform import roles
from tithi.platform.settings import RateLimits, Settings

DATABASE = "tithi"
PLATFORM_WEBHOOK_SECRET = "whsec_" + "p" * 32
WEBHOOK_SECRET = "whsec_" + "t" * 32
UNLIMITED = "1000000/minute"
UNLIMITED_CALLS = 1000
NO_LIMITS = RateLimits(
    by_address=UNLIMITED,
    by_user=UNLIMITED,
    bookings=UNLIMITED,
    payments=UNLIMITED,
    sign_in=UNLIMITED,
    public_booking=UNLIMITED,
)


@dataclass(frozen=True, slots=True)
class Stack:
    postgres: ThrowawayPostgres | CopiedDatabase
    valkey: ThrowawayValkey
    stripe: stripe_sandbox.RunningSandbox
    messages: messages_sandbox.RunningSandbox
    settings: Settings

    def dsn(self, role: str) -> str:
        return self.postgres.dsn(role, DATABASE)


@contextmanager
def running_stack() -> Iterator[Stack]:
    with ExitStack() as held:
        postgres = held.enter_context(built_postgres())
        valkey = held.enter_context(ThrowawayValkey())
        stripe = stripe_sandbox.serve_in_thread(secret_key="sk_sandbox_" + "t" * 24)
        held.callback(stripe.stop)
        messages = messages_sandbox.serve_in_thread()
        held.callback(messages.stop)
        yield Stack(postgres, valkey, stripe, messages, make_settings(postgres, valkey, stripe, messages))


@contextmanager
def built_postgres() -> Iterator[ThrowawayPostgres | CopiedDatabase]:
    """A server of its own with the database; or a copy of one that was built before, where the environment names it."""
    with ExitStack() as held:
        if built := os.environ.get(copies.BUILT):
            yield held.enter_context(copies.copy_of(built))
            return
        postgres = held.enter_context(ThrowawayPostgres())
        build_database(postgres, DATABASE)
        yield postgres


def build_database(postgres: ThrowawayPostgres | CopiedDatabase, name: str) -> None:
    """Make the roles and a database as production does: bootstrap by the superuser, schema by the migrator."""
    roles.bootstrap_cluster(postgres.superuser_dsn)
    roles.bootstrap_database(postgres.superuser_dsn, name)
    command.upgrade(configuration(postgres.dsn("tithi_migrator", name)), "head")


def make_settings(
    postgres: ThrowawayPostgres | CopiedDatabase,
    valkey: ThrowawayValkey,
    stripe: stripe_sandbox.RunningSandbox,
    messages: messages_sandbox.RunningSandbox,
) -> Settings:
    return Settings(
        environment="test",
        database_url=postgres.dsn("tithi_app", DATABASE),
        worker_database_url=postgres.dsn("tithi_worker", DATABASE),
        migrator_database_url=postgres.dsn("tithi_migrator", DATABASE),
        listen_database_url=postgres.dsn("tithi_worker", DATABASE),
        redis_url=valkey.url,
        secret_key="s" * 64,
        base_domain="tithi.test",
        public_scheme="http",
        api_host="tithi.test",
        trusted_proxy_hops=0,
        cors_origins=("https://dashboard.example",),
        bind_host="127.0.0.1",
        port=5001,
        internal_port=5002,
        worker_internal_port=5007,
        web_workers=1,
        web_threads=8,
        database_pool_size=40,
        stripe_secret_key="sk_sandbox_" + "t" * 24,
        stripe_publishable_key="pk_sandbox_" + "t" * 24,
        stripe_api_base=stripe.url,
        stripe_calls_per_second=UNLIMITED_CALLS,
        stripe_connect_webhook_secrets=(WEBHOOK_SECRET,),
        stripe_platform_webhook_secrets=(PLATFORM_WEBHOOK_SECRET,),
        subscription_price_cents=1199,
        subscription_currency="USD",
        trial_days=14,
        email_provider="sandbox",
        email_from="bookings@tithi.test",
        sendgrid_api_key=None,
        resend_api_key=None,
        sms_provider="sandbox",
        twilio_account_sid=None,
        twilio_auth_token=None,
        twilio_from=None,
        message_sandbox_url=messages.url,
        identity_provider="local",
        token_issuer="http://tithi.test/auth",  # noqa: S106 - an address
        token_signing_key=generate_signing_key(),
        supabase_url=None,
        supabase_key=None,
        sentry_dsn=None,
        log_level="ERROR",
        log_format="json",
        rate_limits=NO_LIMITS,
    )
