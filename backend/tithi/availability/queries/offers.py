# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import text

from tithi.availability import demand as demands
from tithi.availability import hours, slots
from tithi.availability.caps import Cap
from tithi.availability.demand import Demand, Segment
from tithi.availability.errors import AddOnNotOfferedError
from tithi.availability.hours import Hours
from tithi.availability.queries.places import Facts, facts_of
from tithi.catalog.errors import ServiceNotFoundError
from tithi.catalog.taxes import Tax
from tithi.platform import clock
from tithi.platform.db import session
from tithi.platform.tenancy import current_tenant_id
from tithi.team.errors import TeamMemberNotFoundError
from tithi.tenants import policy as policies
from tithi.tenants import scheduling as settings

LONGEST_CLAIM = timedelta(hours=48)


@dataclass(frozen=True, slots=True)
class Item:
    """A service that is wanted: of one person or of anybody, with add-ons."""

    service_id: UUID
    team_member_id: UUID | None = None
    add_on_ids: tuple[UUID, ...] = ()


def items_of(body: dict[str, Any]) -> tuple[Item, ...]:
    """The items of a visit as a request names them: as a list, or as one service."""
    return tuple(
        Item(one["service_id"], one.get("team_member_id"), tuple(one.get("add_on_ids", ())))
        for one in body.get("items", (body,))
    )


