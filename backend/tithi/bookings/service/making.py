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
from tithi.bookings.service.confirming import EXPIRE_TIMER, confirm
from tithi.payments import queries as payments
from tithi.payments import service as payment_service
from tithi.platform import clock, idempotency, jobs
from tithi.platform.db import transaction
from tithi.platform.events import publish

PENDING_LIFE = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Made:
    """A booking that was written, with the card that it waits for."""

    booking_id: UUID
    setup_id: UUID | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """A booking that has its place: what it costs, and until when it may stay pending (None: it is confirmed)."""

    booking_id: UUID
    customer_id: UUID
    starts_at: datetime
    price: Price
    currency: str
    expires_at: datetime | None
    account_ref: str | None
    given_method_ref: str | None


def make_booking(make: Callable[[], Made]) -> dict[str, Any]:
    """Make a booking in one transaction, ask the processor for its card with none open, and apply what it says.

    With the processor out of reach the booking stays pending and the worker goes on.
    """
    with transaction():
        made = _made_before() or make()
        if made.setup_id is None:
            return _conclude(made.booking_id, payment_service.NO_CARD)
    found_setup = payment_service.call_setup(setup_id=made.setup_id)
    with transaction():
        answer = payment_service.apply_setup(setup_id=made.setup_id, found=found_setup)
        if answer.card_status == "card_on_file":
            confirm(booking_id=made.booking_id)
        return _conclude(made.booking_id, answer)


def _made_before() -> Made | None:
    """The booking that an earlier try of the same request made before it was cut short."""
    if not idempotency.is_resumed():
        return None
    booking_id = idempotency.work_id()
    setup = payments.latest_setup(booking_id)
    return Made(booking_id, setup.id) if setup else None


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
        return Made(opening.booking_id, None)
    publish(created)
    jobs.schedule(EXPIRE_TIMER, opening.booking_id, opening.expires_at)
    if opening.account_ref is None:
        return Made(opening.booking_id, None)
    setup_id = payment_service.begin_setup(
        owner_id=opening.booking_id,
        customer_id=opening.customer_id,
        account_ref=opening.account_ref,
        given_method_ref=opening.given_method_ref,
    )
    return Made(opening.booking_id, setup_id)


def _conclude(booking_id: UUID, answer: payment_service.SetupAnswer) -> dict[str, Any]:
    result = shown_to_customer(booking_id, answer)
    idempotency.conclude(result)
    return result


def shown_to_customer(booking_id: UUID, answer: payment_service.SetupAnswer) -> dict[str, Any]:
    """The booking as its customer sees it, with what the browser has to do next."""
    queries.flush()
    shown, terms = queries.show_with_terms(booking_id)
    next_action = None
    if answer.client_secret is not None:
        next_action = {
            "type": "enter_card" if answer.needs_card_entry else "confirm_card",
            "client_secret": answer.client_secret,
            "publishable_key": payment_service.publishable_key(),
            "account_id": payments.chargeable_account(),
        }
    return {
        "booking_id": booking_id,
        **{name: shown[name] for name in _CUSTOMER_FIELDS},
        "card_message": answer.decline_message,
        "next_action": next_action,
        "manage_token": links.manage_token(booking_id, terms.link_version),
        **_own_choices(shown, terms),
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
    "currency",
)  # fmt: skip
