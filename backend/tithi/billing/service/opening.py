# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""The beginning of a business's subscription, and the locations that it is for."""

from sqlalchemy.dialects.postgresql import insert

from tithi.billing import queries
from tithi.billing.errors import SubscriptionStateError
from tithi.billing.models import Subscription
from tithi.billing.processor import billing
from tithi.billing.service import changes
from tithi.platform import clock, jobs
from tithi.platform.db import session
from tithi.platform.ids import new_id
from tithi.tenants import queries as tenants


def open_subscription() -> Subscription:
    """Write the local trial down and let the worker begin it at the processor, in the caller's transaction.

    What is written down already stays as it is.
    """
    terms, tenant, now = billing(), tenants.get_tenant(), clock.now()
    made = session().execute(
        insert(Subscription)
        .values(
            tenant_id=tenant.id,
            id=new_id(),
            quantity=tenants.count_active_locations(),
            unit_amount_cents=terms.unit_amount_cents,
            currency=terms.currency,
            trial_ends_at=tenant.created_at + terms.trial,
            created_at=now,
            updated_at=now,
        )
        .on_conflict_do_nothing(index_elements=["tenant_id"])
        .returning(Subscription.id)
    )
    is_new = made.scalar() is not None
    row = queries.locked_subscription()
    if row is None:
        raise SubscriptionStateError
    if is_new:
        changes.write_start(row, at_once=True)
        jobs.schedule(changes.RECONCILE_TIMER, row.id, now + changes.RECONCILE_EVERY)
    return row


def follow_locations() -> None:
    """Let the subscription be for the locations that are active, in the caller's transaction."""
    row = queries.locked_subscription()
    if row is not None:
        changes.follow_locations_of(row)
