# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""The room's use cases, one file each subject; import them from here."""

from tithi.promotions.service.checking import check_coupon
from tithi.promotions.service.claiming import (
    Buyer,
    claim,
    give_back,
    give_back_unless_owed,
    has_voucher,
    look_up,
    reckon_again,
)
from tithi.promotions.service.coupons import create_coupon, delete_coupon, update_coupon
from tithi.promotions.service.gift_cards import check_balance, hand_over, sell_gift_card, void_gift_card

__all__ = [
    "Buyer",
    "check_balance",
    "check_coupon",
    "claim",
    "create_coupon",
    "delete_coupon",
    "give_back",
    "give_back_unless_owed",
    "hand_over",
    "has_voucher",
    "look_up",
    "reckon_again",
    "sell_gift_card",
    "update_coupon",
    "void_gift_card",
]
