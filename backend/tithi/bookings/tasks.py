# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

from uuid import UUID

from tithi.bookings import service
from tithi.platform.jobs import timer


@timer("bookings.expire_pending", network=True)
def expire_pending(booking_id: UUID) -> None:
    service.expire_pending(booking_id=booking_id)


@timer("bookings.watch_card")
def watch_card(booking_id: UUID) -> None:
    service.watch_card(booking_id=booking_id)


@timer("bookings.apply_card_rule")
def apply_card_rule(booking_id: UUID) -> None:
    service.apply_card_rule(booking_id=booking_id)


@timer("bookings.place_hold", network=True)
def place_hold(booking_id: UUID) -> None:
    service.place_hold(booking_id=booking_id)


@timer("bookings.charge_late_fee", network=True)
def charge_late_fee(booking_id: UUID) -> None:
    service.charge_proposed(booking_id=booking_id)


@timer("bookings.cancel_class", network=True)
def cancel_class_visits(session_id: UUID) -> None:
    service.cancel_class_visits(session_id=session_id)


@timer("bookings.lapse_offer")
def lapse_offer(offer_id: UUID) -> None:
    service.settle_offer(offer_id=offer_id)


@timer("bookings.expire_wish")
def expire_wish(entry_id: UUID) -> None:
    service.expire_wish(entry_id=entry_id)


@timer("bookings.offer_freed_visit")
def offer_freed_visit(booking_id: UUID) -> None:
    service.offer_freed_visit(booking_id=booking_id)


@timer("bookings.offer_freed_offer")
def offer_freed_offer(offer_id: UUID) -> None:
    service.offer_freed_offer(offer_id=offer_id)


@timer("bookings.offer_freed_move")
def offer_freed_move(move_id: UUID) -> None:
    service.offer_freed_move(move_id=move_id)


@timer("bookings.offer_freed_item")
def offer_freed_item(item_id: UUID) -> None:
    service.offer_freed_item(item_id=item_id)


@timer("bookings.offer_freed_class")
def offer_freed_class(session_id: UUID) -> None:
    service.offer_freed_class(session_id=session_id)
