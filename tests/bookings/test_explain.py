# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import event
from sqlalchemy.engine import Engine

from tests.factories.businesses import Answer, Salon, open_salon
from tests.factories.classes import API, make_room, scheduled
from tithi.platform import clock

Body = dict[str, Any]


def _ask(salon: Salon, start: datetime, **body: Any) -> Answer:
    asked = {"service_id": str(salon.service_id), "start_time": start.isoformat(), **body}
    return salon.as_owner("POST", f"{API}/availability/explain", json=asked)


def _explained(salon: Salon, start: datetime, **body: Any) -> Body:
    answer = _ask(salon, start, **body)
    assert answer.status_code == 200, answer.text
    return dict(answer.json)


def _only(salon: Salon, start: datetime, **body: Any) -> Body:
    """The one cause of the one candidate, where nothing holds whoever does it."""
    found = _explained(salon, start, **body)
    assert (found["offered"], found["bookable"], found["causes"]) == (False, False, [])
    (candidate,) = found["candidates"]
    (cause,) = candidate["causes"]
    assert cause["detail"].endswith(".")
    assert cause["how_to_change"].endswith(".")
    return dict(cause)


def _send(salon: Salon, method: str, path: str, **body: Any) -> Body:
    answer = salon.as_owner(method, f"{API}{path}", key=str(uuid4()), json=body)
    assert answer.status_code < 300, answer.text
    return dict(answer.json)


def _service(salon: Salon, **change: Any) -> Body:
    return _send(salon, "PUT", f"/services/{salon.service_id}", **change)


def _policy(salon: Salon, **change: Any) -> Body:
    return _send(salon, "PUT", f"/tenants/{salon.tenant_id}/policies", **change)


def _hours(salon: Salon, start: str, end: str, **more: Any) -> list[str]:
    """The same hours every day, and nothing else; the ids of the rules."""
    week = [{"day_of_week": day, "start_time": start, "end_time": end, **more} for day in range(1, 8)]
    found = _send(salon, "POST", f"/team/{salon.member_id}/availability", availability=week)
    return [rule["id"] for rule in found["availability"]]


def test_of_an_offered_time_nothing_is_named(salon: Salon) -> None:
    found = _explained(salon, salon.slot())
    assert (found["offered"], found["bookable"], found["causes"]) == (True, True, [])
    (candidate,) = found["candidates"]
    assert (candidate["team_member_id"], candidate["offered"], candidate["causes"]) == (str(salon.member_id), True, [])


def test_of_the_past_nothing_else_is_said(salon: Salon) -> None:
    _service(salon, active=False)
    found = _explained(salon, clock.now() - timedelta(minutes=2))
    assert [cause["kind"] for cause in found["causes"]] == ["in_the_past"]
    assert (found["offered"], found["candidates"]) == (False, [])


def test_a_service_that_is_off_and_a_class_are_named_together(salon: Salon) -> None:
    _service(salon, active=False, kind="class", capacity=3)
    found = _explained(salon, salon.slot())
    assert [cause["kind"] for cause in found["causes"]] == ["service_inactive", "service_is_class"]
    assert found["offered"] is found["candidates"][0]["offered"] is False


def test_notice_and_advance_say_whose_they_are(salon: Salon) -> None:
    _policy(salon, min_notice_minutes=60 * 24 * 5, max_advance_days=2)
    notice, advance = _explained(salon, salon.slot(days=3))["causes"]
    assert (notice["kind"], notice["source"], notice["minutes"]) == ("min_notice", "policy", 7200)
    assert (advance["kind"], advance["source"], advance["days"]) == ("max_advance", "policy", 2)
    _service(salon, min_notice_minutes=60 * 24 * 4, max_advance_days=10)
    (own,) = _explained(salon, salon.slot(days=3))["causes"]
    assert (own["kind"], own["source"], own["minutes"]) == ("min_notice", "service", 5760)
    assert _explained(salon, salon.slot(days=3), as_staff=True)["offered"] is True


