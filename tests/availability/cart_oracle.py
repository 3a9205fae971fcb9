# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""Visits of several services: what a plan must keep, and the search that tries everything."""

from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise, permutations, product

from tests.availability.oracle import minutes_of
from tithi.availability.engine import Lane
from tithi.availability.plans import Option, Placed

Minute = tuple[Hashable, int]


@dataclass(frozen=True, slots=True)
class Cart:
    """All that `plan` is asked with."""

    items: tuple[tuple[Option, ...], ...]
    start: int
    max_idle: int
    ordered: bool


def faults_of(cart: Cart, placed: Sequence[Placed]) -> list[str]:
    """What is wrong with a plan, in words."""
    faults = [fault for one in placed for fault in _faults_of_one(cart, one)]
    if sorted(one.item for one in placed) != list(range(len(cart.items))):
        return [*faults, "not every service once"]
    if cart.ordered and [one.item for one in placed] != list(range(len(cart.items))):
        faults.append("not in the order asked for")
    if placed[0].start != cart.start:
        faults.append(f"begins at {placed[0].start}")
    for first, second in pairwise(placed):
        idle = second.start - first.start - option_of(cart, first).demand.duration
        if not 0 <= idle <= cart.max_idle:
            faults.append(f"{idle} idle minutes after item {first.item}")
    held = [minute for one in placed for minute in held_by(cart, one)]
    if len(held) != len(set(held)):
        faults.append("a person or a room is held twice")
    return faults


def _faults_of_one(cart: Cart, one: Placed) -> Iterator[str]:
    option = option_of(cart, one)
    stay = range(one.start, one.start + option.demand.duration)
    if not any(opens <= stay.start and stay.stop <= closes for opens, closes in option.windows):
        yield f"item {one.item} leaves the hours"
    if not minutes_of(option.lanes[one.lane]).isdisjoint(_at(one.start, option.demand.staff)):
        yield f"item {one.item} meets what its staff has taken"
    if len(one.rooms) != len(option.needs):
        yield f"item {one.item} has {len(one.rooms)} rooms for {len(option.needs)} needs"
    for room, need in zip(one.rooms, option.needs, strict=False):
        if not _takes(need[room], one.start, option):
            yield f"item {one.item} is in a room that is taken or closed"


def held_by(cart: Cart, one: Placed) -> list[Minute]:
    """Each minute of each physical lane that the item holds; a lane that it holds twice appears twice."""
    option = option_of(cart, one)
    staff: list[Minute] = [(("staff", option.staff, one.lane), at) for at in _at(one.start, option.demand.staff)]
    rooms: list[Minute] = [
        (("room", need[room].key), at)
        for room, need in zip(one.rooms, option.needs, strict=False)
        for at in _at(one.start, option.demand.rooms)
    ]
    return staff + rooms


def option_of(cart: Cart, one: Placed) -> Option:
    return cart.items[one.item][one.option]


def every_plan(cart: Cart) -> Iterator[list[Placed]]:
    """Each order, each option, each lane, each room and each minute, one after another."""

    @cache
    def alone(item: int, start: int) -> list[Placed]:
        """The ways to place one item at a minute, as if it were the only one."""
        return [one for one in _ways(cart, item, start) if not any(_faults_of_one(cart, one))]

    def continued(order: Sequence[int], before: list[Placed], minutes: range) -> Iterator[list[Placed]]:
        if len(before) == len(order):
            yield before
            return
        held = {minute for one in before for minute in held_by(cart, one)}
        for start in minutes:
            for one in alone(order[len(before)], start):
                own = held_by(cart, one)
                if len(own) == len(set(own)) and held.isdisjoint(own):
                    end = start + option_of(cart, one).demand.duration
                    yield from continued(order, [*before, one], range(end, end + cart.max_idle + 1))

    count = len(cart.items)
    for order in [tuple(range(count))] if cart.ordered else permutations(range(count)):
        yield from continued(order, [], range(cart.start, cart.start + 1))


def _ways(cart: Cart, item: int, start: int) -> Iterator[Placed]:
    for number, option in enumerate(cart.items[item]):
        for lane in range(len(option.lanes)):
            for rooms in product(*(range(len(need)) for need in option.needs)):
                yield Placed(item=item, option=number, start=start, lane=lane, rooms=rooms)


def _takes(room: Lane, start: int, option: Option) -> bool:
    if room.open is not None and not any(
        opens <= start and start + option.demand.duration <= closes for opens, closes in room.open
    ):
        return False
    return minutes_of(room.busy).isdisjoint(_at(start, option.demand.rooms))


def _at(start: int, spans: Sequence[tuple[int, int]]) -> set[int]:
    return {start + minute for minute in minutes_of(spans)}
