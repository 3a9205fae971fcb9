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
class AccountWithdrawn(Event):
    """The business withdrew the platform's access to its account."""

    code: ClassVar[str] = "payout_account.withdrawn"
    aggregate: ClassVar[str] = "account_id"
    account_id: UUID
