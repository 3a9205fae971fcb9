# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""An outcome that is taken back before money has moved."""

from uuid import UUID

from sqlalchemy import delete

from tithi.payments import queries
from tithi.payments.errors import PaymentInProgressError, PaymentSettledError
from tithi.payments.models import PaymentRecovery
from tithi.payments.service import deposits, more
from tithi.payments.service.charging import live_attempt
from tithi.payments.service.recovery import end_recovery
from tithi.platform import clock
from tithi.platform.db import session


def reopen(*, owner_id: UUID, amount_cents: int, tax_cents: int) -> None:
    """Have the owner's outcome undecided again, in the caller's transaction; a deposit that it used waits for the next.

    Raises:
        PaymentSettled: money has moved, a gift card's too.
        PaymentInProgress: the card is being charged.
    """
    payment = queries.locked_outcome(owner_id)
    if payment.captured_cents or payment.gift_card_cents or payment.status in {"succeeded", "settled_elsewhere"}:
        raise PaymentSettledError
    if live_attempt(payment.id) is not None:
        raise PaymentInProgressError(headers={"Retry-After": "2"})
    deposits.free(payment)
    more.drop(owner_id=owner_id)
    end_recovery(payment_id=payment.id)
    session().execute(delete(PaymentRecovery).where(PaymentRecovery.id == payment.id))
    payment.status = "open"
    payment.reason = payment.note = None
    payment.amount_cents = amount_cents
    payment.tax_cents = tax_cents
    payment.tip_cents = 0
    payment.updated_at = clock.now()
