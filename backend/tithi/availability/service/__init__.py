# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""What changes about time: claims, hours and exceptions."""

from tithi.availability.service.claims import (
    HOLD_LIFE,
    Override,
    Want,
    announce_hold,
    claim,
    expire_hold,
    expiry,
    extend,
    extend_hold,
    held_by,
    keep,
    release,
    release_hold,
    release_item,
)
from tithi.availability.service.hours import (
    create_exception,
    create_rule,
    delete_exception,
    delete_rule,
    set_weekly_hours,
    update_exception,
    update_rule,
)

__all__ = [
    "HOLD_LIFE",
    "Override",
    "Want",
    "announce_hold",
    "claim",
    "create_exception",
    "create_rule",
    "delete_exception",
    "delete_rule",
    "expire_hold",
    "expiry",
    "extend",
    "extend_hold",
    "held_by",
    "keep",
    "release",
    "release_hold",
    "release_item",
    "set_weekly_hours",
    "update_exception",
    "update_rule",
]
