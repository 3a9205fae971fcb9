# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""Booking seats of a class session: counted under its lock, then the same way as any booking."""

import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import text

from tithi.bookings import class_queries
from tithi.bookings.errors import ClassClosedError, ClassFullError, ConsentMissingError
from tithi.bookings.models import ClassSession
from tithi.bookings.policy import may_ask_deposit
from tithi.bookings.pricing import Item, Price
from tithi.bookings.service.asking import Made
from tithi.bookings.service.confirming import confirm
from tithi.bookings.service.making import PENDING_LIFE, Opening, make_booking, open_booking
from tithi.bookings.service.prices import deposit_due, price_with
from tithi.bookings.service.records import LINES, NUMBER_ALPHABET, NUMBER_LENGTH, dumps, price_columns
from tithi.bookings.service.terms import terms_of
from tithi.bookings.service.who import customer_for
from tithi.catalog import queries as catalog
from tithi.payments import queries as payments
from tithi.platform import clock, idempotency
from tithi.platform.db import session
from tithi.platform.ids import new_id
from tithi.platform.tenancy import current_tenant_id
from tithi.promotions.codes import NO_CODES, Codes
from tithi.tenants import queries as tenants

PUBLIC = "public"


@dataclass(frozen=True, slots=True, kw_only=True)
class SeatsWanted:
    """Seats as asked for; either an existing customer or a name and e-mail."""

    class_session_id: UUID
    seats: int
    source: str
    customer_id: UUID | None = None
    customer: dict[str, Any] | None = None
    payment_method_ref: str | None = None
    special_requests: str | None = None
    consent: dict[str, Any] | None = None
    accepts_policy: bool = True
    codes: Codes = NO_CODES


@dataclass(frozen=True, slots=True)
class Record:
    """Seats that are taken, about to be written."""

    booking_id: UUID
    customer_id: UUID
    price: Price
    terms: dict[str, Any]
    is_confirmed: bool


def book_seats(wanted: SeatsWanted) -> dict[str, Any]:
    """Book seats; opens its own transactions.

    Raises:
        ClassFull: fewer seats are left; carries how many.
        ClassClosed: the session is canceled, has begun, or begins too soon.
        ConsentMissing: a card is to be kept and the policy was not agreed to.
    """
    return make_booking(lambda: _make(wanted))


def _make(wanted: SeatsWanted) -> Made:
    customer_id = customer_for(
        customer_id=wanted.customer_id, details=wanted.customer, by_staff=wanted.source != PUBLIC
    )
    found = class_queries.get_session(wanted.class_session_id, lock=True)
    tenant = tenants.get_tenant()
    _refuse_closed(found, wanted, tenant.policy)
    item = _item_of(found, wanted)
    account_ref = payments.chargeable_account() if _may_need_card(wanted, item, tenant.policy) else None
    if account_ref is not None and not wanted.accepts_policy:
        raise ConsentMissingError
    _take_seats(found, wanted)
    booking_id = idempotency.work_id()
    price = price_with(wanted.codes, [item], currency=tenant.currency, booking_id=booking_id, customer_id=customer_id)
    terms = terms_of(
        tenant.policy,
        tenant.policy_version,
        customer_id=customer_id,
        amount_cents=price.amount_cents,
        service_ids=[found.service_id],
    )
    _insert(wanted, found, Record(booking_id, customer_id, price, terms, is_confirmed=account_ref is None))
    deposit = deposit_due(terms, price, tenant.currency) if wanted.source == PUBLIC else 0
    made = open_booking(
        Opening(
            booking_id=booking_id,
            customer_id=customer_id,
            starts_at=found.starts_at,
            price=price,
            currency=tenant.currency,
            deposit_cents=deposit,
            expires_at=None if account_ref is None else clock.now() + PENDING_LIFE,
            account_ref=account_ref if deposit or _requires_card(wanted, item, tenant.policy) else None,
            given_method_ref=wanted.payment_method_ref,
        )
    )
    if account_ref is not None and not made.waits:
        confirm(booking_id=booking_id)
    return made


def _requires_card(wanted: SeatsWanted, item: Item, policy: dict[str, Any]) -> bool:
    return wanted.payment_method_ref is not None or (
        wanted.source == PUBLIC and bool(policy["card_required"]) and item.amount_cents > 0
    )


def _may_need_card(wanted: SeatsWanted, item: Item, policy: dict[str, Any]) -> bool:
    return _requires_card(wanted, item, policy) or (
        wanted.source == PUBLIC and may_ask_deposit(policy) and item.amount_cents > 0
    )


