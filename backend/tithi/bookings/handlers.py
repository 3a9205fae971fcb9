from tithi.bookings import service
from tithi.payments.events import CardSaved
from tithi.platform.events import hears


@hears(CardSaved)
def confirm_booking(event: CardSaved) -> None:
    service.confirm(booking_id=event.owner_id)
