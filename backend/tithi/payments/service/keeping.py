# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""Cards that are kept: which one is charged, forgetting one, and what becomes of them at the processor."""

from uuid import UUID

from sqlalchemy import select

from tithi.integrations.stripe.contract import KeptCard, ProcessorError, RefusedError
from tithi.payments import queries
from tithi.payments.errors import CardNotFoundError, ProcessorFailedError
from tithi.payments.events import AccountActivated, CardLost
from tithi.payments.models import Card
from tithi.payments.processor import processor
from tithi.payments.service.accounts import ACTIVATE_TIMER, WITHDRAWN, refresh_account
from tithi.platform import clock, jobs
from tithi.platform.db import session, transaction
from tithi.platform.events import publish
from tithi.platform.tenancy import current_tenant_id

CARDS_AT_ONCE = 25


def choose_card(*, card_id: UUID) -> Card:
    """Charge this card of its customer from now on, in the caller's transaction.

    Raises:
        CardNotFound: there is none, or it is not kept any more.
    """
    card = _kept(card_id)
    card.chosen_at = clock.now()
    return card


def forget_card(*, card_id: UUID) -> None:
    """Have the processor forget a card, and do so too; opens its own transactions.

    Raises:
        CardNotFound: there is none, or it is not kept any more.
        ProcessorFailed: the processor did not answer; the card is kept until it is tried again.
    """
    with transaction():
        card = _kept(card_id)
    try:
        processor().detach_card(
            account=card.account_ref,
            key=f"{card.tenant_id}:{card.id}:detach",
            payment_method_ref=card.method_ref,
        )
    except ProcessorError as error:
        raise ProcessorFailedError from error
    with transaction():
        _lose(card_id)


def refresh_card(*, account_ref: str, method_ref: str) -> None:
    """Take over what the processor says of a kept card: new dates, or that it is gone; opens its own transactions."""
    with transaction():
        statement = select(Card.id).where(Card.account_ref == account_ref, Card.method_ref == method_ref)
        card_ids = list(session().scalars(statement))
    if not card_ids:
        return
    found = processor().fetch_card(account=account_ref, payment_method_ref=method_ref)
    with transaction():
        for card_id in card_ids:
            _take_over(card_id, found)


def activate_account(*, account_id: UUID) -> None:
    """Fetch the cards that were out of reach, some at a time; after the last, tell that cards can be charged again."""
    with transaction():
        account = queries.payout_account()
        if account is None or account.id != account_id or account.account_ref != queries.chargeable_account():
            return
        account_ref = account.account_ref or ""
        lost = select(Card.id, Card.method_ref).where(Card.account_ref == account_ref, Card.status == "unreachable")
        cards = session().execute(lost.order_by(Card.id).limit(CARDS_AT_ONCE)).all()
    for card in cards:
        try:
            found = processor().fetch_card(account=account_ref, payment_method_ref=card.method_ref)
        except RefusedError as error:
            if error.code not in WITHDRAWN:
                raise
            refresh_account(account_ref=account_ref)
            return
        with transaction():
            _take_back(card.id, found)
    with transaction():
        if len(cards) == CARDS_AT_ONCE:
            jobs.schedule(ACTIVATE_TIMER, account_id, clock.now())
        else:
            publish(AccountActivated(account_id=account_id))


def _take_back(card_id: UUID, found: KeptCard | None) -> None:
    card = session().get_one(Card, (current_tenant_id(), card_id), with_for_update=True)
    if card.status == "unreachable":
        card.status = "card_on_file"
        _take_over(card_id, found)


def _take_over(card_id: UUID, found: KeptCard | None) -> None:
    if found is None or found.customer_ref is None:
        _lose(card_id)
        return
    card = session().get_one(Card, (current_tenant_id(), card_id), with_for_update=True)
    if found.card is not None:
        card.brand, card.last4 = found.card.brand, found.card.last4
        card.exp_month, card.exp_year = found.card.exp_month, found.card.exp_year


def _lose(card_id: UUID) -> None:
    card = session().get_one(Card, (current_tenant_id(), card_id), with_for_update=True)
    if card.status == "card_on_file":
        card.status = "detached"
        publish(CardLost(customer_id=card.customer_id, card_id=card.id))


def _kept(card_id: UUID) -> Card:
    card = queries.find_card(card_id)
    if card is None or card.status != "card_on_file":
        raise CardNotFoundError
    return card
