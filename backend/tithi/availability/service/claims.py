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


@dataclass(frozen=True, slots=True)
class Want:
    """Time wanted on one lane of a resource, for one item of its owner; a soft want is a buffer among buffers."""

    resource_id: UUID
    lane: int
    starts_at: datetime
    ends_at: datetime
    item_id: UUID | None = None
    soft: bool = False


@dataclass(frozen=True, slots=True)
class Override:
    """That somebody overlaps on purpose: who, and why."""

    by: UUID | None
    reason: str


_CLAIM = text(
    """
    INSERT INTO claims (tenant_id, id, resource_id, lane, starts_at, ends_at, kind, owner_id, expires_at, item_id, soft,
        override, override_reason, override_by)
    SELECT :tenant_id, w.id, w.resource_id, w.lane, w.starts_at, w.ends_at, :kind, :owner_id, :expires_at, w.item_id,
        w.soft, CAST(:override_reason AS text) IS NOT NULL, :override_reason, CAST(:override_by AS uuid)
    FROM unnest(CAST(:ids AS uuid[]), CAST(:resource_ids AS uuid[]), CAST(:lanes AS int[]),
        CAST(:starts AS timestamptz[]), CAST(:ends AS timestamptz[]), CAST(:items AS uuid[]), CAST(:softs AS boolean[]))
        AS w(id, resource_id, lane, starts_at, ends_at, item_id, soft)
    ORDER BY w.resource_id, w.lane, w.starts_at
    ON CONFLICT DO NOTHING
    RETURNING id,
        (SELECT t.scheduling -> 'overlapping_buffers' = 'true' FROM tenants t
            WHERE t.id = :tenant_id) AS shares_buffers,
        EXISTS (SELECT FROM claims o WHERE o.tenant_id = :tenant_id AND o.resource_id = claims.resource_id
            AND o.lane = claims.lane AND o.active AND (o.override OR o.soft) AND NOT (o.soft AND claims.soft)
            AND o.starts_at < claims.ends_at AND o.starts_at > claims.starts_at - interval '48 hours'
            AND o.ends_at > claims.starts_at AND o.owner_id <> :owner_id
            AND (o.expires_at IS NULL OR o.expires_at > :now)) AS meets
    """
)

_DROP_EXPIRED = text(
    """
    DELETE FROM claims d USING (
        SELECT DISTINCT c.owner_id FROM claims c JOIN unnest(CAST(:resource_ids AS uuid[]), CAST(:lanes AS int[]),
            CAST(:starts AS timestamptz[]), CAST(:ends AS timestamptz[])) AS w(resource_id, lane, starts_at, ends_at)
            ON c.resource_id = w.resource_id AND c.lane = w.lane
        WHERE c.tenant_id = :tenant_id AND c.active AND c.expires_at <= :now AND c.starts_at < w.ends_at
        AND c.starts_at > w.starts_at - interval '48 hours' AND c.ends_at > w.starts_at) AS gone
    WHERE d.tenant_id = :tenant_id AND d.owner_id = gone.owner_id AND d.expires_at <= :now
    """
)

_LOCK = text(
    """
    SELECT FROM resources r WHERE r.tenant_id = :tenant_id AND r.id = ANY(CAST(:resource_ids AS uuid[]))
    ORDER BY r.id FOR UPDATE
    """
)

_WORK_MEETS_BUFFER = text(
    """
    SELECT EXISTS (
        SELECT FROM claims n JOIN claims o ON o.tenant_id = n.tenant_id AND o.resource_id = n.resource_id
            AND o.lane = n.lane AND o.id <> n.id AND o.owner_id <> n.owner_id
        WHERE n.tenant_id = :tenant_id AND n.id = ANY(CAST(:ids AS uuid[])) AND o.active AND NOT o.override
        AND (n.soft <> o.soft) AND o.starts_at < n.ends_at AND o.starts_at > n.starts_at - interval '48 hours'
        AND o.ends_at > n.starts_at AND (o.expires_at IS NULL OR o.expires_at > :now))
    """
)


