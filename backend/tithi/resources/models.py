# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

from datetime import datetime

from sqlalchemy import CheckConstraint
from sqlalchemy.orm import Mapped, mapped_column

from tithi.platform.db import TenantModel


class Resource(TenantModel):
    __tablename__ = "resources"
    __table_args__ = (
        CheckConstraint("kind IN ('staff', 'room', 'equipment')", name="kind"),
        CheckConstraint("capacity BETWEEN 1 AND 100", name="capacity"),
    )

    kind: Mapped[str]
    name: Mapped[str]
    capacity: Mapped[int] = mapped_column(server_default="1")
    is_active: Mapped[bool] = mapped_column(server_default="true")
    created_at: Mapped[datetime]
