# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""The promise of the explanation: undo what it names, and the time is offered."""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime

import pytest
from flask import Flask

from tests.bookings.explained import NOW, Body, Busy, Wish, furnish, obstruct
from tests.bookings.undoing import UNDOING, undo
from tests.factories.businesses import open_salon
from tests.factories.chance import seeded
from tithi.platform import clock

MOST_ROUNDS = 25
NEW_SALON_AFTER = 40
WITHOUT_HIDING = {"customer_cap", "prerequisite"}


@pytest.fixture(autouse=True)
def _steady() -> Iterator[None]:
    with clock.steered(lambda: NOW):
        yield


def _check_against_search(busy: Busy, wish: Wish, found: Body) -> None:
    offering = busy.offering(wish)
    assert found["offered"] == bool(offering), (wish, found, offering)
    assert {one["team_member_id"] for one in found["candidates"] if one["offered"]} == offering, (wish, found)
    hides = any(cause["kind"] not in WITHOUT_HIDING for cause in found["causes"])
    for one in found["candidates"]:
        hidden = hides or any(cause["kind"] not in WITHOUT_HIDING for cause in one["causes"])
        assert one["offered"] == (not hidden), (wish, one, found["causes"])


def _hidden_wish(busy: Busy) -> tuple[Wish, Body]:
    while True:
        wish = busy.wish()
        found = busy.explain(wish)
        _check_against_search(busy, wish, found)
        if not found["offered"]:
            return wish, found


def _make_offered(busy: Busy, wish: Wish, found: Body) -> Counter[str]:
    """Undo what is named, of all and of one person, until nothing is; the kinds of what was undone."""
    undone: Counter[str] = Counter()
    who = found["candidates"][0]["team_member_id"] if found["candidates"] else None
    for _ in range(MOST_ROUNDS):
        mine = [one for one in found["candidates"] if one["team_member_id"] == who] or found["candidates"][:1]
        causes = [*found["causes"], *(cause for one in mine for cause in one["causes"])]
        if not causes:
            break
        for cause in causes:
            assert cause["detail"]
            assert cause["how_to_change"]
            undone[cause["kind"]] += 1
            undo(busy, wish, cause)
        found = busy.explain(wish)
        _check_against_search(busy, wish, found)
    assert found["offered"], (wish, found, undone)
    assert found["bookable"], (wish, found, undone)
    return undone


@pytest.mark.parametrize("times", [60, pytest.param(1000, marks=[pytest.mark.long, pytest.mark.timeout(1800)])])
def test_a_hidden_time_is_offered_once_all_that_was_named_is_undone(app: Flask, times: int) -> None:
    chance = seeded()
    undone: Counter[str] = Counter()
    for number in range(times):
        if number % NEW_SALON_AFTER == 0:
            busy = furnish(open_salon(app, card_required=False), chance)
        for _ in range(4):
            obstruct(busy)
        wish, found = _hidden_wish(busy)
        undone += _make_offered(busy, wish, found)
    print(dict(undone))  # noqa: T201 - how often each cause was met
    met = set(undone)
    assert met >= (set(UNDOING) if times > 500 else {"outside_hours", "no_hours", "off_grid", "taken"}), undone


@pytest.mark.parametrize("times", [20, pytest.param(200, marks=pytest.mark.long)])
def test_nothing_is_named_for_a_time_that_is_offered(app: Flask, times: int) -> None:
    chance = seeded()
    busy = furnish(open_salon(app, card_required=False), chance)
    asked = 0
    while asked < times:
        wish = busy.wish()
        wish.customer_id = None
        slots = busy.slots(wish, wish.local.date().isoformat())
        if not slots:
            continue
        slot = chance.choice(slots)
        wish.start, wish.member_id = datetime.fromisoformat(slot["start_time"]), slot["team_member_id"]
        found = busy.explain(wish)
        (candidate,) = found["candidates"]
        assert (found["offered"], found["bookable"], found["causes"], candidate["causes"]) == (True, True, [], [])
        asked += 1
