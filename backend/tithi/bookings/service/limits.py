# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""The rules about notice, advance, caps and what has to come before; staff may pass over them by name."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import text

from tithi.availability import caps
from tithi.availability import queries as availability
from tithi.availability.caps import Load
from tithi.availability.queries import NOBODY, Candidate, Loads, Offer
from tithi.bookings.errors import CustomerCapReachedError, PrerequisiteMissingError, StaffCapReachedError
from tithi.bookings.limits import CUSTOMER_CAP, MAX_ADVANCE, MIN_NOTICE, PREREQUISITE, STAFF_CAP
from tithi.bookings.service.wanted import PlacedItem, Visit, Wanted
from tithi.platform.db import session
from tithi.platform.tenancy import current_tenant_id

Options = list[list[Candidate]]
Way = Sequence[PlacedItem]
Accepts = Callable[[Way], bool]


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


def _over_staff_cap(visit: Visit, booking_id: UUID) -> StaffCapReachedError | None:
    capped = {item.candidate.team_member_id: item.candidate for item in visit.items if item.candidate.cap}
    for member_id in sorted(capped):
        _lock("team_members", member_id)
    loads = _loads_at(list(capped.values()), visit.starts_at, booking_id)
    for member_id, candidate in sorted(capped.items()):
        own = sum(one.candidate.team_member_id == member_id for one in visit.items)
        reached = next(staff_caps(candidate, loads, visit.starts_at, more=own), None)
        if reached is not None:
            return StaffCapReachedError(details={"team_member_id": member_id, **reached})
    return None


def staff_caps(candidate: Candidate, loads: Loads, instant: datetime, *, more: int = 1) -> Iterator[dict[str, Any]]:
    """The caps that leave somebody no further visits on the local day, or in the local week, of an instant."""
    load = loads.get((candidate.team_member_id, candidate.zone))
    if load is not None:
        day = availability.local_date(instant, candidate.zone)
        yield from ({"per": word, "most": most} for word, most in candidate.cap.reached(*load.on(day), more=more))


def ways_to_ask(wanted: Wanted, options: Options, *, owner_id: UUID) -> Iterator[Accepts]:
    """Which ways to place a visit come into question: those that leave everybody below their cap, then any.

    A way over a cap is refused by `check_rules` with its reason, once there is no other.
    """
    everybody = [candidate for item in options for candidate in item]
    is_capped = any(candidate.cap for candidate in everybody)
    if is_capped and wanted.override is None and not (wanted.by_staff and STAFF_CAP in wanted.bypass):
        loads = cache(lambda: _loads_at(everybody, wanted.starts_at, owner_id))
        yield lambda way: availability.are_below_caps([item.candidate for item in way], loads(), wanted.starts_at)
    yield lambda _way: True


def _loads_at(candidates: Sequence[Candidate], instant: datetime, owner_id: UUID) -> Loads:
    if not any(candidate.cap for candidate in candidates):
        return {}
    days = [availability.local_date(instant, zone) for zone in {candidate.zone for candidate in candidates}]
    return availability.loads_of(candidates, min(days), max(days), except_owner=owner_id)


_VISITS_OF_CUSTOMER = text(
    """
    SELECT b.starts_at FROM bookings b WHERE b.tenant_id = :tenant_id AND b.customer_id = :customer_id
    AND b.status NOT IN ('canceled', 'failed') AND b.id <> :booking_id AND b.starts_at >= :since
    AND b.starts_at < :until
    """
)


def _over_customer_cap(visit: Visit, customer_id: UUID, booking_id: UUID) -> CustomerCapReachedError | None:
    policy = visit.items[0].offered.policy
    if any(int(policy[name]) for name in CUSTOMER_CAPS):
        _lock("customers", customer_id)
    reached = customer_caps(
        policy, visit.starts_at, visit.items[0].candidate.zone, customer_id=customer_id, booking_id=booking_id
    )
    return next((CustomerCapReachedError(details=one) for one in reached), None)


