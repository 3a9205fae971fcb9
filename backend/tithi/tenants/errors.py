# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

from tithi.platform.errors import ConflictError, InvalidError, NotFoundError


class SlugTakenError(ConflictError):
    status = 409
    code = "TITHI_SLUG_TAKEN"
    title = "This name is taken."


class SlugUnusableError(InvalidError):
    status = 400
    code = "TITHI_SLUG_UNUSABLE"
    title = "A name is 3 to 63 letters, digits and inner hyphens, and not a reserved word."


class SlugFixedError(ConflictError):
    status = 409
    code = "TITHI_SLUG_FIXED"
    title = "The name stays as it is once the booking site was public: links and reminders lead to it."


class StatusConflictError(ConflictError):
    status = 409
    code = "TITHI_TENANT_STATUS_CONFLICT"
    title = "A business that was public cannot go back to being set up."


class LocationNotFoundError(NotFoundError):
    status = 404
    code = "TITHI_LOCATION_NOT_FOUND"
    title = "There is no such location."
