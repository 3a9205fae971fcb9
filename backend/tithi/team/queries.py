# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

from uuid import UUID

from sqlalchemy import select

from tithi.platform.db import session
from tithi.platform.tenancy import current_tenant_id
from tithi.team.errors import TeamMemberNotFoundError
from tithi.team.models import TeamMember


def list_members(*, active_only: bool = False) -> list[TeamMember]:
    statement = select(TeamMember).where(TeamMember.removed_at.is_(None))
    if active_only:
        statement = statement.where(TeamMember.is_active)
    return list(session().scalars(statement.order_by(TeamMember.created_at, TeamMember.id)))


def get_member(member_id: UUID) -> TeamMember:
    """Raises TeamMemberNotFound, also for one that was removed."""
    found = session().get(TeamMember, (current_tenant_id(), member_id))
    if found is None or found.removed_at is not None:
        raise TeamMemberNotFoundError
    return found
