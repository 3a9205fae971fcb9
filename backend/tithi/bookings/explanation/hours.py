# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""Which hours, breaks and closures hide a time of somebody, or close a room."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import Any, NamedTuple

from tithi.availability import hours, slots
from tithi.availability.hours import Hours
from tithi.availability.queries.places import ALWAYS, Bounds, Exceptional, Rule
from tithi.availability.slots import Span
from tithi.bookings.explanation.causes import Cause, Question, cause


class Shut(NamedTuple):
    """Rules and exceptions that close a room, by their ids."""

    rule_ids: tuple[str, ...]
    exception_ids: tuple[str, ...]
    outside: bool


def of_hours(asked: Question) -> Iterator[Cause]:
    candidate = asked.candidate
    bounds = asked.offered.facts.bounds_of_staff(
        str(candidate.resource_id), str(candidate.location_id), str(candidate.home_id)
    )
    yield from _own(asked, bounds)
    yield from _limit(
        asked,
        bounds,
        bounds.of_location,
        kind="location_closed",
        detail="The location is not open for all of the visit",
        how="Widen the location's opening hours, or add a rule or open exception for it.",
    )
    yield from _limit(
        asked,
        bounds,
        bounds.of_service,
        kind="service_not_offered_then",
        detail="The service is not offered for all of the visit",
        how="Widen the hours of the service, or add a rule for it.",
    )
    for rule in _taking(asked, bounds.breaks):
        yield _break(asked, rule)
    for one in _closing(asked, bounds.closed):
        yield _closure(asked, one)


def of_room(asked: Question, resource_id: str) -> Shut:
    """What of a room's own hours is in the way; the ids are empty where the room is there for the whole stay."""
    bounds = asked.offered.facts.bounds_of_room(resource_id)
    if not (bounds.rules or bounds.breaks or bounds.closed):
        return Shut((), (), outside=False)
    weekly = tuple(rule.weekly for rule in bounds.rules) or ALWAYS
    own = _open(asked, Hours(asked.candidate.zone, weekly, opened=tuple(one.special for one in bounds.opened)))
    outside = not slots.is_inside(own, asked.start, asked.duration)
    rule_ids = _of_weekday(asked, bounds.rules) if outside else ()
    breaks = tuple(rule.id for rule in _taking(asked, bounds.breaks))
    return Shut(rule_ids + breaks, tuple(one.id for one in _closing(asked, bounds.closed)), outside=outside)


def _own(asked: Question, bounds: Bounds) -> Iterator[Cause]:
    found = bounds.hours(asked.candidate.zone)
    own = _open(asked, Hours(found.zone, found.rules, opened=found.opened))
    if slots.is_inside(own, asked.start, asked.duration):
        return
    midnight, next_midnight = slots.day_bounds(asked.candidate.zone, asked.day, asked.day)
    works = any(start < next_midnight and midnight < end for start, end in own)
    name = asked.candidate.name
    nearest = _nearest(asked, own)
    yield cause(
        "outside_hours" if works else "no_hours",
        f"{name} works {asked.stretch(nearest)} then." if works and nearest else f"{name} does not work that day.",
        "Widen the team member's hours of that weekday, or add a rule or open exception for them.",
        **_whose(asked),
        rule_ids=_of_weekday(asked, bounds.rules),
        nearest_window=_window(asked, nearest),
    )


def _limit(
    asked: Question, bounds: Bounds, rules: Sequence[Rule], *, kind: str, detail: str, how: str
) -> Iterator[Cause]:
    if not rules:
        return
    weekly = tuple(rule.weekly for rule in rules)
    extended = tuple(one.special for one in bounds.extended)
    allowed = _open(asked, Hours(asked.candidate.zone, weekly, opened=extended))
    if slots.is_inside(allowed, asked.start, asked.duration):
        return
    nearest = _nearest(asked, allowed)
    yield cause(
        kind,
        f"{detail}; the nearest hours are {asked.stretch(nearest)}." if nearest else f"{detail}.",
        how,
        location_id=asked.candidate.location_id,
        service_id=asked.offered.service_id,
        rule_ids=_of_weekday(asked, rules),
        nearest_window=_window(asked, nearest),
    )


def _break(asked: Question, rule: Rule) -> Cause:
    return cause(
        "break",
        f"A break of {asked.candidate.name if rule.resource_id else 'the location'} lies in the visit.",
        "Shorten or delete the break's rule.",
        rule_ids=(rule.id,),
        **_whose(asked),
    )


def _closure(asked: Question, one: Exceptional) -> Cause:
    scope = "staff" if one.resource_id else "location" if one.location_id else "business"
    who = {"staff": f"{asked.candidate.name} is away", "location": "The location is closed"}
    return cause(
        "closure",
        f"{who.get(scope, 'The business is closed')} then.",
        "Shorten or delete the exception.",
        exception_id=one.id,
        scope=scope,
        **_whose(asked),
    )


def _whose(asked: Question) -> dict[str, Any]:
    return {
        "team_member_id": asked.candidate.team_member_id,
        "resource_id": asked.candidate.resource_id,
        "location_id": asked.candidate.location_id,
    }


def _open(asked: Question, bare: Hours) -> Sequence[Span]:
    return hours.windows(bare, asked.day, asked.day)


def _taking(asked: Question, breaks: Sequence[Rule]) -> Iterator[Rule]:
    """The breaks that lie in the stay."""
    since = asked.day - timedelta(days=1)
    for rule in breaks:
        if _meets(asked, slots.windows_of_rules((rule.weekly,), asked.candidate.zone, since, asked.day)):
            yield rule


def _closing(asked: Question, closed: Sequence[Exceptional]) -> Iterator[Exceptional]:
    """The closures that lie in the stay."""
    since = asked.day - timedelta(days=1)
    for one in closed:
        if _meets(asked, hours.occurrences((one.special,), asked.candidate.zone, since, asked.day)):
            yield one


def _meets(asked: Question, spans: Iterator[Span] | Sequence[Span]) -> bool:
    return any(start < asked.end and asked.start < end for start, end in spans)


def _of_weekday(asked: Question, rules: Sequence[Rule]) -> tuple[str, ...]:
    """The rules that open that day, those of the day before that pass midnight included."""
    before = asked.day - timedelta(days=1)
    return tuple(
        rule.id
        for rule in rules
        if (rule.weekly.weekday == asked.day.isoweekday() and _holds(rule, asked.day))
        or (
            rule.weekly.weekday == before.isoweekday()
            and rule.weekly.end_minute > slots.MINUTES_PER_DAY
            and _holds(rule, before)
        )
    )


def _holds(rule: Rule, day: date) -> bool:
    since, until = rule.weekly.valid_from, rule.weekly.valid_to
    return (since is None or since <= day) and (until is None or day <= until)


def _nearest(asked: Question, spans: Sequence[Span]) -> Span | None:
    return min(spans, key=lambda span: max(span[0] - asked.start, asked.end - span[1]), default=None)


def _window(asked: Question, span: Span | None) -> dict[str, str] | None:
    return {"start_time": asked.at(span[0]), "end_time": asked.at(span[1])} if span else None
