# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""The entitlement as a table over all that the processor can say, and the clock."""

from datetime import UTC, datetime, timedelta
from typing import get_args

import pytest

from tithi.billing import entitlement as entitlements
from tithi.billing.entitlement import SHOWN, entitlement
from tithi.integrations.stripe.billing_contract import SubscriptionStatus
from tithi.platform.access import Entitlement

START = datetime(2027, 3, 1, tzinfo=UTC)
TRIAL_END = START + timedelta(days=14)
YEARS = 2000
ALWAYS = ("full", "full", "full")
NEVER = ("read_only", "read_only", "read_only")
TABLE: dict[str | None, tuple[str, ...]] = {
    "trialing": ALWAYS,
    "active": ALWAYS,
    "past_due": ("full", "no_new_bookings", "read_only"),
    "incomplete": NEVER,
    "incomplete_expired": NEVER,
    "unpaid": NEVER,
    "paused": NEVER,
    "canceled": NEVER,
}


def test_the_table_names_every_status_of_the_processor() -> None:
    assert set(TABLE) == set(get_args(SubscriptionStatus))
    assert set(SHOWN) == {*TABLE, None}
    assert set(SHOWN.values()) == {"trial", "active", "paused", "canceled"}


@pytest.mark.parametrize("status", TABLE)
@pytest.mark.parametrize(("place", "days"), [(0, 0), (0, 13.99), (1, 14), (1, 27.99), (2, 28), (2, YEARS)])
def test_a_status_and_the_days_since_the_debt_began_say_what_is_allowed(
    status: str | None, place: int, days: float
) -> None:
    found = entitlement(status=status, trial_ends_at=TRIAL_END, past_due_since=START, now=START + timedelta(days=days))
    assert TABLE[status][place] == found.level
    assert (found.remedy is None) == (status in {"trialing", "active"})


@pytest.mark.parametrize(
    ("days", "level"),
    [(0, "full"), (13, "full"), (14, "full"), (27.9, "full"), (28, "no_new_bookings"), (42, "read_only")],
)
def test_a_trial_that_the_processor_never_heard_of_ends_gently(days: float, level: str) -> None:
    found = entitlement(status=None, trial_ends_at=TRIAL_END, past_due_since=None, now=START + timedelta(days=days))
    assert found.level == level


def test_the_next_change_by_the_clock_is_told() -> None:
    def changes_at(days: int) -> datetime | None:
        return entitlement(
            status="past_due", trial_ends_at=TRIAL_END, past_due_since=START, now=START + timedelta(days=days)
        ).changes_at

    assert [changes_at(days) for days in (1, 15, 30)] == [
        START + timedelta(days=14), START + timedelta(days=28), None,
    ]  # fmt: skip


def test_a_debt_without_a_known_beginning_has_just_begun() -> None:
    now = START + timedelta(days=400)
    assert entitlement(status="past_due", trial_ends_at=TRIAL_END, past_due_since=None, now=now).level == "full"


@pytest.mark.parametrize("status", TABLE)
def test_what_is_allowed_never_grows_while_nothing_is_done(status: str) -> None:
    order = ["full", "no_new_bookings", "read_only"]
    levels = [
        entitlement(
            status=status, trial_ends_at=TRIAL_END, past_due_since=START, now=START + timedelta(hours=hours)
        ).level
        for hours in range(0, 60 * 24, 6)
    ]
    assert levels == sorted(levels, key=order.index)


TOLD: list[tuple[str | None, int, Entitlement]] = [
    (None, 13, Entitlement("full", "trial", None, TRIAL_END + timedelta(days=14))),
    (None, 14, Entitlement("full", "trial_ended", entitlements.RESUME, TRIAL_END + timedelta(days=14))),
    (None, 28, Entitlement("no_new_bookings", "trial_ended", entitlements.RESUME, TRIAL_END + timedelta(days=28))),
    (None, 42, Entitlement("read_only", "trial_ended", entitlements.RESUME, None)),
    ("past_due", 0, Entitlement("full", "past_due", entitlements.PAY, START + timedelta(days=14))),
    ("past_due", 14, Entitlement("no_new_bookings", "past_due", entitlements.PAY, START + timedelta(days=28))),
    ("past_due", 28, Entitlement("read_only", "past_due", entitlements.PAY, None)),
    ("unpaid", 0, Entitlement("read_only", "unpaid", entitlements.PAY, None)),
    ("paused", 0, Entitlement("read_only", "paused", entitlements.RESUME, None)),
    ("canceled", 0, Entitlement("read_only", "canceled", entitlements.START, None)),
    ("active", 0, Entitlement("full", "active", None, None)),
    ("trialing", 400, Entitlement("full", "trial", None, None)),
]


@pytest.mark.parametrize(("status", "days", "told"), TOLD)
def test_a_business_is_told_why_what_helps_and_what_comes_next(
    status: str | None, days: int, told: Entitlement
) -> None:
    now = START + timedelta(days=days)
    assert entitlement(status=status, trial_ends_at=TRIAL_END, past_due_since=START, now=now) == told
