# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""Evidence for a dispute: gathered from every room that knows something of the visit, put into the bank's fields.

A room contributes a section with `contributes`; this room never imports the others.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

LONGEST_FIELD = 20_000

Section = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """Whose visit the disputed money was for: a section holds nothing of anybody else."""

    owner_id: UUID
    customer_id: UUID


Contributor = Callable[[Subject], Section | None]

_contributors: dict[str, Contributor] = {}


def contributes(name: str) -> Callable[[Contributor], Contributor]:
    """Register what a room knows under the name of its section: `visit` or `messages`."""

    def register(function: Contributor) -> Contributor:
        _contributors[name] = function
        return function

    return register


def gather(subject: Subject) -> dict[str, Section | None]:
    """Every section, in the caller's transaction."""
    return {name: contributor(subject) for name, contributor in sorted(_contributors.items())}


def to_fields(pack: Mapping[str, Any], statement: str | None) -> dict[str, str]:
    """The pack in the words and fields of the processor; what is not known is left out."""
    customer, visit = pack["customer"], pack.get("visit") or {}
    consent, policy = visit.get("consent") or {}, visit.get("policy") or {}
    agreed = _agreement(policy, consent)
    fields = {
        "customer_name": customer["name"],
        "customer_email_address": customer["email"],
        "customer_purchase_ip": consent.get("address"),
        "product_description": ", ".join(visit.get("services", ())),
        "service_date": visit.get("service_date"),
        "cancellation_policy_disclosure": agreed,
        "refund_policy_disclosure": agreed,
        "access_activity_log": "\n".join(
            f"{one['at']} {one['by']}: {one['what']}" for one in visit.get("activity", ())
        ),
        "uncategorized_text": "\n\n".join(filter(None, (statement, _account(pack, visit), _letters(pack)))),
    }
    return {name: value[:LONGEST_FIELD] for name, value in fields.items() if value}


def _agreement(policy: Section, consent: Section) -> str | None:
    if not policy:
        return None
    given = _consent(consent) if consent else ""
    return f"Version {policy['version']}, SHA-256 {policy['hash']}. {given}\n\n{policy['text']}"


def _consent(consent: Section) -> str:
    return f"Agreed to at {consent.get('given_at')} from {consent.get('address')} ({consent.get('agent')})."


def _account(pack: Mapping[str, Any], visit: Section) -> str:
    """What happened, in sentences."""
    payment = pack["payment"]
    said = [f"Charged for: {payment['reason']}. Card {payment['card']}." if payment["card"] else ""]
    said += [f"{mark.replace('_', ' ').capitalize()}: {at}." for mark, at in visit.get("marks", {}).items() if at]
    said += [f"Given back: {one['amount']} at {one['at']}." for one in payment["refunds"]]
    return " ".join(filter(None, said))


def _letters(pack: Mapping[str, Any]) -> str | None:
    lines = [
        f"{one['sent_at'] or one['created_at']} {one['channel']} ({one['status']}): {one['subject']}\n{one['text']}"
        for one in pack["messages"]
    ]
    return "\n\n".join(lines) or None
