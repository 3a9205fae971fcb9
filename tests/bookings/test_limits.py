# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from tests.concurrency.parallel import at_once
from tests.factories.businesses import Salon
from tests.factories.visits import (
    add_person,
    add_service,
    at_desk,
    change_service,
    claimed,
    count_bookings,
    desk,
    free_starts,
    guest,
    is_refused,
    minutes,
    move,
    ok,
    online,
    set_policy,
    shown,
)
from tests.stack import Stack
from tithi.platform import clock

STAFF_CAP = "TITHI_STAFF_CAP_REACHED"
CUSTOMER_CAP = "TITHI_CUSTOMER_CAP_REACHED"
PREREQUISITE = "TITHI_PREREQUISITE_MISSING"


def test_the_public_keeps_the_notice_and_staff_pass_it_on_record(salon: Salon, stack: Stack) -> None:
    set_policy(salon, min_notice_minutes=60 * 24 * 5)
    start = salon.slot(days=3)
    assert start not in free_starts(salon, start.date())
    assert is_refused(online(salon, start))
    assert claimed(salon, stack) == []
    assert at_desk(salon, start)["bypassed"] == ["min_notice"]
    later = online(salon, salon.slot(days=7))
    assert shown(salon, later.json["booking_id"])["bypassed"] == []


def test_a_service_has_its_own_notice_and_advance(salon: Salon) -> None:
    set_policy(salon, min_notice_minutes=60 * 24 * 5, max_advance_days=10)
    change_service(salon, salon.service_id, min_notice_minutes=0, max_advance_days=30)
    for days in (2, 20):
        start = salon.slot(days=days)
        assert start in free_starts(salon, start.date())
        assert online(salon, start).status_code == 201
    plain = add_service(salon)
    for days in (2, 20):
        assert is_refused(online(salon, salon.slot(days=days, hour=14), service_id=plain))
    assert count_bookings(salon) == 2


def test_staff_book_beyond_the_advance_only_when_they_say_so(salon: Salon) -> None:
    set_policy(salon, max_advance_days=10)
    start = salon.slot(days=20)
    assert is_refused(online(salon, start))
    assert is_refused(desk(salon, start))
    assert is_refused(desk(salon, start, bypass=["min_notice", "staff_cap"]))
    assert count_bookings(salon) == 0
    assert at_desk(salon, start, bypass=["max_advance"])["bypassed"] == ["max_advance"]


def test_a_rule_that_was_not_in_the_way_is_not_recorded(salon: Salon) -> None:
    every = ["min_notice", "max_advance", "staff_cap", "customer_cap", "prerequisite"]
    assert at_desk(salon, salon.slot(), bypass=every)["bypassed"] == []


def test_nobody_books_the_past(salon: Salon) -> None:
    past = clock.now().replace(second=0, microsecond=0) - minutes(30)
    assert is_refused(desk(salon, past, bypass=["min_notice"]))
    assert count_bookings(salon) == 0


@pytest.mark.parametrize(("cap", "days"), [({"max_visits_per_day": 2}, 0), ({"max_visits_per_week": 2}, 1)])
def test_somebody_takes_so_many_visits_a_day_or_week(
    salon: Salon, stack: Stack, cap: dict[str, Any], days: int
) -> None:
    person = add_person(salon, **cap)
    start = salon.slot(days=7)
    start -= timedelta(days=start.weekday() - 1)
    for shift in range(2):
        at_desk(salon, start + timedelta(days=days * shift) + minutes(60 * shift), team_member_id=person.id)
    third = start + timedelta(days=days * 2) + minutes(180)
    before = claimed(salon, stack)
    assert is_refused(online(salon, third, team_member_id=person.id), STAFF_CAP)
    assert is_refused(desk(salon, third, team_member_id=person.id), STAFF_CAP)
    assert claimed(salon, stack) == before
    assert online(salon, third, team_member_id=str(salon.member_id)).status_code == 201
    visit = at_desk(salon, third, team_member_id=person.id, bypass=["staff_cap"])
    assert visit["bypassed"] == ["staff_cap"]
    assert is_refused(online(salon, third + minutes(60), team_member_id=person.id), STAFF_CAP)
    assert online(salon, third + timedelta(days=7), team_member_id=person.id).status_code == 201


def test_a_visit_counts_with_each_of_its_services_for_its_person(salon: Salon) -> None:
    person = add_person(salon, max_visits_per_day=1)
    twice = [{"service_id": str(salon.service_id), "team_member_id": person.id}] * 2
    assert is_refused(desk(salon, salon.slot(), items=twice), STAFF_CAP)
    assert count_bookings(salon) == 0


@pytest.mark.parametrize(
    ("rule", "days"), [("customer_max_per_day", 0), ("customer_max_per_week", 1), ("customer_max_upcoming", 9)]
)
def test_a_customer_has_so_many_visits(salon: Salon, stack: Stack, rule: str, days: int) -> None:
    set_policy(salon, **{rule: 1})
    start = salon.slot(days=7)
    start -= timedelta(days=start.weekday() - 1)
    who = guest()
    first = online(salon, start, customer_info=who)
    assert first.status_code == 201, first.text
    again = start + timedelta(days=days) + minutes(60)
    before = claimed(salon, stack)
    assert is_refused(online(salon, again, customer_info=who), CUSTOMER_CAP)
    assert is_refused(desk(salon, again, customer_info=who), CUSTOMER_CAP)
    assert claimed(salon, stack) == before
    assert online(salon, again).status_code == 201, "somebody else"
    at_desk(salon, again + minutes(60), customer_info=who, bypass=["customer_cap"])


