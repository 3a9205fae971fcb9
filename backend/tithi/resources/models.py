# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index
from sqlalchemy.orm import Mapped, mapped_column

from tithi.platform.db import TenantModel


class Resource(TenantModel):
    """`capacity` is its number of lanes; without a location it can be used at every one."""

    __tablename__ = "resources"
    __table_args__ = (
        CheckConstraint("kind IN ('staff', 'room', 'equipment')", name="kind"),
        CheckConstraint("capacity BETWEEN 1 AND 100", name="capacity"),
        ForeignKeyConstraint(
            ["tenant_id", "location_id"], ["locations.tenant_id", "locations.id"], ondelete="RESTRICT"
        ),
        Index(None, "tenant_id", "location_id"),
    )

    kind: Mapped[str]
    name: Mapped[str]
    capacity: Mapped[int] = mapped_column(server_default="1")
    location_id: Mapped[UUID | None]
    is_active: Mapped[bool] = mapped_column(server_default="true")
    version: Mapped[int] = mapped_column(server_default="1")
    created_at: Mapped[datetime]
    removed_at: Mapped[datetime | None]
