# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""Who does which service of a visit, where, and when; no database and no clock."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import permutations
from math import gcd

from tithi.availability import engine
from tithi.availability.demand import Demand
from tithi.availability.engine import Lane, Scale
from tithi.availability.slots import Span, is_inside


@dataclass(frozen=True, slots=True)
class Option:
    """Somebody who can do a service, with what it asks of them; options of one person share their `staff` number."""

    staff: int
    demand: Demand
    windows: tuple[Span, ...]
    lanes: tuple[tuple[Span, ...], ...]
    needs: tuple[tuple[Lane, ...], ...]
    soft: tuple[tuple[Span, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class Placed:
    """One service at its place: the index of the item, of its option, its minute, the lanes of staff and rooms."""

    item: int
    option: int
    start: int
    lane: int
    rooms: tuple[int, ...]


LaneKey = tuple[str, int, int]
Hold = tuple[LaneKey, int, int]
Held = list[Hold]
MOST_CHOICES = 20_000
MOST_CHOICES_IN_ALL = 300_000


class Board:
    """The possible starts of every option, as bits of one scale.

    `marks` are further minutes that the scale's quantum has to divide; where it divides all bounds and waits, a visit
    that fits at all fits on its multiples.
    """

    def __init__(self, items: Sequence[Sequence[Option]], *, max_idle: int, marks: Sequence[int] = ()) -> None:
        self.items = items
        self.max_idle = max_idle
        self.left = MOST_CHOICES_IN_ALL
        self.needed: dict[tuple[int, ...], tuple[frozenset[LaneKey], int]] = {}
        options = [option for item in items for option in item if option.windows]
        scales = [engine.scale_of(one.windows, (*one.lanes, *one.soft), one.needs, one.demand) for one in options]
        base = min((scale.base for scale in scales), default=0)
        quantum = gcd(base, max_idle, *marks, *(scale.quantum for scale in scales), *(one.base for one in scales)) or 1
        end = max((scale.base + scale.size * scale.quantum for scale in scales), default=0)
        self.scale = Scale(base, quantum, (end - base) // quantum + 1)
        self.lanes = [[self._lanes(option) for option in item] for item in items]
        self.rooms = [[self._rooms(option) for option in item] for item in items]

    def _lanes(self, option: Option) -> list[int]:
        possible = self.scale.inside(option.windows, option.demand.duration)
        for need in option.needs:
            possible &= engine.room_mask(self.scale, need, option.demand)
        return [
            possible & engine.staff_mask(self.scale, busy, option.soft[index] if option.soft else (), option.demand)
            for index, busy in enumerate(option.lanes)
        ]

    def _rooms(self, option: Option) -> list[list[int]]:
        return [[engine.room_mask(self.scale, (lane,), option.demand) for lane in need] for need in option.needs]

    def mask(self, item: int, option: int) -> int:
        mask = 0
        for lane in self.lanes[item][option]:
            mask |= lane
        return mask

    def is_free(self, item: int, option: int, lane: int, start: int) -> bool:
        return self.has(self.lanes[item][option][lane], start)

    def has(self, mask: int, start: int) -> bool:
        """Whether the bit of a minute is set."""
        at, rest = divmod(start - self.scale.base, self.scale.quantum)
        return at >= 0 and not rest and bool(mask >> at & 1)


def plan(items: Sequence[Sequence[Option]], start: int, *, max_idle: int, ordered: bool) -> list[Placed] | None:
    """How the visit's items can follow each other from `start`, the first options and shortest waits preferred."""
    return next(plans(Board(items, max_idle=max_idle, marks=(start,)), start, ordered=ordered), None)


def plans(board: Board, start: int, *, ordered: bool) -> Iterator[list[Placed]]:
    """All ways in which the items can follow each other from `start`."""
    for order in orders(len(board.items), ordered=ordered):
        yield from along(board, order, reachable(board, order), start)


def along(board: Board, order: Sequence[int], ahead: Sequence[int], start: int) -> Iterator[list[Placed]]:
    """All ways in one order, whose `reachable` starts are known."""
    if board.has(ahead[0], start):
        yield from _Walk(board, order, ahead).onward(start, [], [])


def orders(count: int, *, ordered: bool) -> Iterable[tuple[int, ...]]:
    return (tuple(range(count)),) if ordered else permutations(range(count))


def reachable(board: Board, order: Sequence[int]) -> list[int]:
    """For each place in the order, the starts from which all that follows may still fit, each item by itself."""
    ahead = [0] * len(order)
    waits = board.max_idle // board.scale.quantum + 1
    for place in range(len(order) - 1, -1, -1):
        followed = _any_of_next(ahead[place + 1], waits) if place + 1 < len(order) else -1
        for option, one in enumerate(board.items[order[place]]):
            after = engine.shifted(followed, one.demand.duration // board.scale.quantum)
            ahead[place] |= board.mask(order[place], option) & after
    return ahead


def _any_of_next(mask: int, count: int) -> int:
    """The bits for which one of the `count` bits from there on is set."""
    done = 1
    while done < count:
        more = min(done, count - done)
        mask |= mask >> more
        done += more
    return mask


class _Walk:
    """One search through the places of an order.

    What was tried in vain is remembered by the place, the minute, and what is held of the lanes that still matter, so
    that the many ways of placing services that do not touch each other are not gone through one by one. The search
    gives up after `MOST_CHOICES`, and all searches on one board after `MOST_CHOICES_IN_ALL`.
    """

    def __init__(self, board: Board, order: Sequence[int], ahead: Sequence[int]) -> None:
        self.board = board
        self.order = order
        self.ahead = ahead
        self.left = MOST_CHOICES
        self.vain: set[tuple[int, int, frozenset[Hold]]] = set()
        self.needed = [self._needed(place) for place in range(len(order))]

    def _needed(self, place: int) -> tuple[frozenset[LaneKey], int]:
        """The lanes that the services from a place on may take, and how far before their start they reach."""
        following = tuple(sorted(self.order[place:]))
        if following not in self.board.needed:
            options = [option for item in following for option in self.board.items[item]]
            staff = {("staff", option.staff, lane) for option in options for lane in range(len(option.lanes))}
            rooms = {("room", lane.key, 0) for option in options for need in option.needs for lane in need}
            low = min((option.demand.reach[0] for option in options), default=0)
            self.board.needed[following] = frozenset(staff | rooms), low
        return self.board.needed[following]

    def onward(self, start: int, chosen: list[Placed], held: Held) -> Iterator[list[Placed]]:
        """All ways to go on after what is chosen, whose stay ends at `start`."""
        place = len(chosen)
        lanes, low = self.needed[place]
        state = (place, start, frozenset(one for one in held if one[0] in lanes and one[2] > start + low))
        if state in self.vain:
            return
        found = False
        for wait in range(0, self.board.max_idle + 1 if place else 1, self.board.scale.quantum):
            if not self.board.has(self.ahead[place], start + wait):
                continue
            for one, more in self._choices(self.order[place], start + wait, held):
                for way in self._finished(one, more, chosen, held):
                    found = True
                    yield way
        if not found:
            self.vain.add(state)

    def _finished(self, one: Placed, more: Held, chosen: list[Placed], held: Held) -> Iterator[list[Placed]]:
        if len(chosen) + 1 == len(self.order):
            yield [*chosen, one]
            return
        end = one.start + self.board.items[one.item][one.option].demand.duration
        yield from self.onward(end, [*chosen, one], [*held, *more])

    def _choices(self, item: int, start: int, held: Held) -> Iterator[tuple[Placed, Held]]:
        for index, option in enumerate(self.board.items[item]):
            for lane in range(len(option.lanes)):
                if not self.board.is_free(item, index, lane, start):
                    continue
                for rooms in self._rooms(item, index, start, 0):
                    if self.left <= 0 or self.board.left <= 0:
                        return
                    self.left -= 1
                    self.board.left -= 1
                    one = Placed(item, index, start, lane, rooms)
                    more = held_by(self.board.items, one)
                    if not _collide(held, more):
                        yield one, more

    def _rooms(self, item: int, option: int, start: int, need: int) -> Iterator[tuple[int, ...]]:
        needs = self.board.items[item][option].needs
        if need == len(needs):
            yield ()
            return
        for index, lane in enumerate(needs[need]):
            if not self.board.has(self.board.rooms[item][option][need][index], start):
                continue
            for others in self._rooms(item, option, start, need + 1):
                if all(needs[need + 1 + at][other].key != lane.key for at, other in enumerate(others)):
                    yield (index, *others)


def has_room(lane: Lane, start: int, demand: Demand) -> bool:
    """Whether a lane of a room is open and free for a visit from `start`."""
    if lane.open is not None and not is_inside(lane.open, start, demand.duration):
        return False
    return not any(
        begin < start + end and start + begin_of < until for begin_of, end in demand.rooms for begin, until in lane.busy
    )


def held_by(items: Sequence[Sequence[Option]], one: Placed) -> Held:
    """What a placed item holds, as `(physical lane, start, end)`."""
    option = items[one.item][one.option]
    held: Held = [
        (("staff", option.staff, one.lane), one.start + start, one.start + end) for start, end in option.demand.staff
    ]
    for need, lane in enumerate(one.rooms):
        key = ("room", option.needs[need][lane].key, 0)
        held.extend((key, one.start + start, one.start + end) for start, end in option.demand.rooms)
    return held


def _collide(first: Held, second: Held) -> bool:
    return any(
        lane == other and start < until and begin < end for lane, start, end in first for other, begin, until in second
    )
