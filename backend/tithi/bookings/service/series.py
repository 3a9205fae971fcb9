# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""Visits that recur: every occurrence is checked and claimed, all in one transaction."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from tithi.availability.errors import SlotUnavailableError
from tithi.bookings import policy, pricing, queries, recurrence
from tithi.bookings.errors import (
    BookingStateConflictError,
    CustomerCapReachedError,
    PrerequisiteMissingError,
    SeriesConflictError,
    SeriesNotFoundError,
    StaffCapReachedError,
)
from tithi.bookings.events import (
    BookingCanceled,
    BookingConfirmed,
    BookingCreated,
    SeriesBooked,
    SeriesCanceled,
    SeriesRescheduled,
)
from tithi.bookings.models import Booking, BookingSeries
from tithi.bookings.service import places
from tithi.bookings.service.limits import check_rules
from tithi.bookings.service.moving import MOVABLE, Move, move
from tithi.bookings.service.placing import offers_for, take_time
from tithi.bookings.service.prices import items_of_visit
from tithi.bookings.service.records import Record, insert
from tithi.bookings.service.terms import terms_of_visit
from tithi.bookings.service.wanted import Wanted
from tithi.bookings.service.who import customer_for
from tithi.payments import service as payment_service
from tithi.platform import clock
from tithi.platform.db import session
from tithi.platform.errors import ConflictError
from tithi.platform.events import publish
from tithi.platform.ids import new_id
from tithi.platform.tenancy import current_tenant_id

FOLLOWING = "following"
ONE = "one"


@dataclass(frozen=True, slots=True)
class Conflict:
    """An occurrence that cannot be booked, with why and the nearest free times."""

    occurrence: int
    starts_at: datetime
    code: str
    alternatives: Sequence[Any]

    def shown(self) -> dict[str, Any]:
        return {
            "occurrence": self.occurrence,
            "start_time": self.starts_at,
            "code": self.code,
            "alternatives": self.alternatives,
        }


def book_series(wanted: Wanted, *, rule: dict[str, Any], book_rest: bool) -> dict[str, Any]:
    """Book every occurrence, or with `book_rest` those that are free, in the caller's transaction.

    Raises:
        SeriesConflict: some are not free and the rest was not asked for; nothing is booked. Carries them all.
    """
    offered = offers_for(wanted)
    zone = next((one.zone for offer in offered for one in offer.candidates), "UTC")
    starts_local = wanted.starts_at.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
    customer_id = customer_for(customer_id=wanted.customer_id, details=wanted.customer, by_staff=wanted.by_staff)
    series = _add(wanted, rule, zone, starts_local, customer_id)
    plan = replace(wanted, customer_id=customer_id, customer=None, series_id=series.id)
    starts = [recurrence.instant(local, zone) for local in recurrence.occurrences(starts_local, rule)]
    booked, conflicts = _book_all(plan, customer_id, starts)
    if conflicts and not (book_rest and booked):
        raise SeriesConflictError(details={"conflicts": [conflict.shown() for conflict in conflicts]})
    publish(SeriesBooked(series_id=series.id, customer_id=customer_id, booking_id=booked[0], count=len(booked)))
    session().flush()
    return {**show_series(series.id), "conflicts": [conflict.shown() for conflict in conflicts]}


def _add(wanted: Wanted, rule: dict[str, Any], zone: str, starts_local: datetime, customer_id: UUID) -> BookingSeries:
    series = BookingSeries(
        tenant_id=current_tenant_id(),
        id=new_id(),
        customer_id=customer_id,
        rule=rule,
        items=[
            {
                "service_id": str(item.service_id),
                "team_member_id": str(item.team_member_id) if item.team_member_id else None,
                "add_on_ids": [str(add_on) for add_on in item.add_on_ids],
            }
            for item in wanted.items
        ],
        timezone=zone,
        starts_local=starts_local,
        status="active",
        version=1,
        created_at=clock.now(),
    )
    session().add(series)
    session().flush()
    return series


def _book_all(plan: Wanted, customer_id: UUID, starts: Sequence[datetime]) -> tuple[list[UUID], list[Conflict]]:
    booked: list[UUID] = []
    conflicts: list[Conflict] = []
    for number, starts_at in enumerate(starts):
        try:
            with session().begin_nested():
                booked.append(_book_one(replace(plan, starts_at=starts_at), customer_id))
        except ConflictError as error:
            conflicts.append(Conflict(number, starts_at, error.code, error.details.get("alternatives", ())))
    return booked, conflicts


def _book_one(wanted: Wanted, customer_id: UUID) -> UUID:
    booking_id = new_id()
    offered = offers_for(wanted)
    visit = take_time(wanted, offered, kind="booking", owner_id=booking_id, expires_at=None)
    visit = replace(visit, bypassed=check_rules(wanted, visit, customer_id=customer_id, booking_id=booking_id))
    price = pricing.price(items_of_visit(visit))
    terms = terms_of_visit(visit, customer_id=customer_id, amount_cents=price.amount_cents)
    insert(wanted, Record(booking_id, customer_id, visit, price, terms, is_confirmed=True, awaits_approval=False))
    payment_service.open_payment(
        owner_id=booking_id,
        customer_id=customer_id,
        amount_cents=price.amount_cents,
        tax_cents=price.tax_cents,
        currency=offered[0].currency,
    )
    publish(
        BookingCreated(booking_id=booking_id, customer_id=customer_id, starts_at=wanted.starts_at),
        BookingConfirmed(booking_id=booking_id, customer_id=customer_id),
    )
    return booking_id


