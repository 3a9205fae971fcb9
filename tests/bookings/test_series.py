# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest

from tests.factories.businesses import Answer, Salon
from tests.factories.visits import (
    API,
    add_person,
    at_desk,
    claimed,
    count_bookings,
    desk,
    guest,
    is_refused,
    minutes,
    ok,
    own,
    set_hours,
    set_policy,
    shown,
)
from tests.stack import Stack
from tithi.platform import clock

BERLIN = ZoneInfo("Europe/Berlin")
CONFLICT = "TITHI_SERIES_CONFLICT"


def wish(salon: Salon, start: datetime, count: int, *, frequency: str = "weekly", **changes: Any) -> Answer:
    rule = {"frequency": frequency, "count": count, **changes.pop("rule", {})}
    body = {
        "service_id": str(salon.service_id),
        "start_time": start.isoformat(),
        "rule": rule,
        "customer_info": guest(),
        **changes,
    }
    return salon.as_owner("POST", f"{API}/series", key=str(uuid4()), json=body)


def series_of(salon: Salon, start: datetime, count: int, **changes: Any) -> dict[str, Any]:
    return dict(ok(wish(salon, start, count, **changes)))


def change(salon: Salon, series: dict[str, Any], word: str, place: int, scope: str, **body: Any) -> Answer:
    whole = {"booking_id": series["bookings"][place]["id"], "scope": scope, **body}
    return salon.as_owner("POST", f"{API}/series/{series['id']}/{word}", key=str(uuid4()), json=whole)


def starts(series: dict[str, Any]) -> list[datetime]:
    return [datetime.fromisoformat(one["start_time"]) for one in series["bookings"]]


def walls(series: dict[str, Any]) -> list[datetime]:
    return [at.astimezone(BERLIN).replace(tzinfo=None) for at in starts(series)]


def statuses(series: dict[str, Any]) -> list[str]:
    return [one["status"] for one in series["bookings"]]


def week(count: int) -> timedelta:
    return timedelta(weeks=count)


def later(start: datetime, weeks: int) -> datetime:
    """The same time on the wall clock, weeks later."""
    wall = start.astimezone(BERLIN).replace(tzinfo=None) + week(weeks)
    return wall.replace(tzinfo=BERLIN)


def test_fifty_two_weeks_keep_the_time_on_the_wall_clock(salon: Salon, stack: Stack) -> None:
    start = salon.slot()
    series = series_of(salon, start, 52)
    first = start.astimezone(BERLIN).replace(tzinfo=None)
    assert walls(series) == [first + week(number) for number in range(52)]
    assert len({at.astimezone(BERLIN).utcoffset() for at in starts(series)}) == 2, "both clock changes lie within"
    assert {one["local_start"] for one in series["bookings"]} == {wall.isoformat() for wall in walls(series)}
    assert set(statuses(series)) == {"confirmed"}
    assert len(claimed(salon, stack)) == 52
    assert shown(salon, series["bookings"][51]["id"])["series_id"] == series["id"]


def test_the_conflicts_are_told_with_other_times_and_nothing_is_booked(salon: Salon, stack: Stack) -> None:
    start = salon.slot()
    for number in (3, 10, 40):
        at_desk(salon, later(start, number))
    before, count = claimed(salon, stack), count_bookings(salon)
    answer = wish(salon, start, 52)
    assert is_refused(answer, CONFLICT)
    found = answer.json["details"]["conflicts"]
    assert [one["occurrence"] for one in found] == [3, 10, 40]
    assert [datetime.fromisoformat(one["start_time"]) for one in found] == [later(start, n) for n in (3, 10, 40)]
    for one in found:
        assert one["code"] == "TITHI_SLOT_UNAVAILABLE"
        near = [datetime.fromisoformat(slot["start_time"]) for slot in one["alternatives"]]
        assert near
        assert all(abs(at - datetime.fromisoformat(one["start_time"])) < timedelta(days=2) for at in near)
    assert (claimed(salon, stack), count_bookings(salon)) == (before, count)
    assert ok(salon.as_owner("GET", f"{API}/customers"))["total"] == 3


def test_the_rest_is_booked_where_that_is_asked_for(salon: Salon, stack: Stack) -> None:
    start = salon.slot()
    for number in (3, 10, 40):
        at_desk(salon, later(start, number))
    series = series_of(salon, start, 52, book_rest=True)
    assert len(series["bookings"]) == 49
    assert [one["occurrence"] for one in series["conflicts"]] == [3, 10, 40]
    assert len(claimed(salon, stack)) == 52


def test_a_series_of_which_nothing_is_free_is_refused_also_for_the_rest(salon: Salon) -> None:
    set_hours(salon, salon.member_id, [{"start_time": "09:00", "end_time": "10:00"}])
    answer = wish(salon, salon.slot(hour=16), 3, book_rest=True)
    assert is_refused(answer, CONFLICT)
    assert len(answer.json["details"]["conflicts"]) == 3
    assert count_bookings(salon) == 0


