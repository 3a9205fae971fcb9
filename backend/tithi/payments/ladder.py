# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""How money is recovered that could not be taken: when to remind, when to try a card again, when it ends.

No database and no clock.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

STEPS = tuple(timedelta(days=days) for days in (1, 3, 7, 14))
LAST = len(STEPS) - 1
MOST_TRIES = 4
TRIES_WITHIN = timedelta(days=14)
FINAL = "declined_final"
DECLINED = frozenset({FINAL, "declined_retryable"})
OWED = frozenset({"open", "needs_customer", *DECLINED})

Try = tuple[str, str, datetime]


def due_at(began_at: datetime, step: int) -> datetime:
    return began_at + STEPS[step]


def may_try(tries: Iterable[Try], method_ref: str, now: datetime) -> bool:
    """Whether a card may be charged again; `tries` are the card, what became of it, and when, of one payment.

    A card that was declined for good is never tried again, another at most four times in a fortnight.
    """
    of_card = [(status, at) for tried_ref, status, at in tries if tried_ref == method_ref and status in DECLINED]
    if any(status == FINAL for status, _ in of_card):
        return False
    return sum(now - at < TRIES_WITHIN for _, at in of_card) < MOST_TRIES
