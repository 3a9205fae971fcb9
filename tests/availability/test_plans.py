# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""Visits of several services: every plan holds, and none is missed."""

from dataclasses import replace
from itertools import islice

import pytest

from tests.availability.cart_oracle import Cart, every_plan, faults_of
from tests.availability.carts import random_cart
from tests.factories.chance import seeded
from tithi.availability.demand import Demand
from tithi.availability.engine import Lane
from tithi.availability.plans import Option, Placed, plan

OFTEN = [400, pytest.param(10_000, marks=pytest.mark.long)]
HALF_HOUR = Demand(duration=30, staff=((0, 30),), rooms=((0, 30),), step=15)
DAY = ((600, 780),)
CHAIR = Lane(open=None, busy=(), key=1)
BASIN = Lane(open=None, busy=(), key=2)


def _planned(cart: Cart) -> list[Placed] | None:
    return plan(cart.items, cart.start, max_idle=cart.max_idle, ordered=cart.ordered)


def _fault(cart: Cart) -> str | None:
    placed = _planned(cart)
    if placed is not None:
        return ", ".join(faults_of(cart, placed)) or None
    missed = next(every_plan(cart), None)
    return f"missed {missed}" if missed else None


def _smallest(cart: Cart) -> Cart:
    """Options, taken spans and needs are left out for as long as a fault is left."""
    for at, item in enumerate(cart.items):
        smaller = [item[:place] + item[place + 1 :] for place in range(len(item))]
        smaller += [
            (*item[:place], replace(option, needs=option.needs[1:]), *item[place + 1 :])
            for place, option in enumerate(item)
            if option.needs
        ]
        for less in smaller:
            candidate = replace(cart, items=(*cart.items[:at], less, *cart.items[at + 1 :]))
            if _fault(candidate):
                return _smallest(candidate)
    return cart


@pytest.mark.parametrize("carts", OFTEN)
def test_every_plan_holds_and_none_is_missed(carts: int) -> None:
    chance = seeded()
    planned = 0
    for _ in range(carts):
        cart = random_cart(chance)
        assert not _fault(cart), f"{_fault(_smallest(cart))}\n  {_smallest(cart)}"
        planned += _planned(cart) is not None
    assert carts // 10 < planned < carts * 9 // 10


def _option(
    staff: int, *needs: tuple[Lane, ...], demand: Demand = HALF_HOUR, busy: tuple[int, int] | None = None
) -> Option:
    return Option(staff=staff, demand=demand, windows=DAY, lanes=((busy,) if busy else (),), needs=needs)


def test_one_person_does_one_service_after_the_other() -> None:
    cart = Cart(items=((_option(1),), (_option(1),)), start=600, max_idle=0, ordered=True)
    assert _planned(cart) == [Placed(0, 0, 600, 0, ()), Placed(1, 0, 630, 0, ())]


def test_services_follow_each_other_in_any_order_when_it_is_free() -> None:
    early, late = _option(1, busy=(630, 780)), _option(2, busy=(600, 630))
    free = Cart(items=((late,), (early,)), start=600, max_idle=0, ordered=False)
    assert _planned(free) == [Placed(1, 0, 600, 0, ()), Placed(0, 0, 630, 0, ())]
    assert _planned(replace(free, ordered=True)) is None


def test_the_customer_waits_no_longer_than_agreed() -> None:
    cart = Cart(items=((_option(1),), (_option(2, busy=(600, 645)),)), start=600, max_idle=15, ordered=True)
    assert _planned(cart) == [Placed(0, 0, 600, 0, ()), Placed(1, 0, 645, 0, ())]
    assert _planned(replace(cart, max_idle=14)) is None


def test_buffers_of_two_services_of_one_person_do_not_overlap() -> None:
    buffered = Demand(duration=30, staff=((-5, 35),), rooms=(), step=15)
    alone = Cart(
        items=((_option(1, demand=buffered),), (_option(1, demand=buffered),)), start=600, max_idle=10, ordered=True
    )
    assert _planned(alone) == [Placed(0, 0, 600, 0, ()), Placed(1, 0, 640, 0, ())]
    assert _planned(replace(alone, max_idle=9)) is None
    shared = replace(alone, items=(alone.items[0], (_option(2, demand=buffered),)), max_idle=0)
    assert _planned(shared) == [Placed(0, 0, 600, 0, ()), Placed(1, 0, 630, 0, ())]


