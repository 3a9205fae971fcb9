# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

from typing import Any
from uuid import UUID

from sqlalchemy import Row, select, text

from tithi.identity.models import Membership, User
from tithi.platform.access import Membership as MembershipInfo
from tithi.platform.db import session


def get_user(user_id: UUID) -> User:
    return session().get_one(User, user_id)


_PRINCIPAL = text(
    "SELECT s.revoked_at, s.chosen_tenant_id,"
    " ARRAY(SELECT m.tenant_id FROM memberships m WHERE m.user_id = :user_id ORDER BY m.id) AS tenants,"
    " ARRAY(SELECT m.role FROM memberships m WHERE m.user_id = :user_id ORDER BY m.id) AS roles"
    " FROM auth_sessions s WHERE s.id = :session_id AND s.user_id = :user_id"
)


def principal_row(*, user_id: UUID, session_id: UUID) -> Row[Any] | None:
    """Session state and memberships of the open scope's user, in one row; None for an unknown session."""
    return session().execute(_PRINCIPAL, {"user_id": user_id, "session_id": session_id}).one_or_none()


def memberships_of(row: Row[Any]) -> tuple[MembershipInfo, ...]:
    tenants = row.tenants if isinstance(row.tenants, list) else row.tenants.strip("{}").split(",")
    return tuple(
        MembershipInfo(tenant if isinstance(tenant, UUID) else UUID(tenant), role)
        for tenant, role in zip(tenants, row.roles, strict=True)
        if tenant
    )


def list_members() -> list[dict[str, Any]]:
    """The memberships of the open scope's tenant."""
    statement = select(Membership.id, Membership.user_id, Membership.role, Membership.created_at).order_by(
        Membership.created_at, Membership.id
    )
    return [dict(row) for row in session().execute(statement).mappings()]
