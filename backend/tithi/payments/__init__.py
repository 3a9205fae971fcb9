# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""Money from customers: cards on file, what is owed, attempts to charge, refunds, disputes, the books. Floor 7.

The *owner* of a payment is the visit it is for; this room knows its id and nothing else of it. A *payment* is what is
owed for one purpose, an *attempt* is one try to charge it on the business's own account at the processor. A *fact* is
one movement of money in the ledger, a *break* a difference between our books and the processor's.
"""