def test_a_person_with_two_lanes_begins_on_one_while_the_other_is_held_by_a_buffer() -> None:
    buffered = Demand(duration=30, staff=((0, 40),), rooms=(), step=15)
    twice = replace(_option(1, demand=buffered), lanes=((), ()))
    cart = Cart(items=((twice,), (twice,)), start=600, max_idle=0, ordered=True)
    assert _planned(cart) == [Placed(0, 0, 600, 0, ()), Placed(1, 0, 630, 1, ())]


def test_a_room_is_not_held_by_two_services_at_once() -> None:
    lingering = Demand(duration=30, staff=((0, 30),), rooms=((0, 40),), step=15)
    cart = Cart(
        items=((_option(1, (CHAIR,), demand=lingering),), (_option(2, (CHAIR,)),)), start=600, max_idle=5, ordered=True
    )
    assert _planned(cart) is None
    two = replace(cart, items=(cart.items[0], (_option(2, (CHAIR, BASIN)),)))
    assert _planned(two) == [Placed(0, 0, 600, 0, (0,)), Placed(1, 0, 630, 0, (1,))]


def test_two_needs_of_one_service_take_two_lanes() -> None:
    cart = Cart(items=((_option(1, (CHAIR,), (CHAIR,)),),), start=600, max_idle=0, ordered=True)
    assert _planned(cart) is None
    two = replace(cart, items=((_option(1, (CHAIR,), (CHAIR, BASIN)),),))
    assert _planned(two) == [Placed(0, 0, 600, 0, (0, 1))]


def test_a_first_choice_that_leaves_no_room_for_the_next_is_taken_back() -> None:
    cart = Cart(
        items=((_option(1, (CHAIR, BASIN)),), (_option(1, (CHAIR,), demand=replace(HALF_HOUR, rooms=((-30, 30),))),)),
        start=600,
        max_idle=0,
        ordered=True,
    )
    assert _planned(cart) == [Placed(0, 0, 600, 0, (1,)), Placed(1, 0, 630, 0, (0,))]


def test_a_service_that_nobody_does_has_no_plan() -> None:
    assert _planned(Cart(items=((_option(1),), ()), start=600, max_idle=30, ordered=False)) is None


def test_trying_everything_finds_what_holds_and_the_check_finds_what_does_not() -> None:
    cart = Cart(items=((_option(1, (CHAIR,)),), (_option(1),)), start=600, max_idle=1, ordered=True)
    found = list(islice(every_plan(cart), 3))
    assert [[one.start for one in placed] for placed in found] == [[600, 630], [600, 631]]
    first, second = found[0]
    assert faults_of(cart, [first, second]) == []
    assert faults_of(cart, [first]) == ["not every service once"]
    assert faults_of(cart, [first, replace(second, start=632)]) == ["2 idle minutes after item 0"]
    assert faults_of(cart, [first, replace(second, start=629)]) == [
        "-1 idle minutes after item 0",
        "a person or a room is held twice",
    ]
    assert faults_of(cart, [replace(second, start=600), replace(first, start=630)]) == ["not in the order asked for"]
    assert faults_of(cart, [replace(first, rooms=()), second]) == ["item 0 has 0 rooms for 1 needs"]
    late = replace(cart, start=751)
    assert faults_of(late, [replace(first, start=751), replace(second, start=781)]) == [
        "item 0 leaves the hours",
        "item 1 leaves the hours",
    ]


@pytest.mark.timeout(30)
def test_a_visit_that_cannot_be_is_refused_though_its_parts_can_be_placed_in_very_many_ways() -> None:
    """Twenty people and ten rooms for what stands between two services of one person whose buffer is too long."""
    rooms = tuple(Lane(open=None, busy=(), key=key) for key in range(10))
    anybody = tuple(_option(staff, rooms) for staff in range(1, 21))
    lengthy = _option(0, demand=Demand(duration=30, staff=((0, 300),), rooms=(), step=15))
    cart = Cart(items=((lengthy,), anybody, anybody, (_option(0),)), start=600, max_idle=15, ordered=True)
    assert _planned(cart) is None
    assert _planned(replace(cart, max_idle=30)) is None
    assert _planned(replace(cart, start=601)) is None
