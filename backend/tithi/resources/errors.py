# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

from tithi.platform.errors import ConflictError, NotFoundError


class ResourceNotFoundError(NotFoundError):
    status = 404
    code = "TITHI_RESOURCE_NOT_FOUND"
    title = "There is no such resource."


class ResourceIsStaffError(ConflictError):
    status = 409
    code = "TITHI_RESOURCE_IS_STAFF"
    title = "This resource is a person: change it through the team."
