from uuid import UUID

from tithi.availability import service
from tithi.platform.jobs import timer


@timer("availability.hold_expired")
def expire_hold(hold_id: UUID) -> None:
    service.expire_hold(hold_id=hold_id)
