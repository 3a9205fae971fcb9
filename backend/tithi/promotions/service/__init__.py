# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""The room's use cases, one file each subject; import them from here."""

from tithi.promotions.service.checking import check_coupon
from tithi.promotions.service.claiming import Buyer, claim, give_back, give_back_unless_owed, look_up, reckon_again
from tithi.promotions.service.coupons import create_coupon, delete_coupon, update_coupon

__all__ = [
    "Buyer",
    "check_coupon",
    "claim",
    "create_coupon",
    "delete_coupon",
    "give_back",
    "give_back_unless_owed",
    "look_up",
    "reckon_again",
    "update_coupon",
]
