# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""Reads of the ledger: what was posted, and what it comes to."""

from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import exists, func, select, text, tuple_

from tithi.payments.breaks import REMEDIES
from tithi.payments.errors import PaymentNotFoundError, PayoutNotFoundError
from tithi.payments.models import Payment, PaymentBreak, Payout
from tithi.payments.queries import get_payment
from tithi.platform import clock, paging
from tithi.platform.db import session
from tithi.platform.tenancy import current_tenant_id
from tithi.tenants import queries as tenants

DAYS_SHOWN = 30

_FACTS = """
    SELECT fact_id, kind, source_id, owner_id AS booking_id, payment_id, currency, occurred_at, balance_transaction_ref,
        lines FROM ledger_facts WHERE {condition} ORDER BY occurred_at, fact_id
"""
_DAYS = text(
    """
    SELECT (e.occurred_at AT TIME ZONE :zone)::date AS day, e.currency, e.account,
        sum(e.amount_cents)::bigint AS amount_cents
    FROM ledger_entries e WHERE e.occurred_at >= :since AND e.occurred_at < :until
    GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
    """
)


_PAYOUT_FACTS = text(
    """
    SELECT fact_id, kind, source_id, owner_id AS booking_id, payment_id, currency, occurred_at, balance_transaction_ref,
        lines FROM ledger_by_payout WHERE payout_ref = :payout_ref ORDER BY occurred_at, fact_id
    """
)


def ledger_of_payment(payment_id: UUID) -> dict[str, Any]:
    return _shown(facts("payment_id = :id", id=get_payment(payment_id).id))


def ledger_of_booking(booking_id: UUID) -> dict[str, Any]:
    """What was posted for a booking.

    Raises:
        PaymentNotFound: nothing was ever owed for it.
    """
    if not session().execute(select(exists().where(Payment.owner_id == booking_id))).scalar_one():
        raise PaymentNotFoundError
    return _shown(facts("owner_id = :id", id=booking_id))


def ledger_days(*, first: date | None, last: date | None) -> dict[str, Any]:
    """What each account came to on each day of the business's own calendar; the last 30 days where none are named."""
    zone = ZoneInfo(tenants.first_location().timezone)
    last = last or clock.now().astimezone(zone).date()
    first = first or last - timedelta(days=DAYS_SHOWN - 1)
    rows = session().execute(
        _DAYS,
        {"zone": zone.key, "since": start_of(first, zone), "until": start_of(last + timedelta(days=1), zone)},
    )
    days: dict[tuple[date, str], dict[str, int]] = {}
    for row in rows:
        days.setdefault((row.day, row.currency), {})[row.account] = row.amount_cents
    return {
        "timezone": zone.key,
        "days": [{"date": day, "currency": currency, "accounts": sums} for (day, currency), sums in days.items()],
        "total": len(days),
        "next_cursor": None,
    }


def list_payouts(*, limit: int, cursor: str | None, status: str | None) -> dict[str, Any]:
    """The payouts, newest first."""
    statement = select(Payout)
    if status is not None:
        statement = statement.where(Payout.status == status)
    total = session().scalar(select(func.count()).select_from(statement.subquery()))
    if cursor:
        statement = statement.where(tuple_(Payout.initiated_at, Payout.id) < paging.decode_instant_and_id(cursor))
    rows = session().scalars(statement.order_by(Payout.initiated_at.desc(), Payout.id.desc()).limit(limit + 1)).all()
    found, more = paging.split(rows, limit)
    next_cursor = paging.encode(found[-1].initiated_at, found[-1].id) if more else None
    return {"payouts": found, "total": total, "next_cursor": next_cursor}


def show_payout(payout_id: UUID) -> dict[str, Any]:
    """A payout with the facts whose money it paid out.

    Raises:
        PayoutNotFound: there is none.
    """
    row = session().get(Payout, (current_tenant_id(), payout_id))
    if row is None:
        raise PayoutNotFoundError
    paid_out = session().execute(_PAYOUT_FACTS, {"payout_ref": row.payout_ref}).mappings()
    return {"payout": row, **_shown([dict(fact) for fact in paid_out])}


def list_breaks(*, limit: int, cursor: str | None, status: str | None) -> dict[str, Any]:
    """Where the books differ, newest first, each with what is to be done about it."""
    statement = select(PaymentBreak)
    if status is not None:
        statement = statement.where(PaymentBreak.status == status)
    total = session().scalar(select(func.count()).select_from(statement.subquery()))
    if cursor:
        after = paging.decode_instant_and_id(cursor)
        statement = statement.where(tuple_(PaymentBreak.found_at, PaymentBreak.id) < after)
    order = (PaymentBreak.found_at.desc(), PaymentBreak.id.desc())
    found, more = paging.split(session().scalars(statement.order_by(*order).limit(limit + 1)).all(), limit)
    next_cursor = paging.encode(found[-1].found_at, found[-1].id) if more else None
    return {"breaks": [show_break(row) for row in found], "total": total, "next_cursor": next_cursor}


def show_break(row: PaymentBreak) -> dict[str, Any]:
    return {
        "id": row.id,
        "kind": row.kind,
        "reference": row.reference,
        "payment_id": row.payment_id,
        "ledger_cents": row.ledger_cents,
        "processor_cents": row.processor_cents,
        "currency": row.currency,
        "remedy": REMEDIES[row.kind],
        "status": row.status,
        "resolution": row.resolution,
        "resolved_by": row.resolved_by,
        "occurred_at": row.occurred_at,
        "found_at": row.found_at,
        "resolved_at": row.resolved_at,
    }


def start_of(day: date, zone: ZoneInfo) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=zone)


def facts(condition: str, **values: object) -> list[dict[str, Any]]:
    """The facts that fit a condition over the columns of `ledger_facts`."""
    rows = session().execute(text(_FACTS.format(condition=condition)), values)
    return [dict(row) for row in rows.mappings()]


def _shown(found: Sequence[dict[str, Any]]) -> dict[str, Any]:
    sums: Counter[tuple[str, str]] = Counter()
    for fact in found:
        for account, cents in fact["lines"].items():
            sums[fact["currency"], account] += cents
    return {
        "facts": found,
        "balances": [
            {"currency": currency, "account": account, "amount_cents": cents}
            for (currency, account), cents in sorted(sums.items())
        ],
        "total": len(found),
        "next_cursor": None,
    }