CUSTOMER_CAPS = ("customer_max_per_day", "customer_max_per_week", "customer_max_upcoming")


def customer_caps(
    policy: Mapping[str, Any], starts_at: datetime, zone: str, *, customer_id: UUID, booking_id: UUID = NOBODY
) -> Iterator[dict[str, Any]]:
    """The caps that leave a customer no further visit at an instant, besides a booking's own."""
    per_day, per_week, most_upcoming = (int(policy[name]) for name in CUSTOMER_CAPS)
    if not (per_day or per_week or most_upcoming):
        return
    day, week = _counts(_VISITS_OF_CUSTOMER, starts_at, zone, customer_id=customer_id, booking_id=booking_id)
    upcoming = _upcoming(customer_id, booking_id) if most_upcoming else 0
    for most, count, word in (
        (per_day, day, "day"),
        (per_week, week, "week"),
        (most_upcoming, upcoming, "upcoming"),
    ):
        if most and count + 1 > most:
            yield {"per": word, "most": most}


def _upcoming(customer_id: UUID, booking_id: UUID) -> int:
    rows = session().execute(
        text(
            "SELECT count(*) FROM bookings b WHERE b.tenant_id = :tenant_id AND b.customer_id = :customer_id"
            " AND b.status IN ('pending', 'confirmed') AND b.id <> :booking_id"
        ),
        {"tenant_id": current_tenant_id(), "customer_id": customer_id, "booking_id": booking_id},
    )
    return int(rows.scalar_one())


def _counts(statement: Any, starts_at: datetime, zone: str, **who: UUID) -> tuple[int, int]:  # noqa: ANN401 - a statement
    """How many visits there are on the local day, and in the local week from Monday, of an instant."""
    day = availability.local_date(starts_at, zone)
    since, until = caps.weeks_around(day, day, zone)
    rows = session().execute(statement, {"tenant_id": current_tenant_id(), "since": since, "until": until, **who})
    return Load((row.starts_at for row in rows), zone).on(day)


_HAD = text(
    """
    SELECT max(i.ends_at) FROM booking_items i JOIN bookings b ON b.tenant_id = i.tenant_id AND b.id = i.booking_id
    WHERE i.tenant_id = :tenant_id AND b.customer_id = :customer_id AND i.service_id = :service_id
    AND i.status = 'booked' AND b.status NOT IN ('canceled', 'failed', 'no_show', 'pending')
    AND i.ends_at <= :latest AND i.ends_at >= :earliest
    """
)


def _missing_prerequisite(visit: Visit, customer_id: UUID) -> PrerequisiteMissingError | None:
    missing = (one for item in visit.items for one in missing_prerequisites(item.offered, visit.starts_at, customer_id))
    return next((PrerequisiteMissingError(details=one) for one in missing), None)


def missing_prerequisites(offered: Offer, starts_at: datetime, customer_id: UUID) -> Iterator[dict[str, Any]]:
    """What a customer would have to have had before a visit of the service at an instant."""
    for service_id, within_days, at_least_hours in offered.prerequisites:
        if not _had(starts_at, customer_id, service_id, within_days, at_least_hours):
            yield {
                "service_id": offered.service_id,
                "required_service_id": service_id,
                "within_days": within_days,
                "at_least_hours": at_least_hours,
            }


def _had(starts_at: datetime, customer_id: UUID, service_id: UUID, within_days: int, at_least_hours: int) -> bool:
    found = session().execute(
        _HAD,
        {
            "tenant_id": current_tenant_id(),
            "customer_id": customer_id,
            "service_id": service_id,
            "latest": starts_at - timedelta(hours=at_least_hours),
            "earliest": starts_at - timedelta(days=within_days),
        },
    )
    return found.scalar_one() is not None


def _lock(table: str, row_id: UUID) -> None:
    session().execute(
        text(f"SELECT FROM {table} WHERE tenant_id = :tenant_id AND id = :id FOR NO KEY UPDATE"),
        {"tenant_id": current_tenant_id(), "id": row_id},
    )
