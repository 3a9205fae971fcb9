# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select

from tithi.billing.entitlement import ENDED, SHOWN, entitlement
from tithi.billing.models import Subscription, SubscriptionChange
from tithi.billing.processor import billing
from tithi.platform import clock
from tithi.platform.access import Entitlement, TenantInfo
from tithi.platform.db import session
from tithi.platform.tenancy import current_tenant_id
from tithi.tenants import queries as tenants

OPEN = ("submitted", "waiting")


class MirroredEntitlements:
    """Says what a tenant is entitled to from what the directory knows of its subscription."""

    def __init__(self, trial: timedelta) -> None:
        self._trial = trial

    def of(self, tenant: TenantInfo) -> Entitlement:
        return entitlement(
            status=tenant.dues.status,
            trial_ends_at=tenant.dues.trial_ends_at or tenant.created_at + self._trial,
            past_due_since=tenant.dues.past_due_since,
            now=clock.now(),
        )


def find_subscription() -> Subscription | None:
    return session().scalars(select(Subscription)).one_or_none()


def locked_subscription() -> Subscription | None:
    """The row as it is now, kept from others until the transaction ends."""
    statement = select(Subscription).with_for_update().execution_options(populate_existing=True)
    return session().scalars(statement).one_or_none()


def get_change(change_id: UUID) -> SubscriptionChange:
    return session().get_one(SubscriptionChange, (current_tenant_id(), change_id))


def find_change(change_id: UUID) -> SubscriptionChange | None:
    return session().get(SubscriptionChange, (current_tenant_id(), change_id))


def open_changes(*kinds: str) -> list[SubscriptionChange]:
    """What the processor has not answered; of all kinds where none is named."""
    statement = select(SubscriptionChange).where(SubscriptionChange.status == "submitted")
    if kinds:
        statement = statement.where(SubscriptionChange.kind.in_(kinds))
    return list(session().scalars(statement.order_by(SubscriptionChange.created_at, SubscriptionChange.id)))


def waiting_card() -> SubscriptionChange | None:
    """The newest card that its holder had still to confirm."""
    return (
        session()
        .scalars(
            select(SubscriptionChange)
            .where(SubscriptionChange.kind == "card", SubscriptionChange.status == "waiting")
            .order_by(SubscriptionChange.created_at.desc(), SubscriptionChange.id.desc())
            .limit(1)
        )
        .one_or_none()
    )


def show_subscription() -> dict[str, Any]:
    """The subscription for the business's eyes; what is shown is the mirror, so it needs no answer of the processor."""
    row = find_subscription()
    if row is None:
        return _shown(_before_opening(), [])
    return _shown(row, open_changes())


def _before_opening() -> Subscription:
    """What stands before the subscription is written down: the local trial."""
    terms = billing()
    tenant = tenants.get_tenant()
    return Subscription(
        tenant_id=tenant.id,
        id=None,
        quantity=tenants.count_active_locations(),
        unit_amount_cents=terms.unit_amount_cents,
        currency=terms.currency,
        trial_ends_at=tenant.created_at + terms.trial,
        cancels_at_period_end=False,
        owed_cents=0,
    )


def _shown(row: Subscription, changes: list[SubscriptionChange]) -> dict[str, Any]:
    found = entitlement(
        status=row.status, trial_ends_at=row.trial_ends_at, past_due_since=row.past_due_since, now=clock.now()
    )
    return {
        "subscription_id": row.id,
        "status": SHOWN[row.status],
        "processor_status": row.status,
        "past_due": row.status == "past_due",
        "past_due_since": row.past_due_since,
        "entitlement": {
            "level": found.level,
            "reason": found.reason,
            "remedy": found.remedy,
            "changes_at": found.changes_at,
        },
        "quantity": row.quantity,
        "unit_amount_cents": row.unit_amount_cents,
        "amount_cents": row.quantity * row.unit_amount_cents,
        "currency": row.currency,
        "trial_ends_at": row.trial_ends_at,
        "next_billing_at": _next_billing(row),
        "period_ends_at": row.period_ends_at,
        "cancels_at_period_end": row.cancels_at_period_end,
        "canceled_at": row.canceled_at,
        "owed_cents": row.owed_cents,
        "card": _card(row),
        "pending_changes": [change.kind for change in changes],
        "refreshed_at": row.refreshed_at,
    }


def _next_billing(row: Subscription) -> datetime | None:
    if row.cancels_at_period_end or row.status in ENDED or row.status in {"paused", "unpaid", "incomplete"}:
        return None
    return row.period_ends_at or row.trial_ends_at


def _card(row: Subscription) -> dict[str, Any] | None:
    if row.card_last4 is None:
        return None
    return {
        "brand": row.card_brand,
        "last4": row.card_last4,
        "exp_month": row.card_exp_month,
        "exp_year": row.card_exp_year,
    }