def test_every_month_on_the_thirty_first_skips_the_shorter_ones(salon: Salon) -> None:
    day = clock.now().date() + timedelta(days=2)
    while day.day != 31:
        day += timedelta(days=1)
    start = datetime(day.year, day.month, 31, 12, tzinfo=BERLIN)
    series = series_of(salon, start, 4, frequency="monthly")
    found = walls(series)
    assert [wall.day for wall in found] == [31] * 4
    assert [wall.hour for wall in found] == [12] * 4
    assert [wall.date() for wall in found] == _thirty_firsts(day, 4)


def _thirty_firsts(first: date, count: int) -> list[date]:
    days: list[date] = []
    at = first
    while len(days) < count:
        if at.day == 31:
            days.append(at)
        at += timedelta(days=1)
    return days


def test_every_second_day(salon: Salon) -> None:
    start = salon.slot()
    series = series_of(salon, start, 5, frequency="daily", rule={"interval": 2})
    first = start.astimezone(BERLIN).replace(tzinfo=None)
    assert walls(series) == [first + timedelta(days=2 * number) for number in range(5)]


@pytest.mark.parametrize(
    "rule", [{"count": 1}, {"count": 105}, {"count": 2, "interval": 0}, {"count": 2, "frequency": "hourly"}]
)
def test_a_rule_that_makes_no_series_is_refused(salon: Salon, rule: dict[str, Any]) -> None:
    assert wish(salon, salon.slot(), 2, rule=rule).status_code == 400
    assert count_bookings(salon) == 0


def test_a_series_has_no_hold_and_no_card(salon: Salon) -> None:
    start = salon.slot()
    hold = ok(
        salon.as_owner(
            "POST",
            f"{API}/holds",
            key=str(uuid4()),
            json={"service_id": str(salon.service_id), "start_time": start.isoformat()},
        )
    )
    answer = wish(salon, start, 2, hold_id=hold["id"])
    assert answer.status_code in {400, 409}
    assert count_bookings(salon) == 0


def test_caps_hold_in_a_series(salon: Salon) -> None:
    set_policy(salon, customer_max_upcoming=2)
    answer = wish(salon, salon.slot(), 4)
    assert is_refused(answer, CONFLICT)
    assert [(one["occurrence"], one["code"]) for one in answer.json["details"]["conflicts"]] == [
        (2, "TITHI_CUSTOMER_CAP_REACHED"),
        (3, "TITHI_CUSTOMER_CAP_REACHED"),
    ]
    assert count_bookings(salon) == 0
    series = series_of(salon, salon.slot(), 4, bypass=["customer_cap"])
    assert shown(salon, series["bookings"][3]["id"])["bypassed"] == ["customer_cap"]


@pytest.mark.parametrize(("scope", "first"), [("one", 2), ("following", 2), ("all", 0)])
def test_one_those_after_it_or_all_are_moved_by_the_same_time(salon: Salon, scope: str, first: int) -> None:
    start = salon.slot()
    series = series_of(salon, start, 30)
    moved = ok(change(salon, series, "reschedule", 2, scope, start_time=(starts(series)[2] + minutes(60)).isoformat()))
    last = 3 if scope == "one" else 30
    expected = [wall + minutes(60 if first <= n < last else 0) for n, wall in enumerate(walls(series))]
    assert walls(moved) == expected
    assert moved["version"] == series["version"] + 1


def test_a_series_moves_by_a_week_over_its_own_times(salon: Salon) -> None:
    series = series_of(salon, salon.slot(), 6)
    to = later(starts(series)[0], 1).isoformat()
    moved = ok(change(salon, series, "reschedule", 0, "all", start_time=to))
    assert walls(moved) == [wall + week(1) for wall in walls(series)]
    back = ok(change(salon, moved, "reschedule", 0, "all", start_time=starts(series)[0].isoformat()))
    assert walls(back) == walls(series)


def test_a_series_that_cannot_move_as_a_whole_stays_as_it_is(salon: Salon, stack: Stack) -> None:
    series = series_of(salon, salon.slot(), 6)
    for number in (1, 4):
        at_desk(salon, starts(series)[number] + minutes(60))
    before = claimed(salon, stack)
    to = (starts(series)[0] + minutes(60)).isoformat()
    answer = change(salon, series, "reschedule", 0, "all", start_time=to)
    assert is_refused(answer, CONFLICT)
    assert [one["occurrence"] for one in answer.json["details"]["conflicts"]] == [1, 4]
    assert claimed(salon, stack) == before
    assert starts(ok(salon.as_owner("GET", f"{API}/series/{series['id']}"))) == starts(series)


def test_a_series_goes_to_another_person(salon: Salon) -> None:
    series = series_of(salon, salon.slot(), 3, team_member_id=own(salon).id)
    other = add_person(salon)
    to = starts(series)[1].isoformat()
    moved = ok(change(salon, series, "reschedule", 1, "following", start_time=to, team_member_id=other.id))
    people = [shown(salon, one["id"])["items"][0]["team_member_id"] for one in moved["bookings"]]
    assert people == [own(salon).id, other.id, other.id]


