# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""Routes of receipts and credit notes."""

from typing import Any
from uuid import UUID

from tithi.payments import queries, receipt_pdf, receipt_queries
from tithi.payments.errors import PaymentNotFoundError, ReceiptNotFoundError
from tithi.payments.receipt_schemas import ReceiptList, ReceiptOut
from tithi.platform.http import Room
from tithi.platform.schemas import PageQuery

blueprint = Room("receipts", description="Receipts and credit notes, numbered without gaps.")

PDF = "application/pdf"


@blueprint.get("/receipts", access="staff", query=PageQuery, returns=ReceiptList)
def list_receipts(query: dict[str, Any]) -> dict[str, Any]:
    """List receipts and credit notes, the newest number first."""
    return receipt_queries.list_receipts(limit=query["limit"], cursor=query.get("cursor"))


@blueprint.get("/receipts/<uuid:receipt_id>", access="staff", returns=ReceiptOut, errors=(ReceiptNotFoundError,))
def get_receipt(receipt_id: UUID) -> dict[str, Any]:
    """Show a receipt or credit note."""
    return receipt_queries.show_receipt(receipt_id)


@blueprint.get("/receipts/<uuid:receipt_id>/pdf", access="staff", media=PDF, errors=(ReceiptNotFoundError,))
def print_receipt(receipt_id: UUID) -> bytes:
    """Give a receipt or credit note to print."""
    return receipt_pdf.render(receipt_queries.show_receipt(receipt_id))


@blueprint.get(
    "/payments/<uuid:payment_id>/receipt",
    access="staff",
    returns=ReceiptOut,
    errors=(PaymentNotFoundError, ReceiptNotFoundError),
)
def get_payments_receipt(payment_id: UUID) -> dict[str, Any]:
    """Show the receipt of a payment."""
    return receipt_queries.show_receipt_of(queries.get_payment(payment_id).id)


@blueprint.get(
    "/payments/<uuid:payment_id>/receipt.pdf",
    access="staff",
    media=PDF,
    errors=(PaymentNotFoundError, ReceiptNotFoundError),
)
def print_payments_receipt(payment_id: UUID) -> bytes:
    """Give the receipt of a payment to print."""
    return receipt_pdf.render(receipt_queries.show_receipt_of(queries.get_payment(payment_id).id))
