# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""The terms that a booking freezes: the policy with the rule that fits it."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from tithi.bookings.service.wanted import Visit
from tithi.customers import queries as customers
from tithi.tenants import policy as policies


def terms_of_visit(visit: Visit, *, customer_id: UUID | None, amount_cents: int) -> dict[str, Any]:
    """The policy as the booking of a visit freezes it."""
    offered = visit.items[0].offered
    return terms_of(
        offered.policy,
        offered.policy_version,
        customer_id=customer_id,
        amount_cents=amount_cents,
        service_ids=[item.offered.service_id for item in visit.items],
    )


def terms_of(
    policy: dict[str, Any], version: int, *, customer_id: UUID | None, amount_cents: int, service_ids: Collection[UUID]
) -> dict[str, Any]:
    """The policy as the booking of a customer, or of a new one, freezes it; rules look at their past."""
    stored = policies.effective(policy)
    if not stored["rules"]:
        return policies.snapshot(stored, version)
    stats = customers.get_stats(customer_id) if customer_id else None
    case = policies.Case(
        amount_cents=amount_cents,
        service_ids=frozenset(service_ids),
        visits=stats.visit_count if stats else 0,
        no_shows=stats.no_show_count if stats else 0,
    )
    return policies.snapshot(policies.resolved(stored, case), version)
