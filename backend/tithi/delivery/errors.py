# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

from tithi.platform.errors import NotFoundError


class MessageNotFoundError(NotFoundError):
    status = 404
    code = "TITHI_NOTIFICATION_NOT_FOUND"
    title = "There is no such notification."
