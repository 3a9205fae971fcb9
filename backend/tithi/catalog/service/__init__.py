# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""What changes what is sold: categories, services with their parts, add-ons, taxes."""

from tithi.catalog.service.add_ons import create_add_on, delete_add_on, update_add_on
from tithi.catalog.service.categories import create_category, delete_category, update_category
from tithi.catalog.service.services import create_service, delete_service, update_service
from tithi.catalog.service.tax_rates import create_tax_rate, delete_tax_rate, update_tax_rate

__all__ = [
    "create_add_on",
    "create_category",
    "create_service",
    "create_tax_rate",
    "delete_add_on",
    "delete_category",
    "delete_service",
    "delete_tax_rate",
    "update_add_on",
    "update_category",
    "update_service",
    "update_tax_rate",
]
