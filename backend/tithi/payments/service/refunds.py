# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""Giving money back: never more than was captured, whoever asks at the same time."""

from datetime import timedelta
from uuid import UUID

import structlog
from sqlalchemy import func, select

from tithi.integrations.stripe import contract
from tithi.payments import queries
from tithi.payments.errors import NothingToRefundError, RefundTooLargeError
from tithi.payments.events import PaymentRefunded
from tithi.payments.models import Payment, PaymentAttempt, Refund
from tithi.payments.processor import processor
from tithi.payments.service import gift_cards
from tithi.platform import clock, jobs
from tithi.platform.db import session, transaction
from tithi.platform.events import publish
from tithi.platform.tenancy import current_tenant_id

RECOVER_AFTER = timedelta(seconds=20)
RECOVER_TIMER = "payments.recover_refund"
KEY_LIFE = timedelta(hours=23)
UNANSWERED = frozenset({"submitted", "unknown"})

log = structlog.get_logger(__name__)


def prepare_refund(
    *, refund_id: UUID, owner_id: UUID, refund_type: str, amount_cents: int | None, reason: str | None
) -> UUID:
    """Write the refund under the payment's lock, in the caller's transaction; money in cash is given back by hand.

    One that is written already, because the work was cut short, is left as it is.

    Raises:
        NothingToRefund: nothing was captured, or all of it is on its way back.
        RefundTooLarge: more than what is left.
    """
    payment = queries.outcome_payment(owner_id)
    if payment is None:
        raise NothingToRefundError
    session().refresh(payment, with_for_update=True)
    if session().get(Refund, (current_tenant_id(), refund_id)) is not None:
        return refund_id
    left = payment.captured_cents - _given_back(payment.id)
    if left <= 0 or (refund_type == "no_show_fee_only" and payment.reason not in {"no_show", "late_cancel"}):
        raise NothingToRefundError
    amount = left if refund_type != "partial" or amount_cents is None else amount_cents
    if amount > left:
        raise RefundTooLargeError(details={"refundable_cents": left})
    now = clock.now()
    row = Refund(
        tenant_id=current_tenant_id(),
        id=refund_id,
        payment_id=payment.id,
        amount_cents=amount,
        gift_card_cents=gift_cards.restore(owner_id=owner_id, up_to_cents=amount),
        refund_type=refund_type,
        reason=reason,
        status="submitted",
        submitted_at=now,
        created_at=now,
        updated_at=now,
    )
    session().add(row)
    if payment.status == "settled_elsewhere" or row.card_cents == 0:
        _settle(row, payment, "succeeded")
    else:
        jobs.schedule(RECOVER_TIMER, row.id, now + RECOVER_AFTER)
    return row.id


def refund(*, refund_id: UUID) -> None:
    """Ask the processor, with no transaction open; what stays open is finished by the worker.

    A refund that it knows is fetched, also one that succeeded: it can still fail later.
    """
    with transaction():
        row = session().get_one(Refund, (current_tenant_id(), refund_id))
        attempt = _captured_attempt(row.payment_id)
    is_known = row.refund_ref is not None
    if attempt is None or attempt.intent_ref is None or not (is_known or row.status in UNANSWERED):
        return
    try:
        if row.refund_ref:
            found = processor().fetch_refund(account=attempt.account_ref, refund_ref=row.refund_ref)
        else:
            found = processor().refund(
                account=attempt.account_ref,
                key=f"{row.tenant_id}:{row.id}:refund",
                intent_ref=attempt.intent_ref,
                amount_cents=row.card_cents,
                refund_application_fee=attempt.application_fee_cents > 0,
                metadata={"tenant_id": str(row.tenant_id), "refund_id": str(row.id)},
            )
    except (contract.NoAnswerError, contract.BusyError) as error:
        log.warning("refund.no_answer", refund_id=str(refund_id), reason=type(error).__name__)
        return
    except contract.RefusedError as error:
        log.warning("refund.refused", refund_id=str(refund_id), code=error.code)
        if not is_known:
            with transaction():
                _apply(refund_id, "failed", None, error.code)
        return
    status = "failed" if found.status == "canceled" else found.status
    with transaction():
        _apply(refund_id, status, found.refund_ref, found.failure_reason)


