# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from tithi.bookings import waitlist_terms
from tithi.bookings.waitlist_terms import FreeSlot, Terms

SERVICE, MEMBER, OTHER = (UUID(int=number) for number in range(3))
ZONE = "Europe/Berlin"
NOW = datetime(2031, 5, 6, 10, tzinfo=UTC)
TERMS = Terms(offer_minutes=60, quiet_from=21 * 60, quiet_until=8 * 60, order="queue", max_offers_per_day=3)


@dataclass
class Wish:
    service_id: UUID = SERVICE
    team_member_id: UUID | None = None
    first_date: date = date(2031, 5, 9)
    last_date: date = date(2031, 5, 10)
    from_minute: int = 9 * 60
    until_minute: int = 12 * 60
    accepts_late: bool = False


def slot(starts_at: datetime, *, minutes: int = 30) -> FreeSlot:
    return FreeSlot(
        service_id=SERVICE,
        team_member_id=MEMBER,
        zone=ZONE,
        starts_at=starts_at,
        ends_at=starts_at + timedelta(minutes=minutes),
        notice=timedelta(hours=1),
        window=timedelta(hours=24),
    )


@pytest.mark.parametrize(
    ("at", "until"),
    [
        (datetime(2031, 5, 6, 18, 59, tzinfo=UTC), None),
        (datetime(2031, 5, 6, 19, 0, tzinfo=UTC), datetime(2031, 5, 7, 6, 0, tzinfo=UTC)),
        (datetime(2031, 5, 7, 3, 0, tzinfo=UTC), datetime(2031, 5, 7, 6, 0, tzinfo=UTC)),
        (datetime(2031, 5, 7, 6, 0, tzinfo=UTC), None),
    ],
)
def test_quiet_hours_are_those_of_the_wall_clock_and_pass_midnight(at: datetime, until: datetime | None) -> None:
    assert waitlist_terms.quiet_until(TERMS, ZONE, at) == until


def test_quiet_hours_within_a_day_and_none_at_all() -> None:
    siesta = replace(TERMS, quiet_from=12 * 60, quiet_until=14 * 60)
    assert waitlist_terms.quiet_until(siesta, ZONE, NOW) == NOW + timedelta(hours=2)
    never = replace(TERMS, quiet_from=12 * 60, quiet_until=12 * 60)
    assert waitlist_terms.quiet_until(never, ZONE, NOW) is None


@pytest.mark.parametrize(
    ("changes", "starts_at", "fits"),
    [
        ({}, datetime(2031, 5, 9, 7, tzinfo=UTC), True),
        ({}, datetime(2031, 5, 9, 6, 59, tzinfo=UTC), False),
        ({}, datetime(2031, 5, 9, 9, 30, tzinfo=UTC), True),
        ({}, datetime(2031, 5, 9, 9, 31, tzinfo=UTC), False),
        ({}, datetime(2031, 5, 8, 7, tzinfo=UTC), False),
        ({}, datetime(2031, 5, 11, 7, tzinfo=UTC), False),
        ({"team_member_id": MEMBER}, datetime(2031, 5, 9, 7, tzinfo=UTC), True),
        ({"team_member_id": OTHER}, datetime(2031, 5, 9, 7, tzinfo=UTC), False),
        ({"service_id": OTHER}, datetime(2031, 5, 9, 7, tzinfo=UTC), False),
        ({"until_minute": 1440}, datetime(2031, 5, 9, 21, 45, tzinfo=UTC), True),
    ],
)
def test_a_slot_fits_a_wish_by_service_person_day_and_time_of_day(
    changes: dict[str, Any], starts_at: datetime, *, fits: bool
) -> None:
    assert waitlist_terms.fits(replace(Wish(), **changes), slot(starts_at)) is fits


@pytest.mark.parametrize(
    ("accepts_late", "ahead", "expected"),
    [
        (False, timedelta(days=3), timedelta(minutes=60)),
        (False, timedelta(hours=24, minutes=20), timedelta(minutes=20)),
        (False, timedelta(hours=24, minutes=4), None),
        (False, timedelta(hours=3), None),
        (True, timedelta(hours=3), timedelta(minutes=60)),
        (True, timedelta(hours=1, minutes=30), timedelta(minutes=30)),
        (True, timedelta(hours=1), None),
    ],
)
def test_an_offer_ends_before_the_notice_and_before_the_free_cancellation_ends(
    ahead: timedelta, expected: timedelta | None, *, accepts_late: bool
) -> None:
    found = waitlist_terms.deadline(Wish(accepts_late=accepts_late), slot(NOW + ahead), TERMS, NOW)
    assert found == (NOW + expected if expected is not None else None)
