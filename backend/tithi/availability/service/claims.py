# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""The one guard on time: taking it, keeping it, giving it back."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import text

from tithi.availability.events import HoldCreated, HoldExpiredFact
from tithi.platform import clock, jobs
from tithi.platform.db import session
from tithi.platform.events import publish
from tithi.platform.ids import new_id
from tithi.platform.tenancy import current_tenant_id

HOLD_LIFE = timedelta(minutes=15)


@dataclass(frozen=True, slots=True, order=True)
class Want:
    """Time wanted on one lane of a resource."""

    resource_id: UUID
    lane: int
    starts_at: datetime
    ends_at: datetime


_CLAIM = text(
    """
    INSERT INTO claims (tenant_id, id, resource_id, lane, starts_at, ends_at, kind, owner_id, expires_at)
    SELECT :tenant_id, w.id, w.resource_id, w.lane, w.starts_at, w.ends_at, :kind, :owner_id, :expires_at
    FROM unnest(CAST(:ids AS uuid[]), CAST(:resource_ids AS uuid[]), CAST(:lanes AS int[]),
        CAST(:starts AS timestamptz[]), CAST(:ends AS timestamptz[])) AS w(id, resource_id, lane, starts_at, ends_at)
    ORDER BY w.resource_id, w.lane, w.starts_at
    ON CONFLICT DO NOTHING
    RETURNING id
    """
)

_DROP_EXPIRED = text(
    """
    DELETE FROM claims c USING unnest(CAST(:resource_ids AS uuid[]), CAST(:lanes AS int[]),
        CAST(:starts AS timestamptz[]), CAST(:ends AS timestamptz[])) AS w(resource_id, lane, starts_at, ends_at)
    WHERE c.tenant_id = :tenant_id AND c.resource_id = w.resource_id AND c.lane = w.lane AND c.active
    AND c.expires_at <= :now AND c.starts_at < w.ends_at AND c.starts_at > w.starts_at - interval '48 hours'
    AND c.ends_at > w.starts_at
    """
)


def claim(*, wants: Sequence[Want], kind: str, owner_id: UUID, expires_at: datetime | None) -> bool:
    """Take all of the wanted time, or none of it; says whether it was taken.

    The exclusion constraint decides between rivals; claims that have run out make way.
    """
    ordered = sorted(wants)
    parameters = {
        "tenant_id": current_tenant_id(),
        "ids": [str(new_id()) for _ in ordered],
        "resource_ids": [str(want.resource_id) for want in ordered],
        "lanes": [want.lane for want in ordered],
        "starts": [want.starts_at for want in ordered],
        "ends": [want.ends_at for want in ordered],
        "kind": kind,
        "owner_id": owner_id,
        "expires_at": expires_at,
        "now": clock.now(),
    }
    if _take(parameters, len(ordered)):
        return True
    dropped: Any = session().execute(_DROP_EXPIRED, parameters)
    return bool(dropped.rowcount) and _take(parameters, len(ordered))


def _take(parameters: dict[str, Any], wanted: int) -> bool:
    taken = session().execute(_CLAIM, parameters).scalars().all()
    if len(taken) == wanted:
        return True
    if taken:
        session().execute(
            text("DELETE FROM claims WHERE tenant_id = :tenant_id AND id = ANY(CAST(:ids AS uuid[]))"),
            {"tenant_id": parameters["tenant_id"], "ids": [str(one) for one in taken]},
        )
    return False


def keep(*, owner_id: UUID) -> bool:
    """Make an owner's claims last; False when they have run out and somebody else may have the time."""
    result: Any = session().execute(
        text(
            "UPDATE claims SET expires_at = NULL WHERE tenant_id = :tenant_id AND owner_id = :owner_id AND active"
            " AND (expires_at IS NULL OR expires_at > :now)"
        ),
        {"tenant_id": current_tenant_id(), "owner_id": owner_id, "now": clock.now()},
    )
    return bool(result.rowcount)


def extend(*, owner_id: UUID, expires_at: datetime) -> bool:
    """Move the end of an owner's claims, also of one that ran out and that nobody took; False when it is gone."""
    result: Any = session().execute(
        text(
            "UPDATE claims SET expires_at = :expires_at"
            " WHERE tenant_id = :tenant_id AND owner_id = :owner_id AND active"
        ),
        {"tenant_id": current_tenant_id(), "owner_id": owner_id, "expires_at": expires_at},
    )
    return bool(result.rowcount)


def release(*, owner_id: UUID) -> bool:
    """Give an owner's time back; says whether there was any."""
    result: Any = session().execute(
        text("DELETE FROM claims WHERE tenant_id = :tenant_id AND owner_id = :owner_id"),
        {"tenant_id": current_tenant_id(), "owner_id": owner_id},
    )
    return bool(result.rowcount)


def take_over_hold(*, hold_id: UUID, want: Want, owner_id: UUID, expires_at: datetime | None) -> bool:
    """Turn a hold on exactly the wanted time into a booking's claim; False when it is gone or another time's."""
    result: Any = session().execute(
        text(
            "UPDATE claims SET kind = 'booking', owner_id = :owner_id, expires_at = :expires_at"
            " WHERE tenant_id = :tenant_id AND owner_id = :hold_id AND kind = 'hold' AND active AND expires_at > :now"
            " AND resource_id = :resource_id AND starts_at = :starts_at AND ends_at = :ends_at"
        ),
        {
            "tenant_id": current_tenant_id(),
            "hold_id": hold_id,
            "owner_id": owner_id,
            "expires_at": expires_at,
            "now": clock.now(),
            "resource_id": want.resource_id,
            "starts_at": want.starts_at,
            "ends_at": want.ends_at,
        },
    )
    return bool(result.rowcount)


def announce_hold(*, hold_id: UUID, expires_at: datetime) -> None:
    jobs.schedule("availability.hold_expired", hold_id, expires_at)
    publish(HoldCreated(hold_id=hold_id, expires_at=expires_at))


def release_hold(*, hold_id: UUID) -> bool:
    """Give a hold's time back before it runs out; says whether there was one."""
    result: Any = session().execute(
        text("DELETE FROM claims WHERE tenant_id = :tenant_id AND owner_id = :hold_id AND kind = 'hold'"),
        {"tenant_id": current_tenant_id(), "hold_id": hold_id},
    )
    jobs.cancel("availability.hold_expired", hold_id)
    return bool(result.rowcount)


def expire_hold(*, hold_id: UUID) -> None:
    """Clear away a hold that ran out; one that was turned into a booking is left alone."""
    result: Any = session().execute(
        text(
            "DELETE FROM claims WHERE tenant_id = :tenant_id AND owner_id = :hold_id AND kind = 'hold'"
            " AND expires_at <= :now"
        ),
        {"tenant_id": current_tenant_id(), "hold_id": hold_id, "now": clock.now()},
    )
    if result.rowcount:
        publish(HoldExpiredFact(hold_id=hold_id))
