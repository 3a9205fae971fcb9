# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""Why a time is not offered: what the search reads, read once, and each rule held against it."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import chain
from typing import Any
from uuid import UUID

from tithi.availability import queries as availability
from tithi.availability import slots
from tithi.availability.queries import Candidate, Claimed, Item, Loads, Offer, Taken
from tithi.bookings import explanation
from tithi.bookings.explanation import Cause, Question, RoomOfNeed, Terms
from tithi.bookings.service import limits
from tithi.catalog import queries as catalog
from tithi.customers import queries as customers
from tithi.platform import clock
from tithi.team import queries as team
from tithi.team.errors import TeamMemberNotFoundError
from tithi.tenants import queries as tenants


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Which time is asked about, for whom; `by_staff`: as staff sees it. `starts_at` is aware."""

    item: Item
    starts_at: datetime
    customer_id: UUID | None = None
    by_staff: bool = False

    @property
    def start(self) -> int:
        return slots.to_epoch_minute(self.starts_at)


@dataclass(frozen=True, slots=True)
class _Day:
    """The offer as it is searched on the local day of some of its candidates, with the claims around that day."""

    day: date
    offered: Offer
    candidates: tuple[Candidate, ...]
    claims: Mapping[UUID, Sequence[Claimed]]
    busy: dict[tuple[UUID, int], Taken]


def explain(asked: Asked) -> dict[str, Any]:
    """Whether a time is offered, and if not, every rule that hides it.

    Raises:
        ServiceNotFound, TeamMemberNotFound, CustomerNotFound, AddOnNotOffered: there is none such.
    """
    service = catalog.get_service(asked.item.service_id)
    if asked.customer_id is not None:
        customers.refuse_unknown(asked.customer_id)
    if asked.starts_at < clock.now():
        return _answer(asked, [], [explanation.of_past()])
    terms = Terms(service.id, service.active, service.min_notice_minutes, service.max_advance_days)
    days, missing = _days(asked)
    offered = days[0].offered
    causes = list(explanation.of_terms(terms, offered, asked.start, by_staff=asked.by_staff))
    shown = _Candidates(asked, days, is_open=not causes).shown()
    return _answer(asked, shown, [*causes, *missing, *_of_customer(asked, days)])


def _answer(asked: Asked, candidates: list[dict[str, Any]], causes: list[Cause]) -> dict[str, Any]:
    return {
        "service_id": asked.item.service_id,
        "start_time": asked.starts_at,
        "offered": any(one["offered"] for one in candidates),
        "bookable": not causes and any(one["offered"] for one in candidates),
        "candidates": candidates,
        "causes": causes,
    }


def _days(asked: Asked) -> tuple[list[_Day], list[Cause]]:
    """The offer by local day, with why those who were asked for are not in it."""
    guess = asked.starts_at.date()
    try:
        offered = _offer(asked.item, guess)
    except TeamMemberNotFoundError:
        offered = replace(_offer(replace(asked.item, team_member_id=None), guess), candidates=())
    if not offered.candidates:
        return [_Day(guess, offered, (), {}, {})], _of_missing(asked)
    days = dict.fromkeys(_local(asked, one) for one in offered.candidates)
    offers = {day: offered if day == guess else _offer(asked.item, day) for day in days}
    around = {day: availability.reach_around(one.candidates, day, day) for day, one in offers.items()}
    claims = availability.claimed(
        {resource for one in offers.values() for resource in availability.resources_of(one.candidates)},
        min(since for since, _ in around.values()),
        max(until for _, until in around.values()),
    )
    return [_day_of(asked, day, offers[day], _within(claims, *around[day])) for day in days], []


def _offer(item: Item, day: date) -> Offer:
    return availability.offers([item], first=day, last=day, also_inactive=True)[0]


def _local(asked: Asked, candidate: Candidate) -> date:
    return availability.local_date(asked.starts_at, candidate.zone)


def _within(claims: Sequence[Claimed], since: datetime, until: datetime) -> list[Claimed]:
    low, high = slots.to_epoch_minute(since), slots.to_epoch_minute(until)
    return [one for one in claims if one.start < high and one.end > low]


def _day_of(asked: Asked, day: date, offered: Offer, claims: Sequence[Claimed]) -> _Day:
    by_resource: dict[UUID, list[Claimed]] = {}
    for one in claims:
        by_resource.setdefault(one.resource_id, []).append(one)
    candidates = tuple(one for one in offered.candidates if _local(asked, one) == day)
    return _Day(day, offered, candidates, by_resource, availability.taken_by(claims))


class _Candidates:
    """Each person at each place, with what hides the time; what only few need is read when it is needed."""

    def __init__(self, asked: Asked, days: Sequence[_Day], *, is_open: bool) -> None:
        self.asked = asked
        self.is_open = is_open
        self.is_whole = not (asked.starts_at.second or asked.starts_at.microsecond)
        self._days = {one.day: one for one in days}
        self._rooms: list[RoomOfNeed] | None = None
        self._worlds: dict[date, list[dict[tuple[UUID, int], Taken]]] = {}

    def shown(self) -> list[dict[str, Any]]:
        days = self._days.values()
        loads = self._loads(days)
        return [self._shown(day, candidate, loads) for day in days for candidate in day.candidates]

    def _loads(self, days: Collection[_Day]) -> Loads:
        candidates = [one for day in days for one in day.candidates]
        return availability.loads_of(candidates, min(self._days), max(self._days)) if candidates else {}

    def _shown(self, day: _Day, candidate: Candidate, loads: Loads) -> dict[str, Any]:
        question = Question(
            day.offered,
            candidate,
            self.asked.start,
            day.day,
            day.claims,
            (day.busy,),
            self.asked.by_staff,
            self.is_whole,
        )
        causes = [*self._causes(question), *self._caps(candidate, loads)]
        return {
            "team_member_id": candidate.team_member_id,
            "team_member_name": candidate.name,
            "resource_id": candidate.resource_id,
            "location_id": candidate.location_id,
            "offered": self.is_open and not causes,
            "causes": causes,
        }

    def _causes(self, question: Question) -> Iterator[Cause]:
        seen, starts = self._seen(question)
        if not self.is_whole or question.start not in starts:
            yield from self._hiding(seen, starts)
        yield from explanation.of_look_busy(question)

    def _seen(self, question: Question) -> tuple[Question, list[int]]:
        """The starts of the candidate's day, as the search finds them: with rooms that others make way in."""
        busy, day, min_gap = question.worlds[0], question.day, question.min_gap
        starts = availability.free_starts(question.candidate, busy, day, day, min_gap=min_gap)
        if question.start in starts:
            return question, starts
        if not availability.are_rooms_in_the_way(question.candidate, busy, starts, day, day, min_gap):
            return question, starts
        worlds = self._worlds_of(day)
        more = [availability.free_starts(question.candidate, world, day, day, min_gap=min_gap) for world in worlds]
        return replace(question, worlds=(busy, *worlds)), sorted({*starts, *chain.from_iterable(more)})

    def _worlds_of(self, day: date) -> list[dict[tuple[UUID, int], Taken]]:
        if day not in self._worlds:
            there = self._days[day]
            found = availability.worlds(there.offered.candidates, there.busy, day, day)
            self._worlds[day] = [world.busy for world in found]
        return self._worlds[day]

    def _hiding(self, question: Question, starts: Sequence[int]) -> Iterator[Cause]:
        found = [*explanation.of_hours(question), *explanation.of_claims(question)]
        if explanation.is_short_of_rooms(question):
            found += explanation.of_rooms(question, self._rooms_of_needs())
        yield from found or explanation.of_grid(question, self._in_bounds(question, starts))

    def _in_bounds(self, question: Question, starts: Sequence[int]) -> list[int]:
        earliest, latest = question.offered.bounds(staff=question.by_staff)
        midnight, next_midnight = slots.day_bounds(question.candidate.zone, question.day, question.day)
        low, high = max(earliest, midnight), min(latest + 1, next_midnight)
        return [start for start in starts if low <= start < high]

    def _caps(self, candidate: Candidate, loads: Loads) -> Iterator[Cause]:
        for reached in limits.staff_caps(candidate, loads, self.asked.starts_at):
            yield explanation.of_staff_cap(candidate.team_member_id, candidate.name, reached)

    def _rooms_of_needs(self) -> list[RoomOfNeed]:
        if self._rooms is None:
            self._rooms = [RoomOfNeed(*row) for row in catalog.rooms_of_needs(self.asked.item.service_id)]
        return self._rooms


