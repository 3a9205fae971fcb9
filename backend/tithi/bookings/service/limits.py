# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""The rules about notice, advance, caps and what has to come before; staff may pass over them by name."""

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import TextClause, text

from tithi.availability.queries import Candidate, Offer
from tithi.bookings.errors import CustomerCapReachedError, PrerequisiteMissingError, StaffCapReachedError
from tithi.bookings.limits import CUSTOMER_CAP, MAX_ADVANCE, MIN_NOTICE, PREREQUISITE, STAFF_CAP
from tithi.bookings.service.wanted import Visit, Wanted
from tithi.platform.db import session
from tithi.platform.tenancy import current_tenant_id


def check_bounds(wanted: Wanted, offered: Sequence[Offer], *, is_held: bool) -> tuple[str, ...] | None:
    """The rules of notice and advance that staff passed over for the visit; None when it may not be at this time.

    Time that is held was in time when it was.
    """
    start, passed = wanted.start_minute, []
    for offer in offered:
        now, latest = offer.bounds(staff=True)
        earliest = offer.bounds()[0]
        if start < now or (start < earliest and not wanted.by_staff and not is_held):
            return None
        if start > latest and not (wanted.by_staff and MAX_ADVANCE in wanted.bypass):
            return None
        if start < earliest and wanted.by_staff:
            passed.append(MIN_NOTICE)
        if start > latest:
            passed.append(MAX_ADVANCE)
    return tuple(dict.fromkeys(passed))


def check_rules(wanted: Wanted, visit: Visit, *, customer_id: UUID, booking_id: UUID) -> tuple[str, ...]:
    """The caps and prerequisites that staff passed over for the visit, in the transaction that made it.

    Raises:
        StaffCapReached, CustomerCapReached, PrerequisiteMissing: a rule is in the way, and was not passed over.
    """
    passed = list(visit.bypassed)
    for name, refusal in (
        (STAFF_CAP, _over_staff_cap(visit, booking_id)),
        (CUSTOMER_CAP, _over_customer_cap(visit, customer_id, booking_id)),
        (PREREQUISITE, _missing_prerequisite(visit, customer_id)),
    ):
        if refusal is None:
            continue
        if not (wanted.by_staff and name in wanted.bypass):
            raise refusal
        passed.append(name)
    return tuple(passed)


_VISITS_OF_STAFF = text(
    """
    SELECT i.starts_at FROM booking_items i JOIN bookings b ON b.tenant_id = i.tenant_id AND b.id = i.booking_id
    WHERE i.tenant_id = :tenant_id AND i.team_member_id = :member_id AND i.status = 'booked'
    AND b.status NOT IN ('canceled', 'failed') AND b.id <> :booking_id
    AND i.starts_at >= :since AND i.starts_at < :until
    """
)


def _over_staff_cap(visit: Visit, booking_id: UUID) -> StaffCapReachedError | None:
    members = {item.candidate.team_member_id: item.candidate for item in visit.items}
    for member_id, candidate in sorted(members.items()):
        if candidate.max_visits_per_day is None and candidate.max_visits_per_week is None:
            continue
        _lock("team_members", member_id)
        own = [one for one in visit.items if one.candidate.team_member_id == member_id]
        day, week = _counts(
            _VISITS_OF_STAFF, visit.starts_at, candidate.zone, member_id=member_id, booking_id=booking_id
        )
        for most, count, word in (
            (candidate.max_visits_per_day, day, "day"),
            (candidate.max_visits_per_week, week, "week"),
        ):
            if most is not None and count + len(own) > most:
                return StaffCapReachedError(details={"team_member_id": member_id, "per": word, "most": most})
    return None


def below_caps(wanted: Wanted, options: list[list[Candidate]], *, owner_id: UUID) -> list[list[Candidate]]:
    """The candidates of items that anybody may take, without those who take no more visits where others do."""
    if (wanted.by_staff and STAFF_CAP in wanted.bypass) or wanted.override is not None:
        return options
    return [
        item
        if asked.team_member_id is not None or len(item) == 1
        else [one for one in item if not _is_at_cap(one, wanted.starts_at, owner_id)] or item
        for asked, item in zip(wanted.items, options, strict=True)
    ]


def _is_at_cap(candidate: Candidate, starts_at: datetime, booking_id: UUID) -> bool:
    per_day, per_week = candidate.max_visits_per_day, candidate.max_visits_per_week
    if per_day is None and per_week is None:
        return False
    member_id = candidate.team_member_id
    day, week = _counts(_VISITS_OF_STAFF, starts_at, candidate.zone, member_id=member_id, booking_id=booking_id)
    return (per_day is not None and day >= per_day) or (per_week is not None and week >= per_week)


