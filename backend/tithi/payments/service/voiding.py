# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""Canceling at the processor what was not taken, so that the money can be taken elsewhere."""

from uuid import UUID

from tithi.integrations.stripe import contract
from tithi.payments import queries
from tithi.payments.errors import PaymentInProgressError
from tithi.payments.models import PaymentAttempt
from tithi.payments.processor import processor
from tithi.payments.service.charging import apply_charge, live_attempt
from tithi.platform.db import transaction


def void_live_attempt(*, owner_id: UUID) -> None:
    """Cancel at the processor what the customer has not acted on, so that the money can be taken elsewhere.

    Raises:
        PaymentInProgress: the card is being charged.
    """
    with transaction():
        payment = queries.outcome_payment(owner_id)
        attempt = live_attempt(payment.id) if payment else None
    if attempt is not None:
        void_attempt(attempt)


def void_hold(*, owner_id: UUID) -> None:
    """Cancel at the processor what is held for the owner's outcome, with no transaction open."""
    with transaction():
        payment = queries.outcome_payment(owner_id)
        attempt = live_attempt(payment.id) if payment else None
    if attempt is not None and attempt.is_held:
        void_attempt(attempt)


def void_attempt(attempt: PaymentAttempt) -> None:
    """Cancel at the processor what is held, or waits for its customer; raises PaymentInProgress while it is charged."""
    if not (attempt.is_held or attempt.status == "needs_customer") or attempt.intent_ref is None:
        raise PaymentInProgressError(headers={"Retry-After": "5"})
    found = call_off(attempt, attempt.intent_ref)
    with transaction():
        apply_charge(attempt.id, found)


def call_off(attempt: PaymentAttempt, intent_ref: str) -> contract.ChargeState:
    """Call a charge off; one that was called off before, without our hearing of it, is found. Raises ProcessorError."""
    account = attempt.account_ref
    try:
        return processor().cancel_charge(
            account=account, key=f"{attempt.tenant_id}:{attempt.id}:cancel", intent_ref=intent_ref
        )
    except contract.ProcessorError:
        found = processor().fetch_charge(account=account, intent_ref=intent_ref)
        if found.status != "canceled":
            raise
        return found
