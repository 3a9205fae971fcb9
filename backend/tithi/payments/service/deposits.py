# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""Deposits: taken while the customer is there, owed to them until an outcome uses it, and returned where none does."""

from datetime import timedelta
from uuid import UUID

from tithi.integrations.stripe import contract
from tithi.payments import amounts, queries, splits
from tithi.payments.models import Payment, PaymentAttempt
from tithi.payments.service import ledger
from tithi.payments.service.cards import SetupAnswer, write_setup
from tithi.payments.service.charging import (
    IN_FLIGHT,
    RECOVER_TIMER,
    apply_charge,
    charge,
    live_attempt,
    look_up,
    new_attempt_on_session,
)
from tithi.payments.service.refunds import know_refunds, prepare_return, refund
from tithi.payments.service.voiding import call_off
from tithi.platform import clock, jobs
from tithi.platform.db import session, transaction
from tithi.platform.ids import new_id
from tithi.platform.tenancy import current_tenant_id

PURPOSE = "deposit"
RETURN_TIMER = "payments.return_deposit"
ANSWERED_WITHIN = timedelta(seconds=20)


def open_deposit(
    *,
    owner_id: UUID,
    customer_id: UUID,
    amount_cents: int,
    currency: str,
    account_ref: str,
    given_method_ref: str | None,
) -> UUID:
    """Write a deposit with the card that it keeps and the try to take it, in the caller's transaction.

    Returns:
        The attempt that `take_deposit` carries out after the commit.
    """
    payment = queries.payment_of(owner_id, PURPOSE, lock=True)
    if payment is None:
        now = clock.now()
        payment = Payment(
            tenant_id=current_tenant_id(),
            id=new_id(),
            owner_id=owner_id,
            customer_id=customer_id,
            purpose=PURPOSE,
            status="open",
            currency=currency,
            amount_cents=amount_cents,
            created_at=now,
            updated_at=now,
        )
        session().add(payment)
        session().flush()
    payment.status = "open"
    payment.amount_cents = amount_cents
    write_setup(
        owner_id=owner_id,
        customer_id=customer_id,
        account_ref=account_ref,
        given_method_ref=given_method_ref,
        payment_id=payment.id,
    )
    return new_attempt_on_session(payment, account_ref=account_ref, method_ref=given_method_ref)


def take_deposit(*, attempt_id: UUID) -> SetupAnswer:
    """Ask the processor for a deposit, with no transaction open, and say what the customer has to do."""
    found = charge(attempt_id=attempt_id)
    with transaction():
        attempt = session().get_one(PaymentAttempt, (current_tenant_id(), attempt_id))
        card_status = queries.card_status_by(attempt.payment_id)
    waits = attempt.status == "needs_customer" and found is not None
    return SetupAnswer(
        card_status,
        found.client_secret if found is not None and waits else None,
        needs_card_entry=found is not None and found.status == "needs_method",
        decline_message=found.decline.message if found is not None and found.decline else None,
        is_payment=True,
    )


def live_deposit(*, owner_id: UUID) -> UUID | None:
    """The attempt at the owner's deposit that waits for its customer, or for an answer."""
    payment = queries.payment_of(owner_id, PURPOSE)
    attempt = live_attempt(payment.id) if payment is not None and payment.status != "canceled" else None
    return attempt.id if attempt is not None else None


def void_deposit(*, owner_id: UUID) -> None:
    """Cancel the try that waits for its customer, so that another card can be tried; with no transaction open.

    Raises:
        NoAnswer: it is being charged, or the processor does not say.
    """
    with transaction():
        payment = queries.payment_of(owner_id, PURPOSE)
        attempt = live_attempt(payment.id) if payment is not None else None
    if attempt is not None:
        _void(attempt)


