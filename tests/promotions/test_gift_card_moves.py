# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""Whatever visits do to a gift card in whatever order, nothing of its value is lost or made."""

from collections import Counter
from contextlib import suppress
from random import Random
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import select

from tests.factories.businesses import Salon
from tithi.payments.errors import GiftCardEmptyError
from tithi.payments.models import GiftCard, GiftCardMove
from tithi.payments.service import gift_cards
from tithi.platform.db import session, transaction
from tithi.platform.ids import new_id
from tithi.platform.tenancy import tenant_scope

WORTH = 10_000
STEPS = 60
OF_BALANCE = {"issue": 1, "reserve": -1, "release": 1, "restore": 1, "expire": -1, "void": -1}
OF_RESERVED = {"reserve": 1, "take": -1, "release": -1}


@pytest.mark.parametrize("seed", range(6))
def test_the_moves_explain_the_card_after_every_step(app: Flask, salon: Salon, seed: int) -> None:
    chance = Random(seed)  # noqa: S311 - a walk that can be repeated
    visits = [new_id() for _ in range(4)]
    with app.app_context(), tenant_scope(salon.tenant_id):
        card_id = new_id()
        with transaction():
            code = gift_cards.issue(
                gift_card_id=card_id, amount_cents=WORTH, paid_cents=WORTH, currency="USD", expires_at=None
            )
        for step in range(STEPS):
            visit, cents = chance.choice(visits), chance.randrange(WORTH)
            word = chance.choice(("reserve", "reserve", "take", "release", "restore", "keep"))
            with transaction():
                act(word, visit=visit, code=code, cents=cents)
            with transaction():
                assert is_explained(card_id), f"seed {seed}, step {step}: {word} {cents}"


def act(word: str, *, visit: UUID, code: str, cents: int) -> None:
    if word == "reserve":
        with suppress(GiftCardEmptyError):
            gift_cards.reserve(owner_id=visit, code=code, up_to_cents=cents, currency="USD")
    elif word == "take":
        assert gift_cards.take(owner_id=visit, up_to_cents=cents) <= cents
    elif word == "release":
        gift_cards.release(owner_id=visit)
    elif word == "restore":
        assert gift_cards.restore(owner_id=visit, up_to_cents=cents) <= cents
    else:
        gift_cards.keep_at_most(owner_id=visit, cents=cents)


def is_explained(card_id: UUID) -> bool:
    card = session().scalars(select(GiftCard).where(GiftCard.id == card_id)).one()
    sums: Counter[str] = Counter()
    for move in session().scalars(select(GiftCardMove).where(GiftCardMove.gift_card_id == card_id)):
        sums[move.kind] += move.amount_cents
    balance = sum(sign * sums[kind] for kind, sign in OF_BALANCE.items())
    reserved = sum(sign * sums[kind] for kind, sign in OF_RESERVED.items())
    taken = sums["take"] - sums["restore"]
    return (card.balance_cents, card.reserved_cents) == (balance, reserved) and balance + reserved + taken == WORTH
