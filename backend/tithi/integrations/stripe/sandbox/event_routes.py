# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""Reading events back, so that missed ones can be found."""

from fnmatch import fnmatchcase

from tithi.integrations.stripe.sandbox.call import Body, Call
from tithi.integrations.stripe.sandbox.lists import PAGING, page

KIND = "events"


def retrieve(call: Call, event: str) -> Body:
    return call.answer(call.store.get(KIND, call.account, event, called="event"))


def list_all(call: Call) -> Body:
    """With `delivery_success=false`, those some endpoint has not taken yet."""
    params = call.params
    params.allow(*PAGING, "type", "types", "delivery_success")
    wanted = [*params.items("types"), *([params.required("type")] if "type" in params else [])]
    found = [
        body
        for body in call.store.every(KIND, call.account)
        if not wanted or any(fnmatchcase(body["type"], pattern) for pattern in wanted)
    ]
    if "delivery_success" in params:
        is_delivered = params.boolean("delivery_success")
        found = [body for body in found if (body["pending_webhooks"] == 0) is is_delivered]
    return page(call, found, url="/v1/events", called="event")
