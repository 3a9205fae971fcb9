# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""A tenant's booking policy: what a customer agrees to, and what a missed visit costs.

Notices are minutes before the visit; the customer's own limits count visits, 0 is no limit.
"""

import hashlib
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import orjson

PERCENT = "percent"
FIXED = "fixed"
DEFAULT_POLICY: dict[str, Any] = {
    "card_required": True,
    "cancellation_window_hours": 24,
    "no_show_fee": {"type": PERCENT, "value": 100},
    "late_cancel_fee": {"type": PERCENT, "value": 50},
    "min_notice_minutes": 0,
    "max_advance_days": 365,
    "cancel_notice_minutes": 0,
    "move_notice_minutes": 0,
    "customer_max_per_day": 0,
    "customer_max_per_week": 0,
    "customer_max_upcoming": 0,
    "late_fee_after_hours": None,
    "deposit": None,
    "keeps_deposit": True,
    "hold_hours_before": None,
    "rules": [],
    "card_watch": {"days_before": 7, "rule_hours_before": 48, "rule": "keep"},
    "text": (
        "Your card is kept on file and is not charged when you book. After the visit the price of your booking is"
        " charged. If you do not come, or cancel late, the fee shown here is charged instead; it is found from the"
        " price of your booking."
    ),
}
TEXT_WITH_DEPOSIT = (
    "The deposit shown here is charged when you book, and your card is kept on file. After the visit the price of your"
    " booking less the deposit is charged. If you do not come, or cancel late, the fee shown here is charged instead;"
    " it is found from the price of your booking, and the deposit counts towards it. If you cancel in time, or we do,"
    " the deposit goes back to your card."
)


def effective(stored: dict[str, Any]) -> dict[str, Any]:
    """What was stored, with the defaults of what did not exist when it was stored."""
    found = {**DEFAULT_POLICY, **stored}
    if found["deposit"] and found["text"] == DEFAULT_POLICY["text"]:
        found["text"] = TEXT_WITH_DEPOSIT
    return found


def snapshot(policy: dict[str, Any], version: int) -> dict[str, Any]:
    """The policy as a booking freezes it, with its version and the SHA-256 of its content."""
    content = {**effective(policy), "version": version}
    digest = hashlib.sha256(orjson.dumps(content, option=orjson.OPT_SORT_KEYS)).hexdigest()
    return {**content, "hash": digest}


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """What rules look at when a visit is booked; money in minor units."""

    amount_cents: int
    service_ids: frozenset[UUID]
    visits: int
    no_shows: int


def resolved(policy: dict[str, Any], case: Case) -> dict[str, Any]:
    """The policy with what its first rule that fits the case sets, in place of the rules."""
    found = next((rule for rule in policy["rules"] if _fits(rule, case)), None)
    return {**policy, **(found["set"] if found else {}), "rules": [found] if found else []}


def _fits(rule: dict[str, Any], case: Case) -> bool:
    wanted = {str(service_id) for service_id in rule["service_ids"]}
    return (
        case.amount_cents >= rule["min_amount_cents"]
        and (not wanted or not wanted.isdisjoint(map(str, case.service_ids)))
        and (rule["visits_at_most"] is None or case.visits <= rule["visits_at_most"])
        and case.no_shows >= rule["no_shows_at_least"]
        and (rule["no_shows_at_most"] is None or case.no_shows <= rule["no_shows_at_most"])
    )


def fee_cents(rule: dict[str, Any], price_cents: int) -> int:
    """What a fee rule asks of a price, in minor units, half up, never more than the price."""
    if rule["type"] == FIXED:
        return min(int(rule["value"]), price_cents)
    return min((price_cents * int(rule["value"]) + 50) // 100, price_cents)
