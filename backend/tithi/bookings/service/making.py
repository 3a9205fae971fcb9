# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""What all new bookings go through: the payment, the facts, the card after the commit, the customer's answer."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from tithi.bookings import links, policy, queries
from tithi.bookings.events import BookingConfirmed, BookingCreated
from tithi.bookings.pricing import Price
from tithi.bookings.service.asking import Made, ask_for_card, card_of
from tithi.bookings.service.confirming import EXPIRE_TIMER, confirm
from tithi.payments import queries as payments
from tithi.payments import service as payment_service
from tithi.platform import clock, idempotency, jobs
from tithi.platform.db import transaction
from tithi.platform.events import publish

PENDING_LIFE = timedelta(minutes=15)
ASKED_BEFORE = timedelta(seconds=30)
"""How long before its time runs out the processor is asked once more about a card that did not come."""
NEXT_ACTIONS = {
    False: {True: "enter_card", False: "confirm_card"},
    True: {True: "enter_payment", False: "confirm_payment"},
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """A booking that has its place: what it costs, and until when it may stay pending (None: it is confirmed).

    A card that it needs is kept on `account_ref`, by taking the deposit where there is one.
    """

    booking_id: UUID
    customer_id: UUID
    starts_at: datetime
    price: Price
    currency: str
    deposit_cents: int
    expires_at: datetime | None
    account_ref: str | None
    given_method_ref: str | None


def make_booking(make: Callable[[], Made]) -> dict[str, Any]:
    """Make a booking in one transaction, ask the processor for its card with none open, and apply what it says.

    With the processor out of reach the booking stays pending and the worker goes on.
    """
    with transaction():
        made = _made_before() or make()
        if not made.waits:
            return _conclude(made.booking_id, payment_service.NO_CARD)
    answer = ask_for_card(made)
    with transaction():
        if answer.card_status == "card_on_file":
            confirm(booking_id=made.booking_id)
        return _conclude(made.booking_id, answer)


def _made_before() -> Made | None:
    """The booking that an earlier try of the same request made before it was cut short."""
    if not idempotency.is_resumed():
        return None
    return card_of(idempotency.work_id())


def open_booking(opening: Opening) -> Made:
    """Write the payment, tell the facts, and begin to keep the card, in the transaction that wrote the booking."""
    payment_service.open_payment(
        owner_id=opening.booking_id,
        customer_id=opening.customer_id,
        amount_cents=opening.price.amount_cents,
        tax_cents=opening.price.tax_cents,
        currency=opening.currency,
    )
    who = {"booking_id": opening.booking_id, "customer_id": opening.customer_id}
    created = BookingCreated(**who, starts_at=opening.starts_at)
    if opening.expires_at is None:
        publish(created, BookingConfirmed(**who))
        return Made(opening.booking_id)
    publish(created)
    if opening.account_ref is None:
        jobs.schedule(EXPIRE_TIMER, opening.booking_id, opening.expires_at)
        return Made(opening.booking_id)
    jobs.schedule(EXPIRE_TIMER, opening.booking_id, opening.expires_at - ASKED_BEFORE)
    card: dict[str, Any] = {
        "owner_id": opening.booking_id,
        "customer_id": opening.customer_id,
        "account_ref": opening.account_ref,
        "given_method_ref": opening.given_method_ref,
    }
    if opening.deposit_cents:
        attempt_id = payment_service.open_deposit(**card, amount_cents=opening.deposit_cents, currency=opening.currency)
        return Made(opening.booking_id, deposit_attempt_id=attempt_id)
    return Made(opening.booking_id, payment_service.begin_setup(**card))


def _conclude(booking_id: UUID, answer: payment_service.SetupAnswer) -> dict[str, Any]:
    result = shown_to_customer(booking_id, answer)
    idempotency.conclude(result)
    return result


def shown_to_customer(booking_id: UUID, answer: payment_service.SetupAnswer) -> dict[str, Any]:
    """The booking as its customer sees it, with what the browser has to do next."""
    queries.flush()
    shown, terms = queries.show_with_terms(booking_id)
    return {
        "booking_id": booking_id,
        **{name: shown[name] for name in _CUSTOMER_FIELDS},
        "card_message": answer.decline_message,
        "next_action": next_action_of(answer),
        "manage_token": links.manage_token(booking_id, terms.link_version),
        **_own_choices(shown, terms),
    }


def next_action_of(answer: payment_service.SetupAnswer) -> dict[str, Any] | None:
    """What the customer's browser has to do, with the secret it does it by."""
    if answer.client_secret is None:
        return None
    return {
        "type": NEXT_ACTIONS[answer.is_payment][answer.needs_card_entry],
        "client_secret": answer.client_secret,
        "publishable_key": payment_service.publishable_key(),
        "account_id": payments.chargeable_account(),
    }


def _own_choices(shown: dict[str, Any], terms: queries.Terms) -> dict[str, Any]:
    """What the customer may still do with a visit, and what canceling would cost at this moment."""
    now, starts_at = clock.now(), shown["start_time"]
    is_ahead = shown["status"] in {"pending", "confirmed"} and starts_at > now
    fee = policy.cancel_fee_cents(
        terms.policy,
        shown["amount_cents"],
        starts_at=policy.window_start(starts_at, terms.late_since),
        now=now,
        canceled_by=policy.CUSTOMER,
        deposit_cents=shown["deposit_cents"] if shown["deposit_status"] == "captured" else 0,
    )
    return {
        "may_cancel": is_ahead and not policy.is_past_notice(terms.policy, "cancel_notice_minutes", starts_at, now),
        "may_move": is_ahead
        and shown["class_session_id"] is None
        and not policy.is_past_notice(terms.policy, "move_notice_minutes", starts_at, now),
        "cancel_fee_cents": fee if shown["status"] == "confirmed" else 0,
    }


_CUSTOMER_FIELDS = (
    "status", "payment_status", "card_status", "confirmation_number", "start_time", "end_time", "timezone", "items",
    "lines", "subtotal_cents", "discount_cents", "tax_cents", "gift_card_cents", "amount_cents", "due_cents",
    "deposit_cents", "deposit_status", "currency",
)  # fmt: skip
