# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

from tithi.billing import service
from tithi.platform.events import hears
from tithi.tenants.events import LocationsChanged, TenantCreated


@hears(TenantCreated)
def open_subscription(_event: TenantCreated) -> None:
    service.open_subscription()


@hears(LocationsChanged)
def follow_locations(_event: LocationsChanged) -> None:
    service.follow_locations()
