# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

from typing import Any

from marshmallow import Schema, fields, validate

from tithi.bookings.limits import BYPASSABLE
from tithi.bookings.recurrence import MOST_OCCURRENCES
from tithi.bookings.schemas import LONGEST_REASON, OverrideIn, StaffVisitIn
from tithi.platform.schemas import Instant, count, words

KEY: dict[str, Any] = {"description": "In place of the header."}


class OwnMoveIn(Schema):
    start_time = Instant(required=True)
    to_anybody = fields.Boolean(load_default=False, metadata={"description": "Whoever is free, not the same person."})
    reason = words(longest=LONGEST_REASON, shortest=0, allow_none=True)
    idempotency_key = fields.String(metadata=KEY)


class MoveIn(OwnMoveIn):
    team_member_id = fields.UUID(metadata={"description": "Another person for all items."})
    moved_by = fields.String(
        load_default="business",
        validate=validate.OneOf(("customer", "business")),
        metadata={"description": "Whose wish it is; the customer's keeps a window for free canceling that is over."},
    )
    bypass = fields.List(fields.String(validate=validate.OneOf(BYPASSABLE)))
    override = fields.Nested(OverrideIn)


class ItemCancelIn(Schema):
    canceled_by = fields.String(load_default="customer", validate=validate.OneOf(("customer", "business")))
    idempotency_key = fields.String(metadata=KEY)


class RecurrenceIn(Schema):
    frequency = fields.String(required=True, validate=validate.OneOf(("daily", "weekly", "monthly")))
    interval = count(least=1, most=52)
    count = count(least=2, most=MOST_OCCURRENCES, required=True)


class SeriesIn(StaffVisitIn):
    rule = fields.Nested(RecurrenceIn, required=True)
    book_rest = fields.Boolean(
        load_default=False, metadata={"description": "Book those that are free when others are not."}
    )
    idempotency_key = fields.String(metadata=KEY)


class SeriesMoveIn(MoveIn):
    booking_id = fields.UUID(required=True, metadata={"description": "The occurrence that goes to start_time."})
    scope = fields.String(required=True, validate=validate.OneOf(("one", "following", "all")))


class SeriesCancelIn(Schema):
    booking_id = fields.UUID(required=True)
    scope = fields.String(required=True, validate=validate.OneOf(("one", "following", "all")))
    reason = words(longest=LONGEST_REASON, shortest=0, allow_none=True)
    idempotency_key = fields.String(metadata=KEY)


class OccurrenceOut(Schema):
    id = fields.UUID(required=True)
    status = fields.String(required=True)
    start_time = Instant(required=True)
    end_time = Instant(required=True)
    local_start = fields.NaiveDateTime(required=True, allow_none=True)


class RecurrenceOut(Schema):
    frequency = fields.String(required=True)
    interval = fields.Integer(required=True)
    count = fields.Integer(required=True)


class SeriesOut(Schema):
    id = fields.UUID(required=True)
    customer_id = fields.UUID(required=True)
    status = fields.String(required=True)
    rule = fields.Nested(RecurrenceOut, required=True)
    timezone = fields.String(required=True)
    starts_local = fields.NaiveDateTime(required=True)
    bookings = fields.List(fields.Nested(OccurrenceOut), required=True)
    version = fields.Integer(required=True)


class AlternativeOut(Schema):
    start_time = Instant(required=True)
    end_time = Instant(required=True)
    team_member_id = fields.UUID(required=True)
    resource_id = fields.UUID(required=True)


class ConflictOut(Schema):
    occurrence = fields.Integer(required=True)
    start_time = Instant(required=True)
    code = fields.String(required=True)
    alternatives = fields.List(fields.Nested(AlternativeOut), required=True)


class SeriesBookedOut(SeriesOut):
    conflicts = fields.List(fields.Nested(ConflictOut), required=True)


class MoveOut(Schema):
    moved_by = fields.String(required=True)
    from_start_time = Instant(required=True, attribute="from_starts_at")
    to_start_time = Instant(required=True, attribute="to_starts_at")
    reason = fields.String(required=True, allow_none=True)
    created_at = Instant(required=True)


class MoveList(Schema):
    moves = fields.List(fields.Nested(MoveOut), required=True)
    total = fields.Integer(required=True)
    next_cursor = fields.String(required=True, allow_none=True)