def test_a_canceled_visit_does_not_count(salon: Salon) -> None:
    set_policy(salon, customer_max_per_day=1)
    who, start = guest(), salon.slot()
    first = online(salon, start, customer_info=who).json
    ok(salon.press("cancel", first["booking_id"]))
    assert online(salon, start, customer_info=who).status_code == 201


def test_moving_a_visit_does_not_count_it_twice(salon: Salon) -> None:
    set_policy(salon, customer_max_per_day=1)
    start = salon.slot()
    visit = at_desk(salon, start, customer_info=guest())
    assert move(salon, visit["id"], start + minutes(60)).status_code == 200


@pytest.mark.parametrize("capped", ["customer", "staff"])
def test_ten_requests_at_once_do_not_pass_a_cap_of_one(salon: Salon, stack: Stack, capped: str) -> None:
    cap: dict[str, Any] = {"max_visits_per_day": 1} if capped == "staff" else {}
    person = add_person(salon, **cap)
    if capped == "customer":
        set_policy(salon, customer_max_per_day=1)
    customer = ok(salon.as_owner("POST", "/api/v1/customers", json={"display_name": "Kim"}))["id"]
    who: dict[str, Any] = {"customer_id": customer} if capped == "customer" else {}
    start = salon.slot(days=5, hour=8)
    answers = at_once(
        [partial(desk, salon, start + minutes(45 * n), team_member_id=person.id, **who) for n in range(10)]
    )
    assert sorted(answer.status_code for answer in answers) == [201, *[409] * 9]
    assert len(claimed(salon, stack)) == 1


def test_a_patch_test_comes_before_a_colour(salon: Salon, stack: Stack) -> None:
    patch = add_service(salon, name="Patch test", duration_min=15)
    colour = add_service(
        salon, prerequisites=[{"service_id": patch, "within_days": 10, "at_least_hours": 48}], duration_min=60
    )
    who, tested = guest(), salon.slot(days=4)
    assert is_refused(online(salon, tested, service_id=colour, customer_info=who), PREREQUISITE)
    assert claimed(salon, stack) == []
    at_desk(salon, tested, service_id=patch, customer_info=who)
    soon, late = tested + timedelta(hours=47), tested + timedelta(days=11)
    for wrong in (soon, late):
        assert is_refused(online(salon, wrong, service_id=colour, customer_info=who), PREREQUISITE)
    right = tested + timedelta(hours=49)
    assert is_refused(online(salon, right, service_id=colour), PREREQUISITE), "somebody else was tested"
    assert online(salon, right, service_id=colour, customer_info=who).status_code == 201
    visit = at_desk(salon, soon, service_id=colour, customer_info=who, bypass=["prerequisite"])
    assert visit["bypassed"] == ["prerequisite"]


def test_a_patch_test_that_was_called_off_does_not_count(salon: Salon) -> None:
    patch = add_service(salon, name="Patch test", duration_min=15)
    colour = add_service(salon, prerequisites=[{"service_id": patch, "within_days": 10, "at_least_hours": 1}])
    who, tested = guest(), salon.slot(days=4)
    visit = at_desk(salon, tested, service_id=patch, customer_info=who)
    ok(salon.press("cancel", visit["id"], canceled_by="business"))
    answer = online(salon, tested + timedelta(hours=5), service_id=colour, customer_info=who)
    assert is_refused(answer, PREREQUISITE)


def _times(salon: Salon, path: str = "availability", **body: Any) -> list[dict[str, Any]]:
    answer = salon.request("POST", f"/api/v1/public/{salon.slug}/{path}", None, json=body)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json["days" if path.endswith("days") else "slots"]
    return found


@pytest.mark.parametrize("cap", [{"max_visits_per_day": 1}, {"max_visits_per_week": 1}])
def test_the_times_of_somebody_who_takes_no_more_are_not_offered(salon: Salon, cap: dict[str, Any]) -> None:
    person = add_person(salon, **cap)
    start = salon.slot(days=7)
    start -= timedelta(days=start.weekday() - 1)
    day, after = start.date().isoformat(), (start + timedelta(days=1)).date().isoformat()
    both = {"service_id": str(salon.service_id), "start_date": day, "end_date": after}
    assert {one["start_time"][:10] for one in _times(salon, **both, team_member_id=person.id)} == {day, after}
    at_desk(salon, start, team_member_id=person.id)
    left = {after} if "max_visits_per_day" in cap else set()
    assert {one["start_time"][:10] for one in _times(salon, **both, team_member_id=person.id)} == left
    assert {one["date"] for one in _times(salon, "availability/days", **both, team_member_id=person.id)} == left
    assert {one["start_time"][:10] for one in _times(salon, **both)} == {day, after}
    assert {one["team_member_id"] for one in _times(salon, **both)} == {person.id, str(salon.member_id)} - (
        set() if left else {person.id}
    )


def test_a_visit_is_offered_with_people_who_take_all_of_it(salon: Salon) -> None:
    """Two services by the same person are two visits of theirs."""
    person = add_person(salon, max_visits_per_day=1)
    day = salon.slot().date().isoformat()
    service = {"service_id": str(salon.service_id)}
    alone = [{**service, "team_member_id": person.id}] * 2
    dates = {"start_date": day, "end_date": day}
    assert _times(salon, "availability/visits", items=alone, **dates) == []
    found = _times(salon, "availability/visits", items=[alone[0], service], **dates)
    assert found
    for visit in found:
        assert [item["team_member_id"] for item in visit["items"]] == [person.id, str(salon.member_id)]
    booked = at_desk(salon, salon.slot(), items=[service, service])
    assert len({item["team_member_id"] for item in booked["items"]}) in {1, 2}
    assert sum(item["team_member_id"] == person.id for item in booked["items"]) <= 1
