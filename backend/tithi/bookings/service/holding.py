# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""Holding a time while somebody makes up their mind."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from tithi.availability import service as claims
from tithi.availability import slots
from tithi.availability.errors import HoldExpiredError, HoldNotFoundError
from tithi.bookings.service.placing import offers_for, take_time
from tithi.bookings.service.wanted import Visit, Wanted
from tithi.platform import clock
from tithi.platform.ids import new_id


def hold(wanted: Wanted) -> dict[str, Any]:
    """Hold a visit's time for 15 minutes, in the caller's transaction.

    Raises:
        SlotUnavailable: the time is not free.
    """
    hold_id = new_id()
    expires_at = clock.now() + claims.HOLD_LIFE
    visit = take_time(wanted, offers_for(wanted), kind="hold", owner_id=hold_id, expires_at=expires_at)
    claims.announce_hold(hold_id=hold_id, expires_at=expires_at)
    first = visit.items[0]
    return {
        "id": hold_id,
        "service_id": first.offered.service_id,
        "team_member_id": first.candidate.team_member_id,
        "start_time": slots.local_text(first.candidate.zone, first.start),
        "end_time": slots.local_text(first.candidate.zone, max(item.end for item in visit.items)),
        "expires_at": expires_at,
        "items": _shown(visit),
    }


def _shown(visit: Visit) -> list[dict[str, Any]]:
    return [
        {
            "service_id": item.offered.service_id,
            "team_member_id": item.candidate.team_member_id,
            "start_time": slots.local_text(item.candidate.zone, item.start),
            "end_time": slots.local_text(item.candidate.zone, item.end),
        }
        for item in visit.items
    ]


def extend_hold(*, hold_id: UUID, minutes: int) -> dict[str, Any]:
    """Keep a hold for some minutes from now.

    Raises:
        HoldNotFound: there is none.
        HoldExpired: it has run out.
    """
    expires_at = clock.now() + timedelta(minutes=minutes)
    if not claims.extend_hold(hold_id=hold_id, expires_at=expires_at):
        raise HoldExpiredError if claims.is_held(hold_id=hold_id) else HoldNotFoundError
    return {"id": hold_id, "expires_at": expires_at}


def release_hold(*, hold_id: UUID) -> None:
    """Give a held time back."""
    if not claims.release_hold(hold_id=hold_id):
        raise HoldNotFoundError
