# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

from typing import Any
from uuid import UUID

from sqlalchemy import func, select, tuple_

from tithi.delivery.errors import MessageNotFoundError
from tithi.delivery.models import Message
from tithi.platform import paging
from tithi.platform.db import session
from tithi.platform.tenancy import current_tenant_id

SHOWN = (
    Message.id, Message.channel, Message.recipient, Message.template, Message.subject_id, Message.to_address,
    Message.subject, Message.status, Message.provider, Message.failure, Message.created_at, Message.sent_at,
)  # fmt: skip


def list_messages(*, limit: int, cursor: str | None, status: str | None, subject_id: UUID | None) -> dict[str, Any]:
    """The log of messages, newest first, without their text."""
    statement = select(*SHOWN)
    if status is not None:
        statement = statement.where(Message.status == status)
    if subject_id is not None:
        statement = statement.where(Message.subject_id == subject_id)
    total = session().scalar(select(func.count()).select_from(statement.subquery()))
    if cursor:
        at, last_id = paging.decode_instant_and_id(cursor)
        statement = statement.where(tuple_(Message.created_at, Message.id) < (at, last_id))
    rows = session().execute(statement.order_by(Message.created_at.desc(), Message.id.desc()).limit(limit + 1))
    found, more = paging.split([dict(row) for row in rows.mappings()], limit)
    next_cursor = paging.encode(found[-1]["created_at"], found[-1]["id"]) if more else None
    return {"messages": found, "total": total, "next_cursor": next_cursor}


def letters_about(subject_id: UUID, *, recipient: str) -> list[dict[str, Any]]:
    """What one kind of reader was sent about something, oldest first, with its text."""
    statement = (
        select(*SHOWN, Message.text)
        .where(Message.subject_id == subject_id, Message.recipient == recipient)
        .order_by(Message.created_at, Message.id)
    )
    return [dict(row) for row in session().execute(statement).mappings()]


def get_message(message_id: UUID) -> dict[str, Any]:
    """One message with its text."""
    statement = select(
        *SHOWN, Message.from_name, Message.reply_to, Message.text, Message.html, Message.attachments
    ).where(Message.tenant_id == current_tenant_id(), Message.id == message_id)
    found = session().execute(statement).mappings().one_or_none()
    if found is None:
        raise MessageNotFoundError
    return dict(found)
