# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

from typing import Any

from marshmallow import Schema, ValidationError, fields, post_load, validate, validates_schema

from tithi.platform.schemas import Instant, Minutes, PageQuery, WallClock, count, minutes_of, text

SUNDAY = 7
MOST_ADD_ONS = 20
MOST_ITEMS = 6
MOST_IN_ANY_ORDER = 4
RULE_KINDS = ("open", "break")
REPEATS = ("weekly", "yearly")
LOCAL = {"example": "2030-12-24T12:00:00", "description": "The location's wall-clock time."}


class HoursIn(Schema):
    day_of_week = fields.Integer(
        required=True,
        strict=True,
        validate=validate.Range(min=0, max=SUNDAY),
        metadata={"description": "1 is Monday, 7 (or 0) is Sunday."},
    )
    start_time = Minutes(required=True, metadata={"example": "09:00"})
    end_time = Minutes(
        required=True, metadata={"example": "17:00", "description": "At or before start_time: past midnight."}
    )
    kind = fields.String(
        validate=validate.OneOf(RULE_KINDS), metadata={"description": "A break takes its time away; absent: open."}
    )
    location_id = fields.UUID(metadata={"description": "Of a person: at which other location they are then."})
    service_id = fields.UUID()
    valid_from = fields.Date()
    valid_to = fields.Date()

    @post_load
    def _to_row(self, data: dict[str, Any], **_kwargs: Any) -> dict[str, Any]:
        return to_row(data)


class RuleIn(HoursIn):
    resource_id = fields.UUID(
        metadata={
            "description": "A person or a room. Without one the rule is for everybody at location_id, or for the"
            " service; one of the three is needed."
        }
    )


class RuleChange(Schema):
    day_of_week = fields.Integer(strict=True, validate=validate.Range(min=0, max=SUNDAY))
    start_time = Minutes()
    end_time = Minutes()
    kind = fields.String(validate=validate.OneOf(RULE_KINDS))
    location_id = fields.UUID(allow_none=True)
    valid_from = fields.Date(allow_none=True)
    valid_to = fields.Date(allow_none=True)

    @post_load
    def _to_row(self, data: dict[str, Any], **_kwargs: Any) -> dict[str, Any]:
        return to_row(data)


def to_row(data: dict[str, Any]) -> dict[str, Any]:
    """Wall-clock words to the columns of a rule."""
    row = dict(data)
    if "day_of_week" in row:
        row["weekday"] = row.pop("day_of_week") or SUNDAY
    for word, column in (("start_time", "start_minute"), ("end_time", "end_minute")):
        if word in row:
            row[column] = minutes_of(row.pop(word))
    return row


class RuleOut(Schema):
    id = fields.UUID(required=True)
    kind = fields.String(required=True)
    resource_id = fields.UUID(required=True, allow_none=True)
    location_id = fields.UUID(required=True, allow_none=True)
    service_id = fields.UUID(required=True, allow_none=True)
    day_of_week = fields.Integer(required=True, attribute="weekday")
    start_time = Minutes(required=True, attribute="start_minute")
    end_time = Minutes(required=True, attribute="end_minute")
    valid_from = fields.Date(required=True, allow_none=True)
    valid_to = fields.Date(required=True, allow_none=True)
    version = fields.Integer(required=True)


class RuleList(Schema):
    rules = fields.List(fields.Nested(RuleOut), required=True)
    total = fields.Integer(required=True)
    next_cursor = fields.String(required=True, allow_none=True)


class WeeklyHoursIn(Schema):
    availability = fields.List(fields.Nested(HoursIn), required=True, validate=validate.Length(max=100))


class WeeklyHoursOut(Schema):
    team_member_id = fields.UUID(required=True)
    availability = fields.List(fields.Nested(RuleOut), required=True)


