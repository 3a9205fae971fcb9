# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""The states of a subscription: how one is kept, what is told of a change, and when the clock must look at it."""

from tithi.integrations.stripe.sandbox import invoices
from tithi.integrations.stripe.sandbox.call import Body, Call
from tithi.integrations.stripe.sandbox.subscription_shapes import item_of

KIND = invoices.SUBSCRIPTIONS
DAY = 24 * 3600
TOLD_BEFORE_SECONDS = 3 * DAY
FIRST_PAYMENT_SECONDS = 23 * 3600
ENDED = ("canceled", "incomplete_expired")


def find(call: Call, subscription: str) -> Body:
    return call.store.get(KIND, call.account, subscription, called="subscription", param="id")


def put(call: Call, subscription: Body) -> Body:
    return call.store.put(KIND, call.account, subscription, owner=subscription["customer"], due=_due(subscription))


def change(call: Call, subscription: Body, *types: str, **fields: object) -> None:
    """Keep the changed fields and tell of them; `types` are told besides the update."""
    previous = {name: subscription[name] for name, value in fields.items() if subscription[name] != value}
    subscription |= fields
    put(call, subscription)
    call.emit("customer.subscription.updated", subscription, previous=previous)
    for type_ in types:
        call.emit(type_, subscription)


def end(call: Call, subscription: Body, *, reason: str) -> None:
    """Cancel at once; what is still owed is no longer collected."""
    canceled_at = subscription["canceled_at"] or call.now
    details = subscription["cancellation_details"] | {"reason": reason}
    subscription |= {
        "status": "canceled",
        "canceled_at": canceled_at,
        "ended_at": call.now,
        "cancellation_details": details,
        "status_details": None,
    }
    put(call, subscription)
    invoices.stop_collecting(call, subscription)
    call.emit("customer.subscription.deleted", subscription)


def pause(call: Call, subscription: Body, *, reason: str) -> None:
    details = {"paused": {"subscription": {"type": reason}, "transitioned_at": call.now, "type": "subscription"}}
    change(call, subscription, "customer.subscription.paused", status="paused", status_details=details)


def _due(subscription: Body) -> int | None:
    if subscription["status"] == "trialing":
        end_of_trial: int = subscription["trial_end"]
        return end_of_trial if subscription["_is_end_told"] else end_of_trial - TOLD_BEFORE_SECONDS
    if subscription["status"] == "incomplete":
        return int(subscription["created"]) + FIRST_PAYMENT_SECONDS
    if subscription["status"] in ("active", "past_due", "unpaid"):
        return int(item_of(subscription)["current_period_end"])
    return None
