# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

from tithi.bookings import service
from tithi.payments.events import CardSaved
from tithi.platform.events import hears


@hears(CardSaved)
def confirm_booking(event: CardSaved) -> None:
    service.confirm(booking_id=event.owner_id)
