# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

from tithi.catalog.models import AddOn, Service, ServiceCategory, TaxRate
from tithi.platform.db import session
from tithi.platform.errors import PreconditionFailedError


def lock(row: Service | ServiceCategory | AddOn | TaxRate, expected_version: int | None) -> None:
    session().refresh(row, with_for_update=True)
    if expected_version is not None and row.version != expected_version:
        raise PreconditionFailedError
