# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from sqlalchemy import event, text
from sqlalchemy.engine import Engine

from tests.factories.businesses import Answer, Salon
from tests.factories.classes import API, make_room, scheduled, take_seats
from tests.factories.waitlist import at_local, local_day, open_between, waiting
from tithi.bookings import calendar_queries
from tithi.platform import clock
from tithi.platform.db import transaction
from tithi.platform.tenancy import tenant_scope

MOST_STATEMENTS = 6
Span = tuple[str, str]


def ask(salon: Salon, day: date, **query: str) -> Answer:
    return salon.as_owner("GET", f"{API}/calendar", query_string={"date": day.isoformat(), **query})


def calendar(salon: Salon, day: date, **query: str) -> dict[str, Any]:
    answer = ask(salon, day, **query)
    assert answer.status_code == 200, answer.text
    return dict(answer.json)


def column(salon: Salon, day: date, resource_id: object = None, **query: str) -> dict[str, Any]:
    wanted = str(resource_id or salon.resource_id)
    (found,) = (one for one in calendar(salon, day, **query)["columns"] if one["resource_id"] == wanted)
    return dict(found)


def spans(salon: Salon, stretches: list[dict[str, Any]]) -> list[Span]:
    """From when to when, by the salon's wall clock."""
    zone = ZoneInfo(salon.zone)
    return [
        (
            f"{datetime.fromisoformat(one['start_time']).astimezone(zone):%H:%M}",
            f"{datetime.fromisoformat(one['end_time']).astimezone(zone):%H:%M}",
        )
        for one in stretches
    ]


def add_people(salon: Salon, count: int) -> None:
    for number in range(count):
        body = {"first_name": f"P{number}", "last_name": "Li"}
        assert salon.as_owner("POST", f"{API}/team/members", json=body).status_code == 201


@contextmanager
def counted() -> Iterator[list[str]]:
    """The statements that are sent to the database."""
    sent: list[str] = []

    def note(*arguments: Any) -> None:
        sent.append(arguments[2])

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(Engine, "before_cursor_execute", note)


@pytest.fixture
def day(salon: Salon) -> date:
    """A day on which the salon works from nine to five."""
    open_between(salon, "09:00", "17:00")
    return local_day(salon, at_local(salon, 9, days=5))


def test_a_day_shows_visits_their_buffers_and_the_gaps_between(salon: Salon, day: date) -> None:
    change = {"buffer_before_min": 15, "buffer_after_min": 10}
    salon.as_owner("PUT", f"{API}/services/{salon.service_id}", json=change)
    booking = salon.booked(start=at_local(salon, 11, days=5))
    found = column(salon, day)

    assert (found["kind"], found["name"], found["team_member_id"]) == ("staff", "Ana Silva", str(salon.member_id))
    (visit,) = found["visits"]
    assert (visit["booking_id"], visit["service_name"]) == (booking["booking_id"], "Cut")
    assert (visit["customer_name"], visit["status"], visit["override"]) == ("Jane Doe", "confirmed", False)
    assert spans(salon, [visit]) == [("11:00", "11:30")]
    assert spans(salon, found["claims"]) == [("10:45", "11:40")]
    (shown,) = found["days"]
    assert shown["date"] == day.isoformat()
    assert spans(salon, shown["working"]) == [("09:00", "17:00")]
    assert spans(salon, shown["gaps"]) == [("09:00", "10:45"), ("11:40", "17:00")]


def test_canceled_visits_and_expired_holds_are_not_shown(salon: Salon, day: date) -> None:
    start = at_local(salon, 11, days=5)
    salon.press("cancel", salon.booked(start=start)["booking_id"])
    body = {"service_id": str(salon.service_id), "start_time": start.isoformat()}
    held = salon.as_owner("POST", f"{API}/holds", key=str(uuid4()), json=body).json
    found = column(salon, day)
    assert found["visits"] == []
    assert [(one["id"], one["expires_at"], one["waitlist_entry_id"]) for one in found["holds"]] == [
        (held["id"], held["expires_at"], None)
    ]
    later = clock.now() + timedelta(minutes=16)
    with clock.steered(lambda: later):
        found = column(salon, day)
    assert (found["holds"], found["claims"]) == ([], [])
    assert spans(salon, found["days"][0]["gaps"]) == [("09:00", "17:00")]