def get_series(series_id: UUID, *, lock: bool = False) -> BookingSeries:
    found = session().get(BookingSeries, (current_tenant_id(), series_id), with_for_update=lock)
    if found is None:
        raise SeriesNotFoundError
    return found


def show_series(series_id: UUID) -> dict[str, Any]:
    series = get_series(series_id)
    return {
        "id": series.id,
        "customer_id": series.customer_id,
        "status": series.status,
        "rule": series.rule,
        "timezone": series.timezone,
        "starts_local": series.starts_local,
        "bookings": [
            {
                "id": booking.id,
                "status": booking.status,
                "start_time": booking.starts_at,
                "end_time": booking.ends_at,
                "local_start": booking.local_start,
            }
            for booking in queries.bookings_of_series(series_id)
        ],
        "version": series.version,
    }


def move_series(*, series_id: UUID, booking_id: UUID, scope: str, to: Move) -> dict[str, Any]:
    """Move one occurrence, it and those after it, or all that are ahead, by the same time on the wall clock.

    Raises:
        SeriesConflict: some new times are not free; nothing is moved. Carries them all.
    """
    series = get_series(series_id, lock=True)
    chosen = _chosen(series_id, booking_id, scope)
    anchor = next(one for one in chosen if one.id == booking_id)
    shift = to.starts_at.astimezone(ZoneInfo(anchor.timezone)).replace(tzinfo=None) - _local(anchor)
    numbers = {booking.id: number for number, booking in enumerate(queries.bookings_of_series(series_id))}
    several = len(chosen) > 1
    conflicts: list[Conflict] = []
    # Those at the far end go first, so that none stands in the way of the one before it.
    for booking in sorted(chosen, key=lambda one: one.starts_at, reverse=shift > timedelta()):
        starts_at = recurrence.instant(_local(booking) + shift, booking.timezone)
        try:
            with session().begin_nested():
                move(booking_id=booking.id, to=replace(to, starts_at=starts_at, in_series=several))
        except (SlotUnavailableError, StaffCapReachedError, CustomerCapReachedError, PrerequisiteMissingError) as error:
            alternatives = error.details.get("alternatives", ())
            conflicts.append(Conflict(numbers[booking.id], starts_at, error.code, alternatives))
    if conflicts:
        conflicts.sort(key=lambda conflict: conflict.occurrence)
        raise SeriesConflictError(details={"conflicts": [conflict.shown() for conflict in conflicts]})
    if several:
        told = _told(series, chosen)
        publish(SeriesRescheduled(**told, change_id=new_id(), moved_by=to.moved_by))
    series.version += 1
    session().flush()
    return show_series(series_id)


def cancel_series(*, series_id: UUID, booking_id: UUID, scope: str, reason: str | None) -> dict[str, Any]:
    """Call off one occurrence, it and those after it, or all that are ahead; on the business's wish, free of charge."""
    series = get_series(series_id, lock=True)
    now = clock.now()
    chosen = _chosen(series_id, booking_id, scope)
    several = len(chosen) > 1
    for booking in chosen:
        booking.status = "canceled"
        booking.canceled_at = booking.updated_at = now
        booking.canceled_by, booking.cancel_reason = policy.BUSINESS, reason
        booking.version += 1
        session().flush()
        places.give_back(booking)
        payment_service.cancel_open(owner_id=booking.id)
        publish(
            BookingCanceled(
                booking_id=booking.id,
                customer_id=booking.customer_id,
                canceled_by=policy.BUSINESS,
                in_series=several,
            )
        )
    if several:
        publish(SeriesCanceled(**_told(series, chosen), change_id=new_id()))
    if not any(one.status in MOVABLE for one in queries.bookings_of_series(series_id)):
        series.status = "canceled"
    series.version += 1
    session().flush()
    return show_series(series_id)


def _told(series: BookingSeries, changed: Sequence[Booking]) -> dict[str, Any]:
    first = min(changed, key=lambda booking: booking.starts_at)
    return {
        "series_id": series.id,
        "customer_id": series.customer_id,
        "booking_id": first.id,
        "count": len(changed),
    }


def _local(booking: Booking) -> datetime:
    return booking.local_start or booking.starts_at.astimezone(ZoneInfo(booking.timezone)).replace(tzinfo=None)


def _chosen(series_id: UUID, booking_id: UUID, scope: str) -> list[Booking]:
    """The occurrences that are meant and can still be changed, locked.

    Raises:
        BookingStateConflict: the named one is not of the series, or can no longer be changed.
    """
    now = clock.now()
    ahead = [one for one in queries.bookings_of_series(series_id) if one.status in MOVABLE and one.starts_at > now]
    named = next((one for one in ahead if one.id == booking_id), None)
    if named is None:
        raise BookingStateConflictError
    if scope == ONE:
        ahead = [named]
    elif scope == FOLLOWING:
        ahead = [one for one in ahead if one.starts_at >= named.starts_at]
    return [queries.get_booking(one.id, lock=True) for one in ahead]
