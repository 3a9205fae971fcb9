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
class BookingOutcomeUndone(BookingFact):
    """A visit was said to be completed or missed by mistake; `outcome` is which."""

    code: ClassVar[str] = "booking.outcome_undone"
    outcome: str
    undone_at: datetime


@fact
@dataclass(frozen=True, slots=True, kw_only=True)
class BookingCanceled(BookingFact):
    """`in_series`: called off together with others of its series, of which `series.canceled` tells."""

    code: ClassVar[str] = "booking.canceled"
    canceled_by: str
    in_series: bool = False


@fact
@dataclass(frozen=True, slots=True, kw_only=True)
class BookingRescheduled(BookingFact):
    """`in_series`: moved together with others of its series, of which `series.rescheduled` tells."""

    code: ClassVar[str] = "booking.rescheduled"
    from_starts_at: datetime
    starts_at: datetime
    moved_by: str
    move_id: UUID | None = None
    in_series: bool = False


@fact
@dataclass(frozen=True, slots=True, kw_only=True)
class BookingItemCanceled(BookingFact):
    code: ClassVar[str] = "booking.item_canceled"
    item_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class SeriesFact(Event):
    """`booking_id` is the first visit that it is about, `count` how many there are."""

    code: ClassVar[str] = "series"
    aggregate: ClassVar[str] = "series_id"
    series_id: UUID
    customer_id: UUID
    booking_id: UUID
    count: int


@fact
@dataclass(frozen=True, slots=True, kw_only=True)
class SeriesBooked(SeriesFact):
    code: ClassVar[str] = "series.booked"


@fact
@dataclass(frozen=True, slots=True, kw_only=True)
class SeriesRescheduled(SeriesFact):
    code: ClassVar[str] = "series.rescheduled"
    change_id: UUID
    moved_by: str


@fact
@dataclass(frozen=True, slots=True, kw_only=True)
class SeriesCanceled(SeriesFact):
    code: ClassVar[str] = "series.canceled"
    change_id: UUID


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


@fact
@dataclass(frozen=True, slots=True, kw_only=True)
class BookingCardWanted(Event):
    """The card of a visit will not do on its day; the business's rule runs at `until`.

    `request_id` is the same for as long as the business's account takes cards without a break.
    """

    code: ClassVar[str] = "booking.card_wanted"
    aggregate: ClassVar[str] = "booking_id"
    booking_id: UUID
    customer_id: UUID
    until: datetime
    request_id: UUID


@fact
@dataclass(frozen=True, slots=True, kw_only=True)
class BookingDepositWanted(Event):
    """The customer of a visit ahead is asked for a deposit; each time they are asked is a fact."""

    code: ClassVar[str] = "booking.deposit_wanted"
    aggregate: ClassVar[str] = "booking_id"
    booking_id: UUID
    customer_id: UUID
    amount_cents: int
    request_id: UUID


@fact
@dataclass(frozen=True, slots=True, kw_only=True)
class BookingCardMissing(Event):
    """No card came that will do: the visit is kept without one, or released."""

    code: ClassVar[str] = "booking.card_missing"
    aggregate: ClassVar[str] = "booking_id"
    booking_id: UUID
    customer_id: UUID
    is_released: bool
