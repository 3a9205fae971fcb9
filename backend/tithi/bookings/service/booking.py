# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""Making a booking: the time and everything that depends on it in one transaction, the card after it."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import text

from tithi.availability import queries as availability
from tithi.availability import service as claims
from tithi.availability import slots
from tithi.availability.errors import HoldExpiredError, SlotUnavailableError
from tithi.availability.queries import Candidate, Offer
from tithi.availability.service import Want
from tithi.bookings import links, queries
from tithi.bookings.errors import ConsentMissingError
from tithi.bookings.events import BookingConfirmed, BookingCreated
from tithi.bookings.service.confirming import confirm
from tithi.customers import queries as customers
from tithi.customers import service as customer_service
from tithi.payments import queries as payments
from tithi.payments import service as payment_service
from tithi.platform import clock, idempotency, jobs
from tithi.platform.db import session, transaction
from tithi.platform.events import publish
from tithi.platform.ids import new_id
from tithi.platform.tenancy import current_tenant_id
from tithi.tenants.policy import snapshot

PENDING_LIFE = timedelta(minutes=15)
EXPIRE_TIMER = "bookings.expire_pending"
NUMBER_ALPHABET = "ABCDEFGHJKMNPQRSTVWXYZ23456789"
NUMBER_LENGTH = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A visit as asked for; either an existing customer or a name and e-mail. `starts_at` is aware."""

    service_id: UUID
    team_member_id: UUID | None
    starts_at: datetime
    source: str
    customer_id: UUID | None = None
    customer: dict[str, Any] | None = None
    payment_method_ref: str | None = None
    hold_id: UUID | None = None
    special_requests: str | None = None
    consent: dict[str, Any] | None = None
    accepts_policy: bool = True


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
    offered = offer_for(wanted)
    account_ref = payments.chargeable_account() if _may_need_card(wanted, offered) else None
    needs_card = account_ref is not None
    if needs_card and not wanted.accepts_policy:
        raise ConsentMissingError
    booking_id = idempotency.work_id()
    expires_at = now + PENDING_LIFE if needs_card else None
    candidate = take_time(wanted, offered, kind="booking", owner_id=booking_id, expires_at=expires_at)
    customer_id = _customer_of(wanted)
    _insert(wanted, offered, candidate, booking_id, customer_id, confirmed=not needs_card)
    payment_service.open_payment(
        owner_id=booking_id, customer_id=customer_id, amount_cents=offered.price_cents, currency=offered.currency
    )
    created = BookingCreated(booking_id=booking_id, customer_id=customer_id, starts_at=wanted.starts_at)
    if account_ref is None or expires_at is None:
        publish(created, BookingConfirmed(booking_id=booking_id, customer_id=customer_id))
        return _Made(booking_id, None)
    publish(created)
    jobs.schedule(EXPIRE_TIMER, booking_id, expires_at)
    setup_id = payment_service.begin_setup(
        owner_id=booking_id,
        customer_id=customer_id,
        account_ref=account_ref,
        given_method_ref=wanted.payment_method_ref,
    )
    return _Made(booking_id, setup_id)


def _may_need_card(wanted: Wanted, offered: Offer) -> bool:
    if wanted.payment_method_ref is not None:
        return True
    return wanted.source == "public" and bool(offered.policy["card_required"]) and offered.price_cents > 0


def offer_for(wanted: Wanted) -> Offer:
    day = wanted.starts_at.date()
    return availability.offer(
        service_id=wanted.service_id,
        team_member_id=wanted.team_member_id,
        first=day - timedelta(days=1),
        last=day + timedelta(days=1),
    )


def take_time(wanted: Wanted, offered: Offer, *, kind: str, owner_id: UUID, expires_at: datetime | None) -> Candidate:
    """Claim the visit's time of the first candidate who has it.

    Raises:
        SlotUnavailable: nobody has; carries the nearest alternatives.
        HoldExpired: the named hold ran out or is of another time.
    """
    start = slots.to_epoch_minute(wanted.starts_at)
    earliest, latest = offered.bounds(staff=wanted.source == "staff")
    on_the_minute = not (wanted.starts_at.second or wanted.starts_at.microsecond)
    willing = [
        candidate
        for candidate in offered.candidates
        if on_the_minute and earliest <= start <= latest and _works_at(candidate, offered, start)
    ]
    for candidate in willing:
        for lane in range(candidate.lanes):
            want = want_of(offered, candidate, lane, wanted.starts_at)
            if wanted.hold_id is not None:
                is_taken = claims.take_over_hold(
                    hold_id=wanted.hold_id, want=want, owner_id=owner_id, expires_at=expires_at
                )
            else:
                is_taken = claims.claim(wants=[want], kind=kind, owner_id=owner_id, expires_at=expires_at)
            if is_taken:
                return candidate
    if wanted.hold_id is not None:
        raise HoldExpiredError
    raise SlotUnavailableError(
        details={
            "alternatives": availability.alternatives(
                service_id=wanted.service_id, team_member_id=wanted.team_member_id, near=wanted.starts_at
            )
        }
    )


def want_of(offered: Offer, candidate: Candidate, lane: int, starts_at: datetime) -> Want:
    """The time that a visit takes of its resource, buffers included."""
    demand = offered.demand
    return Want(
        candidate.resource_id,
        lane,
        starts_at - timedelta(minutes=demand.before),
        starts_at + timedelta(minutes=demand.duration + demand.after),
    )


def _works_at(candidate: Candidate, offered: Offer, start: int) -> bool:
    day = availability.local_date(slots.from_epoch_minute(start), candidate.zone)
    return slots.fits(availability.windows(candidate, day, day), start, offered.demand)


def _customer_of(wanted: Wanted) -> UUID:
    if wanted.customer_id is not None:
        customers.refuse_unknown(wanted.customer_id)
        return wanted.customer_id
    details = wanted.customer or {}
    return customer_service.find_or_add(
        display_name=details["name"],
        email=details["email"],
        phone=details.get("phone"),
        marketing_opt_in=bool(details.get("marketing_opt_in", False)),
    )


_INSERT = text(
    """
    WITH visit AS (
        INSERT INTO bookings (tenant_id, id, confirmation_number, customer_id, location_id, status, starts_at, ends_at,
            timezone, currency, amount_cents, policy_snapshot, consent, special_requests, source, confirmed_at,
            created_at, updated_at)
        VALUES (:tenant_id, :id, :number, :customer_id, :location_id, :status, :starts_at, :ends_at, :timezone,
            :currency, :price, CAST(:policy AS jsonb), CAST(:consent AS jsonb), :special_requests, :source,
            :confirmed_at, :now, :now)
    )
    INSERT INTO booking_items (tenant_id, id, booking_id, position, service_id, team_member_id, resource_id,
        service_snapshot, starts_at, ends_at, price_cents)
    VALUES (:tenant_id, :item_id, :id, 0, :service_id, :team_member_id, :resource_id, CAST(:service AS jsonb),
        :starts_at, :ends_at, :price)
    """
)


def _insert(
    wanted: Wanted, offered: Offer, candidate: Candidate, booking_id: UUID, customer_id: UUID, *, confirmed: bool
) -> None:
    now = clock.now()
    demand = offered.demand
    session().execute(
        _INSERT,
        {
            "tenant_id": current_tenant_id(),
            "id": booking_id,
            "item_id": new_id(),
            "number": "".join(secrets.choice(NUMBER_ALPHABET) for _ in range(NUMBER_LENGTH)),
            "customer_id": customer_id,
            "location_id": candidate.location_id,
            "status": "confirmed" if confirmed else "pending",
            "starts_at": wanted.starts_at,
            "ends_at": wanted.starts_at + timedelta(minutes=demand.duration),
            "timezone": candidate.zone,
            "currency": offered.currency,
            "price": offered.price_cents,
            "policy": dumps(snapshot(offered.policy, offered.policy_version)),
            "consent": dumps(wanted.consent) if wanted.consent else None,
            "special_requests": wanted.special_requests,
            "source": wanted.source,
            "confirmed_at": now if confirmed else None,
            "now": now,
            "service_id": offered.service_id,
            "team_member_id": candidate.team_member_id,
            "resource_id": candidate.resource_id,
            "service": dumps(
                {
                    "name": offered.name,
                    "duration_min": demand.duration,
                    "buffer_before_min": demand.before,
                    "buffer_after_min": demand.after,
                    "price_cents": offered.price_cents,
                    "currency": offered.currency,
                }
            ),
        },
    )


def _conclude(booking_id: UUID, answer: payment_service.SetupAnswer) -> dict[str, Any]:
    result = shown_to_customer(booking_id, answer)
    idempotency.conclude(result)
    return result


def shown_to_customer(booking_id: UUID, answer: payment_service.SetupAnswer) -> dict[str, Any]:
    """The booking as its customer sees it, with what the browser has to do next."""
    queries.flush()
    shown, link_version = queries.show_with_link_version(booking_id)
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
        "manage_token": links.manage_token(booking_id, link_version),
    }


_CUSTOMER_FIELDS = (
    "status", "payment_status", "card_status", "confirmation_number", "start_time", "end_time", "timezone", "items",
    "amount_cents", "due_cents", "currency",
)  # fmt: skip


def dumps(value: object) -> str:
    return orjson.dumps(value).decode()
