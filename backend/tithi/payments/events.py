# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from tithi.platform.events import Event, fact


@fact
@dataclass(frozen=True, slots=True, kw_only=True)
class CardSaved(Event):
    code: ClassVar[str] = "payment.card_saved"
    aggregate: ClassVar[str] = "owner_id"
    owner_id: UUID
    customer_id: UUID


@fact
@dataclass(frozen=True, slots=True, kw_only=True)
class CardLost(Event):
    """A card is not kept any more: forgotten by the business, or detached at the processor."""

    code: ClassVar[str] = "payment.card_lost"
    aggregate: ClassVar[str] = "customer_id"
    customer_id: UUID
    card_id: UUID


@fact
@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentCaptured(Event):
    code: ClassVar[str] = "payment.captured"
    aggregate: ClassVar[str] = "owner_id"
    owner_id: UUID
    payment_id: UUID
    customer_id: UUID
    reason: str
    amount_cents: int
    currency: str


@fact
@dataclass(frozen=True, slots=True, kw_only=True)
class HoldFailed(Event):
    """No money could be held on the card ahead of the outcome."""

    code: ClassVar[str] = "payment.hold_failed"
    aggregate: ClassVar[str] = "owner_id"
    owner_id: UUID
    payment_id: UUID
    attempt_id: UUID


@fact
@dataclass(frozen=True, slots=True, kw_only=True)
class HoldLapsed(Event):
    """Money is held no longer for an outcome that nobody has decided."""

    code: ClassVar[str] = "payment.hold_lapsed"
    aggregate: ClassVar[str] = "owner_id"
    owner_id: UUID
    payment_id: UUID
    attempt_id: UUID


@fact
@dataclass(frozen=True, slots=True, kw_only=True)
class HoldLost(Event):
    """What an outcome was about to capture is held no longer."""

    code: ClassVar[str] = "payment.hold_lost"
    aggregate: ClassVar[str] = "owner_id"
    owner_id: UUID
    payment_id: UUID
    attempt_id: UUID


@fact
@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentNeedsCustomer(Event):
    code: ClassVar[str] = "payment.needs_customer"
    aggregate: ClassVar[str] = "owner_id"
    owner_id: UUID
    payment_id: UUID


@fact
@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentFailed(Event):
    code: ClassVar[str] = "payment.failed"
    aggregate: ClassVar[str] = "owner_id"
    owner_id: UUID
    payment_id: UUID
    decline_code: str | None


@fact
@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentRefunded(Event):
    code: ClassVar[str] = "payment.refunded"
    aggregate: ClassVar[str] = "owner_id"
    owner_id: UUID
    payment_id: UUID
    amount_cents: int
    currency: str


@fact
@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentRefundFailed(Event):
    """A refund that had succeeded came back: the money is the business's again."""

    code: ClassVar[str] = "payment.refund_failed"
    aggregate: ClassVar[str] = "owner_id"
    owner_id: UUID
    payment_id: UUID
    refund_id: UUID


@fact
@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentReminded(Event):
    code: ClassVar[str] = "payment.reminded"
    aggregate: ClassVar[str] = "owner_id"
    owner_id: UUID
    payment_id: UUID
    reminder_id: UUID
    step: int


@fact
@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentRecoveryEnded(Event):
    code: ClassVar[str] = "payment.recovery_ended"
    aggregate: ClassVar[str] = "owner_id"
    owner_id: UUID
    payment_id: UUID


@fact
@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentWaived(Event):
    code: ClassVar[str] = "payment.waived"
    aggregate: ClassVar[str] = "owner_id"
    owner_id: UUID
    payment_id: UUID
    customer_id: UUID
    amount_cents: int


@fact
@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentWrittenOff(Event):
    code: ClassVar[str] = "payment.written_off"
    aggregate: ClassVar[str] = "owner_id"
    owner_id: UUID
    payment_id: UUID
    amount_cents: int


@fact
@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentSettledElsewhere(Event):
    code: ClassVar[str] = "payment.settled_elsewhere"
    aggregate: ClassVar[str] = "owner_id"
    owner_id: UUID
    payment_id: UUID
    customer_id: UUID
    method: str
    reason: str
    amount_cents: int
    currency: str


@fact
@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentDisputed(Event):
    code: ClassVar[str] = "payment.disputed"
    aggregate: ClassVar[str] = "owner_id"
    owner_id: UUID
    payment_id: UUID
    dispute_id: UUID
    reason: str
    amount_cents: int
    currency: str
    due_by: datetime | None


@fact
@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentDisputeClosed(Event):
    """The bank has decided: for the business where `is_won`, else for its customer."""

    code: ClassVar[str] = "payment.dispute_closed"
    aggregate: ClassVar[str] = "owner_id"
    owner_id: UUID
    payment_id: UUID
    dispute_id: UUID
    is_won: bool


@fact
@dataclass(frozen=True, slots=True, kw_only=True)
class AccountActivated(Event):
    """Cards can be kept and charged from now on, and those that were out of reach have been looked at."""

    code: ClassVar[str] = "payout_account.activated"
    aggregate: ClassVar[str] = "account_id"
    account_id: UUID


@fact
@dataclass(frozen=True, slots=True, kw_only=True)
class AccountRestricted(Event):
    """The account can do less than it could, or something is due that it will do less without; see `banner`."""

    code: ClassVar[str] = "payout_account.restricted"
    aggregate: ClassVar[str] = "account_id"
    account_id: UUID
    banner: str
    at: datetime


@fact
@dataclass(frozen=True, slots=True, kw_only=True)
class AccountWithdrawn(Event):
    """The business withdrew the platform's access to its account, and all cards on it are out of reach."""

    code: ClassVar[str] = "payout_account.withdrawn"
    aggregate: ClassVar[str] = "account_id"
    account_id: UUID
    at: datetime