@pytest.mark.parametrize(
    ("scope", "expected"),
    [("one", "xoxx"), ("following", "xooo"), ("all", "oooo")],
)
def test_one_those_after_it_or_all_are_called_off(salon: Salon, stack: Stack, scope: str, expected: str) -> None:
    series = series_of(salon, salon.slot(), 4)
    left = ok(change(salon, series, "cancel", 1, scope, reason="Moving away"))
    assert "".join("x" if status == "confirmed" else "o" for status in statuses(left)) == expected
    assert left["status"] == ("canceled" if scope == "all" else "active")
    assert len(claimed(salon, stack)) == expected.count("x")
    gone = shown(salon, series["bookings"][1]["id"])
    assert (gone["canceled_by"], gone["cancel_reason"], gone["payment_status"]) == (
        "business",
        "Moving away",
        "canceled",
    )
    assert desk(salon, starts(series)[1]).status_code == 201


def test_what_was_is_left_alone_when_all_are_called_off(salon: Salon) -> None:
    series = series_of(salon, salon.slot(), 3)
    after = starts(series)[0] + timedelta(hours=3)
    with clock.steered(lambda: after):
        assert is_refused(change(salon, series, "cancel", 0, "all"), "TITHI_BOOKING_STATE_CONFLICT")
        left = ok(change(salon, series, "cancel", 1, "all"))
    assert statuses(left) == ["confirmed", "canceled", "canceled"]


def test_a_visit_of_another_series_is_refused(salon: Salon) -> None:
    series, other = series_of(salon, salon.slot(), 2), series_of(salon, salon.slot(hour=14), 2)
    wrong = {**series, "bookings": other["bookings"]}
    to = salon.slot(hour=16).isoformat()
    assert is_refused(change(salon, wrong, "cancel", 0, "all"), "TITHI_BOOKING_STATE_CONFLICT")
    assert is_refused(change(salon, wrong, "reschedule", 0, "all", start_time=to), "TITHI_BOOKING_STATE_CONFLICT")
    assert change(salon, {**series, "id": str(uuid4())}, "cancel", 0, "all").status_code == 404
    for one in (series, other):
        assert starts(ok(salon.as_owner("GET", f"{API}/series/{one['id']}"))) == starts(one)


def test_a_series_at_a_crooked_time_is_refused(salon: Salon) -> None:
    answer = wish(salon, salon.slot() + timedelta(seconds=30), 2)
    assert is_refused(answer, CONFLICT)
    assert count_bookings(salon) == 0


def test_a_time_that_the_clock_jumps_over_takes_place_at_the_end_of_the_gap(salon: Salon) -> None:
    spring = _spring(clock.now().date())
    start = datetime(spring.year, spring.month, spring.day, 2, 30, tzinfo=BERLIN) - week(1)
    series = series_of(salon, start.astimezone(UTC), 3, bypass=["max_advance"])
    assert [(wall.hour, wall.minute) for wall in walls(series)] == [(2, 30), (3, 0), (2, 30)]


def _spring(today: date) -> date:
    """The last Sunday of March to come, at least two weeks from now."""
    for year in (today.year, today.year + 1):
        last = date(year, 3, 31)
        found = last - timedelta(days=(last.weekday() + 1) % 7)
        if found > today + timedelta(days=14):
            return found
    raise AssertionError


def test_a_series_is_told_once(salon: Salon, drain: Callable[[], None]) -> None:
    series = series_of(salon, salon.slot(), 5)
    for _ in range(4):
        drain()
    told = _told(salon)
    assert [(one["template"], one["recipient"]) for one in told] == [
        ("series_booked", "business"),
        ("series_booked", "customer"),
    ]
    text = told[1]["text"]
    assert "Visits: 5" in text
    assert text.count(":00") >= 5
    to = (starts(series)[0] + minutes(60)).isoformat()
    ok(change(salon, series, "reschedule", 0, "all", start_time=to))
    ok(change(salon, series, "cancel", 1, "following", reason="Moving away"))
    for _ in range(4):
        drain()
    templates = [one["template"] for one in _told(salon)]
    assert sorted(set(templates)) == ["series_booked", "series_canceled", "series_rescheduled"]
    assert len(templates) == 6
    canceled = next(
        one for one in _told(salon) if (one["template"], one["recipient"]) == ("series_canceled", "business")
    )
    assert "Visits: 4" in canceled["text"]
    assert "Moving away" in canceled["text"]


def _told(salon: Salon) -> list[dict[str, Any]]:
    listed = ok(salon.as_owner("GET", f"{API}/notifications?limit=100"))["notifications"]
    found = [ok(salon.as_owner("GET", f"{API}/notifications/{one['id']}")) for one in listed]
    return sorted(found, key=lambda one: (one["template"], one["recipient"]))
