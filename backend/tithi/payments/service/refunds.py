# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""Giving money back: never more than was captured, whoever asks at the same time."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import structlog

from tithi.integrations.stripe import contract
from tithi.payments import queries, splits
from tithi.payments.errors import NothingToRefundError, RefundTooLargeError
from tithi.payments.events import PaymentRefunded, PaymentRefundFailed
from tithi.payments.models import Payment, Refund
from tithi.payments.processor import processor
from tithi.payments.service import gift_cards, ledger
from tithi.payments.service.charging import KEY_LIFE
from tithi.platform import clock, jobs
from tithi.platform.db import session, transaction
from tithi.platform.events import publish
from tithi.platform.ids import new_id
from tithi.platform.tenancy import current_tenant_id

RECOVER_AFTER = timedelta(seconds=20)
RECOVER_TIMER = "payments.recover_refund"
METADATA_KEY = "refund_id"
UNANSWERED = frozenset({"submitted", "unknown"})

FEE_ONLY = "no_show_fee_only"
FEES = frozenset({"no_show", "late_cancel"})

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class _Part:
    """What of a refund goes back of one payment, to the card that paid it or to the gift card."""

    payment: Payment
    cents: int
    is_gift_card: bool = False


def prepare_refund(
    *, refund_id: UUID, owner_id: UUID, refund_type: str, amount_cents: int | None, reason: str | None
) -> UUID:
    """Write the refund under the payment's lock, in the caller's transaction; money in cash is given back by hand.

    One that is written already, because the work was cut short, is left as it is.

    The gift card has its value back first, then each card that paid: for the outcome, the rest, the tip, the deposit.

    Raises:
        NothingToRefund: nothing was captured, or all of it is on its way back.
        RefundTooLarge: more than what is left.
    """
    paid = queries.payments_of(owner_id, lock=True)
    if session().get(Refund, (current_tenant_id(), refund_id)) is not None:
        return refund_id
    left = {one.id: one.captured_cents - queries.given_back(one.id) for one in paid}
    refundable = sum(left.values())
    if refundable <= 0 or (refund_type == FEE_ONLY and paid[0].reason not in FEES):
        raise NothingToRefundError
    amount = refundable if refund_type != "partial" or amount_cents is None else amount_cents
    if amount > refundable:
        raise RefundTooLargeError(details={"refundable_cents": refundable})
    restored = gift_cards.restore(owner_id=owner_id, up_to_cents=min(amount, left[paid[0].id]))
    left[paid[0].id] -= restored
    parts = [*_shares(paid, left, amount - restored), _Part(paid[0], restored, is_gift_card=True)]
    about: dict[str, Any] = {"refund_type": refund_type, "reason": reason, "origin": "tithi", "asked_at": clock.now()}
    part_of = None
    for part in parts:
        if part.cents:
            _begin(part, refund_id if part_of is None else new_id(), part_of=part_of, **about)
            part_of = refund_id
    return refund_id


def _shares(paid: Sequence[Payment], left: Mapping[UUID, int], amount: int) -> Iterator[_Part]:
    for payment in paid:
        share = min(amount, left[payment.id])
        amount -= share
        yield _Part(payment, share)


def prepare_return(*, payment_id: UUID, refund_id: UUID) -> UUID | None:
    """Write the refund of what no outcome has used of a deposit, in the caller's transaction; None if all is used."""
    deposit = session().get_one(Payment, (current_tenant_id(), payment_id), with_for_update=True)
    left = deposit.captured_cents - queries.given_back(deposit.id) - queries.used_deposit_cents(deposit.owner_id)
    if left <= 0:
        return None
    refund_type = "full" if left == deposit.captured_cents else "partial"
    about: dict[str, Any] = {"refund_type": refund_type, "origin": "tithi", "asked_at": clock.now()}
    _begin(_Part(deposit, left), refund_id, part_of=None, reason="The deposit was not used.", **about)
    return refund_id


def refund_whole(*, refund_id: UUID) -> None:
    """Ask the processor for all parts of a refund, with no transaction open."""
    with transaction():
        ids = [refund_id, *(row.id for row in queries.parts_of(refund_id) if not row.gift_card_cents)]
    for one in ids:
        refund(refund_id=one)


