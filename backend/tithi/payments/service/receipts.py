# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""Receipts and credit notes, numbered without gaps: the number is counted in the transaction that writes it."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import text

from tithi.payments import queries, receipt_lines
from tithi.payments import receipt_queries as receipts
from tithi.payments.models import Payment, Receipt, Refund
from tithi.platform import clock
from tithi.platform.db import session
from tithi.platform.ids import new_id
from tithi.platform.tenancy import current_tenant_id
from tithi.tenants import queries as tenants

RECEIPT = "receipt"
CREDIT_NOTE = "credit_note"
REVERSAL = "reversal"
PAID = frozenset({"succeeded", "settled_elsewhere"})

_LOCK_COUNTER = text(
    """
    INSERT INTO receipt_counters (tenant_id, id, last_number) VALUES (:tenant_id, :id, 0)
    ON CONFLICT (tenant_id) DO UPDATE SET last_number = receipt_counters.last_number
    """
)
_NEXT_NUMBER = text(
    "UPDATE receipt_counters SET last_number = last_number + 1 WHERE tenant_id = :tenant_id RETURNING last_number"
)


def issue_receipt(*, payment_id: UUID, lines: Sequence[Mapping[str, Any]], visit: Mapping[str, Any]) -> None:
    """Write the receipt of a payment that was made, once; `lines` are those of the price it was for.

    What the payment asked for beyond the lines, or less, is a line of its own, so that the lines add up to it.
    """
    _lock_counter()
    payment = queries.get_payment(payment_id)
    is_paid = payment.captured_cents or payment.deposit_cents
    if payment.status not in PAID or not is_paid or receipts.receipt_of_payment(payment_id):
        return
    whole = _completed(payment, lines)
    taxed = lines if payment.purpose == "balance" else whole
    tax_cents = payment.tax_cents + _deposit_tax(payment) if payment.purpose != "deposit" else 0
    content = {
        "lines": whole,
        "taxes": receipt_lines.scaled(receipt_lines.taxes(taxed), tax_cents),
        "tenders": receipt_lines.tenders(
            method=payment.method,
            captured_cents=payment.captured_cents,
            gift_card_cents=payment.gift_card_cents,
        ),
        "visit": dict(visit),
        "receipt_number": None,
    }
    _write(payment, None, payment.captured_cents, content, kind=RECEIPT)


def issue_credit_notes(*, payment_id: UUID) -> None:
    """Write a credit note for each refund of a payment that has none, with its share of each tax.

    What was credited for a refund that failed later is taken back, so that all together is what was kept.
    """
    _lock_counter()
    payment = queries.get_payment(payment_id)
    receipt = _receipt_of(payment)
    if receipt is None:
        return
    for refund in queries.list_refunds(payment_id):
        note = receipts.note_of(refund.id, CREDIT_NOTE)
        if refund.status == "succeeded" and note is None:
            _credit(payment, receipt, refund)
        if refund.status == "failed" and note is not None and receipts.note_of(refund.id, REVERSAL) is None:
            _reverse(payment, note)


def _deposit_tax(payment: Payment) -> int:
    """The tax in what the deposit has paid of an outcome: its receipt has none, the outcome's has all."""
    deposit = queries.payment_of(payment.owner_id, "deposit") if payment.deposit_cents else None
    return deposit.tax_cents if deposit else 0


def _receipt_of(payment: Payment) -> Receipt | None:
    """The receipt that what goes back of a payment is taken off: a used deposit's is that of the outcome."""
    outcome = queries.outcome_payment(payment.owner_id) if payment.purpose == "deposit" else None
    used_by = outcome if outcome is not None and outcome.deposit_cents else payment
    return receipts.receipt_of_payment(used_by.id) or receipts.receipt_of_payment(payment.id)


def _credit(payment: Payment, receipt: Receipt, refund: Refund) -> None:
    notes = receipts.notes_of(payment.owner_id)
    before = [note.content["taxes"] for note in notes if note.content["receipt_number"] == receipt.number]
    label = f"Refund of receipt {receipt.number}"
    content = {
        "lines": [receipt_lines.line("refund", label, -refund.amount_cents)],
        "taxes": receipt_lines.given_back(receipt.content["taxes"], before, refund.tax_cents),
        "tenders": receipt_lines.tenders(
            method=payment.method,
            captured_cents=-refund.amount_cents,
            gift_card_cents=-refund.gift_card_cents,
        ),
        "visit": receipt.content["visit"],
        "receipt_number": receipt.number,
    }
    _write(payment, refund.id, -refund.amount_cents, content, kind=CREDIT_NOTE)


def _reverse(payment: Payment, note: Receipt) -> None:
    taken_back = {
        part: [{**one, name: -one[name]} for one in note.content[part]]
        for part, name in (("taxes", "tax_cents"), ("tenders", "amount_cents"))
    }
    content = {
        **taken_back,
        "lines": [receipt_lines.line(REVERSAL, f"Credit note {note.number} taken back", -note.total_cents)],
        "visit": note.content["visit"],
        "receipt_number": note.content["receipt_number"],
    }
    _write(payment, note.refund_id, -note.total_cents, content, kind=REVERSAL)


def _completed(payment: Payment, lines: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    if payment.reason in receipt_lines.FEES:
        fee = receipt_lines.line(
            "fee", receipt_lines.FEES[payment.reason], payment.captured_cents + payment.deposit_cents
        )
        return [fee, *_deposit_line(payment)]
    if payment.purpose in receipt_lines.PURPOSES:
        return [receipt_lines.line(payment.purpose, receipt_lines.PURPOSES[payment.purpose], payment.captured_cents)]
    priced = [dict(one) for one in lines if one["kind"] != "gift_card"]
    if payment.tip_cents:
        priced.append(receipt_lines.line("tip", "Tip", payment.tip_cents))
    priced += _deposit_line(payment)
    missing = payment.captured_cents - sum(one["amount_cents"] for one in priced if not one["is_included"])
    return [*priced, receipt_lines.line("other", "Adjustment", missing)] if missing else priced


def _deposit_line(payment: Payment) -> list[dict[str, Any]]:
    if not payment.deposit_cents:
        return []
    return [receipt_lines.line("deposit", receipt_lines.PURPOSES["deposit"], -payment.deposit_cents)]


def _write(payment: Payment, refund_id: UUID | None, total_cents: int, content: dict[str, Any], *, kind: str) -> None:
    number: int = session().execute(_NEXT_NUMBER, {"tenant_id": current_tenant_id()}).scalar_one()
    session().add(
        Receipt(
            tenant_id=current_tenant_id(),
            id=new_id(),
            number=number,
            kind=kind,
            payment_id=payment.id,
            refund_id=refund_id,
            owner_id=payment.owner_id,
            customer_id=payment.customer_id,
            currency=payment.currency,
            total_cents=total_cents,
            tax_cents=sum(one["tax_cents"] for one in content["taxes"]),
            content={**content, "business": _business()},
            issued_at=clock.now(),
        )
    )
    session().flush()


def _lock_counter() -> None:
    session().execute(_LOCK_COUNTER, {"tenant_id": current_tenant_id(), "id": new_id()})


def _business() -> dict[str, Any]:
    tenant, place = tenants.get_tenant(), tenants.first_location()
    return {
        "name": tenant.legal_name or tenant.name,
        "email": tenant.email,
        "phone": tenant.phone,
        "tax_number": tenant.tax_number,
        "address": place.address,
        "timezone": place.timezone,
    }
