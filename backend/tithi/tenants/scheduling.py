# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""How a business wants its time to be filled."""

from typing import Any

DEFAULT_WAITLIST: dict[str, Any] = {
    "offer_minutes": 60,
    "quiet_from": "21:00",
    "quiet_until": "08:00",
    "order": "queue",
    "max_offers_per_day": 3,
}
DEFAULT_SCHEDULING: dict[str, Any] = {
    "staff_choice": "spread_evenly",
    "overlapping_buffers": False,
    "min_gap_minutes": 0,
    "avoid_unfillable_gaps": False,
    "look_busy_percent": 0,
    "cart_max_idle_minutes": 30,
    "waitlist": DEFAULT_WAITLIST,
}


def effective(stored: dict[str, Any]) -> dict[str, Any]:
    """What is stored, with the defaults of what is not."""
    return {**DEFAULT_SCHEDULING, **stored, "waitlist": {**DEFAULT_WAITLIST, **stored.get("waitlist", {})}}
