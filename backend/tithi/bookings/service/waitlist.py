# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""The waitlist: joining and leaving it, answering an offer, and what time does to an entry."""

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from tithi.availability import queries as availability
from tithi.availability.errors import SlotUnavailableError
from tithi.availability.queries import Item, Offer
from tithi.bookings import links, waitlist_queries, waitlist_terms
from tithi.bookings.errors import (
    NotBookableError,
    OfferClosedError,
    OfferTooLateError,
    WaitlistStateConflictError,
)
from tithi.bookings.models import WaitlistEntry, WaitlistOffer
from tithi.bookings.service.booking import book
from tithi.bookings.service.offering import become, end_offer, make_offer, offer_freed_visit, settle_offer
from tithi.bookings.service.wanted import Wanted
from tithi.bookings.service.who import customer_for
from tithi.bookings.waitlist_terms import FreeSlot
from tithi.platform import clock, idempotency, jobs
from tithi.platform.crypto import LinkTarget
from tithi.platform.db import session, transaction
from tithi.platform.errors import InvalidError
from tithi.platform.ids import new_id
from tithi.platform.tenancy import current_tenant_id
from tithi.tenants import queries as tenants

EXPIRE_TIMER = "bookings.expire_wish"
LONGEST_RANGE_DAYS = 92


def join_waitlist(
    *, wish: dict[str, Any], customer_id: UUID | None, customer: dict[str, Any] | None, by_staff: bool
) -> UUID:
    """Put a customer on the waitlist; `wish` has the service, the days and times, and for whom it is worth what.

    Raises:
        ServiceNotFound, TeamMemberNotFound: it cannot be booked, or not with this person.
        NotBookable: it is a class.
        CustomerBlocked: they may not book online, and it is not staff who asks.
    """
    today = clock.now().date()
    offered = availability.offer(
        service_id=wish["service_id"], team_member_id=wish.get("team_member_id"), first=today, last=today
    )
    if offered.kind != "appointment":
        raise NotBookableError
    zone = _zone_of(offered)
    _check_days(wish["first_date"], wish["last_date"], zone)
    now = clock.now()
    entry = WaitlistEntry(
        tenant_id=current_tenant_id(),
        id=new_id(),
        customer_id=customer_for(customer_id=customer_id, details=customer, by_staff=by_staff),
        status="waiting",
        **{"value_cents": offered.price_cents, **wish},
        created_at=now,
        updated_at=now,
    )
    session().add(entry)
    session().flush()
    over = waitlist_terms.instant_of(entry.last_date + timedelta(days=1), 0, zone)
    jobs.schedule(EXPIRE_TIMER, entry.id, over)
    return entry.id


def leave_waitlist(*, entry_id: UUID) -> None:
    """Take an entry off the waitlist; a time that is kept for it goes to the next.

    Raises:
        WaitlistStateConflict: it was booked or is over.
    """
    entry = waitlist_queries.get_entry(entry_id, lock=True)
    if entry.status == "left":
        return
    if entry.status not in {"waiting", "offered"}:
        raise WaitlistStateConflictError(details={"status": entry.status})
    offer = waitlist_queries.open_offer(entry_id)
    if offer is not None:
        _refuse_booked(entry, offer)
        end_offer(entry, offer, status="withdrawn")
    become(entry, "left")
    jobs.cancel(EXPIRE_TIMER, entry_id)


def decline_offer(*, target: LinkTarget) -> dict[str, Any]:
    """Decline the open offer of the entry behind a link; the same slot is not offered to it again.

    Raises:
        OfferClosed: there is none.
    """
    entry = waitlist_queries.get_entry(links.entry_of(target).id, lock=True)
    offer = waitlist_queries.open_offer(entry.id)
    if offer is None or offer.expires_at <= clock.now():
        raise OfferClosedError
    _refuse_booked(entry, offer)
    end_offer(entry, offer, status="declined")
    return waitlist_queries.show_own(entry.id)


