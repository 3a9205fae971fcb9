# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""Gift cards sold or given away, handed over, and looked up by their code."""

from datetime import datetime
from typing import Any
from uuid import UUID

from tithi.payments import gift_card_queries as balances
from tithi.payments import service as payments
from tithi.payments.gift_codes import code_of, hash_of
from tithi.platform import clock, idempotency, jobs
from tithi.platform.db import session
from tithi.platform.errors import InvalidError
from tithi.platform.events import publish
from tithi.platform.ids import new_id
from tithi.platform.tenancy import current_tenant_id
from tithi.promotions import discounts, queries
from tithi.promotions.errors import GiftCardNotSendableError
from tithi.promotions.events import GiftCardHandedOver
from tithi.promotions.models import Coupon, GiftCardSale
from tithi.promotions.queries import gift_cards as sales
from tithi.tenants import queries as tenants

HAND_OVER_TIMER = "promotions.hand_over_gift_card"
GIFT = "gift"


def sell_gift_card(*, details: dict[str, Any]) -> dict[str, Any]:
    """Write a gift card with how it was paid, and send it to its recipient now or at its day; shows its code once."""
    expires_at = details.get("expires_at")
    if expires_at is not None and expires_at <= clock.now():
        raise InvalidError(errors={"expires_at": ["is in the future"]})
    paid_by = details.get("paid_by", GIFT)
    amount = details.get("amount_cents")
    price = 0 if paid_by == GIFT else details.get("price_cents", amount or 0)
    card_id = new_id()
    if amount is not None:
        currency = tenants.get_tenant().currency
        code = payments.issue_gift_card(
            gift_card_id=card_id, amount_cents=amount, paid_cents=price, currency=currency, expires_at=expires_at
        )
    else:
        code = _issue_voucher(card_id, details["basis_points"], expires_at)
    sale = GiftCardSale(
        tenant_id=current_tenant_id(),
        id=idempotency.work_id(),
        gift_card_id=card_id if amount is not None else None,
        coupon_id=card_id if amount is None else None,
        price_cents=price,
        paid_by=paid_by,
        created_at=clock.now(),
        **{name: details.get(name) for name in ("sender_name", "recipient_name", "recipient_email", "message")},
        deliver_at=details.get("deliver_at"),
    )
    session().add(sale)
    session().flush()
    _plan_delivery(sale)
    return {**sales.show_sale(sale.id), "code": code}


def _issue_voucher(voucher_id: UUID, basis_points: int, expires_at: datetime | None) -> str:
    code = code_of(current_tenant_id(), voucher_id)
    session().add(
        Coupon(
            tenant_id=current_tenant_id(),
            id=voucher_id,
            code=f"Voucher ending in {code[-4:]}",
            code_normalized=hash_of(current_tenant_id(), code),
            kind=discounts.PERCENT,
            value=basis_points,
            is_voucher=True,
            max_uses=1,
            used_count=0,
            valid_until=expires_at,
            first_visit_only=False,
            min_amount_cents=0,
            service_ids=[],
            category_ids=[],
            is_active=True,
            version=1,
            created_at=clock.now(),
        )
    )
    session().flush()
    return code


def _plan_delivery(sale: GiftCardSale) -> None:
    if sale.recipient_email is None:
        return
    if sale.deliver_at is not None and sale.deliver_at > clock.now():
        jobs.schedule(HAND_OVER_TIMER, sale.id, sale.deliver_at)
    else:
        hand_over(sale_id=sale.id)


def hand_over(*, sale_id: UUID) -> None:
    """Let the recipient have the card, once; not one that was voided meanwhile."""
    sale = sales.get_sale(sale_id, lock=True)
    if sale.delivered_at is None and sales.show_sale(sale_id)["status"] != "void":
        _hand_over(sale)


def send_gift_card(*, sale_id: UUID, recipient_email: str | None) -> dict[str, Any]:
    """Send a card now, also once more, to the recipient or to another address.

    Raises:
        GiftCardSaleNotFound: there is none.
        GiftCardNotSendable: it was voided, or nobody is named to send it to.
    """
    sale = sales.get_sale(sale_id, lock=True)
    sale.recipient_email = recipient_email or sale.recipient_email
    if sale.recipient_email is None or sales.show_sale(sale_id)["status"] == "void":
        raise GiftCardNotSendableError
    jobs.cancel(HAND_OVER_TIMER, sale_id)
    _hand_over(sale)
    return sales.show_sale(sale_id)


def _hand_over(sale: GiftCardSale) -> None:
    sale.delivered_at = clock.now()
    publish(GiftCardHandedOver(sale_id=sale.id, handed_over_at=sale.delivered_at))
    session().flush()


def void_gift_card(*, sale_id: UUID) -> dict[str, Any]:
    """Close a gift card; visits that are booked with it keep what they reserved.

    Raises:
        GiftCardSaleNotFound: there is none.
    """
    sale = sales.get_sale(sale_id, lock=True)
    jobs.cancel(HAND_OVER_TIMER, sale_id)
    if sale.gift_card_id is not None:
        payments.void_gift_card(gift_card_id=sale.gift_card_id)
    elif sale.coupon_id is not None:
        voucher = queries.get_coupon(sale.coupon_id)
        session().refresh(voucher, with_for_update=True)
        voucher.is_active = False
        voucher.version += 1
        session().flush()
    return sales.show_sale(sale_id)


def check_balance(*, code: str) -> dict[str, Any]:
    """What a code is worth; one that is unknown, void, expired or used answers alike: nothing."""
    now = clock.now()
    card = balances.find_by_code(code)
    voucher = queries.voucher_by_code(code)
    is_live = card is not None and card.status == "active" and (card.expires_at is None or card.expires_at > now)
    is_open = (
        voucher is not None
        and voucher.is_active
        and not voucher.used_count
        and (voucher.valid_until is None or voucher.valid_until > now)
    )
    ends_at = card.expires_at if card and is_live else voucher.valid_until if voucher and is_open else None
    return {
        "is_usable": (card is not None and is_live and card.balance_cents > 0) or is_open,
        "balance_cents": card.balance_cents if card and is_live else 0,
        "basis_points": voucher.value if voucher and is_open else None,
        "currency": tenants.get_tenant().currency,
        "expires_at": ends_at,
    }
