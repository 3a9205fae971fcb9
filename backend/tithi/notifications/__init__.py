# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""What customers and the business are told about a visit, and in which words.

Facts of bookings and payments become mails, each queued once with `delivery`. A template is text with placeholders from
a fixed list; a receipt says what was charged. Floor 10.
"""
