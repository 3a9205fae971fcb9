# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""The room's use cases, one file each subject; import them from here."""

from tithi.billing.service.cards import enter
from tithi.billing.service.changes import recover
from tithi.billing.service.events_in import apply_event, receive_event, reconcile
from tithi.billing.service.invoices import list_invoices
from tithi.billing.service.limits import tell_limit
from tithi.billing.service.opening import follow_locations, open_subscription
from tithi.billing.service.presses import activate, cancel, create, pause, resume, stay

__all__ = [
    "activate",
    "apply_event",
    "cancel",
    "create",
    "enter",
    "follow_locations",
    "list_invoices",
    "open_subscription",
    "pause",
    "receive_event",
    "reconcile",
    "recover",
    "resume",
    "stay",
    "tell_limit",
]