def test_somebody_who_is_off_or_does_not_do_it_is_named(salon: Salon) -> None:
    other = _send(salon, "POST", "/team/members", first_name="Bo", last_name="Li")["id"]
    _send(salon, "PUT", f"/team/members/{other}", is_active=False)
    _service(salon, team_member_ids=[str(salon.member_id)])
    (cause,) = _explained(salon, salon.slot(), team_member_id=other)["causes"]
    assert (cause["kind"], cause["team_member_id"]) == ("does_not_do_service", other)
    _service(salon, team_member_ids=[])
    (cause,) = _explained(salon, salon.slot(), team_member_id=other)["causes"]
    assert (cause["kind"], cause["team_member_id"]) == ("staff_inactive", other)


def test_when_nobody_is_left_all_who_are_off_are_named(salon: Salon) -> None:
    _send(salon, "PUT", f"/team/members/{salon.member_id}", is_active=False)
    found = _explained(salon, salon.slot())
    assert [(cause["kind"], cause["team_member_id"]) for cause in found["causes"]] == [
        ("staff_inactive", str(salon.member_id))
    ]
    assert (found["offered"], found["candidates"]) == (False, [])


def test_a_time_outside_the_hours_names_the_rules_and_the_nearest_window(salon: Salon) -> None:
    rules = _hours(salon, "12:00", "16:00")
    cause = _only(salon, salon.slot(hour=6))
    assert cause["kind"] == "outside_hours"
    assert set(cause["rule_ids"]) < set(rules)
    assert len(cause["rule_ids"]) == 1
    assert cause["nearest_window"]["start_time"][11:16] == "12:00"
    _send(salon, "POST", f"/team/{salon.member_id}/availability", availability=[])
    assert (_only(salon, salon.slot())["kind"], _only(salon, salon.slot())["rule_ids"]) == ("no_hours", [])


def test_hours_of_the_location_and_of_the_service_are_named_apart(salon: Salon) -> None:
    location = _send(salon, "GET", f"/team/members/{salon.member_id}")["location_id"]
    day = {"day_of_week": salon.slot().isoweekday(), "start_time": "04:00", "end_time": "05:00"}
    of_location = _send(salon, "POST", "/availability/rules", location_id=location, **day)["id"]
    of_service = _send(salon, "POST", "/availability/rules", service_id=str(salon.service_id), **day)["id"]
    (candidate,) = _explained(salon, salon.slot())["candidates"]
    assert [(cause["kind"], cause["rule_ids"]) for cause in candidate["causes"]] == [
        ("location_closed", [of_location]),
        ("service_not_offered_then", [of_service]),
    ]


def test_a_break_and_each_closure_are_named(salon: Salon) -> None:
    start = salon.slot()
    _hours(salon, "00:00", "23:59")
    day = {"day_of_week": start.isoweekday(), "start_time": "00:00", "end_time": "23:00", "kind": "break"}
    rule = _send(salon, "POST", "/availability/rules", resource_id=str(salon.resource_id), **day)["id"]
    span = {"starts_local": f"{start.date()}T00:00:00", "ends_local": f"{start.date()}T23:30:00", "kind": "closed"}
    everywhere = _send(salon, "POST", "/availability/exceptions", **span)["id"]
    away = _send(salon, "POST", "/availability/exceptions", resource_id=str(salon.resource_id), **span)["id"]
    (candidate,) = _explained(salon, start)["candidates"]
    first, *closures = candidate["causes"]
    assert (first["kind"], first["rule_ids"]) == ("break", [rule])
    assert {(one["kind"], one["scope"], one["exception_id"]) for one in closures} == {
        ("closure", "business", everywhere),
        ("closure", "staff", away),
    }


