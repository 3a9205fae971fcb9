# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""Rules and exceptions as they were read, put together for one person or room at one place."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any, NamedTuple

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


@dataclass(frozen=True, slots=True)
class Facts:
    """All rules and exceptions that touch a service, and the places of the business with their zones."""

    locations: tuple[tuple[str, str], ...]
    rules: tuple[Rule, ...]
    exceptions: tuple[Exceptional, ...]

    def places(self, resource_id: str, home: str) -> list[tuple[str, str]]:
        """Where somebody works: at home, and wherever a rule of theirs says so."""
        named = {home} | {rule.location_id for rule in self.rules if rule.resource_id == resource_id}
        return [place for place in self.locations if place[0] in named]

    def hours_of_staff(self, resource_id: str, location_id: str, home: str, zone: str) -> Hours:
        here = (location_id, None) if location_id == home else (location_id,)
        by_place = [rule for rule in self.rules if rule.location_id in (location_id, None)]
        limits = (
            tuple(rule.weekly for rule in by_place if _limits(rule, by_location=True)),
            tuple(rule.weekly for rule in by_place if _limits(rule, by_location=False)),
        )
        at_place = [one for one in self.exceptions if one.location_id in (location_id, None)]
        everybodys = tuple(one.special for one in at_place if one.kind == "open" and one.resource_id is None)
        return Hours(
            zone=zone,
            rules=tuple(
                rule.weekly
                for rule in self.rules
                if rule.kind == "open" and rule.resource_id == resource_id and rule.location_id in here
            ),
            opened=everybodys
            + tuple(
                one.special
                for one in self.exceptions
                if one.kind == "open" and one.resource_id == resource_id and one.location_id in here
            ),
            limits=tuple(limit for limit in limits if limit),
            extended=everybodys,
            breaks=tuple(
                rule.weekly for rule in by_place if rule.kind == "break" and rule.resource_id in (resource_id, None)
            ),
            closed=tuple(
                one.special for one in at_place if one.kind == "closed" and one.resource_id in (resource_id, None)
            ),
        )

    def hours_of_room(self, resource_id: str, zone: str) -> Hours | None:
        """A room's own hours; None when nothing bounds it."""
        rules = tuple(rule.weekly for rule in self.rules if rule.kind == "open" and rule.resource_id == resource_id)
        breaks = tuple(rule.weekly for rule in self.rules if rule.kind == "break" and rule.resource_id == resource_id)
        opened = tuple(one.special for one in self.exceptions if one.kind == "open" and one.resource_id == resource_id)
        closed = tuple(
            one.special for one in self.exceptions if one.kind == "closed" and one.resource_id == resource_id
        )
        if not (rules or breaks or closed):
            return None
        return Hours(zone, rules or ALWAYS, opened=opened, breaks=breaks, closed=closed)


ALWAYS = tuple(WeeklyHours(weekday, 0, 1440, None, None) for weekday in range(1, 8))


def _limits(rule: Rule, *, by_location: bool) -> bool:
    """Whether a rule bounds everybody: a location's opening hours, or the hours at which the service is offered."""
    if rule.kind != "open" or rule.resource_id is not None:
        return False
    return rule.service_id is None if by_location else rule.service_id is not None


def facts_of(found: dict[str, Any]) -> Facts:
    return Facts(
        locations=tuple((location_id, zone) for location_id, zone in found["locations"] or ()),
        rules=tuple(_rules(found["rules"] or ())),
        exceptions=tuple(_exceptions(found["exceptions"] or ())),
    )


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
