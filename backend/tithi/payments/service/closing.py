# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""What the business does not want any more: a fee waived, a debt written off."""

from uuid import UUID

from tithi.payments import ladder, queries
from tithi.payments.errors import PaymentInProgressError, PaymentNotOwedError
from tithi.payments.events import PaymentWaived, PaymentWrittenOff
from tithi.payments.models import Payment
from tithi.payments.service import deposits, gift_cards
from tithi.payments.service.charging import live_attempt
from tithi.payments.service.recovery import end_recovery
from tithi.platform import clock
from tithi.platform.events import publish


def waive(*, owner_id: UUID, reason: str) -> None:
    """Ask for nothing for the owner's outcome, in the caller's transaction; waiving it twice changes nothing.

    Raises:
        PaymentNotOwed: nothing was asked for yet, or it was paid.
        PaymentInProgress: the card is being charged, or the customer could act on a charge at this moment.
    """
    payment = _close(owner_id, "waived", reason)
    if payment is not None:
        publish(
            PaymentWaived(
                owner_id=owner_id,
                payment_id=payment.id,
                customer_id=payment.customer_id,
                amount_cents=payment.amount_cents,
            )
        )


def write_off(*, owner_id: UUID, reason: str) -> None:
    """Give up what the customer still owes, in the caller's transaction; doing it twice changes nothing.

    Raises:
        PaymentNotOwed: nothing was asked for yet, or it was paid.
        PaymentInProgress: the card is being charged, or the customer could act on a charge at this moment.
    """
    payment = _close(owner_id, "written_off", reason)
    if payment is not None:
        publish(PaymentWrittenOff(owner_id=owner_id, payment_id=payment.id, amount_cents=payment.amount_cents))


def _close(owner_id: UUID, status: str, reason: str) -> Payment | None:
    payment = queries.locked_outcome(owner_id)
    if payment.status == status:
        return None
    if payment.reason is None or payment.status not in ladder.OWED:
        raise PaymentNotOwedError(details={"status": payment.status})
    if live_attempt(payment.id) is not None:
        raise PaymentInProgressError(headers={"Retry-After": "2"})
    payment.status = status
    if status == "waived":
        deposits.give_up(payment)
    else:
        deposits.use(payment)
    gift_cards.close(payment)
    payment.note = reason
    payment.updated_at = clock.now()
    end_recovery(payment_id=payment.id)
    return payment
