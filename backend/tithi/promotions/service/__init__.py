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
from tithi.promotions.service.gift_cards import check_balance, hand_over, sell_gift_card, send_gift_card, void_gift_card
from tithi.promotions.service.packages import create_package, delete_package, sell_package, update_package
from tithi.promotions.service.referrals import referral_code_for, reward_referral, set_program

__all__ = [
    "Buyer",
    "check_balance",
    "check_coupon",
    "claim",
    "create_coupon",
    "create_package",
    "delete_coupon",
    "delete_package",
    "give_back",
    "give_back_unless_owed",
    "hand_over",
    "has_voucher",
    "look_up",
    "reckon_again",
    "referral_code_for",
    "reward_referral",
    "sell_gift_card",
    "sell_package",
    "send_gift_card",
    "set_program",
    "update_coupon",
    "update_package",
    "void_gift_card",
]