def accept_offer(
    *, target: LinkTarget, payment_method_ref: str | None, accepts_policy: bool, consent: dict[str, Any]
) -> dict[str, Any]:
    """Book the time that is kept for the entry behind a link; opens its own transactions.

    The offer counts as accepted once the booking stands; `settle_offer` finds that out, here or by the offer's timer.

    Raises:
        OfferClosed: there is none, or its deadline has passed.
        HoldExpired: it passed just now.
    """
    with transaction():
        entry = links.entry_of(target)
        offer = waitlist_queries.open_offer(entry.id)
        if offer is not None and offer.expires_at <= clock.now():
            settle_offer(offer_id=offer.id)
            offer = None
        if idempotency.is_resumed():
            offer = offer or waitlist_queries.latest_offer(entry.id)
    if offer is None:
        raise OfferClosedError
    result = book(
        Wanted(
            items=(Item(entry.service_id, offer.team_member_id),),
            starts_at=offer.starts_at,
            source="public",
            customer_id=entry.customer_id,
            payment_method_ref=payment_method_ref,
            hold_id=offer.hold_id,
            accepts_policy=accepts_policy,
            consent=consent,
        )
    )
    with transaction():
        settle_offer(offer_id=offer.id)
    return result


def offer_by_staff(*, entry_id: UUID, starts_at: datetime, team_member_id: UUID) -> dict[str, Any]:
    """Offer somebody a time now, whoever else waits and whatever the hour.

    Raises:
        WaitlistStateConflict: the entry has an open offer, is booked or over, or was offered this slot before.
        OfferTooLate: the time begins too soon.
        SlotUnavailable: it is not free.
    """
    entry = waitlist_queries.get_entry(entry_id, lock=True)
    standing = waitlist_queries.open_offer(entry_id)
    if standing is not None:
        settle_offer(offer_id=standing.id)
    if entry.status != "waiting":
        raise WaitlistStateConflictError(details={"status": entry.status})
    slot = _slot_at(entry.service_id, team_member_id, starts_at)
    if (starts_at, team_member_id) in waitlist_queries.offered_before(entry_id):
        raise WaitlistStateConflictError(details={"status": "offered_before"})
    terms = waitlist_terms.terms_of(waitlist_queries.settings())
    until = waitlist_terms.deadline(entry, slot, terms, clock.now())
    if until is None:
        raise OfferTooLateError
    make_offer(entry, slot, until=until, origin="staff")
    return waitlist_queries.show(entry_id)


def expire_wish(*, entry_id: UUID) -> None:
    """End an entry whose last day is over."""
    entry = waitlist_queries.get_entry(entry_id, lock=True)
    offer = waitlist_queries.open_offer(entry_id)
    if offer is not None:
        settle_offer(offer_id=offer.id)
    if entry.status == "waiting":
        become(entry, "expired")


def offer_failed_visit(*, booking_id: UUID) -> None:
    """Offer the time of a visit that failed; whoever got it from the waitlist is put back there."""
    offer = waitlist_queries.offer_of_booking(booking_id)
    if offer is not None:
        entry = waitlist_queries.get_entry(offer.entry_id, lock=True)
        if entry.status == "booked":
            offer.status = "lapsed"
            become(entry, "waiting")
    offer_freed_visit(booking_id=booking_id)


def _refuse_booked(entry: WaitlistEntry, offer: WaitlistOffer) -> None:
    if waitlist_queries.booking_out_of(entry, offer) is not None:
        raise OfferClosedError


def _zone_of(offered: Offer) -> str:
    """The zone in which a wish's days and times are meant."""
    if offered.candidates:
        return offered.candidates[0].zone
    return tenants.first_location().timezone


def _check_days(first: date, last: date, zone: str) -> None:
    if last < first or (last - first).days > LONGEST_RANGE_DAYS:
        raise InvalidError(errors={"last_date": [f"is not 0 to {LONGEST_RANGE_DAYS} days after first_date"]})
    if last < clock.now().astimezone(ZoneInfo(zone)).date():
        raise InvalidError(errors={"last_date": ["has passed"]})


def _slot_at(service_id: UUID, member_id: UUID, starts_at: datetime) -> FreeSlot:
    day = starts_at.date()
    offered = availability.offer(service_id=service_id, team_member_id=member_id, first=day, last=day)
    if not offered.candidates:
        raise SlotUnavailableError
    candidate = offered.candidates[0]
    return FreeSlot(
        service_id=service_id,
        team_member_id=member_id,
        zone=candidate.zone,
        starts_at=starts_at,
        ends_at=starts_at + timedelta(minutes=candidate.demand.duration),
        notice=timedelta(minutes=offered.min_notice_minutes),
        window=timedelta(hours=int(offered.policy["cancellation_window_hours"])),
    )