@dataclass(frozen=True, slots=True)
class Room:
    """A room or piece of equipment with its lanes; without hours it can always be used."""

    resource_id: UUID
    name: str
    lanes: int
    hours: Hours | None


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody who can do the service at a place, what it asks of them, and the rooms that serve each need there."""

    team_member_id: UUID
    resource_id: UUID
    location_id: UUID
    name: str
    zone: str
    lanes: int
    demand: Demand
    price_cents: int
    hours: Hours
    needs: tuple[tuple[Room, ...], ...]
    cap: Cap
    home_id: UUID


@dataclass(frozen=True, slots=True)
class Offer:
    """A service as it can be booked now, with everybody who can do it; money in minor units of `currency`."""

    service_id: UUID
    category_id: UUID | None
    name: str
    kind: str
    price_cents: int
    tax: Tax | None
    duration_min: int
    buffer_before_min: int
    buffer_after_min: int
    requires_approval: bool
    currency: str
    policy: dict[str, Any]
    policy_version: int
    scheduling: dict[str, Any]
    min_gap: int
    min_notice_minutes: int
    max_advance_days: int
    add_ons: tuple[dict[str, Any], ...]
    prerequisites: tuple[tuple[UUID, int, int], ...]
    candidates: tuple[Candidate, ...]
    facts: Facts

    def bounds(self, *, staff: bool = False) -> tuple[int, int]:
        """The earliest and latest start that notice and advance allow, in epoch minutes."""
        now = clock.now()
        notice = 0 if staff else self.min_notice_minutes
        earliest = -(-int(now.timestamp()) // 60) + notice
        return earliest, slots.to_epoch_minute(now + timedelta(days=self.max_advance_days))


_OFFERS = text(
    """
    SELECT scheduling_offer(w.service_id, w.member_id, :first, :last, :also_inactive)::text AS answer
    FROM unnest(CAST(:services AS uuid[]), CAST(:members AS uuid[])) WITH ORDINALITY AS w(service_id, member_id, place)
    ORDER BY w.place
    """
)


def offer(*, service_id: UUID, team_member_id: UUID | None, first: date, last: date) -> Offer:
    """One service, and who can do it with their hours from `first` to `last`; see `offers`."""
    return offers([Item(service_id, team_member_id)], first=first, last=last)[0]


def offers(items: Sequence[Item], *, first: date, last: date, also_inactive: bool = False) -> list[Offer]:
    """The services of a visit, and who can do each with their hours from `first` to `last`, in one statement.

    Raises:
        ServiceNotFound: there is no such service, or it cannot be booked.
        TeamMemberNotFound: the named person does not do it.
        AddOnNotOffered: the service has no such add-on.
    """
    rows = session().execute(
        _OFFERS,
        {
            "services": [str(item.service_id) for item in items],
            "members": [str(item.team_member_id) if item.team_member_id else None for item in items],
            "first": first,
            "last": last,
            "also_inactive": also_inactive,
        },
    )
    return [_offer_of(item, row.answer) for item, row in zip(items, rows, strict=True)]


def _offer_of(item: Item, answer: str | None) -> Offer:
    if answer is None:
        raise ServiceNotFoundError
    found = orjson.loads(answer)
    if item.team_member_id is not None and not found["staff"]:
        raise TeamMemberNotFoundError
    service_id, name, kind, _, duration, before, after, _, requires_approval, _, min_notice, max_advance = found[
        "service"
    ]
    currency, policy, policy_version, scheduling, shortest = found["tenant"]
    policy, scheduling = policies.effective(policy), settings.effective(scheduling)
    chosen = _chosen_add_ons(found["add_ons"] or (), item.add_on_ids)
    ask = _ask_of(found, chosen, is_soft=scheduling["overlapping_buffers"])
    facts = facts_of(found)
    return Offer(
        service_id=UUID(service_id),
        category_id=UUID(found["category_id"]) if found["category_id"] else None,
        name=name,
        kind=kind,
        price_cents=ask.price_cents,
        tax=_tax_of(found["tax"]),
        duration_min=duration + ask.longer,
        buffer_before_min=before,
        buffer_after_min=after,
        requires_approval=requires_approval,
        currency=currency,
        policy=policy,
        policy_version=policy_version,
        scheduling=scheduling,
        min_gap=max(scheduling["min_gap_minutes"], shortest or 0),
        min_notice_minutes=policy["min_notice_minutes"] if min_notice is None else min_notice,
        max_advance_days=policy["max_advance_days"] if max_advance is None else max_advance,
        add_ons=chosen,
        prerequisites=tuple((UUID(one), within, least) for one, within, least in found["prerequisites"] or ()),
        candidates=tuple(_candidates(found["staff"] or (), found["needs"] or (), facts, ask)),
        facts=facts,
    )


def _tax_of(found: Sequence[Any] | None) -> Tax | None:
    if found is None:
        return None
    tax_rate_id, name, basis_points, is_inclusive = found
    return Tax(UUID(tax_rate_id), name, basis_points, is_inclusive)


def _ask_of(found: dict[str, Any], chosen: Sequence[dict[str, Any]], *, is_soft: bool) -> "_Ask":
    _, _, _, price_cents, duration, before, after, step, _, opens_processing, _, _ = found["service"]
    return _Ask(
        price_cents=price_cents + sum(add_on["price_cents"] for add_on in chosen),
        duration=duration,
        longer=sum(add_on["duration_min"] for add_on in chosen),
        before=before,
        after=after,
        step=step,
        segments=tuple((kind, minutes, staff, room) for kind, minutes, staff, room in found["segments"] or ()),
        needs=found["needs_count"],
        opens_processing=opens_processing,
        is_soft=is_soft,
        own_price_cents=price_cents,
    )


@dataclass(frozen=True, slots=True)
class _Ask:
    """What the service asks before it is known of whom."""

    price_cents: int
    own_price_cents: int
    duration: int
    longer: int
    before: int
    after: int
    step: int
    segments: tuple[tuple[str, int, bool, bool], ...]
    needs: int
    opens_processing: bool
    is_soft: bool


def _chosen_add_ons(offered: Sequence[Sequence[Any]], wanted: Sequence[UUID]) -> tuple[dict[str, Any], ...]:
    known = {
        UUID(add_on_id): {"id": add_on_id, "name": name, "price_cents": price, "duration_min": minutes}
        for add_on_id, name, price, minutes in offered
    }
    if any(one not in known for one in wanted):
        raise AddOnNotOfferedError
    return tuple(known[one] for one in dict.fromkeys(wanted))


def _candidates(
    staff: Sequence[Sequence[Any]], needs: Sequence[Sequence[Any]], facts: Facts, ask: _Ask
) -> Iterable[Candidate]:
    for member_id, resource_id, home, name, lanes, duration, price, per_day, per_week in staff:
        demand = _demand(ask, duration)
        for location_id, zone in facts.places(resource_id, home):
            yield Candidate(
                team_member_id=UUID(member_id),
                resource_id=UUID(resource_id),
                location_id=UUID(location_id),
                name=name,
                zone=zone,
                lanes=lanes,
                demand=demand,
                price_cents=ask.price_cents if price is None else ask.price_cents - ask.own_price_cents + price,
                hours=facts.hours_of_staff(resource_id, location_id, home, zone),
                needs=_rooms(needs, ask.needs, location_id, zone, facts),
                cap=Cap(per_day, per_week),
                home_id=UUID(home),
            )


def _rooms(
    needs: Sequence[Sequence[Any]], count: int, location_id: str, zone: str, facts: Facts
) -> tuple[tuple[Room, ...], ...]:
    """The rooms at a place that serve each need; a need that nothing serves there has none."""
    if not count:
        return ()
    rooms: dict[int, list[Room]] = {}
    for need, resource_id, place, lanes, name in needs:
        found = rooms.setdefault(need, [])
        if place is None or place == location_id:
            found.append(Room(UUID(resource_id), name, lanes, facts.hours_of_room(resource_id, zone)))
    return (*(tuple(found) for found in rooms.values()), *((),) * (count - len(rooms)))


@lru_cache(maxsize=4096)
def _demand(ask: _Ask, own_duration: int | None) -> Demand:
    longer = ask.longer + (own_duration - ask.duration if own_duration else 0)
    rooms = ask.needs > 0
    if not ask.segments and not ask.is_soft:
        return demands.plain(ask.duration + longer, before=ask.before, after=ask.after, step=ask.step, needs_room=rooms)
    whole = (Segment("work", ask.duration, holds_staff=True, holds_room=True),)
    segments = tuple(Segment(*one) for one in ask.segments) or whole
    if longer:
        segments = demands.lengthened(segments, longer)
    demand = demands.demand_of(
        segments,
        before=ask.before,
        after=ask.after,
        step=ask.step,
        needs_room=rooms,
        opens_processing=ask.opens_processing,
    )
    if ask.is_soft and (ask.before or ask.after):
        return demands.with_soft_buffers(demand, segments, opens_processing=ask.opens_processing)
    return demand


def windows(candidate: Candidate, first: date, last: date) -> tuple[slots.Span, ...]:
    """When the candidate works, from the evening before `first` to `last`, in epoch minutes."""
    return hours.windows(candidate.hours, first, last)


@dataclass(frozen=True, slots=True)
class Taken:
    """The claimed spans of one lane; `soft` are buffers that may overlap other buffers."""

    hard: tuple[slots.Span, ...] = ()
    soft: tuple[slots.Span, ...] = ()

    @property
    def all(self) -> tuple[slots.Span, ...]:
        return self.hard + self.soft if self.soft else self.hard


NOTHING = Taken()
_TAKEN = text(
    """
    SELECT c.resource_id, c.lane, c.soft, array_agg(extract(epoch FROM c.starts_at)::bigint) AS starts,
        array_agg(extract(epoch FROM c.ends_at)::bigint) AS ends
    FROM claims c
    WHERE c.tenant_id = :tenant_id AND c.resource_id = ANY(CAST(:resource_ids AS uuid[])) AND c.active
    AND c.starts_at < :until AND c.starts_at > :long_before AND c.ends_at > :since
    AND (c.expires_at IS NULL OR c.expires_at > :now) AND c.owner_id <> :except_owner
    GROUP BY c.resource_id, c.lane, c.soft
    """
)
NOBODY = UUID(int=0)


def taken(
    resource_ids: Iterable[UUID], since: datetime, until: datetime, *, except_owner: UUID = NOBODY
) -> dict[tuple[UUID, int], Taken]:
    """The claimed spans of each lane of the resources between two instants, in one statement."""
    rows = session().execute(
        _TAKEN,
        {
            "tenant_id": current_tenant_id(),
            "resource_ids": [str(resource_id) for resource_id in resource_ids],
            "since": since,
            "until": until,
            "long_before": since - LONGEST_CLAIM,
            "now": clock.now(),
            "except_owner": except_owner,
        },
    )
    found: dict[tuple[UUID, int], Taken] = {}
    for row in rows:
        spans = tuple((start // 60, -(-end // 60)) for start, end in zip(row.starts, row.ends, strict=True))
        known = found.get((row.resource_id, row.lane), NOTHING)
        found[row.resource_id, row.lane] = Taken(known.hard, spans) if row.soft else Taken(spans, known.soft)
    return found
