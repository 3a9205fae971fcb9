# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""Why a time is not offered: every rule that hides it, and how to change that; no database and no clock."""

from tithi.bookings.explanation.causes import Cause, Question, cause
from tithi.bookings.explanation.claims import RoomOfNeed, is_short_of_rooms, of_claims, of_rooms
from tithi.bookings.explanation.conditions import of_customer_cap, of_prerequisite, of_staff_cap
from tithi.bookings.explanation.grid import of_grid, of_look_busy
from tithi.bookings.explanation.hours import of_hours
from tithi.bookings.explanation.people import of_inactive, of_nobody, of_not_doing, of_place
from tithi.bookings.explanation.terms import Terms, of_past, of_terms

__all__ = [
    "Cause",
    "Question",
    "RoomOfNeed",
    "Terms",
    "cause",
    "is_short_of_rooms",
    "of_claims",
    "of_customer_cap",
    "of_grid",
    "of_hours",
    "of_inactive",
    "of_look_busy",
    "of_nobody",
    "of_not_doing",
    "of_past",
    "of_place",
    "of_prerequisite",
    "of_rooms",
    "of_staff_cap",
    "of_terms",
]
