# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""When a free time may be offered to somebody who waits, and until when it is theirs; no database and no clock."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Protocol
from uuid import UUID
from zoneinfo import ZoneInfo

from tithi.availability import slots

SHORTEST_OFFER = timedelta(minutes=5)
"""With less time to answer nothing is offered."""
MOST_AT_ONCE = 5


@dataclass(frozen=True, slots=True)
class Terms:
    """The business's settings; quiet times are minutes of the location's day."""

    offer_minutes: int
    quiet_from: int
    quiet_until: int
    order: str
    max_offers_per_day: int

    @property
    def tells_many(self) -> bool:
        return self.order == "all"


@dataclass(frozen=True, slots=True)
class FreeSlot:
    """A time at which a service can be had; its bounds are what notice and free cancellation ask before its start."""

    service_id: UUID
    team_member_id: UUID
    zone: str
    starts_at: datetime
    ends_at: datetime
    notice: timedelta
    window: timedelta

    @property
    def local_start(self) -> datetime:
        return self.starts_at.astimezone(ZoneInfo(self.zone)).replace(tzinfo=None)

    @property
    def local_end(self) -> datetime:
        return self.ends_at.astimezone(ZoneInfo(self.zone)).replace(tzinfo=None)


class Wish(Protocol):
    """What an entry of the waitlist asks for."""

    service_id: Any
    team_member_id: Any
    first_date: Any
    last_date: Any
    from_minute: Any
    until_minute: Any
    accepts_late: Any


def terms_of(settings: dict[str, Any]) -> Terms:
    return Terms(
        offer_minutes=int(settings["offer_minutes"]),
        quiet_from=_minute(settings["quiet_from"]),
        quiet_until=_minute(settings["quiet_until"]),
        order=settings["order"],
        max_offers_per_day=int(settings["max_offers_per_day"]),
    )


def quiet_until(terms: Terms, zone: str, now: datetime) -> datetime | None:
    """When the quiet hours that `now` lies in end; None outside of them."""
    wall = now.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
    minute = wall.hour * 60 + wall.minute
    begin, end = terms.quiet_from, terms.quiet_until
    passes_midnight = begin > end
    is_quiet = (minute >= begin or minute < end) if passes_midnight else begin <= minute < end
    if not is_quiet:
        return None
    day = wall.date() + timedelta(days=1 if passes_midnight and minute >= begin else 0)
    return instant_of(day, end, zone)


def fits(wish: Wish, slot: FreeSlot) -> bool:
    """Whether the slot is one that was asked for: the service, the person, the days, the time of day."""
    start, end = slot.local_start, slot.local_end
    midnight = datetime.combine(start.date(), time())
    return (
        wish.service_id == slot.service_id
        and wish.team_member_id in {None, slot.team_member_id}
        and wish.first_date <= start.date() <= wish.last_date
        and start >= midnight + timedelta(minutes=wish.from_minute)
        and (wish.until_minute == slots.MINUTES_PER_DAY or end <= midnight + timedelta(minutes=wish.until_minute))
    )


def deadline(wish: Wish, slot: FreeSlot, terms: Terms, now: datetime) -> datetime | None:
    """Until when the slot could be kept for the customer; None where it must not be offered any more.

    It ends before the notice, and before the window of free cancellation unless the customer said that they come late.
    """
    ahead = slot.notice if wish.accepts_late else max(slot.notice, slot.window)
    found = min(now + timedelta(minutes=terms.offer_minutes), slot.starts_at - ahead)
    return found if found - now >= SHORTEST_OFFER else None


def instant_of(day: date, minute: int, zone: str) -> datetime:
    """The instant of a minute of a local day."""
    return slots.from_epoch_minute(slots.epoch_minute(zone, day.toordinal(), minute))


def local_day(now: datetime, zone: str) -> tuple[datetime, datetime]:
    """The instants between which the local day of `now` lies."""
    today = now.astimezone(ZoneInfo(zone)).date()
    return instant_of(today, 0, zone), instant_of(today + timedelta(days=1), 0, zone)


def _minute(clock_time: str) -> int:
    hours, _, minutes = clock_time.partition(":")
    return int(hours) * 60 + int(minutes)
