# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""When an invoice that was not paid is tried again, and what becomes of the subscription after the last try."""

from tithi.integrations.stripe.sandbox.call import Body
from tithi.integrations.stripe.sandbox.params import Params
from tithi.integrations.stripe.sandbox.store import Store

DAY = 24 * 3600
ENDS = ("cancel", "unpaid", "past_due")
_DAYS, _END = "dunning_days", "dunning_end"
_DEFAULT_DAYS = "3,5,7,7,7"


def retry_seconds(store: Store) -> list[int]:
    """How long each further try waits."""
    return [int(days) * DAY for days in store.fact(_DAYS, _DEFAULT_DAYS).split(",") if days]


def end(store: Store) -> str:
    return store.fact(_END, "unpaid")


def settings(store: Store) -> Body:
    return {"retry_days": store.fact(_DAYS, _DEFAULT_DAYS), "end": end(store)}


def configure(store: Store, params: Params) -> Body:
    """Take what the vendor's dashboard would be told: `retry_days=3,5,7`, `end=cancel|unpaid|past_due`."""
    params.allow("retry_days", "end")
    store.set_fact(_DAYS, params.text("retry_days") or _DEFAULT_DAYS)
    store.set_fact(_END, params.choice("end", ENDS, "unpaid"))
    return settings(store)
