# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import func, or_, select, tuple_

from tithi.availability import slots
from tithi.availability.errors import BlockNotFoundError
from tithi.availability.models import Claim, TimeBlock
from tithi.platform import clock, paging
from tithi.platform.db import session
from tithi.platform.tenancy import current_tenant_id
from tithi.resources.models import Resource

LONGEST_CLAIM = timedelta(hours=48)


@dataclass(frozen=True, slots=True)
class Standing:
    """A block with the lanes of its resource."""

    block: TimeBlock
    lanes: int


def list_blocks(
    *,
    limit: int,
    cursor: str | None = None,
    resource_id: UUID | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
) -> dict[str, Any]:
    """By start; those that lie in part between `since` and `until`."""
    statement = select(TimeBlock)
    if resource_id is not None:
        statement = statement.where(TimeBlock.resource_id == resource_id)
    if since is not None:
        statement = statement.where(TimeBlock.ends_at > since)
    if until is not None:
        statement = statement.where(TimeBlock.starts_at < until)
    if cursor:
        statement = statement.where(tuple_(TimeBlock.starts_at, TimeBlock.id) > paging.decode_instant_and_id(cursor))
    statement = statement.order_by(TimeBlock.starts_at, TimeBlock.id).limit(limit + 1)
    found, more = paging.split(session().scalars(statement).all(), limit)
    return {"blocks": found, "next_cursor": paging.encode(found[-1].starts_at, found[-1].id) if more else None}


def get_block(block_id: UUID) -> TimeBlock:
    """Raises BlockNotFound, also for time that another calendar has."""
    found = session().get(TimeBlock, (current_tenant_id(), block_id))
    if found is None or found.kind != "block":
        raise BlockNotFoundError
    return found


def standing_blocks(
    *, resource_id: UUID | None = None, since: datetime, until: datetime | None = None
) -> list[Standing]:
    """The blocks that end after `since`, and begin before `until`."""
    statement = (
        select(TimeBlock, Resource.capacity)
        .join(Resource, (Resource.tenant_id == TimeBlock.tenant_id) & (Resource.id == TimeBlock.resource_id))
        .where(TimeBlock.ends_at > since, Resource.removed_at.is_(None))
        .order_by(TimeBlock.starts_at, TimeBlock.id)
    )
    if resource_id is not None:
        statement = statement.where(TimeBlock.resource_id == resource_id)
    if until is not None:
        statement = statement.where(TimeBlock.starts_at < until)
    return [Standing(row.TimeBlock, row.capacity) for row in session().execute(statement)]


def claims_between(resource_ids: Collection[UUID], since: datetime, until: datetime) -> list[Any]:
    """What is taken of the resources: rows of resource_id, lane, starts_at, ends_at; one statement."""
    return list(
        session().execute(
            select(Claim.resource_id, Claim.lane, Claim.starts_at, Claim.ends_at).where(
                Claim.resource_id.in_(resource_ids), *_live(since, until)
            )
        )
    )


def visit_counts(resource_ids: Collection[UUID], since: int, until: int) -> dict[UUID, int]:
    """How many visits and sessions of each resource begin between two epoch minutes."""
    begins = func.min(Claim.starts_at)
    each = (
        select(Claim.resource_id, begins.label("begins"))
        .where(
            Claim.resource_id.in_(resource_ids),
            Claim.kind.in_(("booking", "class")),
            *_live(slots.from_epoch_minute(since), slots.from_epoch_minute(until)),
        )
        .group_by(Claim.resource_id, func.coalesce(Claim.item_id, Claim.owner_id))
        .subquery()
    )
    rows = session().execute(select(each.c.resource_id, func.count()).group_by(each.c.resource_id))
    return {row[0]: row[1] for row in rows}


def visits_in(block: TimeBlock) -> list[dict[str, Any]]:
    """The visits and sessions of which a part lies in the block, by their start."""
    rows = session().execute(
        select(
            Claim.kind,
            Claim.owner_id,
            func.min(Claim.starts_at).label("start_time"),
            func.max(Claim.ends_at).label("end_time"),
        )
        .where(
            Claim.resource_id == block.resource_id,
            Claim.kind.in_(("booking", "class")),
            *_live(block.starts_at, block.ends_at),
        )
        .group_by(Claim.kind, Claim.owner_id)
        .order_by(func.min(Claim.starts_at), Claim.owner_id)
    )
    return [dict(row) for row in rows.mappings()]


def _live(since: datetime, until: datetime) -> tuple[Any, ...]:
    return (
        Claim.active,
        Claim.starts_at < until,
        Claim.starts_at > since - LONGEST_CLAIM,
        Claim.ends_at > since,
        or_(Claim.expires_at.is_(None), Claim.expires_at > clock.now()),
    )