def _refuse_closed(found: ClassSession, wanted: SeatsWanted, policy: dict[str, Any]) -> None:
    """Customers keep to notice and advance; staff book whoever stands in the door until the class is over."""
    if found.status != "scheduled":
        raise ClassClosedError(details={"status": found.status})
    now = clock.now()
    if wanted.source != PUBLIC:
        if found.ends_at <= now:
            raise ClassClosedError(details={"status": "over"})
        return
    service = catalog.get_service(found.service_id)
    own_notice, own_advance = service.min_notice_minutes, service.max_advance_days
    notice = policy["min_notice_minutes"] if own_notice is None else own_notice
    advance = policy["max_advance_days"] if own_advance is None else own_advance
    if not timedelta(minutes=notice) <= found.starts_at - now <= timedelta(days=advance) or found.starts_at <= now:
        raise ClassClosedError(details={"status": "not_bookable_now"})


def _take_seats(found: ClassSession, wanted: SeatsWanted) -> None:
    left = found.capacity - found.booked_seats
    if wanted.source == PUBLIC:
        left = min(left, found.online_capacity - found.online_seats)
        found.online_seats += wanted.seats
    if wanted.seats > left:
        raise ClassFullError(details={"remaining_seats": left})
    found.booked_seats += wanted.seats
    session().flush()


_INSERT = text(
    f"""
    WITH visit AS (
        INSERT INTO bookings (tenant_id, id, confirmation_number, customer_id, location_id, status, starts_at, ends_at,
            local_start, timezone, currency, amount_cents, discount_cents, tax_cents, policy_snapshot, consent,
            special_requests, source, attendee_count, class_session_id, confirmed_at, created_at, updated_at)
        SELECT s.tenant_id, :id, :number, :customer_id, s.location_id, :status, s.starts_at, s.ends_at, s.local_start,
            s.timezone, :currency, :amount, :discount, :tax, CAST(:policy AS jsonb), CAST(:consent AS jsonb),
            :special_requests, :source, :seats, s.id, :confirmed_at, :now, :now
        FROM class_sessions s WHERE s.tenant_id = :tenant_id AND s.id = :session_id
    ), priced AS ({LINES})
    INSERT INTO booking_items (tenant_id, id, booking_id, position, service_id, team_member_id, resource_id, room_id,
        service_snapshot, starts_at, ends_at, price_cents)
    SELECT s.tenant_id, :item_id, :id, 0, s.service_id, s.team_member_id, s.resource_id, s.room_id,
        CAST(:service AS jsonb), s.starts_at, s.ends_at, :item_amount
    FROM class_sessions s WHERE s.tenant_id = :tenant_id AND s.id = :session_id
    """  # noqa: S608 - a statement of another file
)


def _item_of(found: ClassSession, wanted: SeatsWanted) -> Item:
    service = catalog.get_service(found.service_id)
    amount = wanted.seats * found.price_cents
    return Item(new_id(), service.id, service.category_id, service.name, amount, catalog.tax_of(service))


def _insert(wanted: SeatsWanted, found: ClassSession, record: Record) -> None:
    now = clock.now()
    tenant = tenants.get_tenant()
    (item,) = record.price.items
    session().execute(
        _INSERT,
        {
            "tenant_id": current_tenant_id(),
            "session_id": found.id,
            "id": record.booking_id,
            "item_id": item.id,
            "item_amount": item.amount_cents,
            "number": "".join(secrets.choice(NUMBER_ALPHABET) for _ in range(NUMBER_LENGTH)),
            "customer_id": record.customer_id,
            "status": "confirmed" if record.is_confirmed else "pending",
            "currency": tenant.currency,
            **price_columns(record.price),
            "policy": dumps(record.terms),
            "consent": dumps(wanted.consent) if wanted.consent else None,
            "special_requests": wanted.special_requests,
            "source": wanted.source,
            "seats": wanted.seats,
            "confirmed_at": now if record.is_confirmed else None,
            "now": now,
            "service": dumps(_snapshot(found, wanted, item, tenant.currency)),
        },
    )


def _snapshot(found: ClassSession, wanted: SeatsWanted, item: Item, currency: str) -> dict[str, Any]:
    service = catalog.get_service(found.service_id)
    return {
        "name": service.name,
        "duration_min": (found.ends_at - found.starts_at) // timedelta(minutes=1),
        "buffer_before_min": service.buffer_before_min,
        "buffer_after_min": service.buffer_after_min,
        "price_cents": found.price_cents,
        "currency": currency,
        "category_id": item.category_id,
        "tax": item.tax.shown() if item.tax else None,
        "seats": wanted.seats,
        "add_ons": [],
    }
