# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""What the business is told of its own subscription."""

from datetime import datetime
from typing import Any
from uuid import UUID

from tithi.billing import queries as billing
from tithi.billing.entitlement import ENDED, GRACE, READING, WITHOUT_NEW_BOOKINGS
from tithi.notifications import rendering
from tithi.notifications.service.business import mail_business
from tithi.platform.links import public_url
from tithi.tenants import queries as tenants

SUBSCRIPTION_PAGE = "/admin/subscription"
CARD_IS_CHARGED = "Your card is then charged every month. There is nothing to do."
CARD_IS_MISSING = (
    "There is no card. Without one everything can be read after that day, but nothing can be booked or changed:"
    " enter a card to go on."
)
LIMITS = {
    "no_new_bookings": "no new bookings can be made, by you or by customers",
    "read_only": "everything can only be read",
}


def tell_trial_ending(*, subscription_id: UUID, ends_at: datetime, has_card: bool) -> None:
    shown = billing.show_subscription()
    if shown["processor_status"] in {None, "trialing"}:
        said = {
            "until": _day(ends_at),
            "note": CARD_IS_CHARGED if has_card else CARD_IS_MISSING,
            "price": rendering.money(shown["amount_cents"], shown["currency"]),
        }
        _mail("subscription_trial_ending", said, subscription_id, ends_at)


def tell_past_due(*, subscription_id: UUID, since: datetime) -> None:
    """Say what is owed and what comes next; not when it was paid meanwhile."""
    shown = billing.show_subscription()
    if shown["past_due"]:
        no_new_bookings_at = since + GRACE
        said = {
            **_owed(shown),
            "before": _day(no_new_bookings_at),
            "until": _day(no_new_bookings_at + WITHOUT_NEW_BOOKINGS),
        }
        _mail("subscription_past_due", said, subscription_id, since)


def tell_limit_near(*, subscription_id: UUID, level: str, at: datetime) -> None:
    shown = billing.show_subscription()
    if shown["past_due"]:
        said = {**_owed(shown), "until": _day(at), "note": LIMITS[level]}
        _mail("subscription_limit_near", said, subscription_id, at)


def tell_subscription_paused(*, subscription_id: UUID, status: str, at: datetime) -> None:
    shown = billing.show_subscription()
    if shown["processor_status"] == status:
        said = {**_owed(shown), "note": READING[status]}
        _mail("subscription_paused", said, subscription_id, at)


def tell_subscription_canceled(*, subscription_id: UUID, at: datetime) -> None:
    status = billing.show_subscription()["processor_status"]
    if status in ENDED:
        _mail("subscription_canceled", {"note": READING[status]}, subscription_id, at)


def _owed(shown: dict[str, Any]) -> dict[str, str]:
    return {"amount": rendering.money(shown["owed_cents"], shown["currency"]) if shown["owed_cents"] else ""}


def _day(at: datetime) -> str:
    return rendering.day(at, tenants.first_location().timezone)


def _mail(template: str, said: dict[str, str], subscription_id: UUID, at: datetime) -> None:
    said["link"] = public_url(SUBSCRIPTION_PAGE)
    mail_business(template, said, key=f"{subscription_id}:{at.isoformat()}")
