# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""Asking the processor for the card, or the deposit, that a booking waits for."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar
from uuid import UUID

from tithi.integrations.stripe.contract import ProcessorError
from tithi.payments import queries as payments
from tithi.payments import service as payment_service
from tithi.payments.errors import ProcessorFailedError
from tithi.platform.db import transaction

Asked = TypeVar("Asked")


@dataclass(frozen=True, slots=True)
class Made:
    """A booking that was written, with the card or the deposit that it waits for."""

    booking_id: UUID
    setup_id: UUID | None = None
    deposit_attempt_id: UUID | None = None

    @property
    def waits(self) -> bool:
        return self.setup_id is not None or self.deposit_attempt_id is not None


def asking(ask: Callable[[], Asked]) -> Asked:
    """Ask the processor something that a person waits for. Raises ProcessorFailed where it does not answer."""
    try:
        return ask()
    except ProcessorError as error:
        raise ProcessorFailedError from error


def card_of(booking_id: UUID) -> Made | None:
    """The card, or the deposit, that a booking's customer was asked for last."""
    setup = payments.latest_setup(booking_id)
    if setup is None:
        return None
    attempt = payments.latest_attempt(setup.payment_id) if setup.payment_id else None
    return Made(booking_id, deposit_attempt_id=attempt.id) if attempt else Made(booking_id, setup.id)


def ask_for_card(made: Made) -> payment_service.SetupAnswer:
    """What the processor says of it now, kept in its own transactions; nothing is confirmed."""
    if made.deposit_attempt_id is not None:
        return payment_service.take_deposit(attempt_id=made.deposit_attempt_id)
    if made.setup_id is None:
        return payment_service.NO_CARD
    found = payment_service.call_setup(setup_id=made.setup_id)
    with transaction():
        return payment_service.apply_setup(setup_id=made.setup_id, found=found)
