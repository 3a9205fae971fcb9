# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""Receipts as the customer gets them, by the link to their booking."""

from typing import Any
from uuid import UUID

from tithi.bookings import service
from tithi.payments import receipt_pdf
from tithi.payments.errors import ReceiptNotFoundError
from tithi.payments.receipt_schemas import OwnReceiptList
from tithi.platform import access
from tithi.platform.http import Room

blueprint = Room("own_receipts", description="Receipts of one's own visits.")


@blueprint.get("/manage/<token>/receipts", access="link", returns=OwnReceiptList, limit="public_booking")
def list_own_receipts() -> dict[str, Any]:
    """List the receipts and credit notes of one's own visit."""
    found = service.own_receipts(target=access.link())
    return {"receipts": found, "total": len(found)}


@blueprint.get(
    "/manage/<token>/receipts/<uuid:receipt_id>/pdf",
    access="link",
    media="application/pdf",
    limit="public_booking",
    errors=(ReceiptNotFoundError,),
)
def print_own_receipt(receipt_id: UUID) -> bytes:
    """Give a receipt or credit note of one's own visit to print."""
    return receipt_pdf.render(service.own_receipt(target=access.link(), receipt_id=receipt_id))
