# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""Money held on a card ahead of an outcome: placed, captured in whole or in part, renewed before it lapses, let go."""

from uuid import UUID

from tithi.integrations.stripe import contract
from tithi.payments import amounts, queries
from tithi.payments import gift_card_queries as gift_cards
from tithi.payments.errors import PaymentInProgressError
from tithi.payments.events import HoldLapsed
from tithi.payments.models import Payment, PaymentAttempt
from tithi.payments.service.charging import (
    IN_FLIGHT,
    RECOVER_AFTER,
    RECOVER_TIMER,
    RENEW_TIMER,
    apply_charge,
    live_attempt,
    new_hold,
)
from tithi.payments.service.voiding import call_off
from tithi.platform import clock, jobs
from tithi.platform.db import session, transaction
from tithi.platform.events import publish
from tithi.platform.tenancy import current_tenant_id


def prepare_hold(*, owner_id: UUID) -> UUID | None:
    """Write a hold of what the outcome would charge the card, in the caller's transaction.

    Returns:
        The attempt to `charge` after the commit; None where nothing is held: the outcome is decided, being charged or
        held already, too little is left for a card, or there is none that may be tried.
    """
    payment = queries.payment_of(owner_id, "outcome", lock=True)
    if payment is None or payment.status != "open" or payment.reason is not None or live_attempt(payment.id):
        return None
    kept = gift_cards.held_by(owner_id)
    left = payment.amount_cents - queries.paid_deposit_cents(owner_id) - (kept.reserved_cents if kept else 0)
    account_ref = queries.chargeable_account()
    card = queries.card_on_file(payment.customer_id, account_ref) if account_ref else None
    if card is None or not amounts.can_be_charged(left, payment.currency):
        return None
    return new_hold(payment, card, amount_cents=left)


def claim(payment: Payment, attempt: PaymentAttempt) -> int:
    """Let a locked outcome capture what it needs of its hold; says what it needs beyond, in minor units."""
    captured = min(payment.card_cents, attempt.amount_cents)
    now = clock.now()
    attempt.amount_cents = captured
    attempt.application_fee_cents = amounts.platform_fee(captured)
    attempt.status = "capture_submitted"
    attempt.updated_at = now
    payment.status = attempt.status
    jobs.cancel(RENEW_TIMER, attempt.id)
    jobs.schedule(RECOVER_TIMER, attempt.id, now + RECOVER_AFTER)
    return payment.card_cents - captured


def let_go(payment: Payment) -> None:
    """Have a locked outcome's hold released by the worker, in the caller's transaction.

    Raises:
        PaymentInProgress: the card is being charged.
    """
    attempt = live_attempt(payment.id)
    if attempt is None:
        return
    if not attempt.is_hold or attempt.status == "capture_submitted":
        raise PaymentInProgressError(headers={"Retry-After": "5"})
    jobs.schedule(RENEW_TIMER, attempt.id, clock.now())


def renew_hold(*, attempt_id: UUID) -> None:
    """Release a hold that lapses soon or is not wanted; where the outcome is undecided that is told.

    With no transaction open. From the first transaction on no outcome can claim it.

    Raises:
        NoAnswer: it is not known yet what became of it; the worker tries again.
    """
    with transaction():
        attempt = session().get_one(PaymentAttempt, (current_tenant_id(), attempt_id), with_for_update=True)
        if attempt.status == "capture_submitted" or attempt.status not in IN_FLIGHT | {"needs_customer"}:
            return
        if attempt.is_held:
            attempt.status = "unknown"
    if attempt.intent_ref is None:
        raise contract.NoAnswerError
    released = call_off(attempt, attempt.intent_ref)
    with transaction():
        apply_charge(attempt_id, released)
        payment = queries.get_payment(attempt.payment_id)
        if attempt.capture_before is not None and payment.status == "open" and payment.reason is None:
            publish(HoldLapsed(owner_id=payment.owner_id, payment_id=payment.id, attempt_id=attempt_id))
