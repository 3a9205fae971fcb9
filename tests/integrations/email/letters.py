# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""Mails for tests."""

from dataclasses import replace

from tithi.integrations.email.contract import Attachment, EmailMessage

CONFIRMATION = EmailMessage(
    to="ada@example.org",
    subject="Your visit is booked",
    text="See you on Friday.",
    html="<p>See you on Friday.</p>",
    from_name='Salon "Möwe", Berlin',
    reply_to="salon@example.org",
    dedupe_key="booking-1/confirmed",
    tags={"tenant": "t 1", "kind": "booking.confirmed"},
    attachments=(Attachment(filename="visit.ics", content_type="text/calendar", content=b"BEGIN:VCALENDAR"),),
)


def letter(**changes: str) -> EmailMessage:
    return replace(CONFIRMATION, **changes)  # type: ignore[arg-type]  # only the text fields are changed
