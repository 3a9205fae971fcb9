# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""The business is warned before its debt limits what it may do."""

from datetime import datetime, timedelta
from uuid import UUID

from tithi.billing import queries
from tithi.billing.entitlement import GRACE, WITHOUT_NEW_BOOKINGS, entitlement
from tithi.billing.events import SubscriptionLimitNear
from tithi.platform import clock, jobs
from tithi.platform.events import publish

TIMER = "billing.tell_limit"
TOLD_BEFORE = timedelta(days=3)
NEXT_LEVEL = {"full": "no_new_bookings", "no_new_bookings": "read_only"}


def plan(subscription_id: UUID, past_due_since: datetime) -> None:
    """Set when the first limit is told, in the caller's transaction."""
    jobs.schedule(TIMER, subscription_id, past_due_since + GRACE - TOLD_BEFORE)


def tell_limit() -> None:
    """Tell the limit that comes next, and set when the one after it is told; not when the debt was paid meanwhile."""
    row = queries.locked_subscription()
    if row is None or row.status != "past_due":
        return
    found = entitlement(
        status=row.status, trial_ends_at=row.trial_ends_at, past_due_since=row.past_due_since, now=clock.now()
    )
    if found.changes_at is None:
        return
    publish(SubscriptionLimitNear(subscription_id=row.id, level=NEXT_LEVEL[found.level], at=found.changes_at))
    if found.level == "full":
        jobs.schedule(TIMER, row.id, found.changes_at + WITHOUT_NEW_BOOKINGS - TOLD_BEFORE)
