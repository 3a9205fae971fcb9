# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""Events: what changed, when, and whether every endpoint has heard of it."""

from typing import Any

from tithi.integrations.stripe.sandbox.store import Body, Store, new_id
from tithi.integrations.stripe.sandbox.webhooks import WebhookEndpoint, queue_delivery

API_VERSION = "2026-10-28.endive"


def record(
    store: Store,
    *,
    account: str,
    is_connected: bool,
    type_: str,
    data: dict[str, Any],
    now: int,
    request: Body,
    endpoints: tuple[WebhookEndpoint, ...],
) -> Body:
    """Keep an event and queue it for each endpoint that listens to that kind of account."""
    listening = [place for place, endpoint in enumerate(endpoints) if endpoint.connect is is_connected]
    event: Body = {
        "id": new_id("evt"),
        "object": "event",
        "api_version": API_VERSION,
        "created": now,
        "data": data,
        "livemode": False,
        "pending_webhooks": len(listening),
        "request": request,
        "type": type_,
    }
    if is_connected:
        event["account"] = account
    store.put("events", account, event)
    for place in listening:
        queue_delivery(store, account=account, event_id=event["id"], endpoint=place)
    return event
