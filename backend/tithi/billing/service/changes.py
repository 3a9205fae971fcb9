# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""Changes: written down with their key, then asked, then their result kept; what was cut short is taken up again.

Nothing is asked of the processor while a transaction is open, and nothing before the change's row is committed.
"""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import structlog

from tithi.billing import queries
from tithi.billing.entitlement import ENDED
from tithi.billing.models import Subscription, SubscriptionChange
from tithi.billing.processor import billing
from tithi.billing.service import mirror
from tithi.billing.service.calls import Outcome, ask
from tithi.integrations.stripe import contract
from tithi.integrations.stripe.billing_contract import SubscriptionState
from tithi.platform import clock, jobs
from tithi.platform.db import session, transaction
from tithi.platform.ids import new_id
from tithi.tenants import queries as tenants

RECOVER_TIMER = "billing.recover_change"
RECONCILE_TIMER = "billing.reconcile"
RECONCILE_EVERY = timedelta(days=1)
RECOVER_AFTER = timedelta(seconds=20)
KEY_LIFE = timedelta(hours=23)
LOOK_UP_AFTER = timedelta(minutes=10)
SHORTEST_TRIAL = timedelta(days=3)
LEFT_TO_TOMORROW = frozenset({"start", "quantity"})
"""What nobody pressed: the daily look asks again where it was refused."""

log = structlog.get_logger(__name__)


def write(
    row: Subscription, kind: str, parameters: dict[str, Any], *, change_id: UUID | None = None, at_once: bool = False
) -> SubscriptionChange:
    """Write a change down, in the caller's transaction; `at_once` leaves it to the worker, now."""
    now = clock.now()
    change = SubscriptionChange(
        tenant_id=row.tenant_id,
        id=change_id or new_id(),
        subscription_id=row.id,
        kind=kind,
        status="submitted",
        parameters=parameters,
        created_at=now,
        updated_at=now,
    )
    session().add(change)
    session().flush()
    jobs.schedule(RECOVER_TIMER, change.id, now if at_once else now + RECOVER_AFTER)
    return change


def write_start(row: Subscription, *, change_id: UUID | None = None, at_once: bool = False) -> SubscriptionChange:
    """Write the beginning of a subscription down: the first has a trial, one after an end has none.

    A trial that the processor hears of late still lasts some days from then: a card cannot be entered before.
    """
    trial_ends_at = None
    if row.subscription_ref is None:
        trial_ends_at = max(row.trial_ends_at, clock.now() + SHORTEST_TRIAL).isoformat()
    parameters = {"quantity": tenants.count_active_locations(), "trial_ends_at": trial_ends_at}
    return write(row, "start", parameters, change_id=change_id, at_once=at_once)


def carry_out(*, change_id: UUID) -> None:
    """Ask the processor and keep what it said; without an answer the change stays open for the worker."""
    with transaction():
        change = queries.get_change(change_id)
        row = queries.find_subscription()
    if change.status != "submitted" or row is None:
        return
    read_at = clock.now()
    try:
        outcome = ask(change, row)
    except (contract.NoAnswerError, contract.BusyError) as error:
        log.warning("subscription.no_answer", change_id=str(change_id), reason=type(error).__name__)
        return
    except contract.RefusedError as error:
        log.warning("subscription.refused", change_id=str(change_id), code=error.code)
        outcome = Outcome(refusal=error.code)
    with transaction():
        keep(change_id, outcome, read_at=read_at)


def keep(change_id: UUID, outcome: Outcome, *, read_at: datetime) -> None:
    """Keep what a change led to, in the caller's transaction."""
    row = queries.locked_subscription()
    change = queries.get_change(change_id)
    session().refresh(change, with_for_update=True)
    if row is None or change.status not in queries.OPEN:
        return
    change.setup_ref = outcome.setup_ref or change.setup_ref
    change.refusal_code = outcome.refusal
    change.status = "refused" if outcome.refusal else "waiting" if outcome.waits else "done"
    change.updated_at = clock.now()
    jobs.cancel(RECOVER_TIMER, change_id)
    if outcome.card is not None:
        mirror.keep_card(row, outcome.card)
    if outcome.state is not None:
        if change.kind == "start":
            row.subscription_ref = outcome.state.subscription_ref
            row.past_due_since = None
        mirror.apply(row, outcome.state, read_at=read_at)
        follow_locations_of(row)
    elif outcome.refusal and change.kind not in LEFT_TO_TOMORROW:
        jobs.schedule(RECONCILE_TIMER, row.id, clock.now())


def follow_locations_of(row: Subscription) -> None:
    """Write down that the subscription is to be for as many locations as are active, where it is not."""
    count = mirror.wants_other_quantity(row)
    if count is not None:
        write(row, "quantity", {"quantity": count}, at_once=True)


def recover(*, change_id: UUID) -> None:
    """Finish a change whose answer was lost; raises while it is open, so that it is tried again.

    The call is repeated with its key. After a while it is looked up what came of it: what did not happen has lapsed,
    and the owner may press again. A beginning is repeated for as long as the processor keeps the key, because a second
    one would be paid twice; it is then looked up, and the first one, which is a trial, is asked for anew.
    """
    with transaction():
        change = queries.find_change(change_id)
        row = queries.find_subscription()
    if change is None or change.status != "submitted" or row is None:
        return
    if clock.now() - change.created_at < (KEY_LIFE if change.kind == "start" else LOOK_UP_AFTER):
        carry_out(change_id=change_id)
    else:
        _look_up(change, row)
    with transaction():
        is_open = queries.get_change(change_id).status == "submitted"
    if is_open:
        raise contract.NoAnswerError(change.kind)


def _look_up(change: SubscriptionChange, row: Subscription) -> None:
    read_at = clock.now()
    state = _found(change, row)
    with transaction():
        if state is not None and change.kind == "start":
            keep(change.id, Outcome(state=state), read_at=read_at)
            return
        locked = queries.locked_subscription()
        if locked is not None and state is not None:
            mirror.apply(locked, state, read_at=read_at)
        late = queries.get_change(change.id)
        late.status = "done" if state is not None and _shows(change, state) else "lapsed"
        late.updated_at = clock.now()
        jobs.cancel(RECOVER_TIMER, change.id)
        session().flush()
        if locked is not None and change.kind == "start" and locked.subscription_ref is None:
            write_start(locked, at_once=True)
        elif locked is not None:
            follow_locations_of(locked)


def _shows(change: SubscriptionChange, state: SubscriptionState) -> bool:
    """Whether a state is the one that a change leads to."""
    led_to = {
        "quantity": state.quantity == change.parameters.get("quantity"),
        "end_trial": state.status in {"active", "past_due"},
        "pause": state.status == "paused",
        "resume": state.status == "active",
        "pay": state.status == "active",
        "end_later": state.cancels_at_period_end,
        "stay": not state.cancels_at_period_end,
        "end_now": state.status == "canceled",
    }
    return led_to.get(change.kind, False)


def _found(change: SubscriptionChange, row: Subscription) -> SubscriptionState | None:
    if row.customer_ref is None:
        return None
    if change.kind == "start":
        return billing().processor.find_subscription(
            customer_ref=row.customer_ref, metadata_key="change_id", metadata_value=str(change.id)
        )
    if row.subscription_ref is None or row.status in ENDED:
        return None
    return billing().processor.fetch_subscription(subscription_ref=row.subscription_ref)