def claim(
    *,
    wants: Sequence[Want],
    kind: str,
    owner_id: UUID,
    expires_at: datetime | None,
    override: Override | None = None,
) -> bool:
    """Take all of the wanted time, or none of it; says whether it was taken.

    The exclusion constraint decides between rivals; claims that have run out make way. Where buffers may overlap
    buffers, but no work, a lock on the resources decides: whoever wants a buffer takes it first, and whoever wants
    work alone meets it in the foreign key. What stands by an override is kept from others by its statement. With an
    override nothing is refused.
    """
    ordered = sorted(wants, key=lambda want: (want.resource_id, want.lane, want.starts_at))
    ids = [str(new_id()) for _ in ordered]
    parameters = {
        "tenant_id": current_tenant_id(),
        "ids": ids,
        "resource_ids": [str(want.resource_id) for want in ordered],
        "lanes": [want.lane for want in ordered],
        "starts": [want.starts_at for want in ordered],
        "ends": [want.ends_at for want in ordered],
        "items": [str(want.item_id) if want.item_id else None for want in ordered],
        "softs": [want.soft for want in ordered],
        "kind": kind,
        "owner_id": owner_id,
        "expires_at": expires_at,
        "override_reason": override.reason if override else None,
        "override_by": str(override.by) if override and override.by else None,
        "now": clock.now(),
    }
    if override is None and any(want.soft for want in ordered):
        session().execute(_LOCK, parameters)
    if _take(parameters, len(ordered)):
        return True
    dropped: Any = session().execute(_DROP_EXPIRED, parameters)
    return bool(dropped.rowcount) and _take(parameters, len(ordered))


def _take(parameters: dict[str, Any], wanted: int) -> bool:
    taken = session().execute(_CLAIM, parameters).all()
    if len(taken) == wanted and (parameters["override_reason"] is not None or not _meets(parameters, taken)):
        return True
    if taken:
        _give_back(parameters, [str(one.id) for one in taken])
    return False


def _meets(parameters: dict[str, Any], taken: Sequence[Any]) -> bool:
    """Whether what the constraint leaves to others is in the way: overrides, and buffers of work or work of buffers."""
    if any(one.meets for one in taken):
        return True
    if not any(one.shares_buffers for one in taken):
        return False
    return bool(session().execute(_WORK_MEETS_BUFFER, parameters).scalar_one())


def _give_back(parameters: dict[str, Any], ids: list[str]) -> None:
    session().execute(
        text("DELETE FROM claims WHERE tenant_id = :tenant_id AND id = ANY(CAST(:ids AS uuid[]))"),
        {"tenant_id": parameters["tenant_id"], "ids": ids},
    )


def keep(*, owner_id: UUID, until: datetime | None = None) -> bool:
    """Make an owner's claims last; False when they have run out and somebody else may have the time."""
    result: Any = session().execute(
        text(
            "UPDATE claims SET expires_at = :until WHERE tenant_id = :tenant_id AND owner_id = :owner_id AND active"
            " AND (expires_at IS NULL OR expires_at > :now)"
        ),
        {"tenant_id": current_tenant_id(), "owner_id": owner_id, "until": until, "now": clock.now()},
    )
    return bool(result.rowcount)


def expiry(*, owner_id: UUID) -> datetime | None:
    """When an owner's claims run out; None when they last, or there are none."""
    found: datetime | None = (
        session()
        .execute(
            text("SELECT min(expires_at) FROM claims WHERE tenant_id = :tenant_id AND owner_id = :owner_id AND active"),
            {"tenant_id": current_tenant_id(), "owner_id": owner_id},
        )
        .scalar_one()
    )
    return found


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


def held_by(*, hold_id: UUID) -> list[Want]:
    """The time that a hold keeps, locked for the caller's transaction; nothing when it is gone or has run out."""
    rows = session().execute(
        text(
            "SELECT resource_id, lane, starts_at, ends_at, soft FROM claims WHERE tenant_id = :tenant_id"
            " AND owner_id = :hold_id AND kind = 'hold' AND active AND expires_at > :now"
            " ORDER BY resource_id, lane, starts_at FOR UPDATE"
        ),
        {"tenant_id": current_tenant_id(), "hold_id": hold_id, "now": clock.now()},
    )
    return [Want(row.resource_id, row.lane, row.starts_at, row.ends_at, soft=row.soft) for row in rows]


