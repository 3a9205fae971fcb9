# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""One try to charge: the attempt's row with its keys, the call, the result, each in its own transaction."""

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import structlog
from sqlalchemy import select

from tithi.integrations.stripe import contract
from tithi.payments import amounts, declines, ladder
from tithi.payments.errors import CardUsedUpError
from tithi.payments.events import PaymentCaptured, PaymentFailed, PaymentNeedsCustomer
from tithi.payments.models import Card, Payment, PaymentAttempt
from tithi.payments.processor import processor
from tithi.payments.service import ledger
from tithi.platform import clock, jobs
from tithi.platform.db import session, transaction
from tithi.platform.events import publish
from tithi.platform.ids import new_id
from tithi.platform.tenancy import current_tenant_id

RECOVER_AFTER = timedelta(seconds=20)
KEY_LIFE = timedelta(hours=23)
RECOVER_TIMER = "payments.recover_attempt"
IN_FLIGHT = frozenset({"created", "submitted", "authorized", "capture_submitted", "unknown"})
LIVE = IN_FLIGHT | {"needs_customer"}

log = structlog.get_logger(__name__)


def new_attempt(payment: Payment, card: Card) -> UUID:
    """Write a try with its keys, in the caller's transaction; `charge` carries it out after the commit.

    Raises:
        CardUsedUp: the card was declined for good, or too often.
    """
    now = clock.now()
    if not ladder.may_try(tries_of(payment.id), card.method_ref, now):
        raise CardUsedUpError
    attempt = PaymentAttempt(
        tenant_id=current_tenant_id(),
        id=new_id(),
        payment_id=payment.id,
        account_ref=card.account_ref,
        customer_ref=card.customer_ref,
        method_ref=card.method_ref,
        currency=payment.currency,
        amount_cents=payment.card_cents,
        application_fee_cents=amounts.platform_fee(payment.card_cents),
        status="submitted",
        submitted_at=now,
        created_at=now,
        updated_at=now,
    )
    session().add(attempt)
    session().flush()
    jobs.schedule(RECOVER_TIMER, attempt.id, now + RECOVER_AFTER)
    return attempt.id


def tries_of(payment_id: UUID) -> list[ladder.Try]:
    statement = select(PaymentAttempt.method_ref, PaymentAttempt.status, PaymentAttempt.created_at)
    rows = session().execute(statement.where(PaymentAttempt.payment_id == payment_id))
    return [(row.method_ref, row.status, row.created_at) for row in rows]


def charge(*, attempt_id: UUID) -> None:
    """Carry an attempt as far as the processor answers; what stays open is finished by the worker."""
    attempt = _read(attempt_id)
    if attempt.status in {"created", "submitted", "unknown"}:
        found = _ask(attempt_id, lambda: _authorize(attempt))
        if found is None:
            return
        with transaction():
            apply_charge(attempt_id, found)
        attempt = _read(attempt_id)
    if attempt.status == "needs_customer" and attempt.intent_ref:
        intent_ref = attempt.intent_ref
        found = _ask(attempt_id, lambda: processor().fetch_charge(account=attempt.account_ref, intent_ref=intent_ref))
        if found is None:
            return
        with transaction():
            apply_charge(attempt_id, found)
        attempt = _read(attempt_id)
    if attempt.status in {"authorized", "capture_submitted"}:
        captured = _ask(attempt_id, lambda: _capture(attempt))
        if captured is not None:
            with transaction():
                apply_charge(attempt_id, captured)


def recover_attempt(*, attempt_id: UUID) -> None:
    """Finish an attempt whose answer was lost; raises while it is open, so that it is tried again.

    What was asked before is looked up first: the processor repeats a failure of its own for as long as it keeps the
    key, also when the money moved.
    """
    attempt = _read(attempt_id)
    if attempt.status not in IN_FLIGHT:
        return
    _look_up(attempt)
    charge(attempt_id=attempt_id)
    if _read(attempt_id).status in IN_FLIGHT:
        raise contract.NoAnswerError


def live_attempt(payment_id: UUID) -> PaymentAttempt | None:
    return (
        session()
        .scalars(select(PaymentAttempt).where(PaymentAttempt.payment_id == payment_id, PaymentAttempt.status.in_(LIVE)))
        .one_or_none()
    )


def apply_charge(attempt_id: UUID, found: contract.ChargeState) -> None:
    """Move attempt and payment to what the processor says; what it said before changes nothing."""
    attempt = session().get_one(PaymentAttempt, (current_tenant_id(), attempt_id), with_for_update=True)
    payment = session().get_one(Payment, (current_tenant_id(), attempt.payment_id), with_for_update=True)
    if attempt.status == "succeeded":
        return
    before = attempt.status
    attempt.intent_ref = found.intent_ref
    attempt.charge_ref = found.charge_ref
    attempt.capture_before = found.capture_before
    attempt.updated_at = payment.updated_at = clock.now()
    attempt.status = _state_of(found, before)
    if found.decline is not None:
        attempt.decline_code = found.decline.decline_code or found.decline.code
    payment.status = "open" if attempt.status == "canceled" else attempt.status
    if attempt.status in IN_FLIGHT:
        jobs.schedule(RECOVER_TIMER, attempt.id, clock.now() + RECOVER_AFTER)
    else:
        jobs.cancel(RECOVER_TIMER, attempt.id)
    if attempt.status == "succeeded":
        payment.captured_cents = found.captured_cents + payment.gift_card_cents
        payment.application_fee_cents = found.application_fee_cents or 0
        ledger.post_capture(payment, attempt.id, found)
    if attempt.status != before:
        _tell(payment, attempt)


