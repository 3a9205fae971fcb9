# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""What is asked for, and what came of it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from tithi.availability import slots
from tithi.availability.demand import Demand
from tithi.availability.queries import Candidate, Item, Offer, items_of
from tithi.availability.service import Override, Want
from tithi.platform import access
from tithi.promotions.codes import NO_CODES, Codes, codes_of

STAFF = "staff"


@dataclass(frozen=True, slots=True)
class Kept:
    """What an item that is moved keeps: its id, its price and what it holds."""

    item_id: UUID
    price_cents: int
    demand: Demand


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A visit as asked for; either an existing customer or a name and e-mail. `starts_at` is aware.

    The items follow each other in their order, or in any where it is free, with at most `max_idle` minutes between.
    `bypass` names the rules that staff passes over. A visit that is moved says what each of its items keeps.
    """

    items: tuple[Item, ...]
    starts_at: datetime
    source: str
    is_ordered: bool = True
    max_idle: int | None = None
    customer_id: UUID | None = None
    customer: dict[str, Any] | None = None
    payment_method_ref: str | None = None
    hold_id: UUID | None = None
    special_requests: str | None = None
    consent: dict[str, Any] | None = None
    accepts_policy: bool = True
    bypass: frozenset[str] = frozenset()
    override: Override | None = None
    series_id: UUID | None = None
    keeps: tuple["Kept", ...] = ()
    codes: Codes = NO_CODES

    @property
    def by_staff(self) -> bool:
        return self.source == STAFF

    @property
    def start_minute(self) -> int:
        return slots.to_epoch_minute(self.starts_at)


@dataclass(frozen=True, slots=True)
class PlacedItem:
    """One service of a visit at its place; `rooms` are the resources that serve its needs, with their lanes."""

    id: UUID
    offered: Offer
    candidate: Candidate
    start: int
    lane: int
    rooms: tuple[tuple[UUID, int], ...]

    @property
    def end(self) -> int:
        return self.start + self.candidate.demand.duration

    def wants(self) -> list[Want]:
        """All time that the item takes: of the staff, and of each room, buffers included."""
        demand, at = self.candidate.demand, slots.from_epoch_minute
        core = demand.core or demand.staff
        wanted = [
            Want(self.candidate.resource_id, self.lane, at(self.start + start), at(self.start + end), self.id)
            for start, end in core
        ]
        wanted += [
            Want(
                self.candidate.resource_id, self.lane, at(self.start + start), at(self.start + end), self.id, soft=True
            )
            for start, end in slots.subtract(demand.staff, core)
            if demand.core
        ]
        wanted += [
            Want(resource_id, lane, at(self.start + start), at(self.start + end), self.id)
            for resource_id, lane in self.rooms
            for start, end in demand.rooms
        ]
        return wanted


@dataclass(frozen=True, slots=True)
class Visit:
    """The items of a visit in the order of their time, and the rules that were passed over for it."""

    items: tuple[PlacedItem, ...]
    bypassed: tuple[str, ...] = ()

    @property
    def starts_at(self) -> datetime:
        return slots.from_epoch_minute(self.items[0].start)

    @property
    def ends_at(self) -> datetime:
        return slots.from_epoch_minute(max(item.end for item in self.items))


def wanted_of(body: dict[str, Any], *, source: str, **more: Any) -> Wanted:
    """What a request asks for, as far as all of them name it alike; rules are passed over by staff alone."""
    by_staff = source == STAFF
    return Wanted(
        items=items_of(body),
        is_ordered=body["ordered"],
        max_idle=body.get("max_idle_minutes"),
        starts_at=body["start_time"],
        source=source,
        customer_id=body.get("customer_id"),
        customer=body.get("customer_info"),
        payment_method_ref=body.get("payment_method", {}).get("stripe_payment_method_id"),
        hold_id=body.get("hold_id"),
        codes=codes_of(body),
        special_requests=body.get("special_requests"),
        bypass=frozenset(body.get("bypass", ())) if by_staff else frozenset(),
        override=override_of(body) if by_staff else None,
        **more,
    )


def override_of(body: dict[str, Any]) -> Override | None:
    """The override that a request of staff names, by the person who makes it."""
    if "override" not in body:
        return None
    return Override(access.principal().user_id, body["override"]["reason"])
