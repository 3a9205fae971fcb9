# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""Making a booking: the time and everything that depends on it in one transaction, the card after it."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from tithi.availability.queries import Offer
from tithi.bookings import policy
from tithi.bookings.errors import ConsentMissingError
from tithi.bookings.service.asking import Made
from tithi.bookings.service.confirming import confirm
from tithi.bookings.service.limits import check_rules
from tithi.bookings.service.making import PENDING_LIFE, Opening, make_booking, open_booking
from tithi.bookings.service.placing import offers_for, take_time
from tithi.bookings.service.prices import deposit_due, items_of_visit, price_with
from tithi.bookings.service.records import Record, insert
from tithi.bookings.service.terms import terms_of_visit
from tithi.bookings.service.wanted import Wanted
from tithi.bookings.service.who import customer_for
from tithi.payments import queries as payments
from tithi.platform import clock, idempotency


def book(wanted: Wanted) -> dict[str, Any]:
    """Book a visit.

    Where the policy asks for a card, the booking is pending until the card is on file; with the processor out of reach
    it stays pending and the worker goes on.

    Raises:
        SlotUnavailable: the time is not free; carries the nearest alternatives.
        HoldExpired: the named hold ran out.
        StaffCapReached, CustomerCapReached, PrerequisiteMissing: a rule of the business is in the way.
        CouponNotFound and the other refusals of coupons: a code gives nothing.
        ConsentMissing: a card is to be kept and the policy was not agreed to.
    """
    return make_booking(lambda: _make(wanted))


def _make(wanted: Wanted) -> Made:
    now = clock.now()
    offered = offers_for(wanted)
    account_ref = payments.chargeable_account() if _may_need_card(wanted, offered) else None
    if account_ref is not None and not wanted.accepts_policy:
        raise ConsentMissingError
    booking_id = idempotency.work_id()
    awaits_approval = not wanted.by_staff and any(offer.requires_approval for offer in offered)
    expires_at = now + PENDING_LIFE if account_ref is not None else (wanted.starts_at if awaits_approval else None)
    visit = take_time(wanted, offered, kind="booking", owner_id=booking_id, expires_at=expires_at)
    customer_id = customer_for(customer_id=wanted.customer_id, details=wanted.customer, by_staff=wanted.by_staff)
    visit = replace(visit, bypassed=check_rules(wanted, visit, customer_id=customer_id, booking_id=booking_id))
    price = price_with(
        wanted.codes,
        items_of_visit(visit),
        currency=offered[0].currency,
        booking_id=booking_id,
        customer_id=customer_id,
    )
    record = Record(
        booking_id,
        customer_id,
        visit,
        price,
        terms_of_visit(visit, customer_id=customer_id, amount_cents=price.amount_cents),
        is_confirmed=expires_at is None,
        awaits_approval=awaits_approval,
    )
    insert(wanted, record)
    made = open_booking(_opening(wanted, offered, record, expires_at=expires_at, account_ref=account_ref))
    if account_ref is not None and not made.waits:
        confirm(booking_id=booking_id)
    return made


def _opening(
    wanted: Wanted, offered: Sequence[Offer], record: Record, *, expires_at: datetime | None, account_ref: str | None
) -> Opening:
    currency = offered[0].currency
    deposit = 0 if wanted.by_staff else deposit_due(record.terms, record.price, currency)
    return Opening(
        booking_id=record.booking_id,
        customer_id=record.customer_id,
        starts_at=wanted.starts_at,
        price=record.price,
        currency=currency,
        deposit_cents=deposit,
        expires_at=expires_at,
        account_ref=account_ref if deposit or _requires_card(wanted, offered) else None,
        given_method_ref=wanted.payment_method_ref,
    )


def _may_need_card(wanted: Wanted, offered: Sequence[Offer]) -> bool:
    return _requires_card(wanted, offered) or (
        not wanted.by_staff and policy.may_ask_deposit(offered[0].policy) and _most(offered) > 0
    )


def _requires_card(wanted: Wanted, offered: Sequence[Offer]) -> bool:
    if wanted.payment_method_ref is not None:
        return True
    return not wanted.by_staff and bool(offered[0].policy["card_required"]) and _most(offered) > 0


def _most(offered: Sequence[Offer]) -> int:
    return sum(max((one.price_cents for one in offer.candidates), default=0) for offer in offered)
