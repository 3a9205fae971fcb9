from tithi.platform.errors import Conflict, Forbidden, Invalid, NotFound


class BookingNotFound(NotFound):
    status = 404
    code = "TITHI_BOOKING_NOT_FOUND"
    title = "There is no such booking."


class BookingStateConflict(Conflict):
    status = 409
    code = "TITHI_BOOKING_STATE_CONFLICT"
    title = "The booking is in a state that does not allow this."


class BookingClosed(Forbidden):
    status = 403
    code = "TITHI_BOOKING_CLOSED"
    title = "This business takes no bookings at the moment."


class ConsentMissing(Invalid):
    status = 400
    code = "TITHI_CONSENT_MISSING"
    title = "The customer has to agree to the booking policy."
