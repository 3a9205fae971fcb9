# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from tithi.platform.events import Event, fact


@fact
@dataclass(frozen=True, slots=True, kw_only=True)
class SubscriptionTrialEnding(Event):
    """The trial ends within three days; told once for each end."""

    code: ClassVar[str] = "subscription.trial_ending"
    aggregate: ClassVar[str] = "subscription_id"
    subscription_id: UUID
    ends_at: datetime
    has_card: bool


@fact
@dataclass(frozen=True, slots=True, kw_only=True)
class SubscriptionActivated(Event):
    """It is paid: after a trial, a pause, an end or a debt."""

    code: ClassVar[str] = "subscription.activated"
    aggregate: ClassVar[str] = "subscription_id"
    subscription_id: UUID


@fact
@dataclass(frozen=True, slots=True, kw_only=True)
class SubscriptionPastDue(Event):
    code: ClassVar[str] = "subscription.past_due"
    aggregate: ClassVar[str] = "subscription_id"
    subscription_id: UUID
    since: datetime
    owed_cents: int
    currency: str


@fact
@dataclass(frozen=True, slots=True, kw_only=True)
class SubscriptionPaused(Event):
    """`status` is the processor's word: paused, unpaid or incomplete."""

    code: ClassVar[str] = "subscription.paused"
    aggregate: ClassVar[str] = "subscription_id"
    subscription_id: UUID
    status: str
    at: datetime


@fact
@dataclass(frozen=True, slots=True, kw_only=True)
class SubscriptionLimitNear(Event):
    """A debt soon limits what the business may do: `level` is no_new_bookings or read_only, from `at` on."""

    code: ClassVar[str] = "subscription.limit_near"
    aggregate: ClassVar[str] = "subscription_id"
    subscription_id: UUID
    level: str
    at: datetime


@fact
@dataclass(frozen=True, slots=True, kw_only=True)
class SubscriptionCanceled(Event):
    code: ClassVar[str] = "subscription.canceled"
    aggregate: ClassVar[str] = "subscription_id"
    subscription_id: UUID
    at: datetime
