# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""Money that is owed and could not be taken: reminders, the card tried again, and an end."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from tithi.customers import service as customers
from tithi.payments import ladder, queries
from tithi.payments.errors import CardUsedUpError, PaymentInProgressError, PaymentNotOwedError
from tithi.payments.events import PaymentNeedsCustomer, PaymentRecoveryEnded, PaymentReminded
from tithi.payments.models import Card, Payment, PaymentRecovery
from tithi.payments.service.charging import IN_FLIGHT, charge, live_attempt, new_attempt, tries_of
from tithi.payments.service.outcomes import is_paid_or_too_little, take_of_hold
from tithi.payments.service.voiding import void_live_attempt
from tithi.platform import clock, jobs
from tithi.platform.db import session, transaction
from tithi.platform.events import publish
from tithi.platform.ids import new_id
from tithi.platform.tenancy import current_tenant_id

TIMER = "payments.recover_money"
WAIT_FOR_ANSWER = timedelta(hours=1)
WAIT_FOR_ACCOUNT = timedelta(days=1)


def begin_recovery(*, payment_id: UUID) -> None:
    """Set the first reminder, in the caller's transaction; what is being recovered already goes on as it does."""
    payment = queries.get_payment(payment_id)
    if payment.status not in ladder.OWED:
        return
    now = clock.now()
    begun = session().execute(
        insert(PaymentRecovery)
        .values(tenant_id=current_tenant_id(), id=payment_id, began_at=now)
        .on_conflict_do_nothing(index_elements=["tenant_id", "id"])
        .returning(PaymentRecovery.id)
    )
    if begun.first() is not None:
        jobs.schedule(TIMER, payment_id, ladder.due_at(now, 0))


def end_recovery(*, payment_id: UUID) -> None:
    """Nothing is owed any more, or the business does not want it; in the caller's transaction."""
    recovery = session().get(PaymentRecovery, (current_tenant_id(), payment_id), with_for_update=True)
    if recovery is not None and recovery.ended_at is None:
        recovery.ended_at = clock.now()
        jobs.cancel(TIMER, payment_id)


def ask_customer(*, owner_id: UUID) -> None:
    """Have the customer told that they owe, and reminded until they have paid, in the caller's transaction.

    Whoever was told before is reminded at once, also after the last reminder.
    """
    payment = _owed(owner_id)
    if payment.status not in ladder.OWED or _is_paid_before(payment):
        return
    recovery = session().get(PaymentRecovery, (current_tenant_id(), payment.id))
    if recovery is None:
        publish(PaymentNeedsCustomer(owner_id=owner_id, payment_id=payment.id))
    else:
        publish(_reminder(payment, recovery.step))


def unblock_payer(*, customer_id: UUID) -> None:
    """Let a customer book again who was kept from it until they have paid, in the caller's transaction."""
    owed = select(PaymentRecovery.id).join(
        Payment, (Payment.tenant_id == PaymentRecovery.tenant_id) & (Payment.id == PaymentRecovery.id)
    )
    of_customer = owed.where(Payment.customer_id == customer_id, Payment.status.in_(ladder.OWED))
    if session().execute(of_customer.limit(1)).first():
        return
    customers.unblock_after_payment(customer_id=customer_id)


def recover_money(*, payment_id: UUID) -> None:
    """Take the step that is due: the card again where it may be tried, else a reminder; after the last one, the end.

    The ladder waits while the business has no account that a customer could pay on.
    """
    with transaction():
        attempt_id = _step(payment_id)
    if attempt_id is not None:
        charge(attempt_id=attempt_id)


