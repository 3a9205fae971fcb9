# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""Making a booking: the time and everything that depends on it in one transaction, the card after it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any
from uuid import UUID

from tithi.availability.queries import Offer
from tithi.bookings import links, policy, queries
from tithi.bookings.errors import ConsentMissingError
from tithi.bookings.events import BookingConfirmed, BookingCreated
from tithi.bookings.service.confirming import confirm
from tithi.bookings.service.limits import check_rules
from tithi.bookings.service.placing import offers_for, take_time
from tithi.bookings.service.records import Record, insert
from tithi.bookings.service.wanted import Wanted
from tithi.bookings.service.who import customer_for
from tithi.payments import queries as payments
from tithi.payments import service as payment_service
from tithi.platform import clock, idempotency, jobs
from tithi.platform.db import transaction
from tithi.platform.events import publish

PENDING_LIFE = timedelta(minutes=15)
EXPIRE_TIMER = "bookings.expire_pending"


@dataclass(frozen=True, slots=True)
class _Made:
    booking_id: UUID
    setup_id: UUID | None


def book(wanted: Wanted) -> dict[str, Any]:
    """Book a visit.

    Where the policy asks for a card, the booking is pending until the card is on file; with the processor out of reach
    it stays pending and the worker goes on.

    Raises:
        SlotUnavailable: the time is not free; carries the nearest alternatives.
        HoldExpired: the named hold ran out.
        StaffCapReached, CustomerCapReached, PrerequisiteMissing: a rule of the business is in the way.
        ConsentMissing: a card is to be kept and the policy was not agreed to.
    """
    with transaction():
        made = _made_before() or _make(wanted)
        if made.setup_id is None:
            return _conclude(made.booking_id, payment_service.NO_CARD)
    found_setup = payment_service.call_setup(setup_id=made.setup_id)
    with transaction():
        answer = payment_service.apply_setup(setup_id=made.setup_id, found=found_setup)
        if answer.card_status == "card_on_file":
            confirm(booking_id=made.booking_id)
        return _conclude(made.booking_id, answer)


def _made_before() -> _Made | None:
    """The booking that an earlier try of the same request made before it was cut short."""
    if not idempotency.is_resumed():
        return None
    booking_id = idempotency.work_id()
    setup = payments.latest_setup(booking_id)
    return _Made(booking_id, setup.id) if setup else None


def _make(wanted: Wanted) -> _Made:
    now = clock.now()
    offered = offers_for(wanted)
    account_ref = payments.chargeable_account() if _may_need_card(wanted, offered) else None
    needs_card = account_ref is not None
    if needs_card and not wanted.accepts_policy:
        raise ConsentMissingError
    booking_id = idempotency.work_id()
    awaits_approval = not wanted.by_staff and any(offer.requires_approval for offer in offered)
    expires_at = now + PENDING_LIFE if needs_card else (wanted.starts_at if awaits_approval else None)
    visit = take_time(wanted, offered, kind="booking", owner_id=booking_id, expires_at=expires_at)
    customer_id = customer_for(customer_id=wanted.customer_id, details=wanted.customer)
    visit = replace(visit, bypassed=check_rules(wanted, visit, customer_id=customer_id, booking_id=booking_id))
    record = Record(booking_id, customer_id, visit, is_confirmed=expires_at is None, awaits_approval=awaits_approval)
    insert(wanted, record)
    payment_service.open_payment(
        owner_id=booking_id, customer_id=customer_id, amount_cents=visit.amount_cents, currency=offered[0].currency
    )
    created = BookingCreated(booking_id=booking_id, customer_id=customer_id, starts_at=wanted.starts_at)
    if expires_at is None:
        publish(created, BookingConfirmed(booking_id=booking_id, customer_id=customer_id))
        return _Made(booking_id, None)
    publish(created)
    jobs.schedule(EXPIRE_TIMER, booking_id, expires_at)
    if account_ref is None:
        return _Made(booking_id, None)
    setup_id = payment_service.begin_setup(
        owner_id=booking_id,
        customer_id=customer_id,
        account_ref=account_ref,
        given_method_ref=wanted.payment_method_ref,
    )
    return _Made(booking_id, setup_id)


def _may_need_card(wanted: Wanted, offered: Sequence[Offer]) -> bool:
    if wanted.payment_method_ref is not None:
        return True
    price = sum(max((one.price_cents for one in offer.candidates), default=0) for offer in offered)
    return not wanted.by_staff and bool(offered[0].policy["card_required"]) and price > 0


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
    "amount_cents", "due_cents", "currency",
)  # fmt: skip
