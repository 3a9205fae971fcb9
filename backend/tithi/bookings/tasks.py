from uuid import UUID

from tithi.bookings import service
from tithi.platform.jobs import timer


@timer("bookings.expire_pending")
def expire_pending(booking_id: UUID) -> None:
    service.expire_pending(booking_id=booking_id)