def _look_up(attempt: PaymentAttempt) -> None:
    intent_ref = attempt.intent_ref
    if intent_ref is not None:
        found = _ask(attempt.id, lambda: processor().fetch_charge(account=attempt.account_ref, intent_ref=intent_ref))
    elif attempt.status == "unknown":
        found = _ask(attempt.id, lambda: _find(attempt))
    else:
        return
    if found is not None:
        with transaction():
            apply_charge(attempt.id, found)


def _ask(attempt_id: UUID, call: Callable[[], contract.ChargeState | None]) -> contract.ChargeState | None:
    try:
        return call()
    except (contract.NoAnswerError, contract.BusyError) as error:
        log.warning("attempt.no_answer", attempt_id=str(attempt_id), reason=type(error).__name__)
        with transaction():
            _mark_unknown(attempt_id)
    except contract.RefusedError as error:
        log.warning("attempt.refused", attempt_id=str(attempt_id), code=error.code)
        with transaction():
            _refuse(attempt_id, error.code)
    return None


def _authorize(attempt: PaymentAttempt) -> contract.ChargeState:
    if _may_be_forgotten(attempt):
        found = _find(attempt)
        if found is not None:
            return found
    return processor().authorize(
        account=attempt.account_ref,
        key=f"{attempt.tenant_id}:{attempt.id}:confirm",
        customer_ref=attempt.customer_ref,
        payment_method_ref=attempt.method_ref,
        amount_cents=attempt.amount_cents,
        currency=attempt.currency,
        application_fee_cents=attempt.application_fee_cents or None,
        metadata={
            "tenant_id": str(attempt.tenant_id),
            "payment_id": str(attempt.payment_id),
            "attempt_id": str(attempt.id),
        },
        description="Visit",
    )


def _find(attempt: PaymentAttempt) -> contract.ChargeState | None:
    return processor().find_charge(
        account=attempt.account_ref,
        customer_ref=attempt.customer_ref,
        metadata_key="attempt_id",
        metadata_value=str(attempt.id),
    )


def _capture(attempt: PaymentAttempt) -> contract.ChargeState:
    if _may_be_forgotten(attempt):
        found = processor().fetch_charge(account=attempt.account_ref, intent_ref=attempt.intent_ref or "")
        if found.status != "authorized":
            return found
    return processor().capture(
        account=attempt.account_ref,
        key=f"{attempt.tenant_id}:{attempt.id}:capture",
        intent_ref=attempt.intent_ref or "",
        amount_cents=attempt.amount_cents,
        application_fee_cents=attempt.application_fee_cents or None,
    )


def _may_be_forgotten(attempt: PaymentAttempt) -> bool:
    """Whether the processor may not know the attempt's keys any more, so that what it did is looked up first."""
    return clock.now() - attempt.submitted_at >= KEY_LIFE


def _state_of(found: contract.ChargeState, before: str) -> str:
    """The attempt's state; one that waits for its customer goes on waiting when they try in vain."""
    if found.status == "authorized":
        return "capture_submitted"
    if found.status in {"succeeded", "canceled", "needs_customer"}:
        return found.status
    if before == "needs_customer" and found.status == "needs_method":
        return before
    if found.decline is not None:
        return declines.outcome_of(found.decline.code, found.decline.decline_code, found.decline.advice_code)
    return "unknown"


def _tell(payment: Payment, attempt: PaymentAttempt) -> None:
    if attempt.status == "succeeded":
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
    elif attempt.status == "needs_customer":
        publish(PaymentNeedsCustomer(owner_id=payment.owner_id, payment_id=payment.id))
    elif attempt.status in {"declined_final", "declined_retryable"}:
        publish(PaymentFailed(owner_id=payment.owner_id, payment_id=payment.id, decline_code=attempt.decline_code))


def _mark_unknown(attempt_id: UUID) -> None:
    attempt = session().get_one(PaymentAttempt, (current_tenant_id(), attempt_id), with_for_update=True)
    if attempt.status == "submitted":
        attempt.status = "unknown"
        attempt.updated_at = clock.now()
        payment = session().get_one(Payment, (current_tenant_id(), attempt.payment_id), with_for_update=True)
        payment.status = "unknown"


def _refuse(attempt_id: UUID, code: str) -> None:
    attempt = session().get_one(PaymentAttempt, (current_tenant_id(), attempt_id), with_for_update=True)
    payment = session().get_one(Payment, (current_tenant_id(), attempt.payment_id), with_for_update=True)
    if attempt.status not in LIVE:
        return
    attempt.status = payment.status = "declined_retryable"
    attempt.decline_code = code
    attempt.updated_at = payment.updated_at = clock.now()
    jobs.cancel(RECOVER_TIMER, attempt.id)
    _tell(payment, attempt)


def _read(attempt_id: UUID) -> PaymentAttempt:
    with transaction():
        return session().get_one(PaymentAttempt, (current_tenant_id(), attempt_id))
