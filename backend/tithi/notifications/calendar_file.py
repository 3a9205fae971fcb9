# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""A visit as an iCalendar file (RFC 5545), published for a calendar to keep; no database and no clock."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

CONTENT_TYPE = "text/calendar; method=PUBLISH"
FILENAME = "booking.ics"
PRODUCT = "-//Tithi//Bookings//EN"


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarEntry:
    """Instants are aware; names are single lines; `version` grows with every change of the booking."""

    booking_id: UUID
    version: int
    starts_at: datetime
    ends_at: datetime
    summary: str
    location: str
    description: str
    organizer_name: str
    organizer_email: str
    stamped_at: datetime


def build(*entries: CalendarEntry) -> bytes:
    """The file's content; a later file of the same booking replaces its entry in the reader's calendar."""
    from icalendar import Calendar  # noqa: PLC0415 - slow to load, and the web never needs it

    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    for entry in entries:
        calendar.add_component(_event(entry))
    content: bytes = calendar.to_ical()
    return content


def _event(entry: CalendarEntry) -> Any:  # noqa: ANN401 - an Event of the library that is loaded late
    from icalendar import Event, vCalAddress, vText  # noqa: PLC0415 - as above

    organizer = vCalAddress(f"mailto:{entry.organizer_email}")
    organizer.params["CN"] = vText(entry.organizer_name)
    event = Event()
    event.add("uid", f"{entry.booking_id}@tithi")
    event.add("sequence", entry.version)
    event.add("dtstamp", entry.stamped_at.astimezone(UTC))
    event.add("dtstart", entry.starts_at.astimezone(UTC))
    event.add("dtend", entry.ends_at.astimezone(UTC))
    event.add("summary", entry.summary)
    event.add("organizer", organizer)
    event.add("status", "CONFIRMED")
    if entry.location:
        event.add("location", entry.location)
    if entry.description:
        event.add("description", entry.description)
    return event
