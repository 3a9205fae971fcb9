# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""A stateful stand-in for Stripe, served over HTTP, so that money paths can be run and broken without Stripe.

It keeps accounts, customers, cards, setups, payments, refunds, fees, balances, prices, subscriptions, invoices and
events as Stripe documents them, with idempotency keys, account isolation, signed webhooks, a settable clock and faults
on command. It mimics; it decides nothing for the product. `create_sandbox` makes the WSGI application,
`serve_in_thread` runs one, and `python -m tithi.integrations.stripe.sandbox` serves one from the command line.
"""

from tithi.integrations.stripe.sandbox.app import Sandbox, create_sandbox
from tithi.integrations.stripe.sandbox.server import RunningSandbox, serve_in_thread
from tithi.integrations.stripe.sandbox.webhooks import WebhookEndpoint

__all__ = ["RunningSandbox", "Sandbox", "WebhookEndpoint", "create_sandbox", "serve_in_thread"]
