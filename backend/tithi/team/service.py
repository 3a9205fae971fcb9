# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

from typing import Any
from uuid import UUID

from tithi.platform import clock
from tithi.platform.db import session
from tithi.platform.errors import PreconditionFailedError
from tithi.platform.events import publish
from tithi.platform.ids import new_id
from tithi.platform.tenancy import current_tenant_id
from tithi.resources import service as resources
from tithi.team import queries
from tithi.team.events import TeamMemberAdded, TeamMemberRemoved
from tithi.team.models import TeamMember
from tithi.tenants import queries as tenants


def add(*, details: dict[str, Any]) -> TeamMember:
    location_id = details.pop("location_id", None)
    location = tenants.get_location(location_id) if location_id else tenants.first_location()
    display_name = details.pop("display_name", None) or f"{details['first_name']} {details['last_name']}".strip()
    resource = resources.create(kind="staff", name=display_name, capacity=details.pop("concurrent_clients", 1))
    member = TeamMember(
        tenant_id=current_tenant_id(),
        id=new_id(),
        resource_id=resource.id,
        location_id=location.id,
        display_name=display_name,
        specialties=details.pop("specialties", []),
        role=details.pop("role", "staff"),
        is_active=True,
        version=1,
        created_at=clock.now(),
        **details,
    )
    session().add(member)
    session().flush()
    publish(TeamMemberAdded(team_member_id=member.id))
    return member


def update(*, member_id: UUID, details: dict[str, Any], expected_version: int | None) -> TeamMember:
    member = _locked(member_id, expected_version)
    if "location_id" in details:
        tenants.get_location(details["location_id"])
    followed = {"capacity": details.pop("concurrent_clients")} if "concurrent_clients" in details else {}
    for name, value in details.items():
        setattr(member, name, value)
    member.version += 1
    followed |= {"name": member.display_name, "is_active": member.is_active}
    resources.update_staff(resource_id=member.resource_id, details=followed)
    session().flush()
    return member


def remove(*, member_id: UUID) -> None:
    """Take somebody off the team; visits that they have keep their place."""
    member = _locked(member_id, None)
    member.removed_at = clock.now()
    member.is_active = False
    member.version += 1
    resources.remove_staff(resource_id=member.resource_id)
    publish(TeamMemberRemoved(team_member_id=member.id))


def _locked(member_id: UUID, expected_version: int | None) -> TeamMember:
    member = queries.get_member(member_id)
    session().refresh(member, with_for_update=True)
    if expected_version is not None and member.version != expected_version:
        raise PreconditionFailedError
    return member
