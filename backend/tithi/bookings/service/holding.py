# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""Holding a time while somebody makes up their mind."""

from typing import Any
from uuid import UUID

from tithi.availability import service as claims
from tithi.availability import slots
from tithi.availability.errors import HoldNotFoundError
from tithi.bookings.service.booking import Wanted, offer_for, take_time
from tithi.platform import clock
from tithi.platform.ids import new_id


def hold(wanted: Wanted) -> dict[str, Any]:
    """Hold a visit's time for 15 minutes, in the caller's transaction.

    Raises:
        SlotUnavailable: the time is not free.
    """
    hold_id = new_id()
    expires_at = clock.now() + claims.HOLD_LIFE
    offered = offer_for(wanted)
    candidate = take_time(wanted, offered, kind="hold", owner_id=hold_id, expires_at=expires_at)
    claims.announce_hold(hold_id=hold_id, expires_at=expires_at)
    start = slots.to_epoch_minute(wanted.starts_at)
    return {
        "id": hold_id,
        "service_id": offered.service_id,
        "team_member_id": candidate.team_member_id,
        "start_time": slots.local_text(candidate.zone, start),
        "end_time": slots.local_text(candidate.zone, start + offered.demand.duration),
        "expires_at": expires_at,
    }


def release_hold(*, hold_id: UUID) -> None:
    """Give a held time back."""
    if not claims.release_hold(hold_id=hold_id):
        raise HoldNotFoundError
