# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""Routes of the books: the ledger, payouts, and where we and the processor differ."""

from typing import Any
from uuid import UUID

from tithi.payments import ledger_queries, service
from tithi.payments.errors import (
    BreakNotFoundError,
    BreakResolvedError,
    PaymentNotFoundError,
    PayoutAccountMissingError,
    PayoutNotFoundError,
    ProcessorFailedError,
)
from tithi.payments.ledger_schemas import (
    BreakList,
    BreakOut,
    BreakQuery,
    BreakResolutionIn,
    DayList,
    DaysQuery,
    LedgerOut,
    LedgerQuery,
    PayoutLedgerOut,
    PayoutList,
    PayoutQuery,
    ReconciliationIn,
    ReconciliationOut,
)
from tithi.platform.http import Room

blueprint = Room("ledger", description="What every movement of money did to whom.")


@blueprint.get("/payments/<uuid:payment_id>/ledger", access="admin", returns=LedgerOut, errors=(PaymentNotFoundError,))
def show_payments_ledger(payment_id: UUID) -> dict[str, Any]:
    """Show what was posted for a payment."""
    return ledger_queries.ledger_of_payment(payment_id)


@blueprint.get("/payments/ledger", access="admin", query=LedgerQuery, returns=LedgerOut, errors=(PaymentNotFoundError,))
def show_bookings_ledger(query: dict[str, Any]) -> dict[str, Any]:
    """Show what was posted for a booking."""
    return ledger_queries.ledger_of_booking(query["booking_id"])


@blueprint.get("/payments/ledger/days", access="admin", query=DaysQuery, returns=DayList)
def list_ledger_days(query: dict[str, Any]) -> dict[str, Any]:
    """Sum the ledger by day, in the business's own time zone."""
    return ledger_queries.ledger_days(first=query.get("first"), last=query.get("last"))


@blueprint.get("/payments/payouts", access="admin", query=PayoutQuery, returns=PayoutList)
def list_payouts(query: dict[str, Any]) -> dict[str, Any]:
    """List what went to the business's bank."""
    return ledger_queries.list_payouts(limit=query["limit"], cursor=query.get("cursor"), status=query.get("status"))


@blueprint.get(
    "/payments/payouts/<uuid:payout_id>", access="admin", returns=PayoutLedgerOut, errors=(PayoutNotFoundError,)
)
def show_payout(payout_id: UUID) -> dict[str, Any]:
    """Show a payout with what it paid out."""
    return ledger_queries.show_payout(payout_id)


@blueprint.post(
    "/payments/reconciliation",
    access="owner",
    body=ReconciliationIn,
    returns=ReconciliationOut,
    limit="payments",
    phased=True,
    errors=(PayoutAccountMissingError, ProcessorFailedError),
    entitlement="always",
)
def reconcile(body: dict[str, Any]) -> service.Reconciliation:
    """Compare our books with the processor's, apply what was missed, and keep what differs."""
    return service.reconcile(since=body.get("since"), until=body.get("until"))


@blueprint.get("/payments/breaks", access="admin", query=BreakQuery, returns=BreakList)
def list_breaks(query: dict[str, Any]) -> dict[str, Any]:
    """List where our books and the processor's differ, and what to do about each."""
    return ledger_queries.list_breaks(limit=query["limit"], cursor=query.get("cursor"), status=query.get("status"))


@blueprint.post(
    "/payments/breaks/<uuid:break_id>/resolve",
    access="owner",
    body=BreakResolutionIn,
    returns=BreakOut,
    errors=(BreakNotFoundError, BreakResolvedError),
    entitlement="always",
)
def resolve_break(break_id: UUID, body: dict[str, Any]) -> dict[str, Any]:
    """Close a break with the reason why it is none, or how it was settled."""
    return ledger_queries.show_break(service.resolve_break(break_id=break_id, reason=body["reason"]))
