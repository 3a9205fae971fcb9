# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

from datetime import date
from uuid import UUID

from marshmallow import Schema, ValidationError, fields, validate

from tithi.bookings.calendar_days import VIEWS
from tithi.platform.schemas import Instant

MOST_RESOURCES = 100


class Ids(fields.String):
    """Ids with commas between them."""

    def _deserialize(self, value: object, attr: str | None, data: object, **kwargs: object) -> list[UUID]:  # type: ignore[override]  # the text is read into ids
        given = super()._deserialize(value, attr, data, **kwargs).split(",")
        if len(given) > MOST_RESOURCES:
            message = f"More than {MOST_RESOURCES} ids."
            raise ValidationError(message)
        try:
            return [UUID(one.strip()) for one in given]
        except ValueError as error:
            message = "Not ids with commas between them."
            raise ValidationError(message) from error


class CalendarQuery(Schema):
    view = fields.String(load_default="day", validate=validate.OneOf(VIEWS))
    date = fields.Date(required=True, validate=validate.Range(min=date(2000, 1, 1), max=date(2200, 12, 31)))
    location_id = fields.UUID(metadata={"description": "Only who works there and what can be used there."})
    resource_ids = Ids(metadata={"description": "Only these people and rooms; at most 100, with commas between."})


class StretchOut(Schema):
    start_time = Instant(required=True)
    end_time = Instant(required=True)


class CalendarDayOut(Schema):
    date = fields.Date(required=True)
    working = fields.List(fields.Nested(StretchOut), required=True)
    gaps = fields.List(
        fields.Nested(StretchOut), required=True, metadata={"description": "Worked, and free of any claim."}
    )


class CalendarVisitOut(StretchOut):
    booking_id = fields.UUID(required=True)
    item_id = fields.UUID(required=True)
    confirmation_number = fields.String(required=True)
    service_id = fields.UUID(required=True)
    service_name = fields.String(required=True)
    customer_id = fields.UUID(required=True)
    customer_name = fields.String(required=True)
    status = fields.String(required=True)
    awaits_approval = fields.Boolean(required=True)
    override = fields.Boolean(required=True, metadata={"description": "Somebody booked it beside another on purpose."})
    override_reason = fields.String(required=True, allow_none=True)


class CalendarClassOut(StretchOut):
    id = fields.UUID(required=True)
    service_id = fields.UUID(required=True)
    service_name = fields.String(required=True)
    capacity = fields.Integer(required=True)
    booked_seats = fields.Integer(required=True)


class CalendarHoldOut(StretchOut):
    id = fields.UUID(required=True)
    expires_at = Instant(required=True)
    waitlist_entry_id = fields.UUID(required=True, allow_none=True)


class CalendarBlockOut(StretchOut):
    id = fields.UUID(required=True)
    kind = fields.String(required=True)
    reason = fields.String(required=True, allow_none=True)


class CalendarClaimOut(StretchOut):
    kind = fields.String(required=True, metadata={"description": "booking, hold, block, class or external"})
    owner_id = fields.UUID(required=True)
    item_id = fields.UUID(required=True, allow_none=True)
    lane = fields.Integer(required=True)
    soft = fields.Boolean(required=True, metadata={"description": "A buffer that other buffers may lie on."})
    override = fields.Boolean(required=True)


class ColumnOut(Schema):
    resource_id = fields.UUID(required=True)
    kind = fields.String(required=True, metadata={"description": "staff or room"})
    name = fields.String(required=True)
    lanes = fields.Integer(required=True)
    team_member_id = fields.UUID(required=True, allow_none=True)
    location_id = fields.UUID(required=True, allow_none=True)
    timezone = fields.String(required=True, metadata={"description": "The zone of its days."})
    days = fields.List(fields.Nested(CalendarDayOut), required=True)
    visits = fields.List(fields.Nested(CalendarVisitOut), required=True)
    classes = fields.List(fields.Nested(CalendarClassOut), required=True)
    holds = fields.List(fields.Nested(CalendarHoldOut), required=True)
    blocks = fields.List(fields.Nested(CalendarBlockOut), required=True)
    claims = fields.List(
        fields.Nested(CalendarClaimOut),
        required=True,
        metadata={"description": "All time that is taken, buffers included."},
    )


class CalendarOut(Schema):
    view = fields.String(required=True)
    first_date = fields.Date(required=True)
    last_date = fields.Date(required=True)
    columns = fields.List(fields.Nested(ColumnOut), required=True)
