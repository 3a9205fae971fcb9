# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

from marshmallow import Schema, fields, validate

from tithi.platform.schemas import PageQuery

STATUSES = ("queued", "sending", "sent", "failed", "unknown")


class NotificationQuery(PageQuery):
    status = fields.String(validate=validate.OneOf(STATUSES))
    booking_id = fields.UUID()


class NotificationOut(Schema):
    id = fields.UUID(required=True)
    channel = fields.String(required=True)
    recipient = fields.String(required=True, metadata={"description": "customer or business"})
    template = fields.String(required=True)
    booking_id = fields.UUID(required=True, allow_none=True, attribute="subject_id")
    to = fields.String(required=True, attribute="to_address")
    subject = fields.String(required=True)
    status = fields.String(
        required=True,
        metadata={"description": "queued, sending, sent, failed, or unknown where the provider never answered"},
    )
    provider = fields.String(required=True, allow_none=True)
    failure = fields.String(required=True, allow_none=True)
    created_at = fields.AwareDateTime(required=True)
    sent_at = fields.AwareDateTime(required=True, allow_none=True)


class AttachmentOut(Schema):
    filename = fields.String(required=True)
    content_type = fields.String(required=True)


class NotificationFullOut(NotificationOut):
    from_name = fields.String(required=True)
    reply_to = fields.String(required=True, allow_none=True)
    text = fields.String(required=True)
    html = fields.String(required=True)
    attachments = fields.List(fields.Nested(AttachmentOut), required=True)


class NotificationList(Schema):
    notifications = fields.List(fields.Nested(NotificationOut), required=True, attribute="messages")
    total = fields.Integer(required=True)
    next_cursor = fields.String(required=True, allow_none=True)
