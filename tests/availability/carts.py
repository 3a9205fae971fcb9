# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""Random visits of one to three services, four people and three rooms, on a short and crowded afternoon."""

from dataclasses import dataclass, replace
from random import Random

from tests.availability.cart_oracle import Cart
from tests.availability.days import Visit, random_visit
from tests.availability.oracle import Span, minutes_of, spans_of
from tithi.availability.engine import Lane
from tithi.availability.plans import Option

OPENS, CLOSES = 600, 780


@dataclass(frozen=True, slots=True)
class Person:
    windows: tuple[Span, ...]
    lanes: tuple[tuple[Span, ...], ...]


def random_cart(chance: Random) -> Cart:
    grain = chance.choice((1, 5, 5, 15))
    people = [_person(chance, grain) for _ in range(4)]
    rooms = [_room(chance, grain, key) for key in range(3)]
    pools = chance.choice(([rooms[:2], rooms[2:]], [rooms], [rooms[:1], rooms[1:]]))
    items = tuple(_options(chance, grain, people, pools) for _ in range(chance.choice((1, 2, 2, 3, 3))))
    return Cart(
        items=items,
        start=chance.randrange(OPENS, OPENS + 90, grain),
        max_idle=chance.choice((0, 5, 10, 15, chance.randint(1, 20))),
        ordered=chance.random() < 0.5,
    )


def _person(chance: Random, grain: int) -> Person:
    opening = minutes_of([(chance.randrange(OPENS - 30, OPENS + 60, grain), CLOSES)])
    if chance.random() < 0.5:
        opening -= minutes_of([_span(chance, grain, 30)])
    lanes = 2 if chance.random() < 0.4 else 1
    return Person(spans_of(opening), tuple(_taken(chance, grain) for _ in range(lanes)))


def _room(chance: Random, grain: int, key: int) -> Lane:
    opening = spans_of(minutes_of(_span(chance, grain, 150) for _ in range(2))) if chance.random() < 0.2 else None
    return Lane(open=opening, busy=_taken(chance, grain), key=key)


def _taken(chance: Random, grain: int) -> tuple[Span, ...]:
    return spans_of(minutes_of(_span(chance, grain, 30) for _ in range(chance.choice((0, 1, 2, 3)))))


def _span(chance: Random, grain: int, most: int) -> Span:
    start = chance.randrange(OPENS - 30 // grain * grain, CLOSES, grain)
    return start, start + grain * chance.randint(1, max(1, most // grain))


def _options(chance: Random, grain: int, people: list[Person], pools: list[list[Lane]]) -> tuple[Option, ...]:
    """Somebody of those people for a service; what it asks differs a little from one to another."""
    wanted = [pool for pool in pools if chance.random() < 0.4]
    if wanted and chance.random() < 0.15:
        wanted.append(wanted[0])
    needs = tuple(tuple(chance.sample(pool, len(pool))) for pool in wanted)
    visit = _visit(chance, grain, needs_room=bool(needs))
    own = replace(visit, before=0)
    count = chance.choice((1, 2, 4)) if chance.random() < 0.9 else 0
    return tuple(
        Option(
            staff=staff,
            demand=(visit if chance.random() < 0.8 else own).demand,
            windows=people[staff].windows,
            lanes=people[staff].lanes,
            needs=needs,
        )
        for staff in chance.sample(range(4), count)
    )


def _visit(chance: Random, grain: int, *, needs_room: bool) -> Visit:
    """A short one, which holds its room at some time if it needs one."""
    while True:
        visit = random_visit(chance, needs_room=needs_room, grain=grain)
        is_short = sum(segment.minutes for segment in visit.segments) <= 75
        if is_short and (not needs_room or any(segment.holds_room for segment in visit.segments)):
            return visit
