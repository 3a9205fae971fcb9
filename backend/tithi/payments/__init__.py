# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""Money from customers: cards on file, what is owed, attempts to charge, refunds, the payout account. Floor 7.

The *owner* of a payment is the visit it is for; this room knows its id and nothing else of it. A *payment* is what is
owed for one purpose, an *attempt* is one try to charge it on the business's own account at the processor.
"""
