# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

from tithi.availability import service
from tithi.availability.events import HoldExpiredFact
from tithi.bookings.events import BookingCanceled, BookingFailed, BookingItemCanceled, BookingRescheduled
from tithi.platform.events import hears
from tithi.resources.events import ResourceCapacityChanged


@hears(ResourceCapacityChanged)
def cover_new_lanes(event: ResourceCapacityChanged) -> None:
    service.cover_blocks(resource_id=event.resource_id)


@hears(BookingCanceled)
def cover_canceled_visit(_event: BookingCanceled) -> None:
    service.cover_blocks()


@hears(BookingFailed)
def cover_failed_visit(_event: BookingFailed) -> None:
    service.cover_blocks()


@hears(BookingRescheduled)
def cover_moved_visit(_event: BookingRescheduled) -> None:
    service.cover_blocks()


@hears(BookingItemCanceled)
def cover_canceled_item(_event: BookingItemCanceled) -> None:
    service.cover_blocks()


@hears(HoldExpiredFact)
def cover_expired_hold(_event: HoldExpiredFact) -> None:
    service.cover_blocks()
