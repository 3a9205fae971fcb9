# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""What changes about time: claims, blocks, hours and exceptions."""

from tithi.availability.service.blocks import add_block, cover_blocks, delete_block
from tithi.availability.service.claims import (
    HOLD_LIFE,
    Override,
    Want,
    announce_hold,
    change_room,
    claim,
    expire_hold,
    expiry,
    extend,
    extend_hold,
    held_by,
    is_held,
    keep,
    redeem_hold,
    release,
    release_hold,
    release_item,
)
from tithi.availability.service.hours import (
    add_time_off,
    create_exception,
    create_rule,
    delete_exception,
    delete_rule,
    delete_time_off,
    set_weekly_hours,
    update_exception,
    update_rule,
)

__all__ = [
    "HOLD_LIFE",
    "Override",
    "Want",
    "add_block",
    "add_time_off",
    "announce_hold",
    "change_room",
    "claim",
    "cover_blocks",
    "create_exception",
    "create_rule",
    "delete_block",
    "delete_exception",
    "delete_rule",
    "delete_time_off",
    "expire_hold",
    "expiry",
    "extend",
    "extend_hold",
    "held_by",
    "is_held",
    "keep",
    "redeem_hold",
    "release",
    "release_hold",
    "release_item",
    "set_weekly_hours",
    "update_exception",
    "update_rule",
]
