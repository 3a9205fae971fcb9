# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index
from sqlalchemy.orm import Mapped, mapped_column

from tithi.platform.db import TenantModel


class Message(TenantModel):
    """`subject_id` is what the message is about; `unknown` was handed over without an answer and is not sent again."""

    __tablename__ = "messages"
    __table_args__ = (
        CheckConstraint("channel IN ('email', 'sms')", name="channel"),
        CheckConstraint("recipient IN ('customer', 'business')", name="recipient"),
        CheckConstraint("status IN ('queued', 'sending', 'sent', 'failed', 'unknown')", name="status"),
        Index(None, "tenant_id", "dedupe_key", unique=True),
        Index(None, "tenant_id", "created_at", "id"),
        Index(None, "tenant_id", "subject_id"),
    )

    channel: Mapped[str]
    recipient: Mapped[str]
    template: Mapped[str]
    subject_id: Mapped[UUID | None]
    to_address: Mapped[str]
    from_name: Mapped[str]
    reply_to: Mapped[str | None]
    subject: Mapped[str]
    text: Mapped[str]
    html: Mapped[str]
    attachments: Mapped[list[Any]]
    dedupe_key: Mapped[str]
    status: Mapped[str] = mapped_column(server_default="queued")
    provider: Mapped[str | None]
    provider_ref: Mapped[str | None]
    failure: Mapped[str | None]
    created_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
