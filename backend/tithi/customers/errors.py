# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

from tithi.platform.errors import ConflictError, NotFoundError


class CustomerNotFoundError(NotFoundError):
    status = 404
    code = "TITHI_CUSTOMER_NOT_FOUND"
    title = "There is no such customer."


class CustomerEmailTakenError(ConflictError):
    status = 409
    code = "TITHI_CUSTOMER_EMAIL_TAKEN"
    title = "Another customer has this e-mail."


class CustomerBlockedError(ConflictError):
    status = 409
    code = "TITHI_CUSTOMER_BLOCKED"
    title = "This cannot be booked online. Please get in touch with the business."
