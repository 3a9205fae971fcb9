# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

from typing import Any
from uuid import UUID

from tithi.delivery import queries as delivery
from tithi.delivery.errors import MessageNotFoundError
from tithi.notifications.schemas import NotificationFullOut, NotificationList, NotificationQuery
from tithi.platform.http import Room

blueprint = Room("notifications", description="What customers and the business were told.")


@blueprint.get("/notifications", access="staff", query=NotificationQuery, returns=NotificationList)
def list_notifications(query: dict[str, Any]) -> dict[str, Any]:
    """List messages, newest first."""
    return delivery.list_messages(
        limit=query["limit"],
        cursor=query.get("cursor"),
        status=query.get("status"),
        subject_id=query.get("booking_id"),
    )


@blueprint.get(
    "/notifications/<uuid:notification_id>", access="staff", returns=NotificationFullOut, errors=(MessageNotFoundError,)
)
def get_notification(notification_id: UUID) -> dict[str, Any]:
    """Show a message with its text."""
    return delivery.get_message(notification_id)
