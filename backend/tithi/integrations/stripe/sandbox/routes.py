# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""Which request is which operation; `is_public` marks what a customer's browser may ask for."""

from collections.abc import Callable
from dataclasses import dataclass

from werkzeug.routing import Map, Rule

from tithi.integrations.stripe.sandbox import (
    accounts,
    application_fees,
    balance_transactions,
    charges,
    collection,
    customers,
    disputes,
    event_routes,
    invoices,
    payment_intents,
    payment_methods,
    payouts,
    prices,
    refunds,
    setup_intents,
    subscriptions,
)
from tithi.integrations.stripe.sandbox.call import Body


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    run: Callable[..., Body]
    is_public: bool = False


_PUBLIC = (
    ("POST", "/v1/payment_methods", payment_methods.create),
    ("GET", "/v1/setup_intents/<intent>", setup_intents.retrieve),
    ("POST", "/v1/setup_intents/<intent>/confirm", setup_intents.confirm),
    ("GET", "/v1/payment_intents/<intent>", payment_intents.retrieve),
    ("POST", "/v1/payment_intents/<intent>/confirm", payment_intents.confirm),
)
_PRIVATE = (
    ("POST", "/v2/core/accounts", accounts.create),
    ("GET", "/v2/core/accounts/<account>", accounts.retrieve),
    ("POST", "/v2/core/account_links", accounts.create_link),
    ("GET", "/v1/customers", customers.list_all),
    ("POST", "/v1/customers", customers.create),
    ("GET", "/v1/customers/<customer>", customers.retrieve),
    ("POST", "/v1/customers/<customer>", customers.update),
    ("GET", "/v1/customers/<customer>/payment_methods", payment_methods.list_of_customer),
    ("GET", "/v1/payment_methods", payment_methods.list_all),
    ("GET", "/v1/payment_methods/<method>", payment_methods.retrieve),
    ("POST", "/v1/payment_methods/<method>", payment_methods.update),
    ("POST", "/v1/payment_methods/<method>/attach", payment_methods.attach_to),
    ("POST", "/v1/payment_methods/<method>/detach", payment_methods.detach),
    ("GET", "/v1/setup_intents", setup_intents.list_all),
    ("POST", "/v1/setup_intents", setup_intents.create),
    ("POST", "/v1/setup_intents/<intent>/cancel", setup_intents.cancel),
    ("GET", "/v1/payment_intents", payment_intents.list_all),
    ("POST", "/v1/payment_intents", payment_intents.create),
    ("POST", "/v1/payment_intents/<intent>", payment_intents.update),
    ("POST", "/v1/payment_intents/<intent>/capture", payment_intents.capture),
    ("POST", "/v1/payment_intents/<intent>/cancel", payment_intents.cancel),
    ("GET", "/v1/charges", charges.list_all),
    ("GET", "/v1/charges/<charge>", charges.retrieve),
    ("GET", "/v1/refunds", refunds.list_all),
    ("POST", "/v1/refunds", refunds.create),
    ("GET", "/v1/refunds/<refund>", refunds.retrieve),
    ("GET", "/v1/application_fees", application_fees.list_all),
    ("GET", "/v1/application_fees/<fee>", application_fees.retrieve),
    ("GET", "/v1/application_fees/<fee>/refunds", application_fees.list_refunds),
    ("GET", "/v1/balance_transactions", balance_transactions.list_all),
    ("GET", "/v1/balance_transactions/<transaction>", balance_transactions.retrieve),
    ("GET", "/v1/payouts", payouts.list_all),
    ("GET", "/v1/payouts/<payout>", payouts.retrieve),
    ("GET", "/v1/disputes", disputes.list_all),
    ("GET", "/v1/disputes/<dispute>", disputes.retrieve),
    ("POST", "/v1/disputes/<dispute>", disputes.update),
    ("POST", "/v1/disputes/<dispute>/close", disputes.close),
    ("GET", "/v1/prices", prices.list_all),
    ("POST", "/v1/prices", prices.create),
    ("GET", "/v1/subscriptions", subscriptions.list_all),
    ("POST", "/v1/subscriptions", subscriptions.create),
    ("GET", "/v1/subscriptions/<subscription>", subscriptions.retrieve),
    ("POST", "/v1/subscriptions/<subscription>", subscriptions.update),
    ("DELETE", "/v1/subscriptions/<subscription>", subscriptions.cancel),
    ("POST", "/v1/subscriptions/<subscription>/pause", subscriptions.pause),
    ("POST", "/v1/subscriptions/<subscription>/resume", subscriptions.resume),
    ("GET", "/v1/invoices", invoices.list_all),
    ("GET", "/v1/invoices/<invoice>", invoices.retrieve),
    ("POST", "/v1/invoices/<invoice>/pay", collection.pay),
    ("GET", "/v1/events", event_routes.list_all),
    ("GET", "/v1/events/<event>", event_routes.retrieve),
)


def api() -> Map:
    """Answer the URL map whose endpoints are operations."""
    return Map(
        [_rule(*route, is_public=True) for route in _PUBLIC] + [_rule(*route, is_public=False) for route in _PRIVATE],
        strict_slashes=False,
    )


def _rule(method: str, path: str, run: Callable[..., Body], *, is_public: bool) -> Rule:
    return Rule(path, methods=[method], endpoint=Operation(run=run, is_public=is_public))
