# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""Time that somebody keeps for themselves: kept as it came, and claimed where it is free."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from tithi.availability import queries, stretches
from tithi.availability.models import TimeBlock
from tithi.availability.queries import Standing
from tithi.availability.service.claims import Want, claim, release
from tithi.platform import clock
from tithi.platform.db import session
from tithi.platform.errors import InvalidError
from tithi.platform.ids import new_id
from tithi.platform.tenancy import current_tenant_id
from tithi.resources import queries as resources

KIND = "block"
LONGEST_BLOCK = timedelta(days=31)
LONGEST_PIECE = timedelta(hours=24)
MOST_TRIES = 5


def add_block(*, details: dict[str, Any]) -> dict[str, Any]:
    """Keep a resource's time; visits that lie in it keep theirs and are told in `overlaps`."""
    resource = resources.get_resource(details["resource_id"])
    starts, ends = details.pop("start_time"), details.pop("end_time")
    if not starts < ends <= starts + LONGEST_BLOCK:
        raise InvalidError(errors={"end_time": ["is after start_time, by at most 31 days"]})
    block = TimeBlock(
        tenant_id=current_tenant_id(),
        id=new_id(),
        kind=KIND,
        starts_at=starts,
        ends_at=ends,
        version=1,
        created_at=clock.now(),
        **details,
    )
    session().add(block)
    session().flush()
    _cover([Standing(block, resource.capacity)])
    return {
        "id": block.id,
        "resource_id": block.resource_id,
        "kind": block.kind,
        "starts_at": block.starts_at,
        "ends_at": block.ends_at,
        "reason": block.reason,
        "version": block.version,
        "overlaps": queries.visits_in(block),
    }


def delete_block(*, block_id: UUID) -> None:
    """Give a block's time back, but for what another block keeps too."""
    block = queries.get_block(block_id)
    session().refresh(block, with_for_update=True)
    release(owner_id=block_id)
    session().delete(block)
    session().flush()
    _cover(queries.standing_blocks(resource_id=block.resource_id, since=block.starts_at, until=block.ends_at))


def cover_blocks(*, resource_id: UUID | None = None) -> None:
    """Claim what has become free of the blocks that are not over."""
    _cover(queries.standing_blocks(resource_id=resource_id, since=clock.now()))


def _cover(standing: Sequence[Standing]) -> None:
    """Claim what is free of the blocks, on every lane, in pieces."""
    for one, wants in zip(standing, _uncovered(standing), strict=True):
        if wants and not _take(one.block, wants):
            for want in wants:
                _take_what_is_left(one.block, want)


def _take(block: TimeBlock, wants: Sequence[Want]) -> bool:
    return claim(wants=wants, kind=block.kind, owner_id=block.id, expires_at=None)


def _take_what_is_left(block: TimeBlock, want: Want) -> None:
    """Others may have taken a part since it was read: then the rest is read again."""
    left = [want]
    for _ in range(MOST_TRIES):
        left = [one for one in left if not _take(block, [one])]
        if not left:
            return
        taken = _taken(left)
        left = [part for one in left for part in _parts(one, taken)]


def _uncovered(standing: Sequence[Standing]) -> list[list[Want]]:
    """For each block the pieces that nothing has taken; what an earlier block of the list wants is left to it."""
    whole = [
        [Want(one.block.resource_id, lane, one.block.starts_at, one.block.ends_at) for lane in range(one.lanes)]
        for one in standing
    ]
    taken = _taken([want for wants in whole for want in wants])
    found = []
    for wants in whole:
        parts = [part for want in wants for part in _parts(want, taken)]
        for part in parts:
            taken[part.resource_id, part.lane].append((part.starts_at, part.ends_at))
        found.append(parts)
    return found


def _taken(wants: Sequence[Want]) -> defaultdict[tuple[UUID, int], list[stretches.Stretch]]:
    found: defaultdict[tuple[UUID, int], list[stretches.Stretch]] = defaultdict(list)
    if wants:
        since, until = min(one.starts_at for one in wants), max(one.ends_at for one in wants)
        for row in queries.claims_between({one.resource_id for one in wants}, since, until):
            found[row.resource_id, row.lane].append((row.starts_at, row.ends_at))
    return found


def _parts(want: Want, taken: defaultdict[tuple[UUID, int], list[stretches.Stretch]]) -> list[Want]:
    whole = (want.starts_at, want.ends_at)
    return [
        Want(want.resource_id, want.lane, starts, ends)
        for stretch in stretches.free(whole, taken[want.resource_id, want.lane])
        for starts, ends in stretches.pieces(stretch, LONGEST_PIECE)
    ]
