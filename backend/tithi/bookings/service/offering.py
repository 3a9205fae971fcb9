# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""Offering time that became free to those who wait for it: an offer is a hold with a deadline.

Whoever offers takes the tenant's turn first and entries after it; answers lock their entry alone.
"""

from collections.abc import Hashable, Iterator, Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import text

from tithi.availability import queries as availability
from tithi.availability import service as claims
from tithi.availability import slots
from tithi.availability.queries import Item
from tithi.bookings import waitlist_queries, waitlist_terms
from tithi.bookings.events import WaitlistOffered, WaitlistReleased
from tithi.bookings.models import WaitlistEntry, WaitlistOffer
from tithi.bookings.service.limits import check_rules
from tithi.bookings.service.placing import offers_for, take_time
from tithi.bookings.service.wanted import Wanted
from tithi.bookings.waitlist_queries import FreedTime
from tithi.bookings.waitlist_terms import FreeSlot, Terms
from tithi.platform import clock, jobs
from tithi.platform.db import session
from tithi.platform.errors import TithiError
from tithi.platform.events import publish
from tithi.platform.ids import new_id
from tithi.platform.tenancy import current_tenant_id
from tithi.tenants import queries as tenants

LAPSE_TIMER = "bookings.lapse_offer"
VISIT_TIMER = "bookings.offer_freed_visit"
OFFER_TIMER = "bookings.offer_freed_offer"
MOVE_TIMER = "bookings.offer_freed_move"
ITEM_TIMER = "bookings.offer_freed_item"
CLASS_TIMER = "bookings.offer_freed_class"
MOST_TRIES = 3
LONGEST_LOOK = timedelta(days=61)

_TURN = text("SELECT pg_advisory_xact_lock(hashtextextended('waitlist:' || CAST(:tenant_id AS text), 0))")


def offer_freed_visit(*, booking_id: UUID) -> None:
    """Offer the time that a canceled or failed visit had."""
    offer_freed_time(waitlist_queries.freed_by_visit(booking_id), timer=VISIT_TIMER, owner_id=booking_id)


def offer_freed_offer(*, offer_id: UUID) -> None:
    """Pass the time of an offer that ended without a booking on to the next."""
    ended = waitlist_queries.get_offer(offer_id)
    if ended is not None:
        freed = FreedTime(ended.team_member_id, ended.starts_at, ended.ends_at)
        offer_freed_time([freed], timer=OFFER_TIMER, owner_id=offer_id)


def offer_freed_moves(*, booking_id: UUID, from_starts_at: datetime, to_starts_at: datetime) -> None:
    """Offer the time that a visit had before it was moved."""
    for move_id in waitlist_queries.moves_between(booking_id, from_starts_at, to_starts_at):
        offer_freed_move(move_id=move_id)


def offer_freed_move(*, move_id: UUID) -> None:
    offer_freed_time(waitlist_queries.freed_by_move(move_id), timer=MOVE_TIMER, owner_id=move_id)


def offer_freed_item(*, item_id: UUID) -> None:
    """Offer the time of a service that was taken out of its visit."""
    offer_freed_time(waitlist_queries.freed_by_item(item_id), timer=ITEM_TIMER, owner_id=item_id)


def offer_freed_class(*, session_id: UUID) -> None:
    """Offer the time of a class that was called off."""
    offer_freed_time(waitlist_queries.freed_by_class(session_id), timer=CLASS_TIMER, owner_id=session_id)


def offer_freed_time(freed: Sequence[FreedTime], *, timer: str, owner_id: UUID) -> None:
    """Offer freed time to those who wait, in the order of the business.

    Blocks that lie under it get their time first. What quiet hours or a customer's cap put off is looked at again when
    they end, by the timer of `owner_id`.
    """
    now = clock.now()
    to_come = [one for one in freed if one.ends_at > now]
    if not to_come or tenants.get_tenant().status != "active" or not waitlist_queries.anybody_waits():
        return
    session().execute(_TURN, {"tenant_id": current_tenant_id()})
    for offer_id in waitlist_queries.overdue_offers():
        settle_offer(offer_id=offer_id)
    claims.cover_blocks()
    terms = waitlist_terms.terms_of(waitlist_queries.settings())
    put_off = {instant for one in to_come for instant in _offer_one(one, terms, now)}
    if put_off:
        jobs.schedule(timer, owner_id, min(put_off))


def _offer_one(freed: FreedTime, terms: Terms, now: datetime) -> set[datetime]:
    """Offer one freed time; gives the instants at which to look again."""
    put_off: set[datetime] = set()
    known: dict[Hashable, list[FreeSlot]] = {}
    told = 0
    session().flush()
    for entry in waitlist_queries.waiting(order=terms.order):
        if not _may_match(entry, freed):
            continue
        if entry.service_id not in known:
            known[entry.service_id] = list(_slots_in(freed, entry.service_id))
        chosen = _eligible(entry, known[entry.service_id], terms, now)
        if not chosen and terms.tells_many:
            wish = (entry.service_id, entry.team_member_id, entry.first_date, entry.last_date)
            if wish not in known:
                known[wish] = _slots_of_wish(entry, now)
            chosen = _eligible(entry, known[wish], terms, now)
        again = _obstacle(entry, chosen, terms, now)
        if again is not None:
            put_off.add(again)
        elif chosen and _offer_first(entry, chosen, terms, now):
            known.clear()
            told += 1
            if terms.tells_many and told == waitlist_terms.MOST_AT_ONCE:
                break
    return put_off


def _may_match(entry: WaitlistEntry, freed: FreedTime) -> bool:
    if entry.team_member_id not in {None, freed.team_member_id}:
        return False
    day = timedelta(days=1)
    return bool(freed.starts_at.date() - day <= entry.last_date and entry.first_date <= freed.ends_at.date() + day)


def _slots_in(freed: FreedTime, service_id: UUID) -> Iterator[FreeSlot]:
    """The free slots of the service that touch the freed time, of the person whose time it was."""
    day = timedelta(days=1)
    first, last = freed.starts_at.date() - day, freed.ends_at.date() + day
    for slot in _free_slots(service_id, freed.team_member_id, first, last):
        if slot.starts_at < freed.ends_at and freed.starts_at < slot.ends_at:
            yield slot


def _slots_of_wish(entry: WaitlistEntry, now: datetime) -> list[FreeSlot]:
    first = max(entry.first_date, now.date() - timedelta(days=1))
    last = min(entry.last_date, first + LONGEST_LOOK)
    return list(_free_slots(entry.service_id, entry.team_member_id, first, last)) if first <= last else []


def _free_slots(service_id: UUID, member_id: UUID | None, first: date, last: date) -> Iterator[FreeSlot]:
    """What is free, also where the business hides some of it from the public; nothing of what cannot be booked."""
    try:
        offered = availability.offer(service_id=service_id, team_member_id=member_id, first=first, last=last)
    except TithiError:
        return
    earliest, latest = offered.bounds()
    for candidate, starts in availability.search(offered=offered, first=first, last=last, staff=True):
        for start in starts:
            if earliest <= start <= latest:
                yield FreeSlot(
                    service_id=service_id,
                    team_member_id=candidate.team_member_id,
                    zone=candidate.zone,
                    starts_at=slots.from_epoch_minute(start),
                    ends_at=slots.from_epoch_minute(start + candidate.demand.duration),
                    notice=timedelta(minutes=offered.min_notice_minutes),
                    window=timedelta(hours=int(offered.policy["cancellation_window_hours"])),
                )


def _eligible(entry: WaitlistEntry, found: Sequence[FreeSlot], terms: Terms, now: datetime) -> list[FreeSlot]:
    """The slots that may be offered to the entry, the earliest first; none that it was offered before."""
    fitting = [
        slot
        for slot in found
        if waitlist_terms.fits(entry, slot) and waitlist_terms.deadline(entry, slot, terms, now) is not None
    ]
    before = waitlist_queries.offered_before(entry.id) if fitting else set()
    left = [slot for slot in fitting if (slot.starts_at, slot.team_member_id) not in before]
    return sorted(left, key=lambda slot: slot.starts_at)


def _obstacle(entry: WaitlistEntry, chosen: Sequence[FreeSlot], terms: Terms, now: datetime) -> datetime | None:
    """When to look again, where quiet hours or the customer's cap are in the way now."""
    if not chosen:
        return None
    zone = chosen[0].zone
    quiet = waitlist_terms.quiet_until(terms, zone, now)
    if quiet is not None:
        return quiet
    since, until = waitlist_terms.local_day(now, zone)
    made = waitlist_queries.offers_made(entry.customer_id, since, until)
    return until if made >= terms.max_offers_per_day else None


