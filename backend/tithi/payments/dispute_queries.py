# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""Reads of disputes, and the evidence about one."""

from typing import Any
from uuid import UUID

from sqlalchemy import func, select, tuple_

from tithi.customers import queries as customers
from tithi.payments import evidence
from tithi.payments.errors import DisputeNotFoundError
from tithi.payments.models import Card, Dispute, Payment
from tithi.payments.queries import captured_attempt, get_payment, list_refunds
from tithi.platform import paging
from tithi.platform.db import session
from tithi.platform.tenancy import current_tenant_id


def list_disputes(*, limit: int, cursor: str | None, status: str | None) -> dict[str, Any]:
    """The disputes, newest first."""
    statement = select(Dispute)
    if status is not None:
        statement = statement.where(Dispute.status == status)
    total = session().scalar(select(func.count()).select_from(statement.subquery()))
    if cursor:
        statement = statement.where(tuple_(Dispute.opened_at, Dispute.id) < paging.decode_instant_and_id(cursor))
    rows = session().scalars(statement.order_by(Dispute.opened_at.desc(), Dispute.id.desc()).limit(limit + 1)).all()
    found, more = paging.split(rows, limit)
    next_cursor = paging.encode(found[-1].opened_at, found[-1].id) if more else None
    return {"disputes": found, "total": total, "next_cursor": next_cursor}


def get_dispute(dispute_id: UUID, *, lock: bool = False) -> Dispute:
    found = session().get(Dispute, (current_tenant_id(), dispute_id), with_for_update=lock, populate_existing=lock)
    if found is None:
        raise DisputeNotFoundError
    return found


def show_dispute(dispute_id: UUID) -> dict[str, Any]:
    """A dispute with all that is known of the visit it is about."""
    row = get_dispute(dispute_id)
    return {"dispute": row, "evidence": evidence_of(row)}


def evidence_of(row: Dispute) -> dict[str, Any] | None:
    """The pack of a dispute's own customer; None where it is about no payment of ours."""
    if row.payment_id is None or row.owner_id is None:
        return None
    payment = get_payment(row.payment_id)
    customer = customers.get_customer(payment.customer_id)
    sections = evidence.gather(evidence.Subject(owner_id=row.owner_id, customer_id=payment.customer_id))
    return {
        "customer": {"name": customer.display_name, "email": customer.email},
        "payment": _payment(payment),
        "visit": sections.get("visit"),
        "messages": (sections.get("messages") or {}).get("messages", []),
    }


def _payment(payment: Payment) -> dict[str, Any]:
    attempt = captured_attempt(payment.id)
    card = session().scalars(select(Card).where(Card.method_ref == attempt.method_ref)).first() if attempt else None
    return {
        "reason": payment.reason,
        "amount_cents": payment.captured_cents,
        "currency": payment.currency,
        "card": f"{card.brand} ending in {card.last4}" if card else None,
        "refunds": [
            {"amount": one.amount_cents, "at": one.created_at.isoformat(), "status": one.status}
            for one in list_refunds(payment.id)
        ],
    }
