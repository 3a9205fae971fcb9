# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""What the owner does with the subscription: each press is one change, carried out while they wait."""

from collections.abc import Callable
from typing import Any

from tithi.billing import queries
from tithi.billing.entitlement import ENDED
from tithi.billing.errors import (
    SubscriptionBusyError,
    SubscriptionCardDeclinedError,
    SubscriptionCardMissingError,
    SubscriptionRefusedError,
    SubscriptionStateError,
)
from tithi.billing.models import Subscription
from tithi.billing.service import cards, changes
from tithi.billing.service.opening import open_subscription
from tithi.platform.db import transaction
from tithi.platform.idempotency import work_id

RUNNING = frozenset({"active", "trialing", "past_due"})
OWING = frozenset({"past_due", "unpaid", "incomplete"})
EXCLUSIVE = ("start", "end_trial", "pause", "resume", "pay", "end_later", "stay", "end_now")
PAYMENTS = frozenset({"pay", "resume", "start"})
Choice = Callable[[Subscription], tuple[str, dict[str, Any]]]


def create() -> dict[str, Any]:
    """Begin the subscription where there is none, and again where it ended; one that runs is shown as it is."""
    with transaction():
        row = open_subscription()
        started = [change.id for change in queries.open_changes("start")]
        is_ended = row.status in ENDED
    for start_id in started:
        changes.carry_out(change_id=start_id)
    if is_ended and not started:
        return activate()
    with transaction():
        return queries.show_subscription()


def activate() -> dict[str, Any]:
    """Make it paid: end the trial, resume, pay what is owed, or begin again, whichever the state asks for."""
    cards.collect_waiting()
    return _press(_activation)


def pause() -> dict[str, Any]:
    return _press(lambda row: _only_from(row, {"active"}, "pause"))


def resume() -> dict[str, Any]:
    cards.collect_waiting()
    return _press(lambda row: _with_card(row, _only_from(row, {"paused"}, "resume")))


def cancel() -> dict[str, Any]:
    """Let it end with the period; what does not run ends at once."""
    return _press(_end)


def stay() -> dict[str, Any]:
    """Take back that it ends with the period."""
    return _press(_stay)


def _press(choose: Choice) -> dict[str, Any]:
    """Write the change down, ask, and show what it led to.

    Raises:
        SubscriptionBusy: another change is open.
        SubscriptionStateConflict, SubscriptionCardMissing: nothing was asked.
        SubscriptionCardDeclined, SubscriptionRefused: it was asked, and refused.
    """
    with transaction():
        row, change_id = open_subscription(), work_id()
        if queries.find_change(change_id) is None:
            if queries.open_changes(*EXCLUSIVE):
                raise SubscriptionBusyError(headers={"Retry-After": "5"})
            if row.subscription_ref is None:
                raise _conflict(row)
            kind, parameters = choose(row)
            if kind == "start":
                changes.write_start(row, change_id=change_id)
            else:
                changes.write(row, kind, parameters, change_id=change_id)
    changes.carry_out(change_id=change_id)
    with transaction():
        change = queries.get_change(change_id)
        if change.status == "refused" and change.kind in PAYMENTS:
            raise SubscriptionCardDeclinedError(details={"decline_code": change.refusal_code})
        if change.status == "refused":
            raise SubscriptionRefusedError(details={"reason": change.refusal_code})
        return queries.show_subscription()


def _activation(row: Subscription) -> tuple[str, dict[str, Any]]:
    if row.status == "trialing" and not row.cancels_at_period_end:
        return _with_card(row, ("end_trial", {}))
    if row.status == "paused":
        return _with_card(row, ("resume", {}))
    if row.status in ENDED:
        return _with_card(row, ("start", {}))
    if row.status in OWING:
        return _with_card(row, ("pay", {}))
    raise _conflict(row)


def _end(row: Subscription) -> tuple[str, dict[str, Any]]:
    if row.status in RUNNING and not row.cancels_at_period_end:
        return "end_later", {}
    if row.status is not None and row.status not in RUNNING | ENDED:
        return "end_now", {}
    raise _conflict(row)


def _stay(row: Subscription) -> tuple[str, dict[str, Any]]:
    if row.status in RUNNING and row.cancels_at_period_end:
        return "stay", {}
    raise _conflict(row)


def _only_from(row: Subscription, statuses: set[str], kind: str) -> tuple[str, dict[str, Any]]:
    if row.status not in statuses or row.cancels_at_period_end:
        raise _conflict(row)
    return kind, {}


def _with_card(row: Subscription, choice: tuple[str, dict[str, Any]]) -> tuple[str, dict[str, Any]]:
    if row.card_last4 is None:
        raise SubscriptionCardMissingError
    return choice


def _conflict(row: Subscription) -> SubscriptionStateError:
    return SubscriptionStateError(
        details={"processor_status": row.status, "cancels_at_period_end": row.cancels_at_period_end}
    )
