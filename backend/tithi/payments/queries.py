# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Text, cast, func, select, text

from tithi.payments import banners, ladder
from tithi.payments import status as statuses
from tithi.payments.errors import PaymentNotFoundError
from tithi.payments.models import Card, CardSetup, Payment, PaymentAttempt, PaymentRecovery, PayoutAccount, Refund
from tithi.platform.db import session
from tithi.platform.tenancy import current_tenant_id

PURPOSES = ("outcome", "balance", "tip", "deposit")


def payout_account() -> PayoutAccount | None:
    return session().scalars(select(PayoutAccount)).one_or_none()


def banner_of(account: PayoutAccount) -> str:
    return banners.banner(
        card_payments=account.card_payments,
        payouts=account.payouts,
        requirements_due=account.requirements_due,
        was_ever_active=account.activated_at is not None,
        is_withdrawn=account.withdrawn_at is not None,
    )


def show_payout_account() -> dict[str, Any]:
    """How the business's account stands, as last seen at the processor; also where there is none yet."""
    account = payout_account() or PayoutAccount(
        card_payments="inactive", payouts="inactive", details_submitted=False, requirements_due=0
    )
    return {
        "account_id": account.account_ref,
        "banner": banner_of(account),
        "card_payments": account.card_payments,
        "payouts": account.payouts,
        "details_submitted": account.details_submitted,
        "requirements_due": account.requirements_due,
        "requirements_due_by": account.requirements_due_by,
        "withdrawn_at": account.withdrawn_at,
        "refreshed_at": account.refreshed_at,
    }


def chargeable_account() -> str | None:
    """The account that cards can be kept and charged on, or None while the business has none."""
    return (
        session()
        .execute(
            select(PayoutAccount.account_ref).where(
                PayoutAccount.tenant_id == current_tenant_id(), PayoutAccount.card_payments == "active"
            )
        )
        .scalar_one_or_none()
    )


def activated_at() -> datetime | None:
    """When the business's account began to charge cards, for the last time."""
    account = payout_account()
    return account.activated_at if account else None


def tenant_of_account(account_ref: str) -> UUID | None:
    """Whose account this is, before any tenant is known."""
    found: UUID | None = (
        session()
        .execute(text("SELECT directory_tenant_by_account(:account_ref)"), {"account_ref": account_ref})
        .scalar()
    )
    return found


def get_payment(payment_id: UUID) -> Payment:
    found = session().get(Payment, (current_tenant_id(), payment_id))
    if found is None:
        raise PaymentNotFoundError
    return found


def outcome_payment(owner_id: UUID) -> Payment | None:
    return payment_of(owner_id, "outcome")


def locked_outcome(owner_id: UUID) -> Payment:
    """The owner's outcome payment under its lock; raises PaymentNotFound."""
    payment = payment_of(owner_id, "outcome", lock=True)
    if payment is None:
        raise PaymentNotFoundError
    return payment


def payment_of(owner_id: UUID, purpose: str, *, lock: bool = False) -> Payment | None:
    """What an owner owes, or has paid, for one purpose."""
    statement = select(Payment).where(Payment.owner_id == owner_id, Payment.purpose == purpose)
    if lock:
        statement = statement.with_for_update().execution_options(populate_existing=True)
    return session().scalars(statement).one_or_none()


def payments_of(owner_id: UUID, *, lock: bool = False) -> list[Payment]:
    """All that an owner owes or has paid, the outcome first and the deposit last."""
    statement = select(Payment).where(Payment.owner_id == owner_id)
    if lock:
        statement = statement.with_for_update().execution_options(populate_existing=True)
    return sorted(session().scalars(statement), key=lambda one: PURPOSES.index(one.purpose))


def used_deposit_cents(owner_id: UUID) -> int:
    """What of the owner's deposit an outcome has used."""
    payment = outcome_payment(owner_id)
    return payment.deposit_cents if payment else 0


def paid_deposit_cents(owner_id: UUID) -> int:
    """What the owner's deposit comes to, less what went back of it or is on its way."""
    deposit = payment_of(owner_id, "deposit")
    return deposit.captured_cents - given_back(deposit.id) if deposit else 0


def given_back(payment_id: UUID) -> int:
    """What of a payment is back, or on its way back, in minor units."""
    back = select(func.coalesce(func.sum(Refund.amount_cents), 0))
    return int(session().execute(back.where(Refund.payment_id == payment_id, Refund.status != "failed")).scalar_one())


def is_deposit_awaited(owner_id: UUID) -> bool:
    """Whether the owner was asked for a deposit, and has not paid it."""
    deposit = payment_of(owner_id, "deposit")
    return deposit is not None and not deposit.captured_cents and deposit.status != "canceled"


def latest_attempt(payment_id: UUID) -> PaymentAttempt | None:
    return (
        session()
        .scalars(
            select(PaymentAttempt)
            .where(PaymentAttempt.payment_id == payment_id)
            .order_by(PaymentAttempt.created_at.desc(), PaymentAttempt.id.desc())
            .limit(1)
        )
        .one_or_none()
    )


def get_attempt(attempt_id: UUID) -> PaymentAttempt:
    return session().get_one(PaymentAttempt, (current_tenant_id(), attempt_id))


def captured_attempt(payment_id: UUID) -> PaymentAttempt | None:
    return (
        session()
        .scalars(
            select(PaymentAttempt).where(PaymentAttempt.payment_id == payment_id, PaymentAttempt.status == "succeeded")
        )
        .one_or_none()
    )


def attempt_of_intent(intent_ref: str) -> PaymentAttempt | None:
    return session().scalars(select(PaymentAttempt).where(PaymentAttempt.intent_ref == intent_ref)).one_or_none()


