# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""The mirror: what the processor says of the subscription, applied; order, repeats and gaps do not matter."""

from datetime import datetime, timedelta

import structlog

from tithi.billing import queries
from tithi.billing.entitlement import ENDED
from tithi.billing.events import (
    SubscriptionActivated,
    SubscriptionCanceled,
    SubscriptionPastDue,
    SubscriptionPaused,
    SubscriptionTrialEnding,
)
from tithi.billing.models import Subscription
from tithi.billing.processor import billing
from tithi.billing.service import limits
from tithi.integrations.stripe.billing_contract import SubscriptionState
from tithi.integrations.stripe.contract import CardDetails
from tithi.platform import clock
from tithi.platform.events import publish
from tithi.tenants import queries as tenants

TRIAL_END_TOLD_BEFORE = timedelta(days=3)
PAID = frozenset({"active", "trialing"})

log = structlog.get_logger(__name__)


def apply(row: Subscription, state: SubscriptionState, *, read_at: datetime) -> bool:
    """Take over a state into the locked row; says whether it was ours and not older than what is known.

    `read_at` is when the processor was asked: an answer that was asked for before the last one applied is left out.
    """
    if state.live is not billing().is_live or state.customer_ref != row.customer_ref:
        log.error("subscription.foreign", subscription_id=str(row.id))
        return False
    if row.subscription_ref != state.subscription_ref or (row.refreshed_at is not None and read_at < row.refreshed_at):
        return False
    before = row.status
    _copy(row, state, read_at)
    if before != row.status:
        _tell(row)
    tell_trial_end(row)
    tenants.directory.forget()
    return True


def keep_card(row: Subscription, card: CardDetails | None) -> None:
    row.card_brand = card.brand if card else None
    row.card_last4 = card.last4 if card else None
    row.card_exp_month = card.exp_month if card else None
    row.card_exp_year = card.exp_year if card else None


def tell_trial_end(row: Subscription) -> None:
    """Tell once that this trial ends soon."""
    if row.status not in {None, "trialing"} or row.trial_end_told == row.trial_ends_at or row.cancels_at_period_end:
        return
    if row.trial_ends_at - clock.now() <= TRIAL_END_TOLD_BEFORE:
        row.trial_end_told = row.trial_ends_at
        publish(
            SubscriptionTrialEnding(
                subscription_id=row.id, ends_at=row.trial_ends_at, has_card=row.card_last4 is not None
            )
        )


def _copy(row: Subscription, state: SubscriptionState, read_at: datetime) -> None:
    owed = [invoice for invoice in state.unpaid if invoice.opened_at is not None]
    row.status = state.status
    row.item_ref = state.item_ref
    row.quantity = state.quantity
    row.unit_amount_cents = state.unit_amount_cents
    row.currency = state.currency
    row.trial_ends_at = state.trial_ends_at or row.trial_ends_at
    row.period_ends_at = state.period_ends_at
    row.cancels_at_period_end = state.cancels_at_period_end
    row.canceled_at = state.canceled_at
    row.owed_cents = sum(invoice.amount_cents for invoice in state.unpaid)
    if state.status == "past_due":
        row.past_due_since = row.past_due_since or (owed[0].opened_at if owed else None) or read_at
    elif state.status in PAID:
        row.past_due_since = None
    keep_card(row, state.card)
    row.refreshed_at = read_at
    row.updated_at = clock.now()


def _tell(row: Subscription) -> None:
    log.info("subscription.changed", subscription_id=str(row.id), status=row.status)
    if row.status == "active":
        publish(SubscriptionActivated(subscription_id=row.id))
    elif row.status == "past_due" and row.past_due_since is not None:
        publish(
            SubscriptionPastDue(
                subscription_id=row.id, since=row.past_due_since, owed_cents=row.owed_cents, currency=row.currency
            )
        )
        limits.plan(row.id, row.past_due_since)
    elif row.status in ENDED:
        publish(SubscriptionCanceled(subscription_id=row.id, at=row.updated_at))
    elif row.status in {"paused", "unpaid", "incomplete"}:
        publish(SubscriptionPaused(subscription_id=row.id, status=row.status, at=row.updated_at))


def wants_other_quantity(row: Subscription) -> int | None:
    """The number of active locations where the subscription is for another one."""
    if row.subscription_ref is None or row.status == "incomplete" or row.status in ENDED:
        return None
    count = tenants.count_active_locations()
    return None if count == row.quantity or queries.open_changes("quantity") else count