class ExceptionIn(Schema):
    resource_id = fields.UUID(metadata={"description": "Absent: the whole location."})
    location_id = fields.UUID(metadata={"description": "Absent too: the whole business."})
    kind = fields.String(required=True, validate=validate.OneOf(("closed", "open")))
    starts_local = WallClock(required=True, metadata=LOCAL)
    ends_local = WallClock(required=True)
    repeats = fields.String(validate=validate.OneOf(REPEATS), allow_none=True)
    repeats_until = fields.Date(allow_none=True, metadata={"description": "The last day on which it begins."})
    reason = text()


class ExceptionChange(Schema):
    kind = fields.String(validate=validate.OneOf(("closed", "open")))
    location_id = fields.UUID(allow_none=True)
    starts_local = WallClock()
    ends_local = WallClock()
    repeats = fields.String(validate=validate.OneOf(REPEATS), allow_none=True)
    repeats_until = fields.Date(allow_none=True)
    reason = text(allow_none=True)


class ExceptionOut(Schema):
    id = fields.UUID(required=True)
    resource_id = fields.UUID(required=True, allow_none=True)
    location_id = fields.UUID(required=True, allow_none=True)
    kind = fields.String(required=True)
    starts_local = fields.NaiveDateTime(required=True)
    ends_local = fields.NaiveDateTime(required=True)
    repeats = fields.String(required=True, allow_none=True)
    repeats_until = fields.Date(required=True, allow_none=True)
    reason = fields.String(required=True, allow_none=True)
    version = fields.Integer(required=True)


class ExceptionList(Schema):
    exceptions = fields.List(fields.Nested(ExceptionOut), required=True)
    total = fields.Integer(required=True)
    next_cursor = fields.String(required=True, allow_none=True)


class ExceptionQuery(Schema):
    resource_id = fields.UUID()
    location_id = fields.UUID()


class RuleQuery(ExceptionQuery):
    service_id = fields.UUID()


class TimeOffIn(Schema):
    starts_local = WallClock(required=True, metadata=LOCAL)
    ends_local = WallClock(required=True)
    repeats = fields.String(validate=validate.OneOf(REPEATS), allow_none=True)
    repeats_until = fields.Date(allow_none=True, metadata={"description": "The last day on which it begins."})
    reason = text()


class TimeOffList(Schema):
    time_off = fields.List(fields.Nested(ExceptionOut), required=True)
    total = fields.Integer(required=True)
    next_cursor = fields.String(required=True, allow_none=True)


class BlockIn(Schema):
    resource_id = fields.UUID(required=True)
    start_time = Instant(required=True)
    end_time = Instant(required=True, metadata={"description": "At most 31 days later."})
    reason = text()


class OverlapOut(Schema):
    kind = fields.String(required=True, metadata={"description": "booking or class"})
    owner_id = fields.UUID(required=True, metadata={"description": "The booking, or the session of the class."})
    start_time = Instant(required=True)
    end_time = Instant(required=True)


class BlockOut(Schema):
    id = fields.UUID(required=True)
    resource_id = fields.UUID(required=True)
    kind = fields.String(required=True)
    start_time = Instant(required=True, attribute="starts_at")
    end_time = Instant(required=True, attribute="ends_at")
    reason = fields.String(required=True, allow_none=True)
    version = fields.Integer(required=True)


class BlockMade(BlockOut):
    overlaps = fields.List(
        fields.Nested(OverlapOut),
        required=True,
        metadata={"description": "The visits that lie in the block; they keep their time."},
    )


class BlockList(Schema):
    blocks = fields.List(fields.Nested(BlockOut), required=True)
    next_cursor = fields.String(required=True, allow_none=True)


class BlockQuery(PageQuery):
    resource_id = fields.UUID()
    since = Instant(metadata={"description": "Only those that end after it."})
    until = Instant(metadata={"description": "Only those that begin before it."})


class SearchIn(Schema):
    service_id = fields.UUID(required=True)
    start_date = fields.Date(required=True)
    end_date = fields.Date(required=True)
    team_member_id = fields.UUID(allow_none=True)


