# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index
from sqlalchemy.orm import Mapped, mapped_column

from tithi.platform.db import TenantModel


class TeamMember(TenantModel):
    __tablename__ = "team_members"
    __table_args__ = (
        ForeignKeyConstraint(
            ["tenant_id", "resource_id"], ["resources.tenant_id", "resources.id"], ondelete="RESTRICT"
        ),
        ForeignKeyConstraint(
            ["tenant_id", "location_id"], ["locations.tenant_id", "locations.id"], ondelete="RESTRICT"
        ),
        Index(None, "tenant_id", "resource_id", unique=True),
        CheckConstraint("max_visits_per_day > 0 AND max_visits_per_week > 0", name="caps"),
        Index(None, "tenant_id", "location_id"),
    )

    resource_id: Mapped[UUID]
    location_id: Mapped[UUID]
    first_name: Mapped[str]
    last_name: Mapped[str]
    display_name: Mapped[str]
    email: Mapped[str | None]
    phone: Mapped[str | None]
    role: Mapped[str] = mapped_column(server_default="staff")
    bio: Mapped[str | None]
    specialties: Mapped[list[str]]
    max_visits_per_day: Mapped[int | None]
    max_visits_per_week: Mapped[int | None]
    is_active: Mapped[bool] = mapped_column(server_default="true")
    version: Mapped[int] = mapped_column(server_default="1")
    created_at: Mapped[datetime]
    removed_at: Mapped[datetime | None]
