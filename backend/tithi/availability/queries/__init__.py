# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""What is free, and the hours that say so."""

from tithi.availability.queries.blocks import (
    Standing,
    claims_between,
    get_block,
    list_blocks,
    standing_blocks,
    visits_in,
)
from tithi.availability.queries.hours import (
    get_exception,
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
    "Standing",
    "alternatives",
    "check_period",
    "claims_between",
    "find",
    "find_by_member",
    "get_block",
    "get_exception",
    "get_rule",
    "list_blocks",
    "list_exceptions",
    "list_rules",
    "local_date",
    "member_of_resource",
    "offer",
    "search",
    "show",
    "standing_blocks",
    "taken",
    "visits_in",
    "windows",
]
