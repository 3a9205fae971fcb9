# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

from typing import Any
from uuid import UUID

from tithi.availability import queries, service
from tithi.availability.errors import BlockNotFoundError, ResourceNotFoundError
from tithi.availability.schemas import BlockIn, BlockList, BlockMade, BlockQuery
from tithi.platform.errors import InvalidError
from tithi.platform.http import Room

blueprint = Room("blocks", description="Time that somebody keeps for themselves.")


@blueprint.get("/availability/blocks", access="staff", query=BlockQuery, returns=BlockList, errors=(InvalidError,))
def list_blocks(query: dict[str, Any]) -> dict[str, Any]:
    """List the blocks, by their start."""
    return queries.list_blocks(**query)


@blueprint.post(
    "/availability/blocks",
    access="staff",
    body=BlockIn,
    returns=BlockMade,
    status=201,
    idempotent="required",
    errors=(ResourceNotFoundError,),
    entitlement="changes",
)
def add_block(body: dict[str, Any]) -> dict[str, Any]:
    """Block a resource's time. Visits that lie in it keep theirs; the answer names them."""
    return service.add_block(details=body)


@blueprint.delete(
    "/availability/blocks/<uuid:block_id>",
    access="staff",
    status=204,
    errors=(BlockNotFoundError,),
    entitlement="changes",
)
def delete_block(block_id: UUID) -> None:
    """Delete a block: its time is free again."""
    service.delete_block(block_id=block_id)
