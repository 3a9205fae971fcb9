# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

from typing import Any
from uuid import UUID

from tithi.platform.http import Room, expected_version
from tithi.team import queries, service
from tithi.team.errors import TeamMemberNotFoundError
from tithi.team.schemas import MemberChange, MemberIn, PublicTeamOut, TeamMemberList, TeamMemberOut
from tithi.tenants.errors import LocationNotFoundError

blueprint = Room("team", description="Who works in the business.")


@blueprint.get("/team/members", access="viewer", returns=TeamMemberList)
def list_members() -> dict[str, Any]:
    """List the team."""
    found = queries.show_members()
    return {"members": found, "total": len(found), "next_cursor": None}


@blueprint.post(
    "/team/members",
    access="admin",
    body=MemberIn,
    returns=TeamMemberOut,
    status=201,
    idempotent="optional",
    errors=(LocationNotFoundError,),
    entitlement="changes",
)
def add_member(body: dict[str, Any]) -> dict[str, Any]:
    """Add somebody to the team."""
    return queries.show_member(service.add(details=body).id)


@blueprint.get(
    "/team/members/<uuid:member_id>",
    access="viewer",
    returns=TeamMemberOut,
    etag=True,
    errors=(TeamMemberNotFoundError,),
)
def get_member(member_id: UUID) -> dict[str, Any]:
    """Show a team member."""
    return queries.show_member(member_id)


@blueprint.put(
    "/team/members/<uuid:member_id>",
    access="admin",
    body=MemberChange,
    returns=TeamMemberOut,
    etag=True,
    errors=(TeamMemberNotFoundError, LocationNotFoundError),
    entitlement="changes",
)
def update_member(member_id: UUID, body: dict[str, Any]) -> dict[str, Any]:
    """Change a team member."""
    service.update(member_id=member_id, details=body, expected_version=expected_version())
    return queries.show_member(member_id)


@blueprint.delete(
    "/team/members/<uuid:member_id>",
    access="admin",
    status=204,
    errors=(TeamMemberNotFoundError,),
    entitlement="changes",
)
def remove_member(member_id: UUID) -> None:
    """Take somebody off the team; their visits keep their place."""
    service.remove(member_id=member_id)


@blueprint.get("/public/<slug>/team", access="public", returns=PublicTeamOut)
def public_team() -> dict[str, Any]:
    """List who can be booked."""
    found = queries.list_members(active_only=True)
    return {"team": found, "total": len(found), "next_cursor": None}
