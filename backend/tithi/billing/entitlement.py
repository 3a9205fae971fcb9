# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""What a business may do, from the mirror of its subscription and the clock; nothing else is asked.

| Status at the processor | Shown as | Entitled to |
|---|---|---|
| none yet, in the trial | trial | full |
| none yet, the trial is over | trial | as past_due since the end of the trial: only an outage leads here |
| trialing | trial | full; the processor says when it is over |
| active | active | full |
| past_due | active, past due | 14 days full, 14 more without new bookings, then reading |
| incomplete | paused | reading: the first payment after an end has not arrived, and there is no second trial |
| unpaid, paused | paused | reading |
| canceled, incomplete_expired | canceled | reading |
"""

from datetime import datetime, timedelta

from tithi.platform.access import Entitlement

GRACE = timedelta(days=14)
WITHOUT_NEW_BOOKINGS = timedelta(days=14)
PAY = "Pay what is owed: enter a card that works, then activate the subscription."
RESUME = "Activate the subscription; without a card on file, enter one first."
START = "Activate the subscription to begin a new one; without a card on file, enter one first."
SHOWN = {
    None: "trial",
    "trialing": "trial",
    "active": "active",
    "past_due": "active",
    "incomplete": "paused",
    "unpaid": "paused",
    "paused": "paused",
    "canceled": "canceled",
    "incomplete_expired": "canceled",
}
ENDED = frozenset({"canceled", "incomplete_expired"})
READING = {
    "incomplete": PAY,
    "unpaid": PAY,
    "paused": RESUME,
    "canceled": START,
    "incomplete_expired": START,
}


def entitlement(
    *, status: str | None, trial_ends_at: datetime, past_due_since: datetime | None, now: datetime
) -> Entitlement:
    """The present entitlement; past due without a known beginning counts as just begun."""
    if status is None and now < trial_ends_at:
        return Entitlement("full", "trial", None, trial_ends_at + GRACE)
    if status is None:
        return _owing(trial_ends_at, now, "trial_ended", RESUME)
    if status == "past_due":
        return _owing(past_due_since or now, now, "past_due", PAY)
    if status in READING:
        return Entitlement("read_only", status, READING[status], None)
    return Entitlement("full", SHOWN[status], None, None)


def _owing(since: datetime, now: datetime, reason: str, remedy: str) -> Entitlement:
    no_new_bookings_at = since + GRACE
    read_only_at = no_new_bookings_at + WITHOUT_NEW_BOOKINGS
    if now < no_new_bookings_at:
        return Entitlement("full", reason, remedy, no_new_bookings_at)
    if now < read_only_at:
        return Entitlement("no_new_bookings", reason, remedy, read_only_at)
    return Entitlement("read_only", reason, remedy, None)
