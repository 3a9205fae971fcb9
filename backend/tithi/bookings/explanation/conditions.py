# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""Caps, which hide the time of whoever reached theirs, and what a customer needs to have had before."""

from typing import Any
from uuid import UUID

from tithi.bookings.explanation.causes import Cause, cause
from tithi.bookings.limits import CUSTOMER_CAP, PREREQUISITE, STAFF_CAP

PERIODS = {"day": "a day", "week": "a week", "upcoming": "to come"}


def of_staff_cap(member_id: UUID, name: str, reached: dict[str, Any]) -> Cause:
    return cause(
        STAFF_CAP,
        f"{name} takes at most {reached['most']} visits {PERIODS[reached['per']]}, and has them.",
        f"Raise max_visits_per_{reached['per']} of the team member, or pass over the rule as staff.",
        team_member_id=member_id,
        **reached,
    )


def of_customer_cap(customer_id: UUID, reached: dict[str, Any]) -> Cause:
    word = "max_upcoming" if reached["per"] == "upcoming" else f"max_per_{reached['per']}"
    return cause(
        CUSTOMER_CAP,
        f"A customer has at most {reached['most']} visits {PERIODS[reached['per']]}, and this one has them.",
        f"Raise customer_{word} of the policy, or pass over the rule as staff.",
        customer_id=customer_id,
        **reached,
    )


def of_prerequisite(customer_id: UUID, missing: dict[str, Any]) -> Cause:
    return cause(
        PREREQUISITE,
        "The customer has not had a service that has to come before this one.",
        "Let the other service come first, take it out of the service's prerequisites, or pass over the rule as staff.",
        customer_id=customer_id,
        **missing,
    )
