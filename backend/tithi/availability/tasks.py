# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

from uuid import UUID

from tithi.availability import service
from tithi.platform.jobs import timer


@timer("availability.hold_expired")
def expire_hold(hold_id: UUID) -> None:
    service.expire_hold(hold_id=hold_id)
