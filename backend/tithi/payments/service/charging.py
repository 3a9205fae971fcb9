# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""One try to charge: the attempt's row with its keys, the call, the result, each in its own transaction.

A kept card is held and then captured with its customer absent. On session the customer is there: the amount is taken at
once, by the card that they name or enter, and that card is kept.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy import select

from tithi.integrations.stripe import contract
from tithi.payments import amounts, declines, ladder, queries
from tithi.payments.errors import CardUsedUpError
from tithi.payments.events import HoldFailed, HoldLost, PaymentCaptured, PaymentFailed, PaymentNeedsCustomer
from tithi.payments.models import Card, Payment, PaymentAttempt
from tithi.payments.processor import processor
from tithi.payments.service import ledger
from tithi.payments.service.cards import fail_by_payment, keep_by_payment
from tithi.payments.service.paying import customer_ref_of
from tithi.platform import clock, jobs
from tithi.platform.db import session, transaction
from tithi.platform.events import publish
from tithi.platform.ids import new_id
from tithi.platform.tenancy import current_tenant_id

RECOVER_AFTER = timedelta(seconds=20)
KEY_LIFE = timedelta(hours=23)
RECOVER_TIMER = "payments.recover_attempt"
IN_FLIGHT = frozenset({"created", "submitted", "authorized", "capture_submitted", "unknown"})
RENEW_TIMER = "payments.renew_hold"
CAPTURED_BEFORE = timedelta(hours=12)
"""How long before a hold lapses it is captured or renewed at the latest."""
HOLD_FAILED = frozenset({"needs_customer", "declined_final", "declined_retryable"})
CLOSED = frozenset({"succeeded", "settled_elsewhere", "waived", "written_off", "canceled"})
OUTCOME = "outcome"
MORE = frozenset({"tip", "balance"})
LIVE = IN_FLIGHT | {"needs_customer"}

log = structlog.get_logger(__name__)


def new_attempt(payment: Payment, card: Card) -> UUID:
    """Write a try with its keys, in the caller's transaction; `charge` carries it out after the commit.

    Raises:
        CardUsedUp: the card was declined for good, or too often.
    """
    if not ladder.may_try(tries_of(payment.id), card.method_ref, clock.now()):
        raise CardUsedUpError
    return _write(
        payment,
        account_ref=card.account_ref,
        customer_ref=card.customer_ref,
        method_ref=card.method_ref,
    )


def new_hold(payment: Payment, card: Card, *, amount_cents: int) -> UUID | None:
    """Write a hold on a card ahead of the outcome, in the caller's transaction; None where the card is used up."""
    if not ladder.may_try(tries_of(payment.id), card.method_ref, clock.now()):
        return None
    return _write(
        payment,
        account_ref=card.account_ref,
        customer_ref=card.customer_ref,
        method_ref=card.method_ref,
        hold_cents=amount_cents,
    )


def new_attempt_on_session(payment: Payment, *, account_ref: str, method_ref: str | None) -> UUID:
    """Write a try with the customer there, in the caller's transaction; `charge` carries it out after the commit."""
    return _write(payment, account_ref=account_ref, customer_ref=None, method_ref=method_ref, is_on_session=True)


