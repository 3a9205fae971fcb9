# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

from typing import Any

from marshmallow import Schema, fields, validate

from tithi.availability.schemas import MOST_ADD_ONS
from tithi.platform.schemas import Instant

KINDS = (
    "in_the_past", "service_inactive", "service_is_class", "min_notice", "max_advance", "staff_inactive",
    "does_not_do_service", "location_inactive", "no_hours", "outside_hours", "location_closed",
    "service_not_offered_then", "break", "closure", "taken", "buffer", "no_room", "off_grid", "gap", "look_busy",
    "staff_cap", "customer_cap", "prerequisite",
)  # fmt: skip
CLAIM_KINDS = ("booking", "hold", "block", "class", "external")
SOURCES: dict[str, Any] = {"enum": ["policy", "service"], "description": "Whose figure holds."}


class ExplainIn(Schema):
    service_id = fields.UUID(required=True)
    start_time = Instant(required=True)
    team_member_id = fields.UUID(allow_none=True, metadata={"description": "Absent: everybody who can."})
    customer_id = fields.UUID(
        allow_none=True, metadata={"description": "For whom: then their caps and what has to come before count too."}
    )
    add_on_ids = fields.List(fields.UUID(), validate=validate.Length(max=MOST_ADD_ONS))
    as_staff = fields.Boolean(load_default=False, metadata={"description": "As staff sees it, not as the public does."})


class WindowOut(Schema):
    start_time = Instant(required=True)
    end_time = Instant(required=True)


class TakerOut(Schema):
    claim_kind = fields.String(validate=validate.OneOf(CLAIM_KINDS))
    owner_id = fields.UUID(
        metadata={"description": "The visit, hold, block, class session or event that has the time."}
    )
    start_time = Instant()
    end_time = Instant()
    lanes = fields.List(fields.Integer(), metadata={"description": "On which of those served at once, from 0."})
    is_buffer = fields.Boolean(metadata={"description": "Whether it meets buffers alone."})
    expires_at = Instant(allow_none=True, metadata={"description": "When a hold runs out."})


class NeededRoomOut(Schema):
    resource_id = fields.UUID(required=True)
    name = fields.String(required=True)
    states = fields.List(
        fields.String(validate=validate.OneOf(("closed", "taken", "room_inactive", "removed", "elsewhere"))),
        required=True,
    )
    rule_ids = fields.List(fields.UUID(), required=True)
    exception_ids = fields.List(fields.UUID(), required=True)
    taken_by = fields.List(fields.Nested(TakerOut), required=True)


class CauseOut(TakerOut):
    """A rule that hides the time; which of the further fields it has depends on its kind."""

    kind = fields.String(required=True, validate=validate.OneOf(KINDS))
    detail = fields.String(required=True)
    how_to_change = fields.String(required=True)
    service_id = fields.UUID()
    team_member_id = fields.UUID()
    resource_id = fields.UUID()
    location_id = fields.UUID()
    customer_id = fields.UUID()
    rule_ids = fields.List(fields.UUID(), metadata={"description": "Rules of that weekday, or the rule of the break."})
    exception_id = fields.UUID()
    scope = fields.String(validate=validate.OneOf(("staff", "location", "business")))
    nearest_window = fields.Nested(WindowOut, allow_none=True)
    source = fields.String(metadata=SOURCES)
    minutes = fields.Integer()
    days = fields.Integer()
    earliest_time = Instant()
    latest_time = Instant()
    need = fields.Integer(metadata={"description": "Which line of the service's needs."})
    rooms = fields.List(fields.Nested(NeededRoomOut))
    slot_interval_min = fields.Integer()
    nearest = fields.List(Instant(), metadata={"description": "The nearest starts of that day that are offered."})
    min_gap_minutes = fields.Integer()
    avoid_unfillable_gaps = fields.Boolean()
    percent = fields.Integer()
    per = fields.String(validate=validate.OneOf(("day", "week", "upcoming")))
    most = fields.Integer()
    required_service_id = fields.UUID()
    within_days = fields.Integer()
    at_least_hours = fields.Integer()


class ExplainedCandidateOut(Schema):
    team_member_id = fields.UUID(required=True)
    team_member_name = fields.String(required=True)
    resource_id = fields.UUID(required=True)
    location_id = fields.UUID(required=True)
    offered = fields.Boolean(required=True)
    causes = fields.List(fields.Nested(CauseOut), required=True)


class ExplanationOut(Schema):
    service_id = fields.UUID(required=True)
    start_time = Instant(required=True)
    offered = fields.Boolean(required=True, metadata={"description": "Whether the search shows the time."})
    bookable = fields.Boolean(
        required=True,
        metadata={
            "description": "Whether it can be booked too: a customer's caps and prerequisites refuse without hiding."
        },
    )
    candidates = fields.List(
        fields.Nested(ExplainedCandidateOut),
        required=True,
        metadata={"description": "Each person at each of their places, with what hides the time of them."},
    )
    causes = fields.List(
        fields.Nested(CauseOut), required=True, metadata={"description": "What hides the time whoever does it."}
    )


class ZoneChangeOut(Schema):
    booking_id = fields.UUID(required=True, allow_none=True)
    class_session_id = fields.UUID(required=True, allow_none=True)
    timezone = fields.String(required=True)
    agreed_local = fields.NaiveDateTime(required=True, metadata={"description": "The wall-clock start as agreed."})
    now_local = fields.NaiveDateTime(
        required=True,
        allow_none=True,
        metadata={"description": "What clocks will show then; null where the zone is no longer known."},
    )
    start_time = Instant(required=True)


class ZoneChangeList(Schema):
    zone_changes = fields.List(fields.Nested(ZoneChangeOut), required=True)
    next_cursor = fields.String(required=True, allow_none=True)