class FlowSearchIn(SearchIn):
    tenant_id = fields.UUID()


class DayQuery(Schema):
    service_id = fields.UUID(required=True)
    date = fields.Date(required=True)
    team_member_id = fields.UUID()


class ResourceSlotsQuery(Schema):
    service_id = fields.UUID(required=True)
    start_date = fields.Date(required=True)
    end_date = fields.Date(required=True)


class SlotOut(Schema):
    start_time = Instant(required=True)
    end_time = Instant(required=True)
    team_member_id = fields.UUID(required=True)
    resource_id = fields.UUID(required=True)


class AvailabilityOut(Schema):
    service_id = fields.UUID(required=True)
    currency = fields.String(required=True)
    price_cents = fields.Integer(required=True)
    slots = fields.List(fields.Nested(SlotOut), required=True)


class StaffSlotsOut(Schema):
    team_member_id = fields.UUID(required=True)
    team_member_name = fields.String(required=True)
    timezone = fields.String(required=True)
    slots = fields.List(fields.Nested(SlotOut), required=True)


class FlowAvailabilityOut(Schema):
    service_id = fields.UUID(required=True)
    available_slots = fields.List(
        fields.Nested(StaffSlotsOut), required=True, metadata={"description": "Grouped by team member."}
    )


class ItemIn(Schema):
    service_id = fields.UUID(required=True)
    team_member_id = fields.UUID(allow_none=True, metadata={"description": "Absent: anybody who can."})
    add_on_ids = fields.List(fields.UUID(), validate=validate.Length(max=MOST_ADD_ONS))


class VisitIn(Schema):
    """What a visit is made of: one service, or several items."""

    service_id = fields.UUID(metadata={"description": "The one service of the visit; several are given as items."})
    team_member_id = fields.UUID(allow_none=True, metadata={"description": "Absent: anybody who can."})
    add_on_ids = fields.List(fields.UUID(), validate=validate.Length(max=MOST_ADD_ONS))
    items = fields.List(fields.Nested(ItemIn), validate=validate.Length(min=1, max=MOST_ITEMS))
    ordered = fields.Boolean(
        load_default=True, metadata={"description": "Whether the items keep their order; else any that is free."}
    )
    max_idle_minutes = count(most=240, metadata={"description": "At most this long between two items."})

    @validates_schema
    def _is_one_service_or_items(self, data: dict[str, Any], **_kwargs: Any) -> None:
        if ("service_id" in data) == ("items" in data):
            message = "Give either service_id or items."
            raise ValidationError(message, "service_id")
        if not data["ordered"] and len(data.get("items", ())) > MOST_IN_ANY_ORDER:
            message = f"At most {MOST_IN_ANY_ORDER} items in any order."
            raise ValidationError(message, "items")
        if "items" in data and ({"team_member_id", "add_on_ids"} & data.keys()):
            message = "With items, each item names its own."
            raise ValidationError(message, "items")


class CartSearchIn(VisitIn):
    start_date = fields.Date(required=True)
    end_date = fields.Date(required=True)


class CartItemOut(Schema):
    service_id = fields.UUID(required=True)
    team_member_id = fields.UUID(required=True)
    start_time = Instant(required=True)
    end_time = Instant(required=True)


class CartSlotOut(Schema):
    start_time = Instant(required=True)
    end_time = Instant(required=True)
    location_id = fields.UUID(required=True)
    price_cents = fields.Integer(required=True)
    items = fields.List(fields.Nested(CartItemOut), required=True)


class CartAvailabilityOut(Schema):
    currency = fields.String(required=True)
    slots = fields.List(fields.Nested(CartSlotOut), required=True)


class FreeDayOut(Schema):
    date = fields.Date(required=True, metadata={"description": "By the location's wall clock."})
    count = fields.Integer(required=True)
    first_start_time = Instant(required=True)


class FreeDaysOut(Schema):
    service_id = fields.UUID(required=True)
    days = fields.List(fields.Nested(FreeDayOut), required=True)