def _take(salon: Salon, kind: str, start: datetime) -> str:
    if kind == "booking":
        return str(salon.booked(start=start)["booking_id"])
    if kind == "class":
        return str(scheduled(salon, start=start)["id"])
    who = {"service_id": str(salon.service_id), "start_time": start.isoformat()}
    if kind == "hold":
        return str(_send(salon, "POST", "/holds", **who)["id"])
    times = {"start_time": start.isoformat(), "end_time": (start + timedelta(hours=1)).isoformat()}
    return str(_send(salon, "POST", "/availability/blocks", resource_id=str(salon.resource_id), **times)["id"])


@pytest.mark.parametrize("kind", ["booking", "hold", "block", "class"])
def test_whoever_has_the_time_is_named(salon: Salon, kind: str) -> None:
    owner_id = _take(salon, kind, salon.slot())
    cause = _only(salon, salon.slot(minute=15))
    assert (cause["kind"], cause["claim_kind"], cause["owner_id"]) == ("taken", kind, owner_id)
    assert (cause["lanes"], cause["is_buffer"]) == ([0], False)
    assert datetime.fromisoformat(cause["start_time"]) == salon.slot()
    assert (cause["expires_at"] is not None) == (kind == "hold")


def test_a_buffer_that_alone_is_in_the_way_is_told_from_the_visit(salon: Salon) -> None:
    booking = salon.booked(start=salon.slot(hour=11))["booking_id"]
    _service(salon, buffer_after_min=20)
    cause = _only(salon, salon.slot(minute=30))
    assert (cause["kind"], cause["owner_id"], cause["is_buffer"]) == ("buffer", booking, True)
    assert _only(salon, salon.slot(minute=45))["kind"] == "taken"


def test_all_who_keep_somebody_with_two_lanes_are_named(salon: Salon) -> None:
    _send(salon, "PUT", f"/team/members/{salon.member_id}", concurrent_clients=2)
    first = salon.booked()["booking_id"]
    assert _explained(salon, salon.slot())["offered"] is True
    second = salon.booked()["booking_id"]
    (candidate,) = _explained(salon, salon.slot())["candidates"]
    assert {(cause["owner_id"], tuple(cause["lanes"])) for cause in candidate["causes"]} == {
        (first, (0,)),
        (second, (1,)),
    }


def test_a_need_without_a_room_names_each_room_with_its_reason(salon: Salon) -> None:
    off, taken, shut = (make_room(salon, name) for name in ("Off", "Taken", "Shut"))
    _service(salon, needs=[{"resource_ids": [off, taken, shut]}])
    start = salon.slot()
    _send(salon, "PUT", f"/resources/{off}", is_active=False)
    times = {"start_time": start.isoformat(), "end_time": (start + timedelta(hours=1)).isoformat()}
    block = _send(salon, "POST", "/availability/blocks", resource_id=taken, **times)["id"]
    assert _explained(salon, start)["offered"] is True
    span = {"starts_local": f"{start.date()}T00:00:00", "ends_local": f"{start.date()}T23:30:00", "kind": "closed"}
    closure = _send(salon, "POST", "/availability/exceptions", resource_id=shut, **span)["id"]
    cause = _only(salon, start)
    assert (cause["kind"], cause["need"]) == ("no_room", 0)
    assert [(room["resource_id"], room["states"]) for room in cause["rooms"]] == [
        (off, ["room_inactive"]),
        (taken, ["taken"]),
        (shut, ["closed"]),
    ]
    assert cause["rooms"][1]["taken_by"][0]["owner_id"] == block
    assert cause["rooms"][2]["exception_ids"] == [closure]


def test_a_time_between_two_starts_names_the_nearest(salon: Salon) -> None:
    cause = _only(salon, salon.slot(minute=7))
    assert (cause["kind"], cause["slot_interval_min"]) == ("off_grid", 15)
    nearest = [datetime.fromisoformat(one) for one in cause["nearest"]]
    assert nearest[1:3] == [salon.slot(), salon.slot(minute=15)]
    assert _only(salon, salon.slot() + timedelta(seconds=1))["kind"] == "off_grid"


