# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""What is free, and the hours that say so."""

from tithi.availability.queries.hours import (
    get_exception,
    get_resource,
    get_rule,
    list_exceptions,
    list_rules,
)
from tithi.availability.queries.offers import (
    Candidate,
    Offer,
    offer,
    taken,
    windows,
)
from tithi.availability.queries.search import (
    alternatives,
    check_period,
    find,
    find_by_member,
    local_date,
    member_of_resource,
    search,
    show,
)

__all__ = [
    "Candidate",
    "Offer",
    "alternatives",
    "check_period",
    "find",
    "find_by_member",
    "get_exception",
    "get_resource",
    "get_rule",
    "list_exceptions",
    "list_rules",
    "local_date",
    "member_of_resource",
    "offer",
    "search",
    "show",
    "taken",
    "windows",
]