def redeem_hold(
    *, hold_id: UUID, wants: Sequence[Want], kind: str, owner_id: UUID, expires_at: datetime | None
) -> bool:
    """Turn a hold on exactly the wanted time into its owner's claims, whatever was booked beside it on purpose."""
    result: Any = session().execute(
        text(
            "UPDATE claims c SET kind = :kind, owner_id = :owner_id, expires_at = :expires_at, item_id = w.item_id"
            " FROM unnest(CAST(:resource_ids AS uuid[]), CAST(:lanes AS int[]), CAST(:starts AS timestamptz[]),"
            " CAST(:items AS uuid[])) AS w(resource_id, lane, starts_at, item_id)"
            " WHERE c.tenant_id = :tenant_id AND c.owner_id = :hold_id AND c.kind = 'hold' AND c.active"
            " AND c.expires_at > :now AND c.resource_id = w.resource_id AND c.lane = w.lane"
            " AND c.starts_at = w.starts_at"
        ),
        {
            "tenant_id": current_tenant_id(),
            "hold_id": hold_id,
            "kind": kind,
            "owner_id": owner_id,
            "expires_at": expires_at,
            "now": clock.now(),
            "resource_ids": [str(want.resource_id) for want in wants],
            "lanes": [want.lane for want in wants],
            "starts": [want.starts_at for want in wants],
            "items": [str(want.item_id) if want.item_id else None for want in wants],
        },
    )
    jobs.cancel("availability.hold_expired", hold_id)
    return bool(result.rowcount == len(wants))


def change_room(*, owner_id: UUID, item_id: UUID, place: tuple[UUID, int], to: tuple[UUID, int], count: int) -> bool:
    """Put what an item takes of one lane of a room on a lane of another; False when it is not as it was, or taken.

    The caller undoes to its savepoint where it is False.
    """
    rows = (
        session()
        .execute(
            text(
                "DELETE FROM claims WHERE tenant_id = :tenant_id AND owner_id = :owner_id AND item_id = :item_id"
                " AND resource_id = :resource_id AND lane = :lane AND active AND NOT override"
                " AND (expires_at IS NULL OR expires_at > :now) RETURNING kind, starts_at, ends_at, expires_at"
            ),
            {
                "tenant_id": current_tenant_id(),
                "owner_id": owner_id,
                "item_id": item_id,
                "resource_id": place[0],
                "lane": place[1],
                "now": clock.now(),
            },
        )
        .all()
    )
    if len(rows) != count:
        return False
    wants = [Want(*to, row.starts_at, row.ends_at, item_id) for row in rows]
    return claim(wants=wants, kind=rows[0].kind, owner_id=owner_id, expires_at=rows[0].expires_at)


def release_item(*, owner_id: UUID, item_id: UUID) -> None:
    """Give the time of one item of an owner back."""
    session().execute(
        text("DELETE FROM claims WHERE tenant_id = :tenant_id AND owner_id = :owner_id AND item_id = :item_id"),
        {"tenant_id": current_tenant_id(), "owner_id": owner_id, "item_id": item_id},
    )


def is_held(*, hold_id: UUID) -> bool:
    """Whether there is such a hold, also one that has run out and that nobody has cleared away."""
    found: bool = (
        session()
        .execute(
            text(
                "SELECT EXISTS (SELECT FROM claims WHERE tenant_id = :tenant_id AND owner_id = :hold_id"
                " AND kind = 'hold')"
            ),
            {"tenant_id": current_tenant_id(), "hold_id": hold_id},
        )
        .scalar_one()
    )
    return found


def extend_hold(*, hold_id: UUID, expires_at: datetime) -> bool:
    """Keep a hold longer, while it lasts; False when it has run out."""
    result: Any = session().execute(
        text(
            "UPDATE claims SET expires_at = :expires_at WHERE tenant_id = :tenant_id AND owner_id = :hold_id"
            " AND kind = 'hold' AND active AND expires_at > :now"
        ),
        {"tenant_id": current_tenant_id(), "hold_id": hold_id, "expires_at": expires_at, "now": clock.now()},
    )
    if result.rowcount:
        jobs.schedule("availability.hold_expired", hold_id, expires_at)
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
