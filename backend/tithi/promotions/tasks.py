# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

from uuid import UUID

from tithi.platform.jobs import timer
from tithi.promotions import service


@timer("promotions.hand_over_gift_card")
def hand_over_gift_card(sale_id: UUID) -> None:
    service.hand_over(sale_id=sale_id)
