# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""Gift cards as money: each change under the card's lock, with the move that explains it, in the caller's transaction.

A visit reserves, its outcome takes, and what is not taken is released. Each is safe to do twice.
"""

from datetime import datetime, timedelta
from uuid import UUID

from tithi.payments import amounts, splits
from tithi.payments import gift_card_queries as queries
from tithi.payments.events import PaymentCaptured
from tithi.payments.gift_card_queries import Held
from tithi.payments.gift_codes import code_of, hash_of
from tithi.payments.models import GiftCard, GiftCardMove, Payment
from tithi.payments.service import ledger
from tithi.platform import clock, jobs
from tithi.platform.db import session
from tithi.platform.events import publish
from tithi.platform.ids import new_id
from tithi.platform.tenancy import current_tenant_id

POSTED = {"expired": "gift_card_expired", "void": "gift_card_voided"}
EXPIRE_TIMER = "payments.expire_gift_card"
GRACE = timedelta(days=30)
"""How long value that comes back to a card can be spent at least."""


def issue(*, gift_card_id: UUID, amount_cents: int, paid_cents: int, currency: str, expires_at: datetime | None) -> str:
    """Write a card with its balance and what was paid for it; gives its code."""
    now = clock.now()
    code = code_of(current_tenant_id(), gift_card_id)
    card = GiftCard(
        tenant_id=current_tenant_id(),
        id=gift_card_id,
        code_hash=hash_of(current_tenant_id(), code),
        last4=code[-4:],
        status="active",
        currency=currency,
        initial_cents=amount_cents,
        balance_cents=amount_cents,
        reserved_cents=0,
        expires_at=expires_at,
        created_at=now,
        updated_at=now,
    )
    session().add(card)
    session().flush()
    _move(card, "issue", amount_cents)
    ledger.post_gift_card(card, "gift_card_sold", splits.of_sale(paid=paid_cents, worth=amount_cents))
    if expires_at is not None:
        jobs.schedule(EXPIRE_TIMER, gift_card_id, expires_at)
    return code


def reserve(*, owner_id: UUID, code: str, up_to_cents: int, currency: str) -> int:
    """Keep value of a card for an owner, so that nobody else spends it; says how much.

    Raises:
        GiftCardNotFound, GiftCardExpired, GiftCardEmpty: there is nothing to keep.
    """
    held = queries.held_by(owner_id)
    if held is not None:
        return held.reserved_cents
    card = queries.usable_by_code(code, currency, lock=True)
    kept = min(card.balance_cents, up_to_cents)
    if kept:
        card.balance_cents -= kept
        card.reserved_cents += kept
        _move(card, "reserve", kept, owner_id)
    return kept


def take(*, owner_id: UUID, up_to_cents: int) -> int:
    """Spend what is kept for an owner, up to what is due, and free the rest; says how much the card has paid in all."""
    found = _locked(owner_id)
    if found is None:
        return 0
    card, held = found
    if held.reserved_cents == 0:
        return held.taken_cents - _give_back(card, owner_id, held.taken_cents - up_to_cents)
    taken = min(held.reserved_cents, max(up_to_cents - held.taken_cents, 0))
    if taken:
        card.reserved_cents -= taken
        _move(card, "take", taken, owner_id)
    _free(card, owner_id, held.reserved_cents - taken)
    return held.taken_cents + taken


def release(*, owner_id: UUID) -> None:
    """Free what is kept for an owner and was not taken."""
    found = _locked(owner_id)
    if found is not None:
        card, held = found
        _free(card, owner_id, held.reserved_cents)


def keep_at_most(*, owner_id: UUID, cents: int) -> int:
    """Free what is kept for an owner beyond an amount; says how much stays kept."""
    found = _locked(owner_id)
    if found is None:
        return 0
    card, held = found
    _free(card, owner_id, held.reserved_cents - cents)
    return min(held.reserved_cents, cents)


def restore(*, owner_id: UUID, up_to_cents: int) -> int:
    """Put back what an owner has spent of a card, as far as asked; says how much."""
    found = _locked(owner_id)
    if found is None:
        return 0
    card, held = found
    return _give_back(card, owner_id, min(held.taken_cents, up_to_cents))


def void(*, gift_card_id: UUID) -> None:
    """Close a card; what visits have reserved of it stays theirs."""
    card = queries.get_gift_card(gift_card_id, lock=True)
    if card.status != "void":
        _empty(card, "void", "void")


def expire(*, gift_card_id: UUID) -> None:
    """Close a card whose time is over."""
    card = queries.get_gift_card(gift_card_id, lock=True)
    if card.status == "active" and card.expires_at is not None and card.expires_at <= clock.now():
        _empty(card, "expire", "expired")


def spend(payment: Payment) -> None:
    """Let the owner's gift card pay what it can of a locked payment."""
    before = payment.gift_card_cents
    payment.gift_card_cents = take(owner_id=payment.owner_id, up_to_cents=payment.own_cents)
    _post_spent(payment, payment.gift_card_cents - before)


