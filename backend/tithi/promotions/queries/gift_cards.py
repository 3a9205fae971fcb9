# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""Gift cards that were sold, with what is left of them."""

from typing import Any
from uuid import UUID

from sqlalchemy import select

from tithi.payments.gift_codes import code_of
from tithi.payments.models import GiftCard
from tithi.platform import clock, paging
from tithi.platform.db import session
from tithi.platform.tenancy import current_tenant_id
from tithi.promotions.errors import GiftCardSaleNotFoundError
from tithi.promotions.models import Coupon, GiftCardSale
from tithi.tenants import queries as tenants

SALE_FIELDS = (
    "id", "price_cents", "paid_by", "sender_name", "recipient_name", "recipient_email", "message", "deliver_at",
    "delivered_at", "created_at",
)  # fmt: skip

_SOLD = (
    select(GiftCardSale, GiftCard, Coupon)
    .outerjoin(GiftCard, (GiftCard.tenant_id == GiftCardSale.tenant_id) & (GiftCard.id == GiftCardSale.gift_card_id))
    .outerjoin(Coupon, (Coupon.tenant_id == GiftCardSale.tenant_id) & (Coupon.id == GiftCardSale.coupon_id))
)


def get_sale(sale_id: UUID, *, lock: bool = False) -> GiftCardSale:
    """Raises GiftCardSaleNotFound."""
    found = session().get(GiftCardSale, (current_tenant_id(), sale_id), with_for_update=lock)
    if found is None:
        raise GiftCardSaleNotFoundError
    return found


def show_sale(sale_id: UUID) -> dict[str, Any]:
    """Raises GiftCardSaleNotFound."""
    row = session().execute(_SOLD.where(GiftCardSale.id == sale_id)).one_or_none()
    if row is None:
        raise GiftCardSaleNotFoundError
    return _shown(row[0], row[1], row[2], tenants.get_tenant().currency)


def list_sales(*, limit: int, cursor: str | None) -> dict[str, Any]:
    """Newest first."""
    statement = _SOLD
    if cursor:
        at, last_id = paging.decode_instant_and_id(cursor)
        statement = statement.where(
            (GiftCardSale.created_at < at) | ((GiftCardSale.created_at == at) & (GiftCardSale.id < last_id))
        )
    statement = statement.order_by(GiftCardSale.created_at.desc(), GiftCardSale.id.desc()).limit(limit + 1)
    found, more = paging.split(session().execute(statement).all(), limit)
    currency = tenants.get_tenant().currency
    next_cursor = paging.encode(found[-1][0].created_at, found[-1][0].id) if more else None
    return {"gift_cards": [_shown(row[0], row[1], row[2], currency) for row in found], "next_cursor": next_cursor}


def code_of_sale(sale: GiftCardSale) -> str:
    return code_of(sale.tenant_id, sale.gift_card_id or sale.coupon_id or sale.id)


def _shown(sale: GiftCardSale, card: GiftCard | None, voucher: Coupon | None, currency: str) -> dict[str, Any]:
    shown = {name: getattr(sale, name) for name in SALE_FIELDS}
    if card is not None:
        return shown | {
            "kind": "amount",
            "last4": card.last4,
            "status": card.status,
            "currency": card.currency,
            "initial_cents": card.initial_cents,
            "balance_cents": card.balance_cents,
            "reserved_cents": card.reserved_cents,
            "basis_points": None,
            "expires_at": card.expires_at,
        }
    return shown | _voucher(voucher, currency)


def _voucher(voucher: Coupon | None, currency: str) -> dict[str, Any]:
    if voucher is None:
        raise GiftCardSaleNotFoundError
    return {
        "kind": "percent",
        "last4": voucher.code[-4:],
        "status": _status_of(voucher),
        "currency": currency,
        "initial_cents": None,
        "balance_cents": None,
        "reserved_cents": None,
        "basis_points": voucher.value,
        "expires_at": voucher.valid_until,
    }


def _status_of(voucher: Coupon) -> str:
    if not voucher.is_active:
        return "void"
    if voucher.used_count:
        return "used"
    return "expired" if voucher.valid_until is not None and voucher.valid_until <= clock.now() else "active"