def test_a_time_kept_for_somebody_of_the_waitlist_names_them(salon: Salon, day: date) -> None:
    guest = waiting(salon, day)
    body = {"start_time": at_local(salon, 10, days=5).isoformat(), "team_member_id": str(salon.member_id)}
    answer = salon.as_owner("POST", f"{API}/waitlist/{guest.id}/offer", key=str(uuid4()), json=body)
    assert answer.status_code == 201, answer.text
    (hold,) = column(salon, day)["holds"]
    assert hold["waitlist_entry_id"] == guest.id
    until = datetime.fromisoformat(answer.json["offer"]["expires_at"])
    assert datetime.fromisoformat(hold["expires_at"]) == until


def test_a_class_stands_with_its_teacher_and_its_room(salon: Salon, day: date) -> None:
    room_id = make_room(salon)
    session = scheduled(salon, start=at_local(salon, 15, days=5), room_id=room_id)
    take_seats(salon, session["id"], 2)
    for resource_id in (salon.resource_id, room_id):
        found = column(salon, day, resource_id)
        (shown,) = found["classes"]
        assert (shown["id"], shown["capacity"], shown["booked_seats"]) == (session["id"], 5, 2)
        assert spans(salon, [shown]) == [("15:00", "16:00")]
        assert found["visits"] == [], "its seats are no visits of their own"
    room = column(salon, day, room_id)
    assert (room["kind"], room["team_member_id"]) == ("room", None)
    assert spans(salon, room["days"][0]["gaps"]) == [("00:00", "15:00"), ("16:15", "00:00")]


def test_a_visit_stands_with_the_room_that_it_needs(salon: Salon, day: date) -> None:
    room_id = make_room(salon)
    answer = salon.as_owner("PUT", f"{API}/services/{salon.service_id}", json={"needs": [{"resource_ids": [room_id]}]})
    assert answer.status_code == 200, answer.text
    booking = salon.booked(start=at_local(salon, 10, days=5))
    for resource_id in (salon.resource_id, room_id):
        found = column(salon, day, resource_id)
        assert [one["booking_id"] for one in found["visits"]] == [booking["booking_id"]]


def test_a_visit_beside_another_is_marked_with_its_reason(salon: Salon, day: date) -> None:
    start = at_local(salon, 10, days=5)
    salon.booked(start=start)
    body = {
        "service_id": str(salon.service_id),
        "team_member_id": str(salon.member_id),
        "start_time": start.isoformat(),
        "customer_info": {"name": "Kim", "email": "kim@example.com"},
        "override": {"reason": "Sisters"},
    }
    answer = salon.as_owner("POST", f"{API}/bookings", key=str(uuid4()), json=body)
    assert answer.status_code == 201, answer.text
    visits = column(salon, day)["visits"]
    assert sorted((one["customer_name"], one["override"], one["override_reason"]) for one in visits) == [
        ("Jane Doe", False, None),
        ("Kim", True, "Sisters"),
    ]


def test_a_block_is_shown_and_takes_its_time_out_of_the_gaps(salon: Salon, day: date) -> None:
    start = at_local(salon, 12, days=5)
    body = {
        "resource_id": str(salon.resource_id),
        "start_time": start.isoformat(),
        "end_time": (start + timedelta(hours=1)).isoformat(),
        "reason": "Lunch",
    }
    assert salon.as_owner("POST", f"{API}/availability/blocks", key=str(uuid4()), json=body).status_code == 201
    found = column(salon, day)
    assert [(one["kind"], one["reason"]) for one in found["blocks"]] == [("block", "Lunch")]
    assert spans(salon, found["days"][0]["gaps"]) == [("09:00", "12:00"), ("13:00", "17:00")]


def test_exceptions_and_breaks_change_the_hours_that_are_worked(salon: Salon, day: date) -> None:
    with salon.app.app_context(), tenant_scope(salon.tenant_id), transaction() as current:
        current.execute(
            text(
                "INSERT INTO availability_rules (tenant_id, id, resource_id, kind, weekday, start_minute, end_minute,"
                " created_at) VALUES (:tenant, :id, :resource, 'break', :weekday, 720, 750, now())"
            ),
            {
                "tenant": salon.tenant_id,
                "id": uuid4(),
                "resource": salon.resource_id,
                "weekday": day.isoweekday(),
            },
        )
    closed = {"kind": "closed", "resource_id": str(salon.resource_id)}
    times = {"starts_local": f"{day}T14:00:00", "ends_local": f"{day}T15:00:00"}
    assert salon.as_owner("POST", f"{API}/availability/exceptions", json={**closed, **times}).status_code == 201
    opened = {"kind": "open", "starts_local": f"{day}T18:00:00", "ends_local": f"{day}T19:00:00"}
    assert salon.as_owner("POST", f"{API}/availability/exceptions", json=opened).status_code == 201
    (shown,) = column(salon, day)["days"]
    assert spans(salon, shown["working"]) == [
        ("09:00", "12:00"),
        ("12:30", "14:00"),
        ("15:00", "17:00"),
        ("18:00", "19:00"),
    ]