def attempt_of_charge(charge_ref: str) -> PaymentAttempt | None:
    return session().scalars(select(PaymentAttempt).where(PaymentAttempt.charge_ref == charge_ref)).one_or_none()


def latest_setup(owner_id: UUID) -> CardSetup | None:
    return (
        session()
        .scalars(
            select(CardSetup)
            .where(CardSetup.owner_id == owner_id)
            .order_by(CardSetup.created_at.desc(), CardSetup.id.desc())
            .limit(1)
        )
        .one_or_none()
    )


def card_status_by(payment_id: UUID) -> str:
    """Where the card stands that a payment keeps: card_pending, card_on_file or card_failed."""
    kept_by = select(CardSetup.status).where(CardSetup.payment_id == payment_id)
    status = session().scalars(kept_by.order_by(CardSetup.created_at.desc(), CardSetup.id.desc()).limit(1)).one()
    return "card_pending" if status == "submitted" else status


_LATEST_CHOICE = (func.coalesce(Card.chosen_at, Card.created_at).desc(), Card.id.desc())


def is_asked_for(owner_id: UUID) -> bool:
    """Whether the customer was asked to pay the owner's outcome and has not: a fee that is only proposed is not."""
    payment = outcome_payment(owner_id)
    if payment is None or payment.status not in ladder.OWED:
        return False
    return payment.status != "open" or session().get(PaymentRecovery, (current_tenant_id(), payment.id)) is not None


def find_card(card_id: UUID) -> Card | None:
    return session().get(Card, (current_tenant_id(), card_id))


def card_on_file(customer_id: UUID, account_ref: str) -> Card | None:
    """The customer's card that is charged on this account: the one chosen last, else the newest."""
    statement = select(Card).where(
        Card.customer_id == customer_id, Card.account_ref == account_ref, Card.status == "card_on_file"
    )
    return session().scalars(statement.order_by(*_LATEST_CHOICE).limit(1)).one_or_none()


def has_card_for(customer_id: UUID, moment: datetime) -> bool:
    """Whether the customer has a card that can be charged and has not expired at a moment."""
    account_ref = chargeable_account()
    card = card_on_file(customer_id, account_ref) if account_ref else None
    return card is not None and (card.exp_year, card.exp_month) >= (moment.year, moment.month)


def list_cards(customer_id: UUID | None) -> list[Card]:
    """The cards on file, that of each customer that is charged before their others."""
    statement = select(Card).where(Card.status == "card_on_file")
    if customer_id is not None:
        statement = statement.where(Card.customer_id == customer_id)
    return list(session().scalars(statement.order_by(*_LATEST_CHOICE).limit(100)))


def get_refund(refund_id: UUID) -> Refund:
    return session().get_one(Refund, (current_tenant_id(), refund_id))


def refund_of(refund_ref: str, own_id: str | None) -> Refund | None:
    """The refund that the processor knows by that reference, or that was asked for under that id of ours."""
    is_it = Refund.refund_ref == refund_ref
    if own_id is not None:
        is_it |= cast(Refund.id, Text) == own_id
    return session().scalars(select(Refund).where(is_it)).one_or_none()


def list_refunds(payment_id: UUID) -> list[Refund]:
    return list(
        session().scalars(select(Refund).where(Refund.payment_id == payment_id).order_by(Refund.created_at, Refund.id))
    )


def show_payment(payment: Payment) -> dict[str, Any]:
    attempt = latest_attempt(payment.id)
    return {
        "id": payment.id,
        "booking_id": payment.owner_id,
        "customer_id": payment.customer_id,
        "purpose": payment.purpose,
        "reason": payment.reason,
        "status": statuses.shown(payment.status, payment.captured_cents, payment.refunded_cents),
        "method": payment.method,
        "currency": payment.currency,
        "amount_cents": payment.amount_cents,
        "tax_cents": payment.tax_cents,
        "gift_card_cents": payment.gift_card_cents,
        "deposit_cents": payment.deposit_cents,
        "tip_cents": payment.tip_cents,
        "captured_cents": payment.captured_cents,
        "refunded_cents": payment.refunded_cents,
        "application_fee_cents": payment.application_fee_cents,
        "note": payment.note,
        "provider": "stripe" if attempt else None,
        "provider_payment_id": attempt.intent_ref if attempt else None,
        "provider_charge_id": attempt.charge_ref if attempt else None,
        "decline_code": attempt.decline_code if attempt else None,
        "refunds": [show_refund(refund) for refund in list_refunds(payment.id) if refund.part_of is None],
        "created_at": payment.created_at,
        "updated_at": payment.updated_at,
    }


def parts_of(refund_id: UUID) -> list[Refund]:
    """The rows beside the one that a refund was asked for with."""
    return list(session().scalars(select(Refund).where(Refund.part_of == refund_id).order_by(Refund.id)))


def show_refund(refund: Refund) -> dict[str, Any]:
    """A refund as it was asked for, with what of it went back to a gift card."""
    rows = [refund, *parts_of(refund.id)]
    return {
        "id": refund.id,
        "payment_id": refund.payment_id,
        "amount_cents": sum(row.amount_cents for row in rows),
        "gift_card_cents": sum(row.gift_card_cents for row in rows),
        "refund_type": refund.refund_type,
        "reason": refund.reason,
        "status": _status_of_parts([row.status for row in rows]),
        "origin": refund.origin,
        "application_fee_refunded_cents": sum(row.application_fee_refunded_cents for row in rows),
        "created_at": refund.created_at,
    }


def _status_of_parts(found: list[str]) -> str:
    """Failed as soon as a part failed, succeeded once all did."""
    if "failed" in found:
        return "failed"
    return "succeeded" if set(found) == {"succeeded"} else "pending"
