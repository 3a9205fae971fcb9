from tithi.platform.errors import Conflict, Invalid, NotFound


class SlotUnavailable(Conflict):
    status = 409
    code = "TITHI_SLOT_UNAVAILABLE"
    title = "This time is not free."


class HoldExpired(Conflict):
    status = 409
    code = "TITHI_HOLD_EXPIRED"
    title = "The hold on this time has run out."


class HoldNotFound(NotFound):
    status = 404
    code = "TITHI_HOLD_NOT_FOUND"
    title = "There is no such hold."


class RuleNotFound(NotFound):
    status = 404
    code = "TITHI_AVAILABILITY_RULE_NOT_FOUND"
    title = "There is no such rule."


class ExceptionNotFound(NotFound):
    status = 404
    code = "TITHI_AVAILABILITY_EXCEPTION_NOT_FOUND"
    title = "There is no such exception."


class ResourceNotFound(NotFound):
    status = 404
    code = "TITHI_RESOURCE_NOT_FOUND"
    title = "There is no such resource."


class PeriodTooLong(Invalid):
    status = 400
    code = "TITHI_PERIOD_INVALID"
    title = "The period begins before it ends and spans at most 62 days."