def pay(payment: Payment) -> bool:
    """Let the owner's gift card pay what it can of a locked payment; True where nothing is left to charge.

    A rest that is too small for a card is waived, where something was paid before.
    """
    spend(payment)
    is_paid_before = payment.gift_card_cents or payment.deposit_cents
    if not is_paid_before or amounts.can_be_charged(payment.card_cents, payment.currency):
        return False
    payment.status = "succeeded"
    payment.tax_cents = payment.gift_card_tax_cents
    payment.captured_cents = payment.gift_card_cents
    payment.note = payment.note or ("Paid by gift card." if payment.gift_card_cents else "Paid by the deposit.")
    payment.updated_at = clock.now()
    publish(
        PaymentCaptured(
            owner_id=payment.owner_id,
            payment_id=payment.id,
            customer_id=payment.customer_id,
            reason=payment.reason or "completion",
            amount_cents=payment.captured_cents,
            currency=payment.currency,
        )
    )
    return True


def close(payment: Payment) -> None:
    """Free what is kept for a locked payment that is given up; what was taken is put back where it is waived."""
    if payment.status == "waived":
        restored = restore(owner_id=payment.owner_id, up_to_cents=payment.gift_card_cents)
        _post_spent(payment, -restored)
        payment.gift_card_cents -= restored
    payment.tax_cents = payment.gift_card_tax_cents
    payment.captured_cents = payment.gift_card_cents
    release(owner_id=payment.owner_id)


def _post_spent(payment: Payment, cents: int) -> None:
    if cents:
        tax = amounts.tax_of_part(payment.tax_cents, part_cents=abs(cents), whole_cents=payment.own_cents)
        ledger.post_spent(payment, cents=cents, tax_cents=tax if cents > 0 else -tax)


def _locked(owner_id: UUID) -> tuple[GiftCard, Held] | None:
    """The card that an owner has something of, under its lock, and what it has."""
    held = queries.held_by(owner_id)
    if held is None:
        return None
    card = queries.get_gift_card(held.gift_card_id, lock=True)
    held = queries.held_by(owner_id)
    return (card, held) if held else None


def _free(card: GiftCard, owner_id: UUID, cents: int) -> None:
    if cents > 0:
        card.reserved_cents -= cents
        card.balance_cents += cents
        _move(card, "release", cents, owner_id)
        _stay_open(card)


def _give_back(card: GiftCard, owner_id: UUID, cents: int) -> int:
    if cents <= 0:
        return 0
    card.balance_cents += cents
    _move(card, "restore", cents, owner_id)
    _stay_open(card)
    return cents


def _stay_open(card: GiftCard) -> None:
    """Value that comes back late can still be spent for a while."""
    least = clock.now() + GRACE
    if card.status != "void" and card.expires_at is not None and card.expires_at < least:
        card.status = "active"
        card.expires_at = least
        jobs.schedule(EXPIRE_TIMER, card.id, least)


def _empty(card: GiftCard, kind: str, status: str) -> None:
    left, card.balance_cents, card.status = card.balance_cents, 0, status
    jobs.cancel(EXPIRE_TIMER, card.id)
    if left:
        _move(card, kind, left)
        ledger.post_gift_card(card, POSTED[status], splits.of_gift_card(amount=left, tax=0))
    session().flush()


def _move(card: GiftCard, kind: str, cents: int, owner_id: UUID | None = None) -> None:
    now = clock.now()
    card.updated_at = now
    session().add(
        GiftCardMove(
            tenant_id=current_tenant_id(),
            id=new_id(),
            gift_card_id=card.id,
            owner_id=owner_id,
            kind=kind,
            amount_cents=cents,
            created_at=now,
        )
    )
    session().flush()
