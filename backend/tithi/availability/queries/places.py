# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""Rules and exceptions as they were read, put together for one person or room at one place."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any, NamedTuple, TypeVar

from tithi.availability.hours import Hours, Special
from tithi.availability.slots import WeeklyHours


class Rule(NamedTuple):
    """A weekly rule, its ids as text."""

    id: str
    kind: str
    resource_id: str | None
    location_id: str | None
    service_id: str | None
    weekly: WeeklyHours


class Exceptional(NamedTuple):
    """An exception, its ids as text."""

    id: str
    kind: str
    resource_id: str | None
    location_id: str | None
    special: Special


Owned = TypeVar("Owned", Rule, Exceptional)


@dataclass(frozen=True, slots=True)
class Facts:
    """All rules and exceptions that touch a service, and the places of the business with their zones.

    Rules and exceptions are by the resource whose they are; those of None are everybody's.
    """

    locations: tuple[tuple[str, str], ...]
    rules: Mapping[str | None, Sequence[Rule]]
    exceptions: Mapping[str | None, Sequence[Exceptional]]

    def places(self, resource_id: str, home: str) -> list[tuple[str, str]]:
        """Where somebody works: at home, and wherever a rule of theirs says so."""
        named = {home} | {rule.location_id for rule in self.rules.get(resource_id, ())}
        return [place for place in self.locations if place[0] in named]

    def bounds_of_staff(self, resource_id: str, location_id: str, home: str) -> "Bounds":
        """The rules and exceptions that bound somebody's time at a place."""
        here = (location_id, None) if location_id == home else (location_id,)
        own, own_exceptions = self.rules.get(resource_id, ()), self.exceptions.get(resource_id, ())
        everybodys = [one for one in self.rules.get(None, ()) if one.location_id in (location_id, None)]
        at_place = [one for one in self.exceptions.get(None, ()) if one.location_id in (location_id, None)]
        extended = tuple(one for one in at_place if one.kind == "open")
        return Bounds(
            rules=tuple(rule for rule in own if rule.kind == "open" and rule.location_id in here),
            opened=extended + tuple(one for one in own_exceptions if one.kind == "open" and one.location_id in here),
            of_location=tuple(rule for rule in everybodys if _limits(rule, by_location=True)),
            of_service=tuple(rule for rule in everybodys if _limits(rule, by_location=False)),
            extended=extended,
            breaks=tuple(
                rule for rule in (*everybodys, *own) if rule.kind == "break" and rule.location_id in (location_id, None)
            ),
            closed=tuple(
                one
                for one in (*at_place, *own_exceptions)
                if one.kind == "closed" and one.location_id in (location_id, None)
            ),
        )

    def hours_of_staff(self, resource_id: str, location_id: str, home: str, zone: str) -> Hours:
        return self.bounds_of_staff(resource_id, location_id, home).hours(zone)

    def bounds_of_room(self, resource_id: str) -> "Bounds":
        own, exceptions = self.rules.get(resource_id, ()), self.exceptions.get(resource_id, ())
        return Bounds(
            rules=tuple(rule for rule in own if rule.kind == "open"),
            opened=tuple(one for one in exceptions if one.kind == "open"),
            breaks=tuple(rule for rule in own if rule.kind == "break"),
            closed=tuple(one for one in exceptions if one.kind == "closed"),
        )

    def hours_of_room(self, resource_id: str, zone: str) -> Hours | None:
        """A room's own hours; None when nothing bounds it."""
        bounds = self.bounds_of_room(resource_id)
        if not (bounds.rules or bounds.breaks or bounds.closed):
            return None
        found = bounds.hours(zone)
        return found if found.rules else found._replace(rules=ALWAYS)


class Bounds(NamedTuple):
    """The rules and exceptions behind the hours of somebody or something at one place."""

    rules: tuple[Rule, ...]
    opened: tuple[Exceptional, ...]
    breaks: tuple[Rule, ...]
    closed: tuple[Exceptional, ...]
    of_location: tuple[Rule, ...] = ()
    of_service: tuple[Rule, ...] = ()
    extended: tuple[Exceptional, ...] = ()

    def hours(self, zone: str) -> Hours:
        limits = (_weekly(self.of_location), _weekly(self.of_service))
        return Hours(
            zone=zone,
            rules=_weekly(self.rules),
            opened=specials_of(self.opened),
            limits=tuple(limit for limit in limits if limit),
            extended=specials_of(self.extended),
            breaks=_weekly(self.breaks),
            closed=specials_of(self.closed),
        )


def _weekly(rules: Sequence[Rule]) -> tuple[WeeklyHours, ...]:
    return tuple(rule.weekly for rule in rules)


def specials_of(exceptions: Sequence[Exceptional]) -> tuple[Special, ...]:
    return tuple(one.special for one in exceptions)


ALWAYS = tuple(WeeklyHours(weekday, 0, 1440, None, None) for weekday in range(1, 8))


def _limits(rule: Rule, *, by_location: bool) -> bool:
    """Whether a rule of nobody's own is of a location's opening hours, or of those of the service."""
    if rule.kind != "open":
        return False
    return rule.service_id is None if by_location else rule.service_id is not None


def facts_of(found: dict[str, Any]) -> Facts:
    return Facts(
        locations=tuple((location_id, zone) for location_id, zone in found["locations"] or ()),
        rules=_by_resource(_rules(found["rules"] or ())),
        exceptions=_by_resource(_exceptions(found["exceptions"] or ())),
    )


def _by_resource(found: Iterable[Owned]) -> dict[str | None, list[Owned]]:
    by_resource: dict[str | None, list[Owned]] = {}
    for one in found:
        by_resource.setdefault(one.resource_id, []).append(one)
    return by_resource


def _rules(rows: Sequence[Sequence[Any]]) -> Iterable[Rule]:
    for rule_id, kind, resource_id, location_id, service_id, weekday, start, end, valid_from, valid_to in rows:
        weekly = WeeklyHours(weekday, start, end, _date(valid_from), _date(valid_to))
        yield Rule(rule_id, kind, resource_id, location_id, service_id, weekly)


def _exceptions(rows: Sequence[Sequence[Any]]) -> Iterable[Exceptional]:
    for exception_id, kind, resource_id, location_id, starts, ends, repeats, until in rows:
        special = Special(datetime.fromisoformat(starts), datetime.fromisoformat(ends), repeats, _date(until))
        yield Exceptional(exception_id, kind, resource_id, location_id, special)


@lru_cache(maxsize=4096)
def _date(value: str | None) -> date | None:
    return date.fromisoformat(value) if value else None