def _offer_first(entry: WaitlistEntry, chosen: Sequence[FreeSlot], terms: Terms, now: datetime) -> bool:
    """Offer the first of the slots that can be held; says whether one could."""
    locked = waitlist_queries.get_entry(entry.id, lock=True)
    if locked.status != "waiting":
        return False
    for slot in chosen[:MOST_TRIES]:
        until = waitlist_terms.deadline(locked, slot, terms, now)
        if until is None:
            continue
        try:
            make_offer(locked, slot, until=until, origin="automatic")
        except TithiError:
            continue
        return True
    return False


def make_offer(entry: WaitlistEntry, slot: FreeSlot, *, until: datetime, origin: str) -> None:
    """Hold the slot for the entry, which the caller has locked, and tell its customer.

    Raises:
        SlotUnavailable: the slot is not free.
        StaffCapReached, CustomerCapReached, PrerequisiteMissing: the customer could not book it.
    """
    hold_id = new_id()
    wanted = Wanted(
        items=(Item(slot.service_id, slot.team_member_id),),
        starts_at=slot.starts_at,
        source="public",
        customer_id=entry.customer_id,
    )
    visit = take_time(wanted, offers_for(wanted), kind="hold", owner_id=hold_id, expires_at=until)
    try:
        check_rules(wanted, visit, customer_id=entry.customer_id, booking_id=hold_id)
    except TithiError:
        claims.release(owner_id=hold_id)
        raise
    claims.announce_hold(hold_id=hold_id, expires_at=until)
    offer = _written(entry, slot, hold_id=hold_id, until=until, origin=origin)
    entry.offer_count += 1
    become(entry, "offered")
    jobs.schedule(LAPSE_TIMER, offer.id, until)
    publish(
        WaitlistOffered(
            entry_id=entry.id,
            offer_id=offer.id,
            customer_id=entry.customer_id,
            starts_at=slot.starts_at,
            expires_at=until,
        )
    )