def refund(*, refund_id: UUID) -> None:
    """Ask the processor, with no transaction open; what stays open is finished by the worker.

    A refund that it knows is fetched, also one that succeeded: it can still fail later.
    """
    with transaction():
        row = queries.get_refund(refund_id)
        payment = queries.get_payment(row.payment_id)
        attempt = queries.captured_attempt(row.payment_id)
    is_known = row.refund_ref is not None
    if attempt is None or attempt.intent_ref is None or not (is_known or row.status in UNANSWERED):
        return
    try:
        found = _ask(row, payment, attempt.account_ref, attempt.intent_ref)
    except (contract.NoAnswerError, contract.BusyError) as error:
        log.warning("refund.no_answer", refund_id=str(refund_id), reason=type(error).__name__)
        return
    except contract.RefusedError as error:
        log.warning("refund.refused", refund_id=str(refund_id), code=error.code)
        if not is_known:
            with transaction():
                _refuse(refund_id, error.code)
        return
    with transaction():
        apply_refund(refund_id, found)


def recover_refund(*, refund_id: UUID) -> None:
    """Finish a refund whose answer was lost; raises while it is open, so that it is tried again.

    It is looked up among the payment's refunds by its metadata first, so that nothing is given back twice when the
    processor no longer keeps the key.
    """
    with transaction():
        row = queries.get_refund(refund_id)
        attempt = queries.captured_attempt(row.payment_id)
    if row.status not in UNANSWERED or attempt is None or attempt.intent_ref is None:
        return
    found = _find(refund_id, attempt.account_ref, attempt.intent_ref)
    if found is None:
        refund(refund_id=refund_id)
    else:
        with transaction():
            apply_refund(refund_id, found)
    with transaction():
        if queries.get_refund(refund_id).status in UNANSWERED:
            raise contract.NoAnswerError


def know_refunds(*, payment_id: UUID) -> None:
    """Take over what was given back of a payment in the processor's dashboard; opens its own transactions."""
    with transaction():
        attempt = queries.captured_attempt(payment_id)
    if attempt is None or attempt.intent_ref is None:
        return
    for found in processor().list_refunds_of(account=attempt.account_ref, intent_ref=attempt.intent_ref):
        with transaction():
            keep_refund(found)


def keep_refund(found: contract.RefundState) -> bool:
    """Apply a refund that the processor shows, in the caller's transaction; one made in its dashboard gets a row.

    Returns:
        False where it is of no charge that was captured here, or more than was.
    """
    attempt = queries.attempt_of_intent(found.intent_ref) if found.intent_ref else None
    if attempt is None:
        return False
    payment = session().get_one(Payment, (current_tenant_id(), attempt.payment_id), with_for_update=True)
    known = queries.refund_of(found.refund_ref, found.metadata.get(METADATA_KEY))
    if known is not None:
        apply_refund(known.id, found)
        return True
    if attempt.status != "succeeded" or queries.given_back(payment.id) + found.amount_cents > payment.captured_cents:
        log.error("refund.of_nothing_captured", refund_ref=found.refund_ref, cents=found.amount_cents)
        return False
    refund_type = "full" if found.amount_cents == payment.captured_cents else "partial"
    row = _write(
        new_id(),
        payment,
        found.amount_cents,
        refund_type=refund_type,
        reason=None,
        origin="processor",
        asked_at=found.created_at,
    )
    apply_refund(row.id, found)
    return True


def apply_refund(refund_id: UUID, found: contract.RefundState) -> None:
    """Move a refund to what the processor says, in the caller's transaction; what it said before changes nothing."""
    row = session().get_one(Refund, (current_tenant_id(), refund_id))
    payment = session().get_one(Payment, (current_tenant_id(), row.payment_id), with_for_update=True)
    session().refresh(row, with_for_update=True)
    row.refund_ref = found.refund_ref
    row.failure_reason = found.failure_reason
    jobs.cancel(RECOVER_TIMER, refund_id)
    _settle(row, payment, "failed" if found.status == "canceled" else found.status)
    _post(row, payment, found)


def _begin(part: _Part, refund_id: UUID, *, part_of: UUID | None, **about: Any) -> None:
    row = _write(refund_id, part.payment, part.cents, **about)
    row.part_of = part_of
    if part.is_gift_card:
        row.gift_card_cents = part.cents
        _settle(row, part.payment, "succeeded")
        _divide(row, part.payment, None)
        ledger.post_restored(row, part.payment)
    elif part.payment.status == "settled_elsewhere":
        _settle(row, part.payment, "succeeded")
        _post(row, part.payment, None)
    else:
        jobs.schedule(RECOVER_TIMER, row.id, clock.now() + RECOVER_AFTER)


