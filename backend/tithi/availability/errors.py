# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

from tithi.platform.errors import ConflictError, InvalidError, NotFoundError
from tithi.resources.errors import ResourceNotFoundError

__all__ = [
    "BlockNotFoundError",
    "ExceptionNotFoundError",
    "HoldExpiredError",
    "HoldNotFoundError",
    "PeriodTooLongError",
    "ResourceNotFoundError",
    "RuleNotFoundError",
    "SlotUnavailableError",
]


class SlotUnavailableError(ConflictError):
    status = 409
    code = "TITHI_SLOT_UNAVAILABLE"
    title = "This time is not free."


class HoldExpiredError(ConflictError):
    status = 409
    code = "TITHI_HOLD_EXPIRED"
    title = "The hold on this time has run out."


class HoldNotFoundError(NotFoundError):
    status = 404
    code = "TITHI_HOLD_NOT_FOUND"
    title = "There is no such hold."


class RuleNotFoundError(NotFoundError):
    status = 404
    code = "TITHI_AVAILABILITY_RULE_NOT_FOUND"
    title = "There is no such rule."


class ExceptionNotFoundError(NotFoundError):
    status = 404
    code = "TITHI_AVAILABILITY_EXCEPTION_NOT_FOUND"
    title = "There is no such exception."


class BlockNotFoundError(NotFoundError):
    status = 404
    code = "TITHI_BLOCK_NOT_FOUND"
    title = "There is no such block."


class PeriodTooLongError(InvalidError):
    status = 400
    code = "TITHI_PERIOD_INVALID"
    title = "The period begins before it ends and spans at most 62 days."


class AddOnNotOfferedError(NotFoundError):
    status = 404
    code = "TITHI_ADD_ON_NOT_FOUND"
    title = "The service has no such add-on."
