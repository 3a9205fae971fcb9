# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from tithi.platform.events import Event, fact


@dataclass(frozen=True, slots=True, kw_only=True)
class BookingFact(Event):
    code: ClassVar[str] = "booking"
    aggregate: ClassVar[str] = "booking_id"
    booking_id: UUID
    customer_id: UUID


@fact
@dataclass(frozen=True, slots=True, kw_only=True)
class BookingCreated(BookingFact):
    code: ClassVar[str] = "booking.created"
    starts_at: datetime


@fact
@dataclass(frozen=True, slots=True, kw_only=True)
class BookingConfirmed(BookingFact):
    code: ClassVar[str] = "booking.confirmed"


@fact
@dataclass(frozen=True, slots=True, kw_only=True)
class BookingFailed(BookingFact):
    code: ClassVar[str] = "booking.failed"


@fact
@dataclass(frozen=True, slots=True, kw_only=True)
class BookingCheckedIn(BookingFact):
    code: ClassVar[str] = "booking.checked_in"


@fact
@dataclass(frozen=True, slots=True, kw_only=True)
class BookingCompleted(BookingFact):
    code: ClassVar[str] = "booking.completed"
    starts_at: datetime


@fact
@dataclass(frozen=True, slots=True, kw_only=True)
class BookingNoShow(BookingFact):
    code: ClassVar[str] = "booking.no_show"


@fact
@dataclass(frozen=True, slots=True, kw_only=True)
class BookingCanceled(BookingFact):
    code: ClassVar[str] = "booking.canceled"
    canceled_by: str


@fact
@dataclass(frozen=True, slots=True, kw_only=True)
class BookingRescheduled(BookingFact):
    code: ClassVar[str] = "booking.rescheduled"
    from_starts_at: datetime
    starts_at: datetime
    moved_by: str


@fact
@dataclass(frozen=True, slots=True, kw_only=True)
class BookingItemCanceled(BookingFact):
    code: ClassVar[str] = "booking.item_canceled"
    item_id: UUID


@fact
@dataclass(frozen=True, slots=True, kw_only=True)
class SeriesBooked(Event):
    code: ClassVar[str] = "series.booked"
    aggregate: ClassVar[str] = "series_id"
    series_id: UUID
    customer_id: UUID
    booking_id: UUID
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitlistFact(Event):
    code: ClassVar[str] = "waitlist"
    aggregate: ClassVar[str] = "entry_id"
    entry_id: UUID
    offer_id: UUID
    customer_id: UUID


@fact
@dataclass(frozen=True, slots=True, kw_only=True)
class WaitlistOffered(WaitlistFact):
    code: ClassVar[str] = "waitlist.offered"
    starts_at: datetime
    expires_at: datetime


@fact
@dataclass(frozen=True, slots=True, kw_only=True)
class WaitlistReleased(WaitlistFact):
    """An offer ended without a booking; `reason` is declined, lapsed or withdrawn."""

    code: ClassVar[str] = "waitlist.released"
    reason: str
