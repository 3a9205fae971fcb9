# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""How a tenant offers its free time and its waitlist."""

from typing import Any

STAFF_CHOICES = ("fill_gaps", "spread_evenly", "fewest_bookings")
WAITLIST_ORDERS = ("queue", "value", "all")
DEFAULT_SCHEDULING: dict[str, Any] = {
    "staff_choice": "spread_evenly",
    "overlapping_buffers": False,
    "min_gap_minutes": 0,
    "avoid_unfillable_gaps": False,
    "look_busy_percent": 0,
    "cart_max_idle_minutes": 30,
    "waitlist": {
        "offer_minutes": 60,
        "quiet_from": "21:00",
        "quiet_until": "08:00",
        "order": "queue",
        "max_offers_per_day": 3,
    },
}


def merged(stored: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    """What is stored after a change; of the waitlist too only what is named changes."""
    found = {**stored, **changes}
    if "waitlist" in changes:
        found["waitlist"] = {**stored.get("waitlist", {}), **changes["waitlist"]}
    return found


def effective(stored: dict[str, Any]) -> dict[str, Any]:
    """What was stored, with the defaults of all else."""
    return merged(DEFAULT_SCHEDULING, stored)
