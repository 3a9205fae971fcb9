# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""Serve the sandbox from the command line until it is interrupted."""

import argparse
import signal
from pathlib import Path
from threading import Event

from tithi.integrations.stripe.sandbox.server import DEFAULT_SECRET_KEY, serve_in_thread
from tithi.integrations.stripe.sandbox.webhooks import WebhookEndpoint


def main() -> None:
    arguments = _parser().parse_args()
    running = serve_in_thread(
        state_path=arguments.state,
        secret_key=arguments.secret_key,
        webhooks=_endpoints(arguments),
        host=arguments.host,
        port=arguments.port,
    )
    stopped = Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopped.set())
    print(f"payment sandbox at {running.url}", flush=True)  # noqa: T201 - the command's one line of output
    stopped.wait()
    running.stop()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tithi.integrations.stripe.sandbox")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--state", type=Path, help="file that keeps the state; without it, memory")
    parser.add_argument("--secret-key", default=DEFAULT_SECRET_KEY)
    for name in ("connect", "platform"):
        parser.add_argument(f"--{name}-webhook-url")
        parser.add_argument(f"--{name}-webhook-secret")
    return parser


def _endpoints(arguments: argparse.Namespace) -> list[WebhookEndpoint]:
    pairs = (
        (arguments.connect_webhook_url, arguments.connect_webhook_secret, True),
        (arguments.platform_webhook_url, arguments.platform_webhook_secret, False),
    )
    return [
        WebhookEndpoint(url=url, secret=secret, connect=connect) for url, secret, connect in pairs if url and secret
    ]


if __name__ == "__main__":
    main()