def _written(entry: WaitlistEntry, slot: FreeSlot, *, hold_id: UUID, until: datetime, origin: str) -> WaitlistOffer:
    offer = WaitlistOffer(
        tenant_id=current_tenant_id(),
        id=new_id(),
        entry_id=entry.id,
        hold_id=hold_id,
        team_member_id=slot.team_member_id,
        status="open",
        origin=origin,
        starts_at=slot.starts_at,
        ends_at=slot.ends_at,
        expires_at=until,
        created_at=clock.now(),
    )
    session().add(offer)
    return offer


def settle_offer(*, offer_id: UUID) -> None:
    """Close an open offer that became a booking, or whose deadline has passed; else leave it open."""
    found = waitlist_queries.get_offer(offer_id)
    if found is None:
        return
    entry = waitlist_queries.get_entry(found.entry_id, lock=True)
    offer = waitlist_queries.get_offer(offer_id)
    if offer is None or offer.status != "open":
        return
    booking_id = waitlist_queries.booking_out_of(entry, offer)
    now = clock.now()
    if booking_id is not None:
        offer.status, offer.booking_id, offer.decided_at = "accepted", booking_id, now
        become(entry, "booked")
        jobs.cancel(LAPSE_TIMER, offer.id)
    elif offer.expires_at <= now:
        end_offer(entry, offer, status="lapsed")


def lapse_hold(*, hold_id: UUID) -> None:
    """Close the offer whose hold has run out, if it was one's."""
    found = waitlist_queries.offer_of_hold(hold_id)
    if found is not None:
        settle_offer(offer_id=found.id)


def end_offer(entry: WaitlistEntry, offer: WaitlistOffer, *, status: str) -> None:
    """End an open offer without a booking: its time goes back, its entry waits on, and the next gets its turn."""
    claims.release_hold(hold_id=offer.hold_id)
    offer.status, offer.decided_at = status, clock.now()
    become(entry, "waiting")
    jobs.cancel(LAPSE_TIMER, offer.id)
    publish(WaitlistReleased(entry_id=entry.id, offer_id=offer.id, customer_id=entry.customer_id, reason=status))


def become(entry: WaitlistEntry, status: str) -> None:
    """Set the state of an entry that the caller has locked, and write what changed."""
    entry.status = status
    entry.updated_at = clock.now()
    entry.version += 1
    session().flush()
