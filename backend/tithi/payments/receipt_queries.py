# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""Receipts and credit notes."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select

from tithi.customers import queries as customers
from tithi.payments.errors import ReceiptNotFoundError
from tithi.payments.models import Receipt
from tithi.platform import paging
from tithi.platform.db import session
from tithi.platform.errors import InvalidError
from tithi.platform.tenancy import current_tenant_id

FIELDS = (
    "id", "number", "kind", "payment_id", "refund_id", "customer_id", "currency", "total_cents", "tax_cents",
    "issued_at",
)  # fmt: skip
CONTENT = ("business", "lines", "taxes", "tenders", "visit", "receipt_number")


def show_receipt(receipt_id: UUID) -> dict[str, Any]:
    """Raises ReceiptNotFound."""
    found = session().get(Receipt, (current_tenant_id(), receipt_id))
    if found is None:
        raise ReceiptNotFoundError
    return shown(found)


def receipt_of_payment(payment_id: UUID) -> Receipt | None:
    statement = select(Receipt).where(Receipt.payment_id == payment_id, Receipt.kind == "receipt")
    return session().scalars(statement).one_or_none()


def show_receipt_of(payment_id: UUID) -> dict[str, Any]:
    """Raises ReceiptNotFound: nothing was paid."""
    found = receipt_of_payment(payment_id)
    if found is None:
        raise ReceiptNotFoundError
    return shown(found)


def note_of(refund_id: UUID, kind: str) -> Receipt | None:
    """The credit note of a refund, or what took it back."""
    statement = select(Receipt).where(Receipt.refund_id == refund_id, Receipt.kind == kind)
    return session().scalars(statement).one_or_none()


def notes_of(owner_id: UUID) -> Sequence[Receipt]:
    """The credit notes of an owner's payments, and those that take one back, by their number."""
    statement = select(Receipt).where(Receipt.owner_id == owner_id, Receipt.refund_id.is_not(None))
    return session().scalars(statement.order_by(Receipt.number)).all()


def list_of_owner(owner_id: UUID) -> list[dict[str, Any]]:
    """The receipts and credit notes of one visit, by their number."""
    statement = select(Receipt).where(Receipt.owner_id == owner_id).order_by(Receipt.number)
    return [shown(one) for one in session().scalars(statement)]


def show_of_owner(owner_id: UUID, receipt_id: UUID) -> dict[str, Any]:
    """Raises ReceiptNotFound, also for one of another visit."""
    found = session().get(Receipt, (current_tenant_id(), receipt_id))
    if found is None or found.owner_id != owner_id:
        raise ReceiptNotFoundError
    return shown(found)


def list_receipts(*, limit: int, cursor: str | None) -> dict[str, Any]:
    """The newest number first."""
    statement = select(Receipt)
    if cursor:
        statement = statement.where(Receipt.number < _number_of(cursor))
    found, more = paging.split(
        session().scalars(statement.order_by(Receipt.number.desc()).limit(limit + 1)).all(), limit
    )
    return {
        "receipts": [{name: getattr(one, name) for name in FIELDS} for one in found],
        "next_cursor": str(found[-1].number) if more else None,
    }


def _number_of(cursor: str) -> int:
    if not (cursor.isascii() and cursor.isdigit() and len(cursor) <= 18):  # noqa: PLR2004 - fits a bigint
        raise InvalidError(errors={"cursor": ["is not a cursor of this list"]})
    return int(cursor)


def shown(receipt: Receipt) -> dict[str, Any]:
    return {
        **{name: getattr(receipt, name) for name in FIELDS},
        **{name: receipt.content[name] for name in CONTENT},
        "customer_name": customers.get_customer(receipt.customer_id).display_name,
    }
