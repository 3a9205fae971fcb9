# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""What lowers a price: coupons, vouchers, packages of sessions, referrals; and the sale of gift cards. Floor 8.

The *owner* of a use is the visit it was made for; this room knows its id and nothing else of it. A *voucher* is a gift
card of so many per cent of one visit. The balance of other gift cards is money and is kept by `payments`.
"""
