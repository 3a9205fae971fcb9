# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

from tithi.platform.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError


class BookingNotFoundError(NotFoundError):
    status = 404
    code = "TITHI_BOOKING_NOT_FOUND"
    title = "There is no such booking."


class BookingStateConflictError(ConflictError):
    status = 409
    code = "TITHI_BOOKING_STATE_CONFLICT"
    title = "The booking is in a state that does not allow this."


class BookingClosedError(ForbiddenError):
    status = 403
    code = "TITHI_BOOKING_CLOSED"
    title = "This business takes no bookings at the moment."


class ConsentMissingError(InvalidError):
    status = 400
    code = "TITHI_CONSENT_MISSING"
    title = "The customer has to agree to the booking policy."


class ClassSessionNotFoundError(NotFoundError):
    status = 404
    code = "TITHI_CLASS_SESSION_NOT_FOUND"
    title = "There is no such class session."


class ClassFullError(ConflictError):
    status = 409
    code = "TITHI_CLASS_FULL"
    title = "The class has fewer seats left than wanted."


class ClassClosedError(ConflictError):
    status = 409
    code = "TITHI_CLASS_CLOSED"
    title = "The class session is canceled, has begun, or begins too soon."


class SeatsBookedError(ConflictError):
    status = 409
    code = "TITHI_SEATS_BOOKED"
    title = "More seats are booked than this would leave."


class NotBookableError(InvalidError):
    status = 400
    code = "TITHI_SERVICE_NOT_BOOKABLE"
    title = "This service is a class: book a seat in one of its sessions."


class StaffCapReachedError(ConflictError):
    status = 409
    code = "TITHI_STAFF_CAP_REACHED"
    title = "The team member takes no more visits in this period."


class CustomerCapReachedError(ConflictError):
    status = 409
    code = "TITHI_CUSTOMER_CAP_REACHED"
    title = "The customer may not have more visits in this period."


class PrerequisiteMissingError(ConflictError):
    status = 409
    code = "TITHI_PREREQUISITE_MISSING"
    title = "Another service has to come before this one."


class BookingItemNotFoundError(NotFoundError):
    status = 404
    code = "TITHI_BOOKING_ITEM_NOT_FOUND"
    title = "The booking has no such item."


class LastItemError(ConflictError):
    status = 409
    code = "TITHI_LAST_ITEM"
    title = "This is the booking's last item: cancel the booking."


class TooLateError(ConflictError):
    status = 409
    code = "TITHI_TOO_LATE"
    title = "The business asks for more notice than is left."


class SeriesNotFoundError(NotFoundError):
    status = 404
    code = "TITHI_SERIES_NOT_FOUND"
    title = "There is no such series."


class SeriesConflictError(ConflictError):
    status = 409
    code = "TITHI_SERIES_CONFLICT"
    title = "Some times of the series are not free."


class WaitlistEntryNotFoundError(NotFoundError):
    status = 404
    code = "TITHI_WAITLIST_ENTRY_NOT_FOUND"
    title = "There is no such entry on the waitlist."


class WaitlistStateConflictError(ConflictError):
    status = 409
    code = "TITHI_WAITLIST_STATE_CONFLICT"
    title = "The entry on the waitlist is in a state that does not allow this."


class OfferClosedError(ConflictError):
    status = 409
    code = "TITHI_OFFER_CLOSED"
    title = "There is no open offer: it was answered, has lapsed, or was never made."


class OfferTooLateError(ConflictError):
    status = 409
    code = "TITHI_OFFER_TOO_LATE"
    title = "This time begins too soon to be offered to this customer."


class UndoTooLateError(ConflictError):
    status = 409
    code = "TITHI_UNDO_TOO_LATE"
    title = "The outcome can no longer be taken back."


class ChargeTooLargeError(InvalidError):
    status = 400
    code = "TITHI_CHARGE_TOO_LARGE"
    title = "The charge is more than the price that was agreed."
