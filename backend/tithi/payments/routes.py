# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

from typing import Any
from uuid import UUID

from flask import request

from tithi.payments import queries, service
from tithi.payments.errors import CardNotFoundError, PaymentNotFoundError, ProcessorFailedError, SignatureWrongError
from tithi.payments.models import Card
from tithi.payments.schemas import (
    CardList,
    CardOut,
    CardQuery,
    ConnectSetupOut,
    PaymentOut,
    PaymentStatusOut,
    PayoutAccountOut,
)
from tithi.platform.http import Room
from tithi.platform.links import public_url

blueprint = Room("payments", description="Money from customers, on the business's own account.")


@blueprint.get("/payments/<uuid:payment_id>", access="staff", returns=PaymentOut, errors=(PaymentNotFoundError,))
def get_payment(payment_id: UUID) -> dict[str, Any]:
    """Show a payment with its refunds."""
    return queries.show_payment(queries.get_payment(payment_id))


@blueprint.get(
    "/payments/status/<uuid:payment_id>", access="staff", returns=PaymentStatusOut, errors=(PaymentNotFoundError,)
)
def get_payment_status(payment_id: UUID) -> dict[str, Any]:
    """Show where a payment stands."""
    return queries.show_payment(queries.get_payment(payment_id))


@blueprint.get("/payments/methods", access="staff", query=CardQuery, returns=CardList)
def list_methods(query: dict[str, Any]) -> dict[str, Any]:
    """List the cards on file."""
    found = queries.list_cards(query.get("customer_id"))
    return {"methods": found, "total": len(found), "next_cursor": None}


@blueprint.post(
    "/payments/methods/<uuid:card_id>/default",
    access="staff",
    returns=CardOut,
    errors=(CardNotFoundError,),
    entitlement="always",
)
def choose_card(card_id: UUID) -> Card:
    """Charge this card of the customer from now on."""
    return service.choose_card(card_id=card_id)


@blueprint.delete(
    "/payments/methods/<uuid:card_id>",
    access="staff",
    status=204,
    phased=True,
    errors=(CardNotFoundError, ProcessorFailedError),
    entitlement="always",
)
def forget_card(card_id: UUID) -> None:
    """Forget a card for good. A customer with a visit ahead that needs one is asked for another."""
    service.forget_card(card_id=card_id)


@blueprint.post(
    "/payments/stripe/connect/setup",
    access="owner",
    returns=ConnectSetupOut,
    limit="payments",
    phased=True,
    errors=(ProcessorFailedError,),
    entitlement="always",
)
def connect_setup() -> dict[str, Any]:
    """Open the business's own Stripe account where there is none, and link to where it is completed.

    Stripe leads back to `/admin/payouts`, and to `/admin/payouts?refresh=1` when the link is used up: ask for another.
    """
    account, link = service.begin_onboarding(
        refresh_url=public_url("/admin/payouts?refresh=1"), return_url=public_url("/admin/payouts")
    )
    return {
        "account_id": account.account_ref,
        "card_payments": account.card_payments,
        "payouts": account.payouts,
        "details_submitted": account.details_submitted,
        "onboarding_url": link.url,
        "expires_at": link.expires_at,
    }


@blueprint.get("/payments/stripe/connect", access="viewer", returns=PayoutAccountOut)
def get_account() -> dict[str, Any]:
    """Show how the business's own Stripe account stands, with the word of the dashboard's banner."""
    return queries.show_payout_account()


@blueprint.post(
    "/payments/stripe/connect/refresh",
    access="admin",
    returns=PayoutAccountOut,
    limit="payments",
    phased=True,
    errors=(ProcessorFailedError,),
    entitlement="always",
)
def refresh_account() -> dict[str, Any]:
    """Ask Stripe how the account stands now, as on the way back from its page."""
    return service.refresh_own_account()


@blueprint.post(
    "/payments/webhooks/connect",
    access="anyone",
    status=200,
    limit="unlimited",
    errors=(SignatureWrongError,),
    entitlement="always",
)
def receive_connect_event() -> None:
    """Take an event from Stripe about a connected account: verified, kept once, answered, handled by the worker."""
    service.receive_event(body=request.get_data(), signature=request.headers.get("Stripe-Signature", ""))
