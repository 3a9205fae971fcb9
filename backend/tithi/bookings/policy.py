# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""What an outcome costs, from the policy that the booking froze; no database and no clock."""

from datetime import datetime, timedelta
from typing import Any, NamedTuple

from tithi.tenants.policy import effective, fee_cents

CUSTOMER = "customer"
BUSINESS = "business"
RELEASE = "release"


class CardWatch(NamedTuple):
    """When a card is looked at, until when another may come, and what happens then: `keep` or `release`."""

    days_before: int
    rule_hours_before: int
    rule: str


def card_watch(snapshot: dict[str, Any]) -> CardWatch:
    return CardWatch(**effective(snapshot)["card_watch"])


def no_show_fee_cents(snapshot: dict[str, Any], price_cents: int) -> int:
    return fee_cents(snapshot["no_show_fee"], price_cents)


def is_late(snapshot: dict[str, Any], starts_at: datetime, now: datetime) -> bool:
    """Whether the window for canceling free of charge is over."""
    return now > starts_at - timedelta(hours=int(snapshot["cancellation_window_hours"]))


def window_start(starts_at: datetime, late_since: datetime | None) -> datetime:
    """The start that the cancellation window counts to: a move inside the window leaves the visit late for good."""
    return starts_at if late_since is None else min(starts_at, late_since)


def is_past_notice(snapshot: dict[str, Any], rule: str, starts_at: datetime, now: datetime) -> bool:
    """Whether the customer is later than a rule of notice allows, in minutes before the start."""
    return now > starts_at - timedelta(minutes=int(snapshot.get(rule, 0)))


def cancel_fee_cents(
    snapshot: dict[str, Any], price_cents: int, *, starts_at: datetime, now: datetime, canceled_by: str
) -> int:
    """Nothing when the business cancels, or in time; else the late fee."""
    if canceled_by == BUSINESS or not is_late(snapshot, starts_at, now):
        return 0
    return fee_cents(snapshot["late_cancel_fee"], price_cents)
