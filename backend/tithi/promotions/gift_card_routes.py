# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""Routes of gift cards: sold at the desk, looked up by their code."""

from typing import Any
from uuid import UUID

from tithi.platform.http import Room
from tithi.promotions import service
from tithi.promotions.errors import GiftCardNotSendableError, GiftCardSaleNotFoundError
from tithi.promotions.gift_card_schemas import (
    GiftCardBalanceIn,
    GiftCardBalanceOut,
    GiftCardIn,
    GiftCardIssuedOut,
    GiftCardList,
    GiftCardOut,
    GiftCardQuery,
    GiftCardSendIn,
    GiftCardVoidIn,
)
from tithi.promotions.queries import gift_cards

blueprint = Room("gift_cards", description="Gift cards: of money, and vouchers of so many per cent of one visit.")


@blueprint.get("/gift-cards", access="staff", query=GiftCardQuery, returns=GiftCardList)
def list_gift_cards(query: dict[str, Any]) -> dict[str, Any]:
    """List the gift cards, newest first."""
    return gift_cards.list_sales(limit=query["limit"], cursor=query.get("cursor"))


@blueprint.post(
    "/gift-cards",
    access="admin",
    body=GiftCardIn,
    returns=GiftCardIssuedOut,
    status=201,
    idempotent="required",
    limit="payments",
    entitlement="changes",
)
def sell_gift_card(body: dict[str, Any]) -> dict[str, Any]:
    """Sell a gift card at the desk or give one away. Its code is shown in this answer alone."""
    return service.sell_gift_card(details=body)


@blueprint.get(
    "/gift-cards/<uuid:gift_card_id>", access="staff", returns=GiftCardOut, errors=(GiftCardSaleNotFoundError,)
)
def get_gift_card(gift_card_id: UUID) -> dict[str, Any]:
    """Show a gift card with what is left of it."""
    return gift_cards.show_sale(gift_card_id)


@blueprint.post(
    "/gift-cards/<uuid:gift_card_id>/void",
    access="admin",
    body=GiftCardVoidIn,
    returns=GiftCardOut,
    idempotent="required",
    errors=(GiftCardSaleNotFoundError,),
    entitlement="changes",
)
def void_gift_card(gift_card_id: UUID, body: dict[str, Any]) -> dict[str, Any]:  # noqa: ARG001 - it holds the key alone
    """Close a gift card; visits that are booked with it keep what they reserved."""
    return service.void_gift_card(sale_id=gift_card_id)


@blueprint.post(
    "/gift-cards/<uuid:gift_card_id>/send",
    access="admin",
    body=GiftCardSendIn,
    returns=GiftCardOut,
    idempotent="required",
    entitlement="changes",
    errors=(GiftCardSaleNotFoundError, GiftCardNotSendableError),
)
def send_gift_card(gift_card_id: UUID, body: dict[str, Any]) -> dict[str, Any]:
    """Send a gift card with its code now, also once more, to its recipient or to another address."""
    return service.send_gift_card(sale_id=gift_card_id, recipient_email=body.get("recipient_email"))


@blueprint.post(
    "/gift-cards/balance",
    access="staff",
    body=GiftCardBalanceIn,
    returns=GiftCardBalanceOut,
    limit="payments",
    entitlement="always",
)
def check_balance(body: dict[str, Any]) -> dict[str, Any]:
    """Say what is left on a gift card; an unknown code answers like an empty card."""
    return service.check_balance(code=body["code"])


@blueprint.post(
    "/public/<slug>/gift-cards/balance",
    access="public",
    body=GiftCardBalanceIn,
    returns=GiftCardBalanceOut,
    limit="public_booking",
    entitlement="always",
)
def check_public_balance(body: dict[str, Any]) -> dict[str, Any]:
    """Say what is left on a gift card; an unknown code answers like an empty card."""
    return service.check_balance(code=body["code"])
