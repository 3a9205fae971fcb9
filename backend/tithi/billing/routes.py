# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

from typing import Any

from flask import request

from tithi.billing import errors, queries, service
from tithi.billing.schemas import (
    InvoiceList,
    InvoiceQuery,
    SubscriptionCardIn,
    SubscriptionCardSetupOut,
    SubscriptionOut,
)
from tithi.platform.http import Room

blueprint = Room("billing", description="What a business pays for using Tithi.")

CHANGING = (errors.SubscriptionStateError, errors.SubscriptionBusyError, errors.SubscriptionRefusedError)
PAYING = (
    *CHANGING,
    errors.SubscriptionCardMissingError,
    errors.SubscriptionCardDeclinedError,
    errors.BillingUnavailableError,
)


@blueprint.get("/admin/subscription", access="owner", returns=SubscriptionOut)
def get_subscription() -> dict[str, Any]:
    """Show the subscription as it was last heard of, and what it entitles the business to."""
    return queries.show_subscription()


@blueprint.post(
    "/admin/subscription/activate",
    access="owner",
    returns=SubscriptionOut,
    idempotent="required",
    phased=True,
    limit="payments",
    entitlement="always",
    errors=PAYING,
)
def activate_subscription() -> dict[str, Any]:
    """Make the subscription paid now: end the trial, resume, pay what is owed, or begin again after an end."""
    return service.activate()


@blueprint.post(
    "/admin/subscription/pause",
    access="owner",
    returns=SubscriptionOut,
    idempotent="required",
    phased=True,
    limit="payments",
    entitlement="always",
    errors=CHANGING,
)
def pause_subscription() -> dict[str, Any]:
    """Pause the subscription: the site can be read, and nothing is charged; the rest of the month is kept in favour."""
    return service.pause()


@blueprint.post(
    "/admin/subscription/resume",
    access="owner",
    returns=SubscriptionOut,
    idempotent="required",
    phased=True,
    limit="payments",
    entitlement="always",
    errors=PAYING,
)
def resume_subscription() -> dict[str, Any]:
    """Resume a paused subscription with a new month."""
    return service.resume()


@blueprint.post(
    "/admin/subscription/cancel",
    access="owner",
    returns=SubscriptionOut,
    idempotent="required",
    phased=True,
    limit="payments",
    entitlement="always",
    errors=CHANGING,
)
def cancel_subscription() -> dict[str, Any]:
    """Let the subscription end with the period that is paid; one that does not run ends at once."""
    return service.cancel()


@blueprint.post(
    "/admin/subscription/uncancel",
    access="owner",
    returns=SubscriptionOut,
    idempotent="required",
    phased=True,
    limit="payments",
    entitlement="always",
    errors=CHANGING,
)
def uncancel_subscription() -> dict[str, Any]:
    """Take back that the subscription ends with the period."""
    return service.stay()


@blueprint.post(
    "/payments/subscription/create",
    access="owner",
    returns=SubscriptionOut,
    idempotent="required",
    phased=True,
    limit="payments",
    entitlement="always",
    errors=PAYING,
)
def create_subscription() -> dict[str, Any]:
    """Begin the subscription where there is none, and again where it ended."""
    return service.create()


@blueprint.post(
    "/admin/subscription/card",
    access="owner",
    body=SubscriptionCardIn,
    returns=SubscriptionCardSetupOut,
    idempotent="required",
    phased=True,
    limit="payments",
    entitlement="always",
    errors=(
        errors.SubscriptionCardDeclinedError,
        errors.SubscriptionRefusedError,
        errors.BillingUnavailableError,
    ),
)
def enter_card(body: dict[str, Any]) -> dict[str, Any]:
    """Begin to keep a card for the subscription; the browser confirms it with the secret and Stripe's own form."""
    return service.enter(payment_method_ref=body.get("payment_method_id"))


@blueprint.get(
    "/admin/subscription/invoices",
    access="owner",
    query=InvoiceQuery,
    returns=InvoiceList,
    phased=True,
    errors=(errors.BillingUnavailableError,),
)
def list_invoices(query: dict[str, Any]) -> dict[str, Any]:
    """List the invoices, newest first, with the pages and documents that Stripe keeps of them."""
    found = service.list_invoices(limit=query["limit"])
    return {"invoices": found, "total": len(found), "next_cursor": None}


@blueprint.post(
    "/payments/webhooks/platform",
    access="anyone",
    status=200,
    limit="unlimited",
    entitlement="always",
    errors=(errors.BillingSignatureError,),
)
def receive_platform_event() -> None:
    """Take an event from Stripe about the platform's own account: verified, kept once, answered, handled later."""
    service.receive_event(body=request.get_data(), signature=request.headers.get("Stripe-Signature", ""))