@pytest.mark.parametrize(
    ("view", "day", "first", "last", "count"),
    [
        ("day", date(2031, 2, 12), "2031-02-12", "2031-02-12", 1),
        ("week", date(2031, 2, 12), "2031-02-10", "2031-02-16", 7),
        ("month", date(2031, 2, 12), "2031-02-01", "2031-02-28", 28),
    ],
)
def test_a_view_is_a_day_a_week_from_monday_or_a_month(
    salon: Salon, view: str, day: date, first: str, last: str, count: int
) -> None:
    shown = calendar(salon, day, view=view)
    assert (shown["view"], shown["first_date"], shown["last_date"]) == (view, first, last)
    assert [len(one["days"]) for one in shown["columns"]] == [count]


def test_the_days_are_those_of_the_location_also_when_the_clocks_change(salon: Salon) -> None:
    shown = column(salon, date(2031, 3, 30))["days"][0]
    (all_day,) = shown["working"]
    length = datetime.fromisoformat(all_day["end_time"]) - datetime.fromisoformat(all_day["start_time"])
    assert length == timedelta(hours=23)
    assert spans(salon, [all_day]) == [("00:00", "00:00")]


def test_only_who_and_what_was_asked_for_is_shown(salon: Salon, other_salon: Salon, day: date) -> None:
    room_id = make_room(salon)
    add_people(salon, 1)
    assert len(calendar(salon, day)["columns"]) == 3
    shown = calendar(salon, day, resource_ids=f"{room_id},{salon.resource_id},{other_salon.resource_id}")
    assert {one["resource_id"] for one in shown["columns"]} == {room_id, str(salon.resource_id)}
    assert calendar(salon, day, resource_ids=str(other_salon.resource_id))["columns"] == []


def test_a_place_shows_who_works_there_and_what_can_be_used_there(salon: Salon, day: date) -> None:
    room_id = make_room(salon)
    body = {"name": "Second", "timezone": "America/New_York"}
    second = salon.as_owner("POST", f"{API}/tenants/{salon.tenant_id}/locations", json=body).json["id"]
    shown = calendar(salon, day, location_id=second)["columns"]
    assert [(one["resource_id"], one["timezone"]) for one in shown] == [(room_id, "America/New_York")]
    unknown = ask(salon, day, location_id=str(uuid4()))
    assert (unknown.status_code, unknown.json["code"]) == (404, "TITHI_LOCATION_NOT_FOUND")


@pytest.mark.parametrize(
    "query",
    [{"view": "year"}, {"date": "0001-01-01"}, {"date": "9999-12-31"}, {"resource_ids": "a,b"}, {"resource_ids": ""}],
)
def test_a_calendar_that_cannot_be_is_refused(salon: Salon, query: dict[str, str]) -> None:
    answer = salon.as_owner("GET", f"{API}/calendar", query_string={"date": "2031-01-06", **query})
    assert answer.status_code == 400, answer.text


def test_the_number_of_statements_does_not_grow_with_people_or_visits(
    app: Flask, salon: Salon, day: date, drain: Callable[[], None]
) -> None:
    def statements(view: str) -> list[str]:
        with app.app_context(), tenant_scope(salon.tenant_id), transaction(), counted() as sent:
            assert calendar_queries.show(view=view, day=day)["columns"]
        return sent

    def of_request() -> int:
        with counted() as sent:
            calendar(salon, day)
        return len(sent)

    add_people(salon, 1)
    salon.booked(start=at_local(salon, 10, days=5))
    drain()
    of_request()
    with_two, request_with_two = len(statements("month")), of_request()
    add_people(salon, 10)
    make_room(salon)
    for hour in (11, 12, 13):
        salon.booked(start=at_local(salon, hour, days=5))
    assert len(calendar(salon, day)["columns"]) == 13
    assert len(statements("month")) == len(statements("day")) == with_two <= MOST_STATEMENTS
    assert of_request() == request_with_two
