# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""The rules that staff may pass over, and how visits are counted; no database and no clock.

What was passed over stands with the booking.
"""

from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

MIN_NOTICE = "min_notice"
MAX_ADVANCE = "max_advance"
STAFF_CAP = "staff_cap"
CUSTOMER_CAP = "customer_cap"
PREREQUISITE = "prerequisite"
BYPASSABLE = (MIN_NOTICE, MAX_ADVANCE, STAFF_CAP, CUSTOMER_CAP, PREREQUISITE)


def week_of(instant: datetime, zone: str) -> tuple[datetime, datetime]:
    """The local week from Monday around an instant, as instants; the end excluded."""
    day = instant.astimezone(ZoneInfo(zone)).date()
    monday = day - timedelta(days=day.weekday())
    since = datetime.combine(monday, datetime.min.time(), ZoneInfo(zone))
    until = datetime.combine(monday + timedelta(days=7), datetime.min.time(), ZoneInfo(zone))
    return since.astimezone(UTC), until.astimezone(UTC)


def counts(starts: Iterable[datetime], instant: datetime, zone: str) -> tuple[int, int]:
    """How many of the starts lie on the local day, and in the local week, of an instant."""
    since, until = week_of(instant, zone)
    days = Counter(start.astimezone(ZoneInfo(zone)).date() for start in starts if since <= start < until)
    return days[instant.astimezone(ZoneInfo(zone)).date()], days.total()
