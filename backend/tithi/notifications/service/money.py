# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""What is told of money: receipts, what is owed, what came back."""

from datetime import datetime
from uuid import UUID

from tithi.notifications import rendering, templates
from tithi.notifications.service.visits import Visit, queue, visit_of
from tithi.payments import declines, ladder
from tithi.payments import queries as payments

CARD = "card"
COMPLETION = "completion"
DEPOSIT = "deposit"


def send_receipt(
    *, booking_id: UUID, payment_id: UUID, reason: str, amount_cents: int, currency: str, method: str = CARD
) -> None:
    """The receipt of what was paid, by card or at the desk, for the visit or for a fee."""
    visit = visit_of(booking_id)
    amount = rendering.money(amount_cents, currency)
    attempt = payments.latest_attempt(payment_id) if method == CARD else None
    paid_at = attempt.updated_at if attempt else payments.get_payment(payment_id).updated_at
    said = {
        "amount": amount,
        "card": _card(payment_id, visit.shown["customer"]["id"]) if method == CARD else templates.PAID_BY[method],
        "charged_on": rendering.day(paid_at, visit.shown["timezone"]),
    }
    if reason == DEPOSIT:
        queue(visit, "deposit_receipt", said | {"lines": f"Deposit: {amount}"}, about=payment_id)
    elif reason in templates.MORE:
        queue(visit, "payment_receipt", said | {"lines": f"{templates.MORE[reason]}: {amount}"}, about=payment_id)
    elif reason == COMPLETION:
        queue(visit, "payment_receipt", said | {"lines": _lines(visit)}, about=payment_id)
    else:
        fee = templates.FEES[reason]
        queue(visit, "fee_receipt", said | {"fee": fee, "lines": f"{fee}: {amount}"}, about=payment_id)


def ask_for_card(*, booking_id: UUID, until: datetime, request_id: UUID) -> None:
    """Ask the customer for another card; not for a visit that was called off meanwhile."""
    visit = visit_of(booking_id)
    if visit.shown["status"] not in {"canceled", "failed"}:
        said = {"until": rendering.moment(until, visit.shown["timezone"])}
        queue(visit, "card_wanted", said, about=request_id)


def ask_for_deposit(*, booking_id: UUID, amount_cents: int, request_id: UUID) -> None:
    """Ask the customer for a deposit; not for a visit that was called off, nor for one that was paid meanwhile."""
    visit = visit_of(booking_id)
    if visit.shown["status"] in {"canceled", "failed"} or visit.shown["deposit_status"] == "captured":
        return
    amount = rendering.money(amount_cents, visit.shown["currency"])
    queue(visit, "deposit_wanted", {"amount": amount}, about=request_id)


def tell_card_missing(*, booking_id: UUID, is_released: bool) -> None:
    queue(visit_of(booking_id), "card_missing", {"note": templates.CARD_MISSING[is_released]})


def send_pay_link(*, booking_id: UUID, payment_id: UUID) -> None:
    """Ask the customer to act on a payment, or to pay what they owe; not when they have paid meanwhile."""
    payment = payments.get_payment(payment_id)
    attempt = payments.latest_attempt(payment_id)
    amount = rendering.money(payment.card_cents, payment.currency)
    if payment.status == "needs_customer" and attempt is not None:
        queue(visit_of(booking_id), "payment_needs_customer", {"amount": amount}, about=attempt.id)
    elif payment.status in ladder.OWED:
        queue(visit_of(booking_id), "payment_due", {"amount": amount}, about=payment_id)


def tell_declined(*, booking_id: UUID, payment_id: UUID, decline_code: str | None) -> None:
    """Say that the card was declined and why in plain words, once for each attempt; not when it is paid meanwhile."""
    payment = payments.get_payment(payment_id)
    attempt = payments.latest_attempt(payment_id)
    if payment.status not in ladder.OWED or attempt is None:
        return
    said = {
        "amount": rendering.money(payment.card_cents, payment.currency),
        "card": _card(payment_id, payment.customer_id),
        "reason": declines.in_words(decline_code),
    }
    queue(visit_of(booking_id), "payment_declined", said, about=attempt.id)


def remind_of_payment(*, booking_id: UUID, payment_id: UUID, reminder_id: UUID) -> None:
    """Remind the customer of what they owe; not when they have paid meanwhile."""
    payment = payments.get_payment(payment_id)
    if payment.status in ladder.OWED:
        amount = rendering.money(payment.card_cents, payment.currency)
        queue(visit_of(booking_id), "payment_reminder", {"amount": amount}, about=reminder_id)


def tell_recovery_ended(*, booking_id: UUID, payment_id: UUID) -> None:
    """Say that nothing more is tried to take the money: the business decides."""
    payment = payments.get_payment(payment_id)
    if payment.status in ladder.OWED:
        amount = rendering.money(payment.card_cents, payment.currency)
        queue(visit_of(booking_id), "payment_recovery_ended", {"amount": amount}, about=payment_id)


def tell_refunded(*, booking_id: UUID, payment_id: UUID) -> None:
    """Tell every refund that went through; the fact does not name one, and those told before are not told again."""
    visit = visit_of(booking_id)
    payment = payments.get_payment(payment_id)
    is_card = payment.method == "card"
    for refund in payments.list_refunds(payment_id):
        if refund.status == "succeeded":
            queue(
                visit,
                "payment_refunded",
                {
                    "amount": rendering.money(refund.amount_cents, payment.currency),
                    "card": _card(payment_id, payment.customer_id) if is_card else "",
                    "note": templates.BACK_TO_CARD if is_card else "",
                },
                about=refund.id,
            )


def _lines(visit: Visit) -> str:
    return "\n".join(
        f"{rendering.one_line(line['label'])}: {visit.money(line['amount_cents'])}"
        + (" (included)" if line["is_included"] else "")
        for line in visit.shown["lines"]
    )


def _card(payment_id: UUID, customer_id: UUID) -> str:
    """The card that was charged, as far as it is still on file."""
    attempt = payments.latest_attempt(payment_id)
    if attempt is None:
        return ""
    charged = (attempt.account_ref, attempt.method_ref)
    for card in payments.list_cards(customer_id):
        if (card.account_ref, card.method_ref) == charged:
            return f"{card.brand.title()} ending in {card.last4}"
    return ""
