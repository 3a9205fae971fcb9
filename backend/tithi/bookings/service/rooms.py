# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""Making way: a visit that can as well be in another room goes there, so that a new one has the only room it can use.

Its people and its time stay, and nobody is told.
"""

from collections.abc import Sequence

from tithi.availability import service as claims
from tithi.availability import slots
from tithi.availability.queries import Shift
from tithi.availability.service import Want
from tithi.bookings import queries
from tithi.platform import clock
from tithi.platform.db import session

STANDING = ("pending", "confirmed")


def make_way(shifts: Sequence[Shift], wants: Sequence[Want]) -> bool:
    """Move the visits that are in the way of the wanted time; False when one of them cannot go any more.

    The caller undoes to its savepoint where it is False, so that all of them go or none.
    """
    in_the_way = [shift for shift in shifts if any(_meet(shift, want) for want in wants)]
    return all(_go(shift) for shift in sorted(in_the_way, key=lambda shift: shift.stay.owner_id))


def _meet(shift: Shift, want: Want) -> bool:
    if (want.resource_id, want.lane) != shift.stay.place:
        return False
    start, end = slots.to_epoch_minute(want.starts_at), slots.to_epoch_minute(want.ends_at)
    return any(begin < end and start < until for begin, until in shift.stay.spans)


def _go(shift: Shift) -> bool:
    stay = shift.stay
    booking = queries.get_booking(stay.owner_id, lock=True)
    if booking.status not in STANDING or booking.starts_at <= clock.now():
        return False
    count = len(stay.spans)
    if not claims.change_room(owner_id=stay.owner_id, item_id=stay.item_id, place=stay.place, to=shift.to, count=count):
        return False
    item = next(one for one in queries.items_of(booking.id) if one.id == stay.item_id)
    if item.room_id == stay.place[0]:
        item.room_id = shift.to[0]
    booking.version += 1
    booking.updated_at = clock.now()
    session().flush()
    return True
