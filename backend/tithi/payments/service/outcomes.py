# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""What an owner's outcome costs, and how it is closed, in the transaction of whoever decides it."""

from uuid import UUID

from sqlalchemy import text

from tithi.payments import amounts, queries
from tithi.payments.errors import PaymentInProgressError, PaymentSettledError
from tithi.payments.events import PaymentSettledElsewhere
from tithi.payments.models import Payment, PaymentAttempt
from tithi.payments.processor import processor
from tithi.payments.service import deposits, gift_cards, holds, ledger, more
from tithi.payments.service.charging import CLOSED, IN_FLIGHT, live_attempt, new_attempt
from tithi.platform import clock
from tithi.platform.db import session, transaction
from tithi.platform.events import publish
from tithi.platform.ids import new_id
from tithi.platform.tenancy import current_tenant_id

_OPEN = text(
    """
    INSERT INTO payments (tenant_id, id, owner_id, customer_id, purpose, currency, amount_cents, tax_cents, created_at,
        updated_at)
    VALUES (:tenant_id, :id, :owner_id, :customer_id, 'outcome', :currency, :amount_cents, :tax_cents, :now, :now)
    """
)


def open_payment(*, owner_id: UUID, customer_id: UUID, amount_cents: int, currency: str, tax_cents: int = 0) -> None:
    """Write what the owner's outcome will cost; nothing is charged."""
    now = clock.now()
    session().execute(
        _OPEN,
        {
            "tenant_id": current_tenant_id(),
            "id": new_id(),
            "owner_id": owner_id,
            "customer_id": customer_id,
            "currency": currency,
            "amount_cents": amount_cents,
            "tax_cents": tax_cents,
            "now": now,
        },
    )


def prepare_charge(
    *, owner_id: UUID, reason: str, amount_cents: int, tip_cents: int = 0, note: str | None = None
) -> UUID | None:
    """Set the outcome's amount, the tip on top of it, and write the attempt, in the caller's transaction.

    Returns:
        The attempt to charge after the commit, or None where nothing is: too little to charge, or no card.

    Raises:
        PaymentSettled: the payment has ended in another way.
    """
    payment = queries.locked_outcome(owner_id)
    live = live_attempt(payment.id)
    if live is not None and (not live.is_hold or live.status == "capture_submitted"):
        return live.id
    if live is not None and not live.is_held:
        raise PaymentInProgressError(headers={"Retry-After": "2"})
    if payment.status in CLOSED:
        raise PaymentSettledError
    payment.reason = reason
    payment.tax_cents = (
        amounts.tax_of_part(payment.tax_cents, part_cents=amount_cents, whole_cents=payment.amount_cents)
        if reason == "completion"
        else 0
    )
    payment.amount_cents = amount_cents + tip_cents
    payment.tip_cents = tip_cents
    payment.note = note
    payment.updated_at = clock.now()
    if is_paid_or_too_little(payment):
        return None
    if live is not None:
        return take_of_hold(payment, live)
    account_ref = queries.chargeable_account()
    card = queries.card_on_file(payment.customer_id, account_ref) if account_ref else None
    return new_attempt(payment, card) if card is not None else None


def is_paid_or_too_little(payment: Payment) -> bool:
    """Let deposit and gift card pay of a locked outcome; whether nothing is left then that a card can be charged.

    What was held for it is let go then.
    """
    deposits.use(payment)
    if not gift_cards.pay(payment):
        if amounts.can_be_charged(payment.card_cents, payment.currency):
            return False
        payment.status = "waived"
        payment.note = "Less than the smallest amount that a card can be charged."
    holds.let_go(payment)
    return True


def take_of_hold(payment: Payment, held: PaymentAttempt) -> UUID:
    """Have a locked outcome capture what it needs of its hold, and charge the rest after it; answers the attempt."""
    more.charge_later(payment, holds.claim(payment, held))
    return held.id


def is_charging(*, owner_id: UUID) -> bool:
    """Whether the owner's card is being charged now; one that waits for its customer, or only holds money, is not."""
    payment = queries.outcome_payment(owner_id)
    attempt = live_attempt(payment.id) if payment else None
    if attempt is None or (attempt.is_hold and attempt.status != "capture_submitted"):
        return False
    return attempt.status in IN_FLIGHT


def live_client_secret(*, owner_id: UUID) -> str | None:
    """The secret with which the customer acts on the owner's payment in the browser; asks the processor."""
    with transaction():
        payment = queries.outcome_payment(owner_id)
        attempt = queries.latest_attempt(payment.id) if payment else None
    if attempt is None or attempt.status != "needs_customer" or attempt.intent_ref is None:
        return None
    return processor().fetch_charge(account=attempt.account_ref, intent_ref=attempt.intent_ref).client_secret


def cancel_open(*, owner_id: UUID) -> None:
    """Close what is owed without a charge, and have the deposit returned: the visit was canceled free of charge."""
    payment = queries.outcome_payment(owner_id)
    if payment is None:
        return
    session().refresh(payment, with_for_update=True)
    holds.let_go(payment)
    if payment.status not in CLOSED:
        gift_cards.release(owner_id=owner_id)
        payment.status = "canceled"
        payment.updated_at = clock.now()
    deposits.give_back(owner_id=owner_id)


def propose(*, owner_id: UUID, reason: str | None, amount_cents: int, tax_cents: int = 0) -> None:
    """Set what the outcome would cost and leave it to the business to charge, in the caller's transaction.

    A payment that is settled already, at the desk for one, stays as it is.
    """
    payment = queries.locked_outcome(owner_id)
    if payment.status in CLOSED:
        return
    payment.reason = reason
    payment.amount_cents = amount_cents
    payment.tax_cents = tax_cents
    payment.updated_at = clock.now()


def settle_elsewhere(*, owner_id: UUID, method: str, amount_cents: int | None, note: str | None) -> UUID:
    """Record that the customer paid in cash or at a terminal, in the caller's transaction."""
    payment = queries.locked_outcome(owner_id)
    if live_attempt(payment.id) is not None:
        raise PaymentInProgressError(headers={"Retry-After": "5"})
    if payment.status in CLOSED:
        raise PaymentSettledError
    deposits.use(payment)
    gift_cards.spend(payment)
    if amount_cents is not None:
        paid = amount_cents + payment.gift_card_cents
        payment.tax_cents = amounts.tax_of_part(payment.tax_cents, part_cents=paid, whole_cents=payment.own_cents)
        payment.amount_cents = paid + payment.deposit_cents
    payment.reason = payment.reason or "completion"
    payment.status = "settled_elsewhere"
    payment.method = method
    payment.captured_cents = payment.own_cents
    payment.note = note
    payment.updated_at = clock.now()
    publish(
        PaymentSettledElsewhere(
            owner_id=owner_id,
            payment_id=payment.id,
            customer_id=payment.customer_id,
            method=method,
            reason=payment.reason,
            amount_cents=payment.captured_cents,
            currency=payment.currency,
        )
    )
    ledger.post_settled_elsewhere(payment)
    return payment.id