def _write(
    payment: Payment,
    *,
    account_ref: str,
    customer_ref: str | None,
    method_ref: str | None,
    is_on_session: bool = False,
    hold_cents: int | None = None,
) -> UUID:
    now = clock.now()
    amount_cents = payment.card_cents if hold_cents is None else hold_cents
    attempt = PaymentAttempt(
        tenant_id=current_tenant_id(),
        id=new_id(),
        payment_id=payment.id,
        account_ref=account_ref,
        customer_ref=customer_ref,
        method_ref=method_ref,
        is_on_session=is_on_session,
        currency=payment.currency,
        is_hold=hold_cents is not None,
        amount_cents=amount_cents,
        application_fee_cents=amounts.platform_fee(amount_cents),
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
    named = PaymentAttempt.payment_id == payment_id, PaymentAttempt.method_ref.is_not(None)
    return [(row.method_ref, row.status, row.created_at) for row in session().execute(statement.where(*named))]


def charge(*, attempt_id: UUID) -> contract.ChargeState | None:
    """Carry an attempt as far as the processor answers; what stays open is finished by the worker.

    Returns:
        What the processor said last, or None where it was not asked or did not answer.
    """
    attempt = _read(attempt_id)
    found = None
    is_known_hold = attempt.is_hold and attempt.intent_ref and attempt.status in IN_FLIGHT - {"capture_submitted"}
    if attempt.status in {"created", "submitted", "unknown"} and not is_known_hold:
        found = _ask_and_apply(attempt_id, lambda: _begin(attempt))
    elif is_known_hold or (attempt.status == "needs_customer" and attempt.intent_ref):
        found = _ask_and_apply(attempt_id, lambda: _fetch(attempt))
    attempt = _read(attempt_id)
    if attempt.status in {"authorized", "capture_submitted"} and not attempt.is_held:
        found = _ask_and_apply(attempt_id, lambda: _capture(attempt))
    return found


def look_up(attempt: PaymentAttempt) -> contract.ChargeState | None:
    """What the processor has of an attempt; None where it was never asked. Raises ProcessorError."""
    return _fetch(attempt) if attempt.intent_ref else _find(attempt)


def _ask_and_apply(attempt_id: UUID, call: Callable[[], contract.ChargeState | None]) -> contract.ChargeState | None:
    found = _ask(attempt_id, call)
    if found is not None:
        with transaction():
            apply_charge(attempt_id, found)
    return found


def recover_attempt(*, attempt_id: UUID) -> None:
    """Finish an attempt whose answer was lost; raises while it is open, so that it is tried again.

    What was asked before is looked up first: the processor repeats a failure of its own for as long as it keeps the
    key, also when the money moved.
    """
    attempt = _read(attempt_id)
    if attempt.status not in IN_FLIGHT or attempt.is_held:
        return
    if attempt.intent_ref or attempt.status == "unknown":
        _ask_and_apply(attempt_id, lambda: look_up(attempt))
    charge(attempt_id=attempt_id)
    attempt = _read(attempt_id)
    if attempt.status in IN_FLIGHT and not attempt.is_held:
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
    attempt.status = _state_of(found, before, attempt)
    if attempt.is_on_session:
        attempt.method_ref = found.payment_method_ref or attempt.method_ref
        keep_by_payment(payment, attempt, found)
    if found.decline is not None:
        attempt.decline_code = found.decline.decline_code or found.decline.code
    payment.status = _payment_state(payment, attempt, before)
    if attempt.status in IN_FLIGHT and not attempt.is_held:
        jobs.schedule(RECOVER_TIMER, attempt.id, clock.now() + RECOVER_AFTER)
    else:
        jobs.cancel(RECOVER_TIMER, attempt.id)
    if attempt.is_hold or payment.purpose in MORE:
        _watch(attempt)
    if attempt.status == "succeeded":
        payment.captured_cents = found.captured_cents + payment.gift_card_cents
        payment.application_fee_cents = found.application_fee_cents or 0
        ledger.post_capture(payment, attempt.id, found)
    if attempt.status != before:
        _tell(payment, attempt, before)


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


def _begin(attempt: PaymentAttempt) -> contract.ChargeState | None:
    if _may_be_forgotten(attempt):
        found = _find(attempt)
        if found is not None:
            return found
    about: dict[str, Any] = {
        "account": attempt.account_ref,
        "key": f"{attempt.tenant_id}:{attempt.id}:confirm",
        "customer_ref": attempt.customer_ref or _know_customer(attempt),
        "payment_method_ref": attempt.method_ref,
        "amount_cents": attempt.amount_cents,
        "currency": attempt.currency,
        "application_fee_cents": attempt.application_fee_cents or None,
        "metadata": {
            "tenant_id": str(attempt.tenant_id),
            "payment_id": str(attempt.payment_id),
            "attempt_id": str(attempt.id),
        },
        "description": "Visit",
    }
    if not attempt.is_on_session:
        return processor().authorize(**about)
    return processor().take(**about) if _is_wanted(attempt) else None


def _know_customer(attempt: PaymentAttempt) -> str:
    """The customer's reference, written down before anything is asked of them, so that the attempt can be found."""
    with transaction():
        payment = queries.get_payment(attempt.payment_id)
    ref = customer_ref_of(customer_id=payment.customer_id, account_ref=attempt.account_ref)
    with transaction():
        session().get_one(PaymentAttempt, (attempt.tenant_id, attempt.id), with_for_update=True).customer_ref = ref
    return ref


def _is_wanted(attempt: PaymentAttempt) -> bool:
    """Whether what the customer was going to pay was not given up meanwhile."""
    with transaction():
        return queries.get_payment(attempt.payment_id).status != "canceled"


def _fetch(attempt: PaymentAttempt) -> contract.ChargeState:
    return processor().fetch_charge(account=attempt.account_ref, intent_ref=attempt.intent_ref or "")


def _find(attempt: PaymentAttempt) -> contract.ChargeState | None:
    if attempt.customer_ref is None:
        return None
    return processor().find_charge(
        account=attempt.account_ref,
        customer_ref=attempt.customer_ref,
        metadata_key="attempt_id",
        metadata_value=str(attempt.id),
    )


def _capture(attempt: PaymentAttempt) -> contract.ChargeState:
    if attempt.is_hold or _may_be_forgotten(attempt):
        found = _fetch(attempt)
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


def _watch(attempt: PaymentAttempt) -> None:
    """Set when a hold is renewed, and have let go what did not come about, since its customer is not there."""
    if attempt.is_held and attempt.capture_before is not None:
        now = clock.now()
        soonest = now + (attempt.capture_before - now) / 2
        jobs.schedule(RENEW_TIMER, attempt.id, max(attempt.capture_before - CAPTURED_BEFORE, soonest))
    elif attempt.status == "needs_customer":
        jobs.schedule(RENEW_TIMER, attempt.id, clock.now())
    else:
        jobs.cancel(RENEW_TIMER, attempt.id)


def _state_of(found: contract.ChargeState, before: str, attempt: PaymentAttempt) -> str:
    """The attempt's state; one that waits for its customer goes on waiting when they try in vain."""
    if attempt.is_on_session and found.status == "needs_method":
        return "needs_customer"
    if found.status == "authorized":
        return "authorized" if attempt.is_hold and before != "capture_submitted" else "capture_submitted"
    if found.status in {"succeeded", "canceled", "needs_customer"}:
        return found.status
    if before == "needs_customer" and found.status == "needs_method":
        return before
    if found.decline is not None:
        return declines.outcome_of(found.decline.code, found.decline.decline_code, found.decline.advice_code)
    return "unknown"


def _payment_state(payment: Payment, attempt: PaymentAttempt, before: str) -> str:
    """The payment's state after its attempt's; what was given up stays so unless its money was taken all the same."""
    if payment.status == "canceled" and attempt.status != "succeeded":
        return "canceled"
    if _only_held(attempt, before) and attempt.status not in IN_FLIGHT | {"succeeded"}:
        return payment.status if payment.status in CLOSED else "open"
    return "open" if attempt.status == "canceled" else attempt.status


def _only_held(attempt: PaymentAttempt, before: str) -> bool:
    """Whether an attempt held money that no outcome had claimed."""
    return attempt.is_hold and before != "capture_submitted"


def _tell(payment: Payment, attempt: PaymentAttempt, before: str) -> None:
    """Tell what became of an attempt; what failed and is no outcome is seen by whoever is there."""
    if attempt.status == "succeeded":
        publish(
            PaymentCaptured(
                owner_id=payment.owner_id,
                payment_id=payment.id,
                customer_id=payment.customer_id,
                reason=(payment.reason or "completion") if payment.purpose == OUTCOME else payment.purpose,
                amount_cents=payment.captured_cents,
                currency=payment.currency,
            )
        )
    elif _only_held(attempt, before):
        if attempt.status in HOLD_FAILED:
            publish(HoldFailed(owner_id=payment.owner_id, payment_id=payment.id, attempt_id=attempt.id))
    elif attempt.is_hold and attempt.status == "canceled":
        publish(HoldLost(owner_id=payment.owner_id, payment_id=payment.id, attempt_id=attempt.id))
    elif payment.purpose != OUTCOME:
        return
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
        payment.status = _payment_state(payment, attempt, "submitted")


def _refuse(attempt_id: UUID, code: str) -> None:
    attempt = session().get_one(PaymentAttempt, (current_tenant_id(), attempt_id), with_for_update=True)
    payment = session().get_one(Payment, (current_tenant_id(), attempt.payment_id), with_for_update=True)
    if attempt.status not in LIVE:
        return
    before, attempt.status = attempt.status, "declined_retryable"
    attempt.decline_code = code
    attempt.updated_at = payment.updated_at = clock.now()
    payment.status = _payment_state(payment, attempt, before)
    if attempt.is_on_session:
        fail_by_payment(payment, code)
    jobs.cancel(RECOVER_TIMER, attempt.id)
    _tell(payment, attempt, before)


def _read(attempt_id: UUID) -> PaymentAttempt:
    with transaction():
        return session().get_one(PaymentAttempt, (current_tenant_id(), attempt_id))
