# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""What an outcome costs, from the policy that the booking froze; no database and no clock."""

from datetime import datetime, timedelta
from typing import Any

from tithi.tenants.policy import fee_cents

CUSTOMER = "customer"
BUSINESS = "business"


def no_show_fee_cents(snapshot: dict[str, Any], price_cents: int) -> int:
    return fee_cents(snapshot["no_show_fee"], price_cents)


def is_late(snapshot: dict[str, Any], starts_at: datetime, now: datetime) -> bool:
    """Whether the window for canceling free of charge is over."""
    return now > starts_at - timedelta(hours=int(snapshot["cancellation_window_hours"]))


def cancel_fee_cents(
    snapshot: dict[str, Any], price_cents: int, *, starts_at: datetime, now: datetime, canceled_by: str
) -> int:
    """Nothing when the business cancels, or in time; else the late fee."""
    if canceled_by == BUSINESS or not is_late(snapshot, starts_at, now):
        return 0
    return fee_cents(snapshot["late_cancel_fee"], price_cents)
