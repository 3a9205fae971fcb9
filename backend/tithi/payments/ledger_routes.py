# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""Routes of the books: the ledger."""

from typing import Any
from uuid import UUID

from tithi.payments import ledger_queries
from tithi.payments.errors import PaymentNotFoundError
from tithi.payments.ledger_schemas import DayList, DaysQuery, LedgerOut, LedgerQuery
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
