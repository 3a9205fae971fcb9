# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

from tithi.platform.errors import NotFoundError


class ServiceNotFoundError(NotFoundError):
    status = 404
    code = "TITHI_SERVICE_NOT_FOUND"
    title = "There is no such service."


class AddOnNotFoundError(NotFoundError):
    status = 404
    code = "TITHI_ADD_ON_NOT_FOUND"
    title = "There is no such add-on."


class TaxRateNotFoundError(NotFoundError):
    status = 404
    code = "TITHI_TAX_RATE_NOT_FOUND"
    title = "There is no such tax rate."


class CategoryNotFoundError(NotFoundError):
    status = 404
    code = "TITHI_SERVICE_CATEGORY_NOT_FOUND"
    title = "There is no such category."