def test_gaps_and_looking_busy_hide_from_customers_alone(salon: Salon) -> None:
    salon.booked(start=salon.slot(hour=11))
    scheduling = f"/tenants/{salon.tenant_id}/scheduling"
    _send(salon, "PUT", scheduling, min_gap_minutes=30)
    cause = _only(salon, salon.slot(minute=15))
    assert (cause["kind"], cause["minutes"], cause["min_gap_minutes"]) == ("gap", 30, 30)
    assert _explained(salon, salon.slot(minute=15), as_staff=True)["offered"] is True
    _send(salon, "PUT", scheduling, min_gap_minutes=0, look_busy_percent=90)
    starts = [salon.slot(days=5, hour=hour) for hour in range(5, 20)]
    hidden = [start for start in starts if not _explained(salon, start)["offered"]]
    assert hidden
    assert (_only(salon, hidden[0])["kind"], _only(salon, hidden[0])["percent"]) == ("look_busy", 90)


def test_what_concerns_the_customer_refuses_a_booking_without_hiding_its_time(salon: Salon) -> None:
    customer = _send(salon, "POST", "/customers", display_name="Jo", email="jo@example.com")["id"]
    test = _send(salon, "POST", "/services", name="Patch test", duration_min=15, price_cents=0)["id"]
    visit = {"service_id": test, "start_time": salon.slot(hour=16).isoformat(), "customer_id": customer}
    _send(salon, "POST", "/bookings", **visit)
    _policy(salon, customer_max_upcoming=1)
    _service(salon, prerequisites=[{"service_id": test, "within_days": 30}])
    found = _explained(salon, salon.slot(), customer_id=customer)
    assert (found["offered"], found["bookable"]) == (True, False)
    cap, missing = found["causes"]
    assert (cap["kind"], cap["per"], cap["most"]) == ("customer_cap", "upcoming", 1)
    assert (missing["kind"], missing["required_service_id"], missing["within_days"]) == ("prerequisite", test, 30)
    assert found["candidates"][0]["causes"] == []
    assert _explained(salon, salon.slot())["causes"] == []


def test_a_cap_hides_the_times_of_whoever_reached_it(salon: Salon) -> None:
    salon.booked(start=salon.slot(hour=16))
    _send(salon, "PUT", f"/team/members/{salon.member_id}", max_visits_per_day=1, max_visits_per_week=1)
    found = _explained(salon, salon.slot())
    assert (found["offered"], found["bookable"], found["causes"]) == (False, False, [])
    assert [(one["kind"], one["per"], one["most"]) for one in found["candidates"][0]["causes"]] == [
        ("staff_cap", "day", 1),
        ("staff_cap", "week", 1),
    ]


@pytest.mark.parametrize("name", ["service_id", "team_member_id", "customer_id"])
def test_what_there_is_not_is_not_found(salon: Salon, name: str) -> None:
    assert _ask(salon, salon.slot(), **{name: str(uuid4())}).status_code == 404
    assert _ask(salon, salon.slot(), add_on_ids=[str(uuid4())]).json["code"] == "TITHI_ADD_ON_NOT_FOUND"


def test_the_statements_do_not_grow_with_the_staff(app: Flask) -> None:
    salon = open_salon(app)
    counted: list[str] = []

    def count(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        counted.append(statement)

    def statements() -> int:
        counted.clear()
        event.listen(Engine, "before_cursor_execute", count)
        try:
            _explained(salon, salon.slot(minute=7))
        finally:
            event.remove(Engine, "before_cursor_execute", count)
        return len(counted)

    statements()
    alone = statements()
    for number in range(6):
        _send(salon, "POST", "/team/members", first_name=f"Bo {number}", last_name="Li", max_visits_per_day=3)
    assert alone <= 4
    assert statements() == alone + 1, "one more for the caps of all"
