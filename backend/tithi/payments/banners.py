# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""What the dashboard says of the business's account, in one word.

| Word | Means |
|---|---|
| none | cards are charged and money is paid out |
| onboarding | there is no account, or it was never completed |
| requirements_due | all works, and something has to be given until a day |
| restricted | cards are not charged, or money is not paid out, until something is given |
| withdrawn | the business has withdrawn the account: its cards are out of reach |
"""

NONE = "none"
ONBOARDING = "onboarding"
REQUIREMENTS_DUE = "requirements_due"
RESTRICTED = "restricted"
WITHDRAWN = "withdrawn"
WORRYING = frozenset({REQUIREMENTS_DUE, RESTRICTED})

ACTIVE = "active"


def banner(
    *, card_payments: str, payouts: str, requirements_due: int, was_ever_active: bool, is_withdrawn: bool
) -> str:
    if is_withdrawn:
        return WITHDRAWN
    if card_payments == payouts == ACTIVE:
        return REQUIREMENTS_DUE if requirements_due else NONE
    return RESTRICTED if was_ever_active else ONBOARDING
