# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""What an outcome costs, from the policy that the booking froze; no database and no clock."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from tithi.payments.amounts import can_be_charged
from tithi.tenants.policy import effective, fee_cents

CUSTOMER = "customer"
BUSINESS = "business"
RELEASE = "release"
DEPOSIT = "deposit"


class CardWatch(NamedTuple):
    """When a card is looked at, until when another may come, and what happens then: `keep`, `deposit` or `release`."""

    days_before: int
    rule_hours_before: int
    rule: str


def card_watch(snapshot: dict[str, Any]) -> CardWatch:
    return CardWatch(**effective(snapshot)["card_watch"])


def no_show_fee_cents(snapshot: dict[str, Any], price_cents: int, *, deposit_cents: int = 0) -> int:
    """The fee of a missed visit, at least the deposit where that is kept."""
    return _at_least_deposit(snapshot, fee_cents(snapshot["no_show_fee"], price_cents), paid_cents=deposit_cents)


def hold_hours(snapshot: dict[str, Any]) -> int | None:
    """How long before the visit its price is held on the card."""
    hours = effective(snapshot)["hold_hours_before"]
    return None if hours is None else int(hours)


def deposit_due_cents(snapshot: Mapping[str, Any], price_cents: int, *, left_cents: int, currency: str) -> int:
    """What is taken when the visit is booked, in minor units: at most what a gift card leaves to be paid.

    Less than the smallest amount that a card can be charged is not asked for.
    """
    rule = snapshot["deposit"]
    asked = min(fee_cents(rule, price_cents), left_cents) if rule else 0
    return asked if can_be_charged(asked, currency) else 0


def may_ask_deposit(stored: dict[str, Any]) -> bool:
    """Whether a booking under this policy can come to ask for a deposit."""
    asked = effective(stored)
    return bool(asked["deposit"]) or any(rule["set"].get("deposit") for rule in asked["rules"])


def _at_least_deposit(snapshot: dict[str, Any], fee: int, *, paid_cents: int) -> int:
    """What a missed or late canceled visit costs where the policy keeps the deposit that was paid for it."""
    return max(fee, paid_cents) if effective(snapshot)["keeps_deposit"] else fee


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
    snapshot: dict[str, Any],
    price_cents: int,
    *,
    starts_at: datetime,
    now: datetime,
    canceled_by: str,
    deposit_cents: int = 0,
) -> int:
    """Nothing when the business cancels, or in time; else the late fee, at least the deposit where that is kept."""
    if canceled_by == BUSINESS or not is_late(snapshot, starts_at, now):
        return 0
    fee = fee_cents(snapshot["late_cancel_fee"], price_cents)
    return _at_least_deposit(snapshot, fee, paid_cents=deposit_cents)
