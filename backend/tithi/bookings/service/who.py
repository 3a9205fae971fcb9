# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""Whose seats or wish it is."""

from typing import Any
from uuid import UUID

from tithi.customers import queries as customers
from tithi.customers import service as customer_service


def customer_for(*, customer_id: UUID | None, details: dict[str, Any] | None, by_staff: bool) -> UUID:
    """The named customer, or the one with the name and e-mail of `details`, added where there is none.

    Raises:
        CustomerNotFound: the named one is unknown.
        CustomerBlocked: they may not book online, and it is not staff who books.
    """
    if customer_id is not None:
        customers.refuse_unknown(customer_id)
        return customer_id
    given = details or {}
    return customer_service.find_or_add(
        display_name=given["name"],
        email=given["email"],
        phone=given.get("phone"),
        marketing_opt_in=bool(given.get("marketing_opt_in", False)),
        refuse_blocked=not by_staff,
    )