def recover_refund(*, refund_id: UUID) -> None:
    """Finish a refund whose answer was lost; raises while it is open, so that it is tried again.

    While the processor keeps the key, the call is repeated; what it leaves open is looked up. Afterwards a repeat could
    give the money back twice, so the look-up comes first, and what it cannot tell stays open.
    """
    with transaction():
        row = session().get_one(Refund, (current_tenant_id(), refund_id))
        attempt = _captured_attempt(row.payment_id)
    if row.status not in UNANSWERED or attempt is None or attempt.intent_ref is None:
        return
    is_key_kept = clock.now() - row.submitted_at < KEY_LIFE
    if is_key_kept:
        refund(refund_id=refund_id)
    charge = processor().fetch_charge(account=attempt.account_ref, intent_ref=attempt.intent_ref)
    with transaction():
        is_unmade = _settle_by_look_up(refund_id, charge.refunded_cents)
    if is_unmade and not is_key_kept:
        refund(refund_id=refund_id)
    with transaction():
        row = session().get_one(Refund, (current_tenant_id(), refund_id))
    if row.status in UNANSWERED:
        raise contract.NoAnswerError


def _settle_by_look_up(refund_id: UUID, given_back_cents: int) -> bool:
    """Close an unanswered refund whose money is back, in the caller's transaction; says whether it surely is not."""
    row = session().get_one(Refund, (current_tenant_id(), refund_id), with_for_update=True)
    if row.status not in UNANSWERED:
        return False
    others = [other for other in queries.list_refunds(row.payment_id) if other.id != refund_id]
    if any(other.status in UNANSWERED for other in others):
        return False
    unaccounted = given_back_cents - sum(other.card_cents for other in others if other.status != "failed")
    if unaccounted == row.card_cents:
        _apply(refund_id, "succeeded", None, None)
    elif unaccounted:
        log.error("refund.unaccounted", refund_id=str(refund_id), cents=unaccounted)
    return unaccounted == 0


def _apply(refund_id: UUID, status: str, refund_ref: str | None, failure_reason: str | None) -> None:
    row = session().get_one(Refund, (current_tenant_id(), refund_id), with_for_update=True)
    payment = session().get_one(Payment, (current_tenant_id(), row.payment_id), with_for_update=True)
    row.refund_ref = refund_ref or row.refund_ref
    row.failure_reason = failure_reason
    jobs.cancel(RECOVER_TIMER, refund_id)
    _settle(row, payment, status)


def _settle(row: Refund, payment: Payment, status: str) -> None:
    if status == "failed" and row.gift_card_cents:
        _keep_restored(row, payment)
        return
    before = row.status
    row.status = status
    row.updated_at = payment.updated_at = clock.now()
    if status == "succeeded" and before != "succeeded":
        payment.refunded_cents += row.amount_cents
        publish(
            PaymentRefunded(
                owner_id=payment.owner_id,
                payment_id=payment.id,
                amount_cents=row.amount_cents,
                currency=payment.currency,
            )
        )
    if before == "succeeded" and status == "failed":
        payment.refunded_cents -= row.amount_cents


def _keep_restored(row: Refund, payment: Payment) -> None:
    """Of a refund whose card's part failed, what the gift card has back stays given."""
    if row.status == "succeeded":
        payment.refunded_cents -= row.card_cents
        row.amount_cents = row.gift_card_cents
        return
    row.amount_cents = row.gift_card_cents
    _settle(row, payment, "succeeded")


def _given_back(payment_id: UUID) -> int:
    """What is back, or on its way back, in minor units."""
    return int(
        session()
        .execute(
            select(func.coalesce(func.sum(Refund.amount_cents), 0)).where(
                Refund.payment_id == payment_id, Refund.status != "failed"
            )
        )
        .scalar_one()
    )


def _captured_attempt(payment_id: UUID) -> PaymentAttempt | None:
    return (
        session()
        .scalars(
            select(PaymentAttempt).where(PaymentAttempt.payment_id == payment_id, PaymentAttempt.status == "succeeded")
        )
        .one_or_none()
    )
