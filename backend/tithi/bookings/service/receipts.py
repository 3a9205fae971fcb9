# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""Receipts of what was paid for a visit, with the lines of its price."""

from typing import Any
from uuid import UUID

from tithi.bookings import links, queries
from tithi.payments import receipt_queries as receipts
from tithi.payments import service as payment_service
from tithi.platform.crypto import LinkTarget


def issue_receipt(*, booking_id: UUID, payment_id: UUID) -> None:
    """Write the receipt of a visit's payment, once, in the caller's transaction."""
    shown = queries.show_booking(booking_id)
    payment_service.issue_receipt(
        payment_id=payment_id,
        lines=[{name: one[name] for name in _LINE} for one in shown["lines"]],
        visit={
            "confirmation_number": shown["confirmation_number"],
            "start_time": shown["start_time"].isoformat(),
            "timezone": shown["timezone"],
        },
    )


def issue_credit_notes(*, booking_id: UUID, payment_id: UUID) -> None:
    """Write the credit notes of a payment's refunds, each once, after its receipt; in the caller's transaction."""
    issue_receipt(booking_id=booking_id, payment_id=payment_id)
    payment_service.issue_credit_notes(payment_id=payment_id)


def own_receipts(*, target: LinkTarget) -> list[dict[str, Any]]:
    """The receipts and credit notes of the visit behind a link."""
    return receipts.list_of_owner(links.booking_of(target).id)


def own_receipt(*, target: LinkTarget, receipt_id: UUID) -> dict[str, Any]:
    """Raises ReceiptNotFound, also for one of another visit."""
    return receipts.show_of_owner(links.booking_of(target).id, receipt_id)


_LINE = ("kind", "label", "amount_cents", "basis_points", "is_included")
