# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from uuid import UUID

import icalendar
import pytest

from tithi.notifications import calendar_file
from tithi.notifications.calendar_file import CalendarEntry

BOOKING_ID = UUID("0197b8a0-0000-7000-8000-000000000001")
ENTRY = CalendarEntry(
    booking_id=BOOKING_ID,
    version=2,
    starts_at=datetime(2027, 1, 5, 14, 30, tzinfo=timezone(timedelta(hours=-5))),
    ends_at=datetime(2027, 1, 5, 15, 15, tzinfo=timezone(timedelta(hours=-5))),
    summary="Cut at Glow Studio",
    location="Main, 1 Main St, Albany, NY 12207, US",
    description="Booking number ABCD2345",
    organizer_name="Glow Studio",
    organizer_email="hello@glow.test",
    stamped_at=datetime(2027, 1, 1, 9, 0, tzinfo=UTC),
)


def read(entry: CalendarEntry) -> tuple[Any, Any]:
    """The calendar and its one event, as a calendar program reads them."""
    calendar = icalendar.Calendar.from_ical(calendar_file.build(entry))
    (event,) = calendar.walk("VEVENT")
    return calendar, event


def test_the_file_publishes_the_visit_in_utc() -> None:
    calendar, event = read(ENTRY)

    assert calendar["METHOD"] == "PUBLISH"
    assert calendar["VERSION"] == "2.0"
    assert event["UID"] == f"{BOOKING_ID}@tithi"
    assert event["SUMMARY"] == "Cut at Glow Studio"
    assert event["LOCATION"] == ENTRY.location
    assert event["ORGANIZER"] == "mailto:hello@glow.test"
    assert event.decoded("DTSTART") == datetime(2027, 1, 5, 19, 30, tzinfo=UTC)
    assert event.decoded("DTEND") == datetime(2027, 1, 5, 20, 15, tzinfo=UTC)
    assert event.decoded("DTSTAMP") == ENTRY.stamped_at


def test_instants_are_written_in_utc_so_that_no_time_zone_is_needed() -> None:
    content = calendar_file.build(ENTRY)

    assert b"\r\nDTSTART:20270105T193000Z\r\n" in content
    assert b"\r\nDTEND:20270105T201500Z\r\n" in content
    assert b"TZID" not in content


def test_the_same_visit_gives_the_same_file() -> None:
    assert calendar_file.build(ENTRY) == calendar_file.build(ENTRY)


def test_a_changed_visit_replaces_its_entry() -> None:
    _calendar, before = read(ENTRY)
    _calendar, after = read(replace(ENTRY, version=3, starts_at=ENTRY.starts_at - timedelta(hours=1)))

    assert after["UID"] == before["UID"]
    assert after["SEQUENCE"] > before["SEQUENCE"]


def test_an_unknown_place_is_left_out() -> None:
    _calendar, event = read(replace(ENTRY, location=""))

    assert "LOCATION" not in event


@pytest.mark.parametrize("name", ['Glow; "Studio", Ltd', "Salon\\nEND:VEVENT", "Café 髪 " * 20, "a:b=c^d'"])
def test_names_cannot_break_out_of_their_line(name: str) -> None:
    calendar, event = read(replace(ENTRY, summary=name, location=name, organizer_name=name))

    assert event["SUMMARY"] == name
    assert event["LOCATION"] == name
    assert len(calendar.walk("VEVENT")) == 1
    assert all(len(line) <= 75 for line in calendar_file.build(replace(ENTRY, summary=name)).split(b"\r\n"))