def _write(
    refund_id: UUID,
    payment: Payment,
    amount_cents: int,
    *,
    refund_type: str,
    reason: str | None,
    origin: str,
    asked_at: datetime,
) -> Refund:
    now = clock.now()
    row = Refund(
        tenant_id=current_tenant_id(),
        id=refund_id,
        payment_id=payment.id,
        amount_cents=amount_cents,
        refund_type=refund_type,
        reason=reason,
        origin=origin,
        status="submitted",
        submitted_at=asked_at,
        created_at=now,
        updated_at=now,
    )
    session().add(row)
    session().flush()
    return row


def _ask(row: Refund, payment: Payment, account_ref: str, intent_ref: str) -> contract.RefundState:
    if row.refund_ref:
        return processor().fetch_refund(account=account_ref, refund_ref=row.refund_ref)
    if clock.now() - row.submitted_at >= KEY_LIFE:
        found = _find(row.id, account_ref, intent_ref)
        if found is not None:
            return found
    return processor().refund(
        account=account_ref,
        key=f"{row.tenant_id}:{row.id}:refund",
        intent_ref=intent_ref,
        amount_cents=row.amount_cents,
        refund_application_fee=payment.application_fee_cents > 0,
        metadata={"tenant_id": str(row.tenant_id), METADATA_KEY: str(row.id)},
    )


def _find(refund_id: UUID, account_ref: str, intent_ref: str) -> contract.RefundState | None:
    made = processor().list_refunds_of(account=account_ref, intent_ref=intent_ref)
    return next((one for one in made if one.metadata.get(METADATA_KEY) == str(refund_id)), None)


def _refuse(refund_id: UUID, code: str) -> None:
    row = session().get_one(Refund, (current_tenant_id(), refund_id))
    payment = session().get_one(Payment, (current_tenant_id(), row.payment_id), with_for_update=True)
    session().refresh(row, with_for_update=True)
    row.failure_reason = code
    jobs.cancel(RECOVER_TIMER, refund_id)
    _settle(row, payment, "failed")


def _settle(row: Refund, payment: Payment, status: str) -> None:
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
        publish(PaymentRefundFailed(owner_id=payment.owner_id, payment_id=payment.id, refund_id=row.id))


def _post(row: Refund, payment: Payment, found: contract.RefundState | None) -> None:
    """Post the refund once its money moved, and its failure once that came back."""
    has_failed = row.status == "failed"
    is_posted = ledger.is_posted("refund", row.id)
    if not is_posted and has_failed and (found is None or found.balance is None):
        return
    if not is_posted:
        _divide(row, payment, found.balance if found else None)
        ledger.post_refund(row, payment, found.balance if found else None, owed_cents=_owed(row, payment))
    if has_failed:
        ledger.post_failed_refund(row, payment, found.failure_balance if found else None)


def _divide(row: Refund, payment: Payment, balance: contract.BalanceEntry | None) -> None:
    """What of the platform's fee and of the tax goes back with this refund, the earlier ones considered."""
    others = [one for one in queries.list_refunds(payment.id) if one.id != row.id and one.status not in UNANSWERED]
    standing = [one for one in others if one.status != "failed"]
    given_back = row.amount_cents + sum(one.amount_cents for one in standing)
    owed = _never_used(payment)
    row.tax_cents = splits.newly_due(
        min(payment.tax_cents, payment.captured_cents),
        given_back=max(0, given_back - owed),
        captured=max(1, payment.captured_cents - owed),
        before=sum(one.tax_cents for one in standing),
    )
    if balance is not None:
        row.application_fee_refunded_cents = -balance.application_fee_cents
    elif payment.method == "card" and not row.gift_card_cents:
        row.application_fee_refunded_cents = splits.newly_due(
            payment.application_fee_cents,
            given_back=given_back - sum(one.gift_card_cents for one in standing),
            captured=payment.captured_cents - payment.gift_card_cents,
            before=sum(one.application_fee_refunded_cents for one in others),
        )


def _never_used(payment: Payment) -> int:
    """What of a deposit no outcome has used; it goes back first, and bears no tax."""
    if payment.purpose != "deposit":
        return 0
    return max(0, payment.captured_cents - queries.used_deposit_cents(payment.owner_id))


def _owed(row: Refund, payment: Payment) -> int:
    """What of a refund was the customer's own, the earlier ones considered."""
    earlier = (one for one in queries.list_refunds(payment.id) if one.id != row.id)
    before = sum(one.amount_cents for one in earlier if one.status not in {*UNANSWERED, "failed"})
    return min(row.amount_cents, max(0, _never_used(payment) - before))
