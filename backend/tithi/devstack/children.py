# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""The programs of the stack besides Postgres and Valkey, and the commands that prepare it."""

import sys
from collections.abc import Mapping
from dataclasses import dataclass

from tithi.devstack.environment import REPOSITORY, Secrets, Stack
from tithi.devstack.ports import HOST
from tithi.devstack.processes import Program

_PYTHON = [sys.executable, "-m"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Children:
    """Sandboxes are there before the demo data are loaded, processes start after it."""

    migrate: Program
    demo: Program
    sandboxes: tuple[Program, ...]
    processes: tuple[Program, ...]


def all_children(stack: Stack, known: Secrets, environment: Mapping[str, str]) -> Children:
    def program(name: str, *command: str) -> Program:
        return Program(
            name=name,
            command=[*_PYTHON, *command],
            environment=environment,
            directory=REPOSITORY,
            pid_file=stack.pids / f"{name}.json",
        )

    messages = program("messages", "tithi.integrations.messages_sandbox", *_message_options(stack))
    stripe = program("stripe", "tithi.integrations.stripe.sandbox", *_stripe_options(stack, known))
    worker_options = ("--without-gossip", "--without-mingle", "--loglevel=WARNING")
    beat_options = (f"--schedule={stack.beat / 'schedule'}", "--pidfile=", "--loglevel=WARNING")
    return Children(
        migrate=program("migrate", "tithi.cli", "migrate"),
        demo=program("demo", "tithi.cli", "demo"),
        sandboxes=(messages, stripe) if stack.has_stripe_sandbox else (messages,),
        processes=(
            program("web", "tithi.cli", "web"),
            program("worker", "celery", "-q", "-A", "tithi.worker", "worker", *worker_options, _concurrency(stack)),
            program("beat", "celery", "-q", "-A", "tithi.worker", "beat", *beat_options),
        ),
    )


def _concurrency(stack: Stack) -> str:
    return f"--concurrency={stack.environment.get('TITHI_WORKER_CONCURRENCY') or '2'}"


def _message_options(stack: Stack) -> tuple[str, ...]:
    state = stack.sandboxes / "messages.json"
    return ("--host", HOST, "--port", str(stack.ports.message_sandbox), "--state", str(state))


def _stripe_options(stack: Stack, known: Secrets) -> tuple[str, ...]:
    webhooks = f"http://localhost:{stack.ports.web}/api/v1/payments/webhooks"
    options = {
        "--host": HOST,
        "--port": str(stack.ports.stripe_sandbox),
        "--state": str(stack.sandboxes / "stripe.json"),
        "--secret-key": known.stripe_secret_key,
        "--connect-webhook-url": f"{webhooks}/connect",
        "--connect-webhook-secret": known.stripe_connect_webhook_secret,
        "--platform-webhook-url": f"{webhooks}/platform",
        "--platform-webhook-secret": known.stripe_platform_webhook_secret,
    }
    return tuple(part for option in options.items() for part in option)