def _of_missing(asked: Asked) -> list[Cause]:
    """Why nobody comes into question; of a named person, why not they.

    Raises:
        TeamMemberNotFound: there is no such person.
    """
    service_id, member_id = asked.item.service_id, asked.item.team_member_id
    members = [team.get_member(member_id)] if member_id is not None else team.list_members()
    doing = catalog.staff_of(service_id)
    places = {one.id for one in tenants.list_locations() if one.is_active}
    found = []
    for member in members:
        if doing and member.id not in doing:
            if member_id is not None:
                found.append(explanation.of_not_doing(service_id, member.id, member.display_name))
            continue
        if not member.is_active:
            found.append(explanation.of_inactive(member.id, member.display_name))
        elif member.location_id not in places:
            found.append(explanation.of_place(member.id, member.display_name, member.location_id))
    return found or [explanation.of_nobody(service_id)]


def _of_customer(asked: Asked, days: Sequence[_Day]) -> Iterator[Cause]:
    """What keeps the customer from the visit, whoever does it."""
    if asked.customer_id is None:
        return
    offered = days[0].offered
    zone = next((one.zone for day in days for one in day.candidates), None)
    if zone is not None:
        for reached in limits.customer_caps(offered.policy, asked.starts_at, zone, customer_id=asked.customer_id):
            yield explanation.of_customer_cap(asked.customer_id, reached)
    for missing in limits.missing_prerequisites(offered, asked.starts_at, asked.customer_id):
        yield explanation.of_prerequisite(asked.customer_id, missing)
