# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""What a customer pays after their outcome was paid: a tip, or the rest of a price that was charged in part."""

from contextlib import suppress
from uuid import UUID

from tithi.integrations.stripe.contract import NoAnswerError, ProcessorError
from tithi.payments import amounts, queries
from tithi.payments.errors import (
    AmountTooSmallError,
    CardNotFoundError,
    CardUsedUpError,
    PaymentNotOwedError,
    PaymentSettledError,
)
from tithi.payments.models import Payment
from tithi.payments.service.charging import CLOSED, MORE, charge, live_attempt, new_attempt
from tithi.payments.service.voiding import void_attempt
from tithi.platform import clock, jobs
from tithi.platform.db import session, transaction
from tithi.platform.ids import new_id
from tithi.platform.tenancy import current_tenant_id

TOP_UP_TIMER = "payments.top_up"
PAID = frozenset({"succeeded", "settled_elsewhere"})
GIVEN_UP = CLOSED - PAID


def prepare_more(*, owner_id: UUID, purpose: str, amount_cents: int, tax_cents: int, note: str | None) -> UUID:
    """Write what is charged on top of a paid outcome, with the try to take it, in the caller's transaction.

    One that is being charged answers its attempt.

    Raises:
        PaymentNotOwed: the outcome is not a visit that took place and was paid.
        PaymentSettled: it was charged before.
        CardNotFound: the customer has no card that can be charged.
        AmountTooSmall: a card cannot be charged so little.
        CardUsedUp: the card was declined for good, or too often.
    """
    outcome = queries.locked_outcome(owner_id)
    if outcome.status not in PAID or outcome.reason != "completion":
        raise PaymentNotOwedError(details={"status": outcome.status})
    payment = queries.payment_of(owner_id, purpose, lock=True) or _new(outcome, purpose)
    live = live_attempt(payment.id)
    if live is not None:
        return live.id
    if payment.captured_cents:
        raise PaymentSettledError
    if not amounts.can_be_charged(amount_cents, payment.currency):
        raise AmountTooSmallError
    account_ref = queries.chargeable_account()
    card = queries.card_on_file(payment.customer_id, account_ref) if account_ref else None
    if card is None:
        raise CardNotFoundError
    payment.status = "open"
    payment.amount_cents = amount_cents
    payment.tip_cents = amount_cents if purpose == "tip" else 0
    payment.tax_cents = tax_cents
    payment.note = note
    payment.updated_at = clock.now()
    return new_attempt(payment, card)


def charge_more(*, attempt_id: UUID) -> None:
    """Charge it, with no transaction open; a card that asks for its holder, who has left, is let go.

    Where the processor does not answer to that, the worker goes on.
    """
    charge(attempt_id=attempt_id)
    with transaction():
        attempt = queries.get_attempt(attempt_id)
    if attempt.status == "needs_customer":
        with suppress(ProcessorError):
            void_attempt(attempt)


def charge_later(outcome: Payment, cents: int) -> None:
    """Have what a hold does not cover of a locked outcome charged once the rest was captured.

    In the caller's transaction. What is too little for a card is waived.
    """
    tip = min(cents, outcome.tip_cents)
    rest = cents - tip
    tax = amounts.tax_of_part(outcome.tax_cents, part_cents=rest, whole_cents=outcome.own_cents) if rest else 0
    outcome.amount_cents -= cents
    outcome.tip_cents -= tip
    outcome.tax_cents -= tax
    for purpose, part, part_tax in (("tip", tip, 0), ("balance", rest, tax)):
        if part and amounts.can_be_charged(part, outcome.currency):
            payment = queries.payment_of(outcome.owner_id, purpose, lock=True) or _new(outcome, purpose)
            payment.status = "open"
            payment.amount_cents, payment.tax_cents = part, part_tax
            jobs.schedule(TOP_UP_TIMER, payment.id, clock.now())


def drop(*, owner_id: UUID) -> None:
    """What waits for an outcome that is taken back is not charged, in the caller's transaction."""
    for payment in queries.payments_of(owner_id, lock=True):
        if payment.purpose in MORE and not payment.captured_cents:
            payment.status = "canceled"
            jobs.cancel(TOP_UP_TIMER, payment.id)


def top_up(*, payment_id: UUID) -> None:
    """Charge what a hold did not cover, with no transaction open.

    Raises:
        NoAnswer: the outcome is not captured yet; the worker tries again.
    """
    with transaction():
        payment = queries.get_payment(payment_id)
        outcome = queries.locked_outcome(payment.owner_id)
        if outcome.status not in PAID | GIVEN_UP:
            raise NoAnswerError
        try:
            attempt_id = prepare_more(
                owner_id=payment.owner_id,
                purpose=payment.purpose,
                amount_cents=payment.amount_cents,
                tax_cents=payment.tax_cents,
                note="More than was held.",
            )
        except (PaymentNotOwedError, PaymentSettledError, CardNotFoundError, CardUsedUpError):
            return
    charge_more(attempt_id=attempt_id)


def _new(outcome: Payment, purpose: str) -> Payment:
    now = clock.now()
    payment = Payment(
        tenant_id=current_tenant_id(),
        id=new_id(),
        owner_id=outcome.owner_id,
        customer_id=outcome.customer_id,
        purpose=purpose,
        status="open",
        currency=outcome.currency,
        amount_cents=0,
        gift_card_cents=0,
        deposit_cents=0,
        captured_cents=0,
        created_at=now,
        updated_at=now,
    )
    session().add(payment)
    session().flush()
    return payment
