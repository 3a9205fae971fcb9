# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

from marshmallow import Schema, fields, validate

from tithi.platform.schemas import LONGEST_TEXT, PageQuery, words

STATUSES = ("needs_response", "under_review", "won", "lost", "warning", "closed")


class DisputeQuery(PageQuery):
    status = fields.String(validate=validate.OneOf(STATUSES))


class DisputeOut(Schema):
    id = fields.UUID(required=True)
    booking_id = fields.UUID(required=True, allow_none=True, attribute="owner_id")
    payment_id = fields.UUID(required=True, allow_none=True)
    dispute_ref = fields.String(required=True)
    status = fields.String(required=True, metadata={"description": f"One of {', '.join(STATUSES)}"})
    reason = fields.String(required=True)
    amount_cents = fields.Integer(required=True)
    fee_cents = fields.Integer(required=True)
    currency = fields.String(required=True)
    due_by = fields.AwareDateTime(required=True, allow_none=True)
    submission = fields.String(
        required=True, metadata={"description": "none, submitting, submitted, or elsewhere: answered without us"}
    )
    submitted_by = fields.String(required=True, allow_none=True)
    submitted_at = fields.AwareDateTime(required=True, allow_none=True)
    submitted_evidence = fields.Dict(keys=fields.String(), values=fields.String(), required=True, allow_none=True)
    opened_at = fields.AwareDateTime(required=True)


class DisputeList(Schema):
    disputes = fields.List(fields.Nested(DisputeOut), required=True)
    total = fields.Integer(required=True)
    next_cursor = fields.String(required=True, allow_none=True)


class LetterOut(Schema):
    channel = fields.String(required=True)
    template = fields.String(required=True)
    subject = fields.String(required=True)
    text = fields.String(required=True)
    status = fields.String(required=True)
    created_at = fields.String(required=True)
    sent_at = fields.String(required=True, allow_none=True)


class EvidenceOut(Schema):
    customer = fields.Dict(required=True)
    payment = fields.Dict(required=True)
    visit = fields.Dict(
        required=True,
        allow_none=True,
        metadata={"description": "Services, date, policy with its hash, consent, marks and activity"},
    )
    messages = fields.List(fields.Nested(LetterOut), required=True)


class DisputeEvidenceOut(Schema):
    dispute = fields.Nested(DisputeOut, required=True)
    evidence = fields.Nested(EvidenceOut, required=True, allow_none=True)


class EvidenceIn(Schema):
    statement = words(longest=LONGEST_TEXT, metadata={"description": "What the business adds in its own words"})