def use(payment: Payment) -> None:
    """Let the owner's deposit pay what it can of their locked outcome, in the caller's transaction; once.

    What is left of it is returned.
    """
    deposit = queries.payment_of(payment.owner_id, PURPOSE, lock=True)
    if deposit is None or payment.deposit_cents:
        return
    used = min(deposit.captured_cents - queries.given_back(deposit.id), payment.amount_cents)
    if used > 0:
        tax = amounts.tax_of_part(payment.tax_cents, part_cents=used, whole_cents=payment.amount_cents)
        payment.deposit_cents = used
        payment.tax_cents -= tax
        deposit.tax_cents = tax
        _post(payment, "deposit_used", splits.of_used_deposit(amount=used, tax=tax))
    _return_rest(deposit)


def give_up(payment: Payment) -> None:
    """Return the deposit, also what it has paid of a locked outcome, in the caller's transaction."""
    deposit = free(payment)
    if deposit is not None:
        _return_rest(deposit)


def free(payment: Payment) -> Payment | None:
    """Owe the customer again what their deposit has paid of a locked outcome; answers the deposit, locked."""
    deposit = queries.payment_of(payment.owner_id, PURPOSE, lock=True)
    if deposit is not None and payment.deposit_cents:
        freed = splits.of_used_deposit(amount=-payment.deposit_cents, tax=-deposit.tax_cents)
        _post(payment, "deposit_freed", freed)
        payment.deposit_cents = deposit.tax_cents = 0
        jobs.cancel(RETURN_TIMER, deposit.id)
    return deposit


def give_back(*, owner_id: UUID) -> None:
    """Have what no outcome used of the owner's deposit returned by the worker, in the caller's transaction.

    One that was not taken yet is not wanted any more.
    """
    deposit = queries.payment_of(owner_id, PURPOSE, lock=True)
    if deposit is not None:
        _return_rest(deposit)


def _return_rest(deposit: Payment) -> None:
    attempt = live_attempt(deposit.id)
    if attempt is not None or not deposit.captured_cents:
        deposit.status = "canceled"
    if attempt is not None:
        jobs.cancel(RECOVER_TIMER, attempt.id)
    session().flush()
    left = deposit.captured_cents - queries.given_back(deposit.id) - queries.used_deposit_cents(deposit.owner_id)
    if attempt is not None or left > 0:
        jobs.schedule(RETURN_TIMER, deposit.id, clock.now())


def return_deposit(*, payment_id: UUID) -> None:
    """Cancel a deposit that was not taken, and refund what no outcome used of one that was.

    Raises:
        NoAnswer: it is not known yet whether it was taken; the worker tries again.
    """
    with transaction():
        attempt = live_attempt(payment_id)
    if attempt is not None:
        _void(attempt)
    know_refunds(payment_id=payment_id)
    with transaction():
        refund_id = prepare_return(payment_id=payment_id, refund_id=new_id())
    if refund_id is not None:
        refund(refund_id=refund_id)


def _void(attempt: PaymentAttempt) -> None:
    if attempt.status in IN_FLIGHT and clock.now() - attempt.updated_at < ANSWERED_WITHIN:
        raise contract.NoAnswerError
    found = look_up(attempt)
    if found is None:
        _forget(attempt)
        return
    if found.status in {"needs_method", "needs_customer"}:
        found = call_off(attempt, found.intent_ref)
    with transaction():
        apply_charge(attempt.id, found)
    if found.status not in {"succeeded", "canceled"}:
        raise contract.NoAnswerError


def _forget(attempt: PaymentAttempt) -> None:
    """The processor knows of no such charge, and will not be asked for it."""
    with transaction():
        row = session().get_one(PaymentAttempt, (attempt.tenant_id, attempt.id), with_for_update=True)
        if row.intent_ref is None:
            row.status = "canceled"
            row.updated_at = clock.now()


def _post(payment: Payment, kind: str, lines: splits.Lines) -> None:
    ledger.post(
        kind=kind,
        source_id=new_id(),
        owner_id=payment.owner_id,
        payment_id=payment.id,
        currency=payment.currency,
        lines=lines,
    )
