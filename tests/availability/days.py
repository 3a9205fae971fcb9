# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""Random days for the slot search, and the smallest part of one that still shows the same."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from random import Random
from typing import Any, TypeVar

from tests.availability.oracle import Day, Span, minutes_of, spans_of
from tithi.availability.caps import Cap
from tithi.availability.demand import Demand, Segment, demand_of, with_soft_buffers
from tithi.availability.engine import Lane

STEPS = (5, 10, 15, 20, 30, 45, 60, 90, 120, 240)
ZONES = ("UTC", "Asia/Tokyo", "America/Los_Angeles", "Asia/Kathmandu", "Pacific/Apia", "Europe/Berlin")
EPOCHS = (0, 31_639_680, 31_639_683)
Part = TypeVar("Part")


@dataclass(frozen=True, slots=True)
class Visit:
    """What is asked of `demand_of`."""

    segments: tuple[Segment, ...]
    before: int
    after: int
    step: int
    needs_room: bool
    opens_processing: bool

    @property
    def demand(self) -> Demand:
        return demand_of(
            self.segments,
            before=self.before,
            after=self.after,
            step=self.step,
            needs_room=self.needs_room,
            opens_processing=self.opens_processing,
        )


def random_visit(chance: Random, *, needs_room: bool, grain: int = 1) -> Visit:
    """`grain` divides every number of minutes in it."""

    def length(least: int, most: int) -> int:
        return max(grain, chance.randint(least, most) // grain * grain)

    def buffer() -> int:
        return chance.choice((0, 0, 0, length(1, 30)))

    def segment(kind: str, minutes: int, *, staff: float, room: float) -> Segment:
        return Segment(kind, minutes, holds_staff=chance.random() < staff, holds_room=chance.random() < room)

    segments = [segment("work", length(5, 60), staff=0.95, room=0.9)]
    if chance.random() < 0.4:
        segments.append(segment("processing", length(5, 60), staff=0.2, room=0.8))
        segments.append(segment(chance.choice(("finish", "work")), length(5, 45), staff=0.95, room=1))
    if chance.random() < 0.3:
        segments.append(segment("transition", length(1, 20), staff=0.7, room=0.7))
    steps = [step for step in STEPS if step % grain == 0]
    return Visit(
        segments=tuple(segments),
        before=buffer(),
        after=buffer(),
        step=chance.choice(steps) if chance.random() < 0.7 else max(5, length(5, 240)),
        needs_room=needs_room,
        opens_processing=chance.random() < 0.7,
    )


def random_day(chance: Random) -> Day:
    grain = chance.choice((1, 1, 2, 5, 5, 15))
    epoch = chance.choice(EPOCHS) // grain * grain
    count = chance.choice((0, 0, 1, 1, 2))
    loose = 1 if chance.random() < 0.2 else grain
    visit = random_visit(chance, needs_room=count > 0, grain=loose)
    demand = visit.demand
    windows = _windows(chance, grain, epoch)
    fill = _nearly_all if chance.random() < 0.25 else _some
    people = chance.choice((1, 1, 1, 2, 3))
    soft: tuple[tuple[Span, ...], ...] = ()
    if chance.random() < 0.25:
        if chance.random() < 0.8:
            demand = with_soft_buffers(demand, visit.segments, opens_processing=visit.opens_processing)
        soft = tuple(_some(chance, windows, grain, demand) for _ in range(people))
    day = Day(
        windows=windows,
        lanes=tuple(fill(chance, windows, grain, demand) for _ in range(people)),
        needs=tuple(_rooms(chance, windows, grain, demand) for _ in range(count)),
        demand=demand,
        min_gap=chance.choice((0, 0, grain, 10, 15, 30, chance.randint(1, 60))),
        soft=soft,
        **(_capped(chance, windows) if windows and chance.random() < 0.3 else {}),
    )
    return day if demand.staff else replace(day, min_gap=0, soft=())


def _capped(chance: Random, windows: tuple[Span, ...]) -> dict[str, Any]:
    """A cap, and visits on the days around; the windows cross midnight in some of the zones."""
    week = 7 * 24 * 60
    return {
        "zone": chance.choice(ZONES),
        "cap": Cap(chance.choice((None, 1, 2, 3)), chance.choice((None, 1, 2, 4, 6))),
        "had": tuple(windows[0][0] + chance.randint(-week, week) for _ in range(chance.choice((0, 1, 3, 6)))),
    }


def _span(chance: Random, since: int, until: int, most: int, grain: int) -> Span:
    start = chance.randrange(since, until, grain)
    return start, start + grain * chance.randint(1, max(1, most // grain))


def _windows(chance: Random, grain: int, epoch: int) -> tuple[Span, ...]:
    """Opening hours less breaks and closures, and what is open out of the ordinary."""
    opens = epoch + chance.randrange(480, 720) // grain * grain
    open_minutes = minutes_of([(opens, opens + chance.randrange(60, 600) // grain * grain)])
    closes = opens + 600
    for _ in range(chance.choice((0, 1, 1, 2, 4))):
        open_minutes -= minutes_of([_span(chance, opens, closes, 60, grain)])
    if chance.random() < 0.15:
        open_minutes -= minutes_of([_span(chance, opens - 60 // grain * grain, closes, 400, grain)])
    if chance.random() < 0.15:
        open_minutes |= minutes_of([_span(chance, opens - 240 // grain * grain, closes + 240, 180, grain)])
    return spans_of(open_minutes)


def _some(chance: Random, windows: tuple[Span, ...], grain: int, _: Demand) -> tuple[Span, ...]:
    """Visits here and there, apart, touching, or one over the other as after an override."""
    if not windows:
        return ()
    since, until = windows[0][0] - 120 // grain * grain, windows[-1][1] + 120
    return tuple(sorted(_span(chance, since, until, 90, grain) for _ in range(chance.choice((0, 1, 3, 6, 9)))))


def _nearly_all(chance: Random, windows: tuple[Span, ...], grain: int, demand: Demand) -> tuple[Span, ...]:
    """Everything taken but a few holes that are about as long as the visit."""
    if not windows:
        return ()
    since, until = windows[0][0] - 60 // grain * grain, windows[-1][1] + 60 // grain * grain
    taken = minutes_of([(since, until)])
    need = demand.staff[-1][1] - demand.staff[0][0] if demand.staff else demand.duration
    for _ in range(chance.randint(0, 3)):
        hole = chance.randrange(since, until, grain)
        taken -= minutes_of([(hole, hole + max(grain, need + grain * chance.randint(-2, 8)))])
    return spans_of(taken)


def _rooms(chance: Random, windows: tuple[Span, ...], grain: int, demand: Demand) -> tuple[Lane, ...]:
    if windows and chance.random() < 0.3:
        return _handed_over(chance, windows, grain, demand)
    return tuple(_room(chance, windows, grain, demand, number) for number in range(chance.choice((1, 2, 2, 3))))


def _handed_over(chance: Random, windows: tuple[Span, ...], grain: int, demand: Demand) -> tuple[Lane, ...]:
    """Two rooms, the second of which opens about when the last visit of the first begins."""
    since, until = windows[0][0] - 60 // grain * grain, windows[-1][1] + 60
    closes = chance.randrange(since + grain, until, grain)
    opens = closes - demand.duration + chance.randint(-1, 3) * grain
    return (
        Lane(open=((since, closes),), busy=(), key=0),
        Lane(open=((opens, max(until, opens + grain)),), busy=(), key=1),
    )


def _room(chance: Random, windows: tuple[Span, ...], grain: int, demand: Demand, number: int) -> Lane:
    fill = _nearly_all if chance.random() < 0.2 else _some
    opened: tuple[Span, ...] | None = None
    if windows and chance.random() < 0.4:
        hours = [
            _span(chance, windows[0][0] - 60 // grain * grain, windows[-1][1], 400, grain)
            for _ in range(chance.choice((0, 1, 1, 2)))
        ]
        opened = spans_of(minutes_of(hours))
    return Lane(open=opened, busy=fill(chance, windows, grain, demand), key=number)


def smallest(day: Day, shows: Callable[[Day], bool]) -> Day:
    """Part after part is left out for as long as what is left still `shows` it."""
    while True:
        for less in _less(day):
            if shows(less):
                day = less
                break
        else:
            return day


def _less(day: Day) -> Iterator[Day]:
    yield from (replace(day, min_gap=0) for _ in range(bool(day.min_gap)))
    yield from (replace(day, soft=()) for _ in range(bool(day.soft)))
    yield from (replace(day, had=had) for had in _without_one(day.had))
    if not day.soft:
        yield from (replace(day, lanes=lanes) for lanes in _without_one(day.lanes))
    yield from (replace(day, windows=windows) for windows in _without_one(day.windows))
    yield from (replace(day, needs=needs) for needs in _without_one(day.needs))
    yield from (replace(day, lanes=lanes) for lanes in _with_one_less(day.lanes, _without_one))
    yield from (replace(day, soft=soft) for soft in _with_one_less(day.soft, _without_one))
    yield from (replace(day, needs=needs) for needs in _with_one_less(day.needs, _less_rooms))


def _less_rooms(need: tuple[Lane, ...]) -> Iterator[tuple[Lane, ...]]:
    yield from _without_one(need)
    yield from _with_one_less(need, _less_room)


def _less_room(room: Lane) -> Iterator[Lane]:
    if room.open is not None:
        yield replace(room, open=None)
    yield from (replace(room, busy=busy) for busy in _without_one(room.busy))


def _without_one(parts: tuple[Part, ...]) -> Iterator[tuple[Part, ...]]:
    for at in range(len(parts)):
        yield (*parts[:at], *parts[at + 1 :])


def _with_one_less(parts: tuple[Part, ...], less: Callable[[Part], Iterator[Part]]) -> Iterator[tuple[Part, ...]]:
    for at, part in enumerate(parts):
        for smaller in less(part):
            yield (*parts[:at], smaller, *parts[at + 1 :])
