# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

from collections.abc import Collection
from typing import Any
from uuid import UUID

from sqlalchemy import Select, select

from tithi.platform.db import session
from tithi.platform.tenancy import current_tenant_id
from tithi.resources.models import Resource
from tithi.team.errors import TeamMemberNotFoundError
from tithi.team.models import TeamMember

MEMBER_FIELDS = (
    "id", "resource_id", "location_id", "first_name", "last_name", "display_name", "email", "phone", "role", "bio",
    "specialties", "max_visits_per_day", "max_visits_per_week", "is_active", "version",
)  # fmt: skip


def list_members(*, active_only: bool = False) -> list[TeamMember]:
    statement = select(TeamMember).where(TeamMember.removed_at.is_(None))
    if active_only:
        statement = statement.where(TeamMember.is_active)
    return list(session().scalars(statement.order_by(TeamMember.created_at, TeamMember.id)))


def refuse_unknown(member_ids: Collection[UUID]) -> None:
    """Raises TeamMemberNotFound when one of them is unknown or was removed; one statement."""
    wanted = set(member_ids)
    known = session().scalars(select(TeamMember.id).where(TeamMember.id.in_(wanted), TeamMember.removed_at.is_(None)))
    if len(known.all()) < len(wanted):
        raise TeamMemberNotFoundError


def show_members() -> list[dict[str, Any]]:
    rows = session().execute(_with_capacity().order_by(TeamMember.created_at, TeamMember.id))
    return [_shown(row.TeamMember, row.capacity) for row in rows]


def show_member(member_id: UUID) -> dict[str, Any]:
    """Raises TeamMemberNotFound, also for one that was removed."""
    row = session().execute(_with_capacity().where(TeamMember.id == member_id)).one_or_none()
    if row is None:
        raise TeamMemberNotFoundError
    return _shown(row.TeamMember, row.capacity)


def _with_capacity() -> Select[TeamMember, int]:
    return (
        select(TeamMember, Resource.capacity)
        .join(Resource, (Resource.tenant_id == TeamMember.tenant_id) & (Resource.id == TeamMember.resource_id))
        .where(TeamMember.removed_at.is_(None))
    )


def _shown(member: TeamMember, capacity: int) -> dict[str, Any]:
    return {**{name: getattr(member, name) for name in MEMBER_FIELDS}, "concurrent_clients": capacity}


def get_member(member_id: UUID) -> TeamMember:
    """Raises TeamMemberNotFound, also for one that was removed."""
    found = session().get(TeamMember, (current_tenant_id(), member_id))
    if found is None or found.removed_at is not None:
        raise TeamMemberNotFoundError
    return found
