# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""What clients see of a payment's state."""

SHOWN = {
    "open": "requires_action",
    "needs_customer": "requires_action",
    "unknown": "requires_action",
    "declined_retryable": "requires_action",
    "authorized": "authorized",
    "capture_submitted": "authorized",
    "succeeded": "captured",
    "settled_elsewhere": "captured",
    "waived": "canceled",
    "written_off": "canceled",
    "canceled": "canceled",
    "declined_final": "failed",
}
ENDED = frozenset({"succeeded", "settled_elsewhere", "waived", "written_off", "canceled"})


def of_visit(status: str, captured_cents: int, refunded_cents: int) -> str:
    """The word for a visit by its outcome's state and all money of it: a deposit that went back leaves it open."""
    return shown(status, captured_cents, refunded_cents) if status in ENDED else SHOWN[status]


def shown(status: str, captured_cents: int, refunded_cents: int) -> str:
    """The word for clients: refunded in full is `refunded`, in part stays `captured`."""
    if captured_cents and refunded_cents == captured_cents:
        return "refunded"
    return SHOWN[status]