def charge_again(*, owner_id: UUID) -> UUID | None:
    """Write another try of what is owed, with the customer's newest card; opens its own transactions.

    Returns:
        The attempt to charge; the one that waits for the customer where the card is the same; None without a card.

    Raises:
        PaymentNotOwed: nothing was asked for yet, or it is settled.
        PaymentInProgress: the card is being charged.
        CardUsedUp: the card was declined for good, or too often, and there is no other.
    """
    with transaction():
        payment = _owed(owner_id)
        live = live_attempt(payment.id)
        card = _newest_card(payment)
        if live is not None and live.is_held:
            return None if is_paid_or_too_little(payment) else take_of_hold(payment, live)
        if live is not None and live.status in IN_FLIGHT:
            raise PaymentInProgressError(headers={"Retry-After": "2"})
        if _is_paid_before(payment):
            return None
        if card is None or (live is not None and live.method_ref == card.method_ref):
            return live.id if live is not None else None
    void_live_attempt(owner_id=owner_id)
    with transaction():
        payment = _owed(owner_id)
        return new_attempt(payment, card)


def charge_if_owed(*, owner_id: UUID) -> None:
    """Charge the customer's newest card what is still owed, where it may be tried; opens its own transactions."""
    try:
        attempt_id = charge_again(owner_id=owner_id)
    except (PaymentNotOwedError, PaymentInProgressError, CardUsedUpError):
        return
    if attempt_id is not None:
        charge(attempt_id=attempt_id)


def charge_new_card(*, customer_id: UUID) -> None:
    """A customer has given another card: try it for all that is being recovered of them."""
    with transaction():
        statement = select(Payment.owner_id).join(
            PaymentRecovery, (PaymentRecovery.tenant_id == Payment.tenant_id) & (PaymentRecovery.id == Payment.id)
        )
        waiting = statement.where(Payment.customer_id == customer_id, Payment.status.in_(ladder.OWED))
        owners = list(session().scalars(waiting.order_by(Payment.created_at)))
    for owner_id in owners:
        charge_if_owed(owner_id=owner_id)


def _owed(owner_id: UUID) -> Payment:
    payment = queries.locked_outcome(owner_id)
    if payment.reason is None or payment.status not in ladder.OWED | IN_FLIGHT:
        raise PaymentNotOwedError(details={"status": payment.status})
    return payment


def _is_paid_before(payment: Payment) -> bool:
    """Let what was paid before pay of a fee that was only proposed until now; whether nothing is left to ask for."""
    return live_attempt(payment.id) is None and is_paid_or_too_little(payment)


def _step(payment_id: UUID) -> UUID | None:
    recovery = session().get(PaymentRecovery, (current_tenant_id(), payment_id), with_for_update=True)
    payment = session().get(Payment, (current_tenant_id(), payment_id), with_for_update=True)
    if recovery is None or payment is None or recovery.ended_at is not None:
        return None
    if payment.status not in ladder.OWED:
        if payment.status in IN_FLIGHT:
            jobs.schedule(TIMER, payment_id, clock.now() + WAIT_FOR_ANSWER)
        return None
    if queries.chargeable_account() is None:
        jobs.schedule(TIMER, payment_id, clock.now() + WAIT_FOR_ACCOUNT)
        return None
    step = recovery.step
    recovery.step += 1
    if step == ladder.LAST:
        recovery.ended_at = clock.now()
        publish(PaymentRecoveryEnded(owner_id=payment.owner_id, payment_id=payment_id))
        return None
    jobs.schedule(TIMER, payment_id, ladder.due_at(recovery.began_at, step + 1))
    card = _newest_card(payment) if payment.status in ladder.DECLINED else None
    if card is not None and ladder.may_try(tries_of(payment_id), card.method_ref, clock.now()):
        return new_attempt(payment, card)
    publish(_reminder(payment, recovery.step))
    return None


def _reminder(payment: Payment, step: int) -> PaymentReminded:
    return PaymentReminded(owner_id=payment.owner_id, payment_id=payment.id, reminder_id=new_id(), step=step)


def _newest_card(payment: Payment) -> Card | None:
    account_ref = queries.chargeable_account()
    return queries.card_on_file(payment.customer_id, account_ref) if account_ref else None