_VISITS_OF_CUSTOMER = text(
    """
    SELECT b.starts_at FROM bookings b WHERE b.tenant_id = :tenant_id AND b.customer_id = :customer_id
    AND b.status NOT IN ('canceled', 'failed') AND b.id <> :booking_id AND b.starts_at >= :since
    AND b.starts_at < :until
    """
)


def _over_customer_cap(visit: Visit, customer_id: UUID, booking_id: UUID) -> CustomerCapReachedError | None:
    policy, zone = visit.items[0].offered.policy, visit.items[0].candidate.zone
    most_upcoming = int(policy["customer_max_upcoming"])
    per_day, per_week = int(policy["customer_max_per_day"]), int(policy["customer_max_per_week"])
    if not (per_day or per_week or most_upcoming):
        return None
    _lock("customers", customer_id)
    day, week = _counts(_VISITS_OF_CUSTOMER, visit.starts_at, zone, customer_id=customer_id, booking_id=booking_id)
    upcoming = _upcoming(customer_id, booking_id) if most_upcoming else 0
    for most, count, word in (
        (per_day, day, "day"),
        (per_week, week, "week"),
        (most_upcoming, upcoming, "upcoming"),
    ):
        if most and count + 1 > most:
            return CustomerCapReachedError(details={"per": word, "most": most})
    return None


def _upcoming(customer_id: UUID, booking_id: UUID) -> int:
    rows = session().execute(
        text(
            "SELECT count(*) FROM bookings b WHERE b.tenant_id = :tenant_id AND b.customer_id = :customer_id"
            " AND b.status IN ('pending', 'confirmed') AND b.id <> :booking_id"
        ),
        {"tenant_id": current_tenant_id(), "customer_id": customer_id, "booking_id": booking_id},
    )
    return int(rows.scalar_one())


def _counts(statement: TextClause, starts_at: datetime, zone: str, **who: UUID) -> tuple[int, int]:
    """How many visits there are on the local day, and in the local week from Monday, of a start."""
    day = starts_at.astimezone(ZoneInfo(zone)).date()
    monday = day - timedelta(days=day.weekday())
    since = datetime.combine(monday, datetime.min.time(), ZoneInfo(zone))
    until = datetime.combine(monday + timedelta(days=7), datetime.min.time(), ZoneInfo(zone))
    rows = session().execute(
        statement,
        {"tenant_id": current_tenant_id(), "since": since.astimezone(UTC), "until": until.astimezone(UTC), **who},
    )
    days = Counter(row.starts_at.astimezone(ZoneInfo(zone)).date() for row in rows)
    return days[day], days.total()


_HAD = text(
    """
    SELECT max(i.ends_at) FROM booking_items i JOIN bookings b ON b.tenant_id = i.tenant_id AND b.id = i.booking_id
    WHERE i.tenant_id = :tenant_id AND b.customer_id = :customer_id AND i.service_id = :service_id
    AND i.status = 'booked' AND b.status NOT IN ('canceled', 'failed', 'no_show', 'pending')
    AND i.ends_at <= :latest AND i.ends_at >= :earliest
    """
)


def _missing_prerequisite(visit: Visit, customer_id: UUID) -> PrerequisiteMissingError | None:
    for item in visit.items:
        for service_id, within_days, at_least_hours in item.offered.prerequisites:
            if not _had(visit, customer_id, service_id, within_days, at_least_hours):
                return PrerequisiteMissingError(
                    details={
                        "service_id": item.offered.service_id,
                        "required_service_id": service_id,
                        "within_days": within_days,
                        "at_least_hours": at_least_hours,
                    }
                )
    return None


def _had(visit: Visit, customer_id: UUID, service_id: UUID, within_days: int, at_least_hours: int) -> bool:
    found = session().execute(
        _HAD,
        {
            "tenant_id": current_tenant_id(),
            "customer_id": customer_id,
            "service_id": service_id,
            "latest": visit.starts_at - timedelta(hours=at_least_hours),
            "earliest": visit.starts_at - timedelta(days=within_days),
        },
    )
    return found.scalar_one() is not None


def _lock(table: str, row_id: UUID) -> None:
    session().execute(
        text(f"SELECT FROM {table} WHERE tenant_id = :tenant_id AND id = :id FOR NO KEY UPDATE"),
        {"tenant_id": current_tenant_id(), "id": row_id},
    )
