# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""Gift cards as they stand: found by their code, and what a visit holds of one."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select, text

from tithi.payments.errors import GiftCardEmptyError, GiftCardExpiredError, GiftCardNotFoundError
from tithi.payments.gift_codes import hash_of
from tithi.payments.models import GiftCard, GiftCardMove
from tithi.platform import clock
from tithi.platform.db import session
from tithi.platform.tenancy import current_tenant_id


@dataclass(frozen=True, slots=True)
class Held:
    """What an owner has of a gift card: kept for it, and spent by it."""

    gift_card_id: UUID
    reserved_cents: int
    taken_cents: int


def get_gift_card(gift_card_id: UUID, *, lock: bool = False) -> GiftCard:
    """Raises GiftCardNotFound."""
    found = session().get(GiftCard, (current_tenant_id(), gift_card_id), with_for_update=lock, populate_existing=lock)
    if found is None:
        raise GiftCardNotFoundError
    return found


def usable_by_code(code: str, currency: str, *, lock: bool = False) -> GiftCard:
    """The card that a code belongs to, with something on it to spend.

    Raises:
        GiftCardNotFound, GiftCardExpired, GiftCardEmpty: there is none; a void one is like an unknown one.
    """
    found = find_by_code(code, lock=lock)
    if found is None or found.status == "void" or found.currency != currency:
        raise GiftCardNotFoundError
    if found.expires_at is not None and found.expires_at <= clock.now():
        raise GiftCardExpiredError(details={"expires_at": found.expires_at})
    if found.balance_cents == 0:
        raise GiftCardEmptyError
    return found


def find_by_code(code: str, *, lock: bool = False) -> GiftCard | None:
    statement = select(GiftCard).where(GiftCard.code_hash == hash_of(current_tenant_id(), code))
    if lock:
        statement = statement.with_for_update().execution_options(populate_existing=True)
    return session().scalars(statement).one_or_none()


_HELD = text(
    """
    SELECT gift_card_id,
        sum(CASE kind WHEN 'reserve' THEN amount_cents WHEN 'take' THEN -amount_cents
            WHEN 'release' THEN -amount_cents ELSE 0 END)::bigint,
        sum(CASE kind WHEN 'take' THEN amount_cents WHEN 'restore' THEN -amount_cents ELSE 0 END)::bigint
    FROM gift_card_moves WHERE tenant_id = :tenant_id AND owner_id = :owner_id GROUP BY gift_card_id
    """
)


def held_by(owner_id: UUID) -> Held | None:
    """What an owner holds of a gift card now, or None where it never had one."""
    row = session().execute(_HELD, {"tenant_id": current_tenant_id(), "owner_id": owner_id}).one_or_none()
    if row is None:
        return None
    return Held(*row)


def gift_card_of(owner_id: UUID) -> GiftCard | None:
    """The card that an owner has something of, or has spent."""
    held = held_by(owner_id)
    return get_gift_card(held.gift_card_id) if held else None


def moves_of(gift_card_id: UUID) -> list[GiftCardMove]:
    statement = select(GiftCardMove).where(GiftCardMove.gift_card_id == gift_card_id)
    return list(session().scalars(statement.order_by(GiftCardMove.created_at, GiftCardMove.id)))
